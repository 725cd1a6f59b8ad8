"""Names of links, buttons and controls that people script (docs/reference/interfaces.md 6.3), in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from include.adapters.storage.core.tables import invoices
from include.domain.lifecycle import State
from tests.fakes.chorus import FakePlatform
from tests.integration.storage.seeded import seed
from tests.web.conftest import Site

TABS = (
    ("Tableau de bord", "Dashboard"),
    ("À déposer", "To submit"),
    ("À traiter", "To process"),
    ("Suivi", "Tracking"),
)
SUBMIT, HOLD = ("Déposer", "Submit"), ("Mettre de côté", "Hold")
DISCARD, REREAD = ("Écarter", "Discard"), ("Relire", "Read again")
TRY = ("Vérifier sans envoyer", "Check without sending")
PROMISED = {
    "/": TABS,
    "/documents": (SUBMIT, HOLD, DISCARD, REREAD),
    "/documents?tab=held": (("Reprendre", "Release"),),
    "/documents?tab=discarded": (("Restaurer", "Restore"),),
    "/documents?tab=all&limit=1": (("Suivantes", "Next"),),
    "/documents/5": (
        ("Valider et suivante", "Submit and next"), ("Enregistrer", "Save"), HOLD, DISCARD, REREAD,
        ("Reprendre le brouillon", "Restore draft"), ("Oublier", "Forget"),
    ),
    "/documents/6": (("Reprendre", "Release"),),
    "/documents/7": (("Restaurer", "Restore"),),
    "/add": (("Ajouter", "Add"),),
    "/invoices": (("Exporter en CSV", "Export as CSV"),),
    "/invoices/4": (("Dossier de preuve", "Evidence pack"),),
    "/returned/4": (("Compléter", "Complete"), TRY),
    "/returned/8": (("Recycler", "Recycle"), TRY),
    "/returned/9": (("Rejet traité", "Rejection handled"), TRY),
}  # fmt: skip
CONTROLS = {
    "/documents": {"q", "reason", "recipient", "arrived_from", "arrived_to", "ids", "action"},
    "/documents/5": {"recipient_siret", "service_code", "invoice_number", "comment", "directory", "attachments",
                     "reason"},
    "/add": {"file", "classification_rule", "folder"},
    "/invoices": {"q", "recipient", "deposited_from", "deposited_to", "status_from", "status_to", "total_min",
                  "total_max", "overdue"},
    "/returned/4": {"comment", "attachments", "dry_run"},
    "/returned/8": {"recipient_siret", "service_code", "engagement_number", "comment", "dry_run"},
    "/returned/9": {"successor_document", "dry_run"},
}  # fmt: skip


class Page(HTMLParser):
    """Links and buttons with their words, controls with their names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.names: set[str] = set()
        self._open: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("input", "select", "textarea", "button") and found.get("name"):
            self.names.add(str(found["name"]))
        if tag in ("a", "button") or (tag == "label" and self._open is None):
            self._open = [str(found["aria-label"])] if found.get("aria-label") else []

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("a", "button", "label") and self._open is not None:
            self.words.append(" ".join("".join(self._open).split()))
            self._open = None


@pytest.fixture
def filled(site: Site, opened: int, platform: FakePlatform) -> Iterator[Site]:
    """One document or invoice for every page: 5 to complete, 6 held, 7 discarded, 4, 8 and 9 returned."""
    assert opened == 5
    portal = {"kind": "folder", "url": "memory://portal"}
    store = site.services.store.configuration
    revision, before = store.current()
    made = type(before).model_validate({**before.model_dump(exclude_unset=True), "portal": portal})
    store.save(made, expected_revision=revision, actor="t", source="t", at=site.services.clock.now(), changes=())
    with site.services.store.database.write() as connection:
        for number, state in ((6, State.HELD), (7, State.DISCARDED)):
            seed(connection, number, state=state)
            values = {"shelved_from": State.TO_COMPLETE}
            connection.execute(invoices.update().where(invoices.c.document_id == number).values(values))
        for number, status in ((8, "A_RECYCLER"), (9, "REJETEE")):
            seed(connection, number, state=State.TO_PROCESS, status=status, invoice_number=f"R-{number}")
    yield site


@pytest.mark.parametrize("place", [0, 1])
def test_links_and_buttons_are_called_as_promised(filled: Site, place: int) -> None:
    client = filled.client("anna")
    client.cookies.set("chorus_lang", ("fr", "en")[place])
    missing = {}
    for address, names in PROMISED.items():
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        words = Page(answer.text).words
        if lost := [one[place] for one in names if not any(word.startswith(one[place]) for word in words)]:
            missing[address] = lost
    assert missing == {}


def test_controls_are_called_as_promised(filled: Site) -> None:
    client = filled.client("anna")
    missing = {address: names - Page(client.get(address).text).names for address, names in CONTROLS.items()}
    assert {address: lost for address, lost in missing.items() if lost} == {}
