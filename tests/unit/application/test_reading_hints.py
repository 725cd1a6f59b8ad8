"""What the reader is told of bodies: the configured ones, and those that the directory has answered for."""

from __future__ import annotations

from include.application.reading.reading_hints import reading_hints
from tests.factories import BODY, SUPPLIER, configuration

OTHER = "12345678200036"


def test_services_of_the_directory_stand_beside_the_configured_ones() -> None:
    known = configuration(
        recipients=[{"siret": BODY, "wordings": ["Mairie"], "services": [{"code": "ST01", "wordings": ["Technique"]}]}]
    )
    hints = reading_hints(known, {BODY: frozenset({"ST02"}), OTHER: frozenset({"DSI"})})
    assert hints.supplier_sirets == {SUPPLIER}
    assert hints.recipient_sirets == {BODY, OTHER}
    assert hints.service_codes == {BODY: {"ST01", "ST02"}, OTHER: {"DSI"}}


def test_a_body_without_services_is_known_all_the_same() -> None:
    hints = reading_hints(configuration(), {OTHER: frozenset()})
    assert (hints.recipient_sirets, hints.service_codes) == ({OTHER}, {})
