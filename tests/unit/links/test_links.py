"""Link rules: whose metadata agree, from when on, and under which type code."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import pytest

from include.domain import links
from include.domain.configuration import Attachments, LinkRule
from include.domain.document import PortalDocument
from include.domain.links import Side, attachment_types, holds, link_keys, rule_id, rules_digest
from tests.factories import ARRIVED, portal_document

Values = dict[str, tuple[str, ...]]


def rule(*pairs: tuple[str, str], **changes: Any) -> LinkRule:
    return LinkRule.model_validate(
        {
            "invoice_rule": "Facture client",
            "attachment_rule": "Bon de livraison",
            "pairs": [{"invoice": i, "attachment": a} for i, a in pairs or (("commande", "commande"),)],
            "since": "always",
            **changes,
        }
    )


def invoice(classification: str = "Facture client", **metadata: tuple[str, ...]) -> PortalDocument:
    return portal_document(classification_rule=classification, metadata=metadata)


def note(classification: str = "Bon de livraison", **metadata: tuple[str, ...]) -> PortalDocument:
    return portal_document("Bons/bl.pdf", classification_rule=classification, metadata=metadata)


def linked(one: PortalDocument, other: PortalDocument, *rules: LinkRule) -> bool:
    """Whether any rule gives both the same key, the one as invoice and the other as attachment."""
    mine = {(key.rule, key.key) for key in link_keys(one, rules) if key.side is Side.INVOICE}
    return bool(mine & {(key.rule, key.key) for key in link_keys(other, rules) if key.side is Side.ATTACHMENT})


class TestAgreement:
    def test_a_common_value_links_and_a_different_one_does_not(self) -> None:
        assert linked(invoice(commande=("C-1",)), note(commande=("C-1",)), rule())
        assert not linked(invoice(commande=("C-1",)), note(commande=("C-2",)), rule())

    def test_values_are_compared_without_case_accents_and_outer_blanks(self) -> None:
        assert linked(invoice(commande=(" Été  12 ",)), note(commande=("ETE 12",)), rule())

    def test_names_of_rules_and_metadata_too(self) -> None:
        assert linked(invoice("FACTURE CLIENT", Commande=("1",)), note("bon de livraison", COMMANDE=("1",)), rule())

    def test_each_side_has_its_own_metadata(self) -> None:
        pair = rule(("commande", "ref"))
        assert linked(invoice(commande=("1",)), note(ref=("1",)), pair)
        assert not linked(invoice(commande=("1",)), note(commande=("1",)), pair)

    @pytest.mark.parametrize(("client", "expected"), [("ACME", True), ("Autre", False)])
    def test_all_pairs_must_hold(self, client: str, expected: bool) -> None:
        both = rule(("commande", "commande"), ("client", "client"))
        assert (
            linked(invoice(commande=("1",), client=("Acme",)), note(commande=("1",), client=(client,)), both)
            is expected
        )

    def test_several_values_need_one_in_common(self) -> None:
        assert linked(invoice(commande=("1", "2")), note(commande=("2", "3")), rule())
        assert not linked(invoice(commande=("1", "2")), note(commande=("3", "4")), rule())

    def test_several_values_in_several_pairs_need_one_in_common_in_each(self) -> None:
        both = rule(("commande", "commande"), ("client", "client"))
        mine = invoice(commande=("1", "2"), client=("a", "b"))
        assert linked(mine, note(commande=("2", "9"), client=("a", "z")), both)
        assert not linked(mine, note(commande=("2", "9"), client=("y", "z")), both)

    def test_values_do_not_change_places_between_pairs(self) -> None:
        both = rule(("commande", "commande"), ("client", "client"))
        assert not linked(invoice(commande=("x",), client=("y",)), note(commande=("y",), client=("x",)), both)

    @pytest.mark.parametrize("values", [(), ("",), ("  ",)])
    def test_empty_values_never_match(self, values: tuple[str, ...]) -> None:
        assert not linked(invoice(commande=values), note(commande=values), rule())
        assert not linked(invoice(), note(), rule())
        both = rule(("commande", "commande"), ("client", "client"))
        assert not linked(invoice(commande=("1",), client=values), note(commande=("1",), client=values), both)

    def test_links_go_one_way(self) -> None:
        assert not linked(note(commande=("1",)), invoice(commande=("1",)), rule())

    def test_documents_of_other_rules_offer_nothing(self) -> None:
        assert not list(link_keys(invoice("Courrier", commande=("1",)), [rule()]))
        assert not list(link_keys(portal_document(classification_rule=None, metadata={"commande": ("1",)}), [rule()]))

    def test_keys_of_one_rule_never_meet_those_of_another(self) -> None:
        one, other = rule(("commande", "commande")), rule(("commande", "ref"))
        keys = [{key.key for key in link_keys(invoice(commande=("1",)), [each])} for each in (one, other)]
        assert not keys[0] & keys[1]

    def test_a_document_with_endless_values_does_not_stop_the_pass(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(links, "MOST_KEYS", 5)
        with caplog.at_level(logging.WARNING):
            assert len(list(link_keys(invoice(commande=tuple("abcdefgh")), [rule()]))) == 5
        assert "too many values" in caplog.text


class TestSince:
    @pytest.mark.parametrize(
        ("invoice_days", "note_days", "expected"), [(-1, -1, False), (-1, 0, True), (0, -1, True), (0, 0, True)]
    )
    def test_a_rule_links_when_one_of_the_two_arrived_since(
        self, invoice_days: int, note_days: int, expected: bool
    ) -> None:
        days = [ARRIVED + dt.timedelta(days=d) for d in (invoice_days, note_days)]
        assert holds(rule(since=ARRIVED), *days) is expected

    def test_always_means_always(self) -> None:
        assert holds(rule(since="always"), ARRIVED, ARRIVED)

    def test_a_rule_that_was_never_applied_links_nothing(self) -> None:
        assert not holds(rule(since=None), ARRIVED, ARRIVED)


class TestDigest:
    def test_what_links_other_documents_changes_it(self) -> None:
        digests = {
            rules_digest(rules)
            for rules in (
                [rule()],
                [rule(("a", "b"))],
                [rule(since=ARRIVED)],
                [rule(invoice_rule="Avoir")],
                [rule(), rule(("a", "b"))],
            )
        }
        assert len(digests) == 5

    def test_type_and_order_do_not(self) -> None:
        assert rules_digest([rule(type="BL")]) == rules_digest([rule()])
        one, other = rule(), rule(("a", "b"))
        assert rules_digest([one, other]) == rules_digest([other, one])


class TestTypes:
    NOTE = note()

    def types(self, *rules: LinkRule, by: tuple[LinkRule, ...] = (), default: str | None = None) -> dict[str, str]:
        settings = Attachments(links=rules, default_type=default)
        return attachment_types([self.NOTE], {self.NOTE.portal_id: [rule_id(each) for each in by]}, settings)

    def test_the_rule_says_it(self) -> None:
        assert self.types(rule(type="BL"), by=(rule(),), default="DIVERS") == {self.NOTE.portal_id: "BL"}

    def test_else_the_default_says_it(self) -> None:
        assert self.types(rule(), by=(rule(),), default="DIVERS") == {self.NOTE.portal_id: "DIVERS"}
        assert self.types(rule(type="BL"), default="DIVERS") == {self.NOTE.portal_id: "DIVERS"}, "linked by the portal"

    def test_else_it_is_left_to_the_platform(self) -> None:
        assert self.types(rule(), by=(rule(),)) == {}

    def test_of_two_rules_the_one_with_a_type_counts(self) -> None:
        plain, typed = rule(), rule(("client", "client"), type="BL")
        assert self.types(plain, typed, by=(plain, typed)) == {self.NOTE.portal_id: "BL"}
