"""HTTP to the demonstration's own processes, past any proxy of the machine's network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.demo.processes import DemoError

if TYPE_CHECKING:
    import requests


class SilentError(DemoError):
    """Nobody answered."""

    code = "demo_silent"


def call(
    method: str, url: str, *, body: Any = None, token: str | None = None, seconds: float = 30
) -> requests.Response:
    """The answer, whatever its status; SilentError when there is none."""
    import requests

    with requests.Session() as session:
        session.trust_env = False
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return session.request(method, url, json=body, headers=headers, timeout=seconds)
        except requests.RequestException as error:
            raise SilentError(f"Nobody answers at {url} ({type(error).__name__}).") from error
