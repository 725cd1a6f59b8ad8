"""`python -m include.simulator`: the simulator as a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import sys
from pathlib import Path

from include.simulator.server import CannotListen, RunningSimulator, Tls, serve

VARIABLES = {
    "client_id": "CHORUS_SIM_CLIENT_ID",
    "client_secret": "CHORUS_SIM_CLIENT_SECRET",
    "login": "CHORUS_SIM_LOGIN",
    "password": "CHORUS_SIM_PASSWORD",
}
CANNOT_LISTEN = 3
BAD_CALL = 2
INTERRUPTED = 130


def _given() -> dict[str, str]:
    """The secrets that the environment sets; the rest is generated."""
    # The simulator may not import the product's settings: this one place reads its four variables.
    environment = os.environ  # noqa: TID251 - the simulator knows no settings of ours
    return {name: environment[variable] for name, variable in VARIABLES.items() if environment.get(variable)}


def _tls(port: int | None, files: tuple[Path | None, Path | None, Path | None]) -> Tls | None:
    certificate, key, client_ca = files
    if port is None and not any(files):
        return None
    if port is None or certificate is None or key is None or client_ca is None:
        raise SystemExit(
            _fail("The certificate door needs all of --tls-port, --tls-cert, --tls-key and --client-ca.", BAD_CALL)
        )
    for path in (certificate, key, client_ca):
        if not path.is_file():
            raise SystemExit(_fail(f"The file {path} does not exist.", BAD_CALL))
    return Tls(port=port, certificate=certificate, key=key, client_ca=client_ca)


def _fail(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def run(
    *,
    host: str = "127.0.0.1",
    port: int = 8090,
    state: Path | None = None,
    tls_port: int | None = None,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    client_ca: Path | None = None,
) -> None:
    """Serve until SIGTERM, or Ctrl-C (exit code 130). Secrets nobody set are printed as one JSON line on stdout."""
    given = _given()
    tls = _tls(tls_port, (tls_cert, tls_key, client_ca))
    try:
        ended_by = serve(
            host=host,
            port=port,
            state_file=state,
            credentials=given,
            tls=tls,
            announce=lambda simulator: _tell(simulator, given, certificate_door=tls is not None),
        )
    except CannotListen as error:
        raise SystemExit(_fail(str(error), CANNOT_LISTEN)) from error
    except sqlite3.DatabaseError as error:
        sentence = f"The state file {state} cannot be used ({error}): name another, or remove it."
        raise SystemExit(_fail(sentence, BAD_CALL)) from error
    if ended_by == signal.SIGINT:
        raise SystemExit(INTERRUPTED)


def _tell(simulator: RunningSimulator, given: dict[str, str], *, certificate_door: bool) -> None:
    generated = {name: getattr(simulator, name) for name in VARIABLES if name not in given}
    if generated:
        print(json.dumps({"url": simulator.url, "token_url": simulator.token_url, **generated}), flush=True)
    doors = [f"control door: {simulator.url}/_control/"]
    if certificate_door:
        doors.append(f"certificate door: {simulator.tls_url}")
    print(f"Chorus Pro simulator on {simulator.url} ({', '.join(doors)})", file=sys.stderr, flush=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m include.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--state", type=Path, help="file in which the state survives a restart")
    parser.add_argument("--tls-port", type=int, help="second listener, for client certificates")
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--client-ca", type=Path)
    run(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
