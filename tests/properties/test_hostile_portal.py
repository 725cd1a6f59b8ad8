"""Whatever the web services of a portal answer is understood, postponed or told; nobody is surprised by it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.adapters.portal.http import listing, portal
from include.adapters.portal.http.answers import Received
from include.adapters.portal.http.facts import _NAMES
from include.adapters.portal.http.portal import HttpPortal
from include.adapters.portal.http.settings import settings_of
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import ConfigurationError, PortalUnavailableError
from tests.fakes.clock import FakeClock
from tests.properties.test_hostile_metadata import ODD_DATES, ODD_NUMBERS, ODD_TEXTS

SECRETS = {"connection_id": "portal", "host": "http://127.0.0.1:1", "login": "a", "password": "b"}
EXTRAS: tuple[dict[str, Any], ...] = ({"root_folder": "1"}, {"search": {"name": ".pdf"}})
CONTENT = b"%PDF-1.7"

SCALARS = (
    st.none() | st.booleans() | st.sampled_from((*ODD_NUMBERS, *ODD_DATES, *ODD_TEXTS, "9" * 5000, "1", "2", "f.pdf"))
)
NAMES = st.sampled_from(sorted({name for names in _NAMES.values() for name in names}))
OBJECTS = st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(NAMES, SCALARS, max_size=2))
IDS = st.sampled_from(("1", "2", "3", "a-b", "../1", "", None, "9" * 70))


def wrapped(kind: str, key: str) -> st.SearchStrategy[Any]:
    """An entry of a list as portals tell it, or anything else."""
    inner = st.builds(lambda told, found: {**told, key: found}, OBJECTS, IDS)
    return inner.map(lambda told: {kind: told}) | inner | SCALARS


LISTINGS = st.fixed_dictionaries(
    {"documents": st.lists(wrapped("document", "idDocument"), max_size=3) | SCALARS},
    optional={
        "folders": st.lists(wrapped("folder", "idFolder"), max_size=2) | SCALARS,
        "total": SCALARS,
        "page": SCALARS,
    },
)
METADATA = st.fixed_dictionaries({}, optional={"name": SCALARS, "value": SCALARS | OBJECTS, "multiple": SCALARS})
DETAILS = st.fixed_dictionaries(
    {"document": OBJECTS | SCALARS}, optional={"metadatas": st.lists(METADATA | SCALARS, max_size=2) | SCALARS}
)


class Answers:
    """In place of `Calls`: these answers, whatever is asked."""

    def __init__(self, listed: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
        self._listed, self._detail = listed, detail

    def get_json(self, path: str, _parameters: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        return self._detail if "/document/" in path else self._listed

    def get_file(self, _path: str, _limit: int | None = None) -> Received:
        return Received(CONTENT, hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), None, True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LISTINGS, DETAILS, st.sampled_from(EXTRAS))
def test_no_answer_surprises_a_look(
    monkeypatch: pytest.MonkeyPatch, listed: dict[str, Any], detail: dict[str, Any], extra: dict[str, Any]
) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 20)
    monkeypatch.setattr(portal, "Calls", lambda *_args, **_options: Answers(listed, detail))
    looked = HttpPortal(settings_of(ConnectionSecrets(**SECRETS, extra=extra)), clock=FakeClock())
    try:
        found = looked.scan({})
    except (PortalUnavailableError, ConfigurationError) as error:
        assert error.todo
    else:
        assert found.errors == {}
        assert {document.portal_id for document in found.changed} | found.postponed.keys() <= found.seen
