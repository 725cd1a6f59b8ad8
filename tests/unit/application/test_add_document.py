"""What goes along with an added document, in a portal that links nothing by itself: the rule's metadata tie it."""

from __future__ import annotations

from typing import Any

import pytest

from include.application.intake.add_document import AddDocument, GivenDocument, GivenFile
from include.domain.errors import InputError, WrongContentError
from include.domain.links import link_keys
from include.domain.rights import Viewer
from tests.factories import PROVIDER_KEY, configuration
from tests.fakes.pdf_check import FakePdfCheck
from tests.fakes.portal import FakePortal

PDF = b"%PDF-1.7"
RULE = {
    "invoice_rule": "Facture client",
    "attachment_rule": "Bon de livraison",
    "pairs": [{"invoice": "commande", "attachment": "numero"}],
}


@pytest.fixture
def portal() -> FakePortal:
    made = FakePortal()
    made.knows_links = False
    return made


def add(portal: FakePortal, *attachments: GivenFile, links: tuple[Any, ...] = (RULE,), **words: Any) -> None:
    adding = AddDocument(
        open_portal=lambda: portal,
        pdf_check=FakePdfCheck(),
        configuration=configuration(attachments={"links": list(links)}),
        actor="anna",
        viewer=Viewer(provider_keys=frozenset({PROVIDER_KEY})),
    )
    file = GivenFile(name="f1.pdf", content=PDF)
    adding(GivenDocument(file=file, attachments=attachments, **{"classification_rule": "Facture client", **words}))


def test_a_rule_finds_what_goes_along_by_the_metadata_of_the_invoice(portal: FakePortal) -> None:
    add(portal, GivenFile(name="bl.pdf", content=PDF), metadata={"commande": ("C-7",)})
    rules = configuration(attachments={"links": [RULE]}).attachments.links
    keys = {one.name: {key.key for key in link_keys(one, rules)} for one in portal.scan({}).changed}
    assert keys["bl.pdf"] == keys["f1.pdf"] != set()


@pytest.mark.parametrize(("links", "named"), [((RULE,), "commande"), ((), "f1.pdf")])
def test_what_no_rule_could_link_is_not_filed(portal: FakePortal, links: tuple[Any, ...], named: str) -> None:
    with pytest.raises(InputError, match=named):
        add(portal, GivenFile(name="bl.pdf", content=PDF), links=links)
    assert portal.scan({}).seen == frozenset()


def test_an_invoice_alone_needs_no_rule(portal: FakePortal) -> None:
    add(portal, links=())
    assert portal.scan({}).seen == {"f1.pdf"}


@pytest.mark.parametrize(
    ("name", "content"), [("a.png", PDF), ("a.docx", b"MZ"), ("a.pdf", b"GIF89a"), ("a.csv", b"a\0")]
)
def test_bytes_decide_what_goes_along(portal: FakePortal, name: str, content: bytes) -> None:
    with pytest.raises(WrongContentError):
        add(portal, GivenFile(name=name, content=content), metadata={"commande": ("C-7",)})
    assert portal.scan({}).seen == frozenset()
