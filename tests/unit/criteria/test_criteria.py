"""Which documents are invoices for us, and why the others are not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from include.domain.configuration import Criterion
from include.domain.criteria import CriteriaVerdict, evaluate
from include.domain.document import PortalDocument
from include.domain.reasons import has_words

APPLIED = dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC)
DOCUMENT = PortalDocument(
    portal_id="Comptabilite/Factures/2026/f.pdf",
    name="f.pdf",
    folder="/Comptabilite/Factures/2026",
    signature="s",
    size=1,
    arrived_at=dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC),
    content_sha256="0" * 64,
    classification_rule="Facture client",
)
BY_RULE = Criterion(name="by rule", classification_rule="Facture client", since="always")
BY_FOLDER = Criterion(name="by folder", folder="/Comptabilite/Factures", subfolders=True, since="always")


def codes(verdict: CriteriaVerdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


def ask(document: PortalDocument, *criteria: Criterion) -> CriteriaVerdict:
    return evaluate(document, criteria)


def test_a_match_names_its_criteria_and_has_no_reasons() -> None:
    verdict = ask(DOCUMENT, BY_RULE, BY_FOLDER)
    assert verdict.matched
    assert verdict.criteria == ("by rule", "by folder")
    assert verdict.reasons == ()


@pytest.mark.parametrize("written", ["Facture client", "FACTURE CLIENT", "  facture  client ", "Facturé cliént"])
def test_rules_are_compared_without_case_accents_and_outer_blanks(written: str) -> None:
    assert ask(replace(DOCUMENT, classification_rule=written), BY_RULE).matched


@pytest.mark.parametrize("found", ["Facture", "Facture clients", "Bon de livraison"])
def test_another_rule_is_the_reason(found: str) -> None:
    verdict = ask(replace(DOCUMENT, classification_rule=found), BY_RULE)
    assert codes(verdict) == ["criterion_other_rule"]
    assert found in verdict.reasons[0].message("fr")
    assert "Facture client" in verdict.reasons[0].message("en")


@pytest.mark.parametrize("none", [None, ""])
def test_a_document_without_a_rule_is_told_so(none: str | None) -> None:
    assert codes(ask(replace(DOCUMENT, classification_rule=none), BY_RULE)) == ["criterion_rule_missing"]


@pytest.mark.parametrize(
    "folder",
    ["/Comptabilite/Factures", "/comptabilité/factures", "/Comptabilite/Factures/2026/11", "/ Comptabilite /Factures"],
)
def test_folders_are_compared_the_same_way_part_by_part(folder: str) -> None:
    assert ask(replace(DOCUMENT, folder=folder), BY_FOLDER).matched


@pytest.mark.parametrize("folder", ["/", "/Comptabilite", "/Comptabilite/Factures2", "/Autre/Comptabilite/Factures"])
def test_another_folder_is_the_reason(folder: str) -> None:
    assert codes(ask(replace(DOCUMENT, folder=folder), BY_FOLDER)) == ["criterion_other_folder"]


def test_a_sub_folder_counts_only_if_the_criterion_says_so() -> None:
    flat = BY_FOLDER.model_copy(update={"subfolders": False})
    assert codes(ask(DOCUMENT, flat)) == ["criterion_subfolder"]
    assert ask(replace(DOCUMENT, folder="/Comptabilite/Factures/"), flat).matched


def test_the_root_with_sub_folders_takes_everything() -> None:
    assert ask(DOCUMENT, Criterion(name="all", folder="/", subfolders=True, since="always")).matched


def test_a_rule_and_a_folder_in_one_criterion_must_both_hold() -> None:
    both = Criterion(name="both", classification_rule="Facture client", folder="/Ventes", since="always")
    assert codes(ask(DOCUMENT, both)) == ["criterion_other_folder"]


def test_a_criterion_that_rests_on_nothing_takes_nothing() -> None:
    assert codes(ask(DOCUMENT, Criterion(name="empty", since="always"))) == ["criterion_without_basis"]


@pytest.mark.parametrize("name", ["f.docx", "f.pdf.zip", "pdf", "f"])
def test_what_is_no_pdf_has_one_clear_reason(name: str) -> None:
    verdict = ask(replace(DOCUMENT, name=name), BY_RULE, BY_FOLDER)
    assert codes(verdict) == ["not_pdf"]


def test_the_ending_pdf_may_have_any_case() -> None:
    assert ask(replace(DOCUMENT, name="F.PDF"), BY_RULE).matched


def test_without_criteria_that_is_the_reason() -> None:
    assert codes(ask(DOCUMENT)) == ["no_criteria"]


class TestSince:
    SINCE = BY_RULE.model_copy(update={"since": dt.date(2026, 10, 1)})
    AT = BY_RULE.model_copy(update={"since": APPLIED})

    @pytest.mark.parametrize(
        ("arrived_at", "matched"),
        [
            ("2026-09-30T21:59:59+00:00", False),  # 23:59:59 in Paris
            ("2026-09-30T22:00:00+00:00", True),  # midnight in Paris, still September in UTC
            ("2026-10-01T12:00:00+00:00", True),
        ],
    )
    def test_a_date_is_one_of_paris(self, arrived_at: str, matched: bool) -> None:
        document = replace(DOCUMENT, arrived_at=dt.datetime.fromisoformat(arrived_at))
        verdict = ask(document, self.SINCE)
        assert verdict.matched is matched
        assert codes(verdict) == ([] if matched else ["criterion_too_old"])

    @pytest.mark.parametrize(("seconds", "matched"), [(-1, False), (0, True), (1, True)])
    def test_a_time_counts_to_the_second(self, seconds: int, matched: bool) -> None:
        """The time of the first apply, where the file leaves `since` out."""
        document = replace(DOCUMENT, arrived_at=APPLIED + dt.timedelta(seconds=seconds))
        assert ask(document, self.AT).matched is matched

    def test_a_criterion_never_applied_takes_nothing_by_itself(self) -> None:
        never = BY_RULE.model_copy(update={"since": None})
        assert codes(ask(DOCUMENT, never)) == ["criterion_never_applied"]

    def test_always_takes_documents_of_any_age(self) -> None:
        assert ask(replace(DOCUMENT, arrived_at=dt.datetime(1990, 1, 1, tzinfo=dt.UTC)), BY_RULE).matched

    @pytest.mark.parametrize("criterion", [SINCE, AT])
    def test_an_explicit_back_fill_passes_over_it(self, criterion: Criterion) -> None:
        old = replace(DOCUMENT, arrived_at=dt.datetime(1990, 1, 1, tzinfo=dt.UTC))
        assert evaluate(old, [criterion], backfilled={"by rule"}).matched
        assert not evaluate(old, [criterion], backfilled={"other"}).matched


class TestSeveral:
    def test_every_criterion_gives_its_own_reasons(self) -> None:
        elsewhere = replace(DOCUMENT, folder="/Ventes", classification_rule="Devis")
        verdict = ask(elsewhere, BY_RULE, BY_FOLDER)
        assert codes(verdict) == ["criterion_other_rule", "criterion_other_folder"]
        assert [outcome.matched for outcome in verdict.outcomes] == [False, False]

    def test_one_that_takes_it_is_enough_and_the_other_still_says_why_not(self) -> None:
        verdict = ask(replace(DOCUMENT, folder="/Ventes"), BY_RULE, BY_FOLDER)
        assert verdict.matched
        assert verdict.criteria == ("by rule",)
        assert [outcome.matched for outcome in verdict.outcomes] == [True, False]

    def test_only_the_providers_of_those_that_take_it_are_left(self) -> None:
        first = BY_RULE.model_copy(update={"providers": ("A", "B")})
        second = BY_FOLDER.model_copy(update={"providers": ("B", "C")})
        missed = Criterion(name="missed", folder="/Ventes", since="always", providers=("D",))
        assert ask(DOCUMENT, first, second, missed).providers == ("A", "B", "C")

    def test_one_that_names_no_provider_leaves_all_of_them_open(self) -> None:
        restricted = BY_RULE.model_copy(update={"providers": ("A",)})
        assert ask(DOCUMENT, restricted, BY_FOLDER).providers == ()


def test_every_reason_has_both_languages_and_all_its_parameters() -> None:
    old = replace(DOCUMENT, arrived_at=dt.datetime(1990, 1, 1, tzinfo=dt.UTC), folder="/x", classification_rule="y")
    verdict = evaluate(
        old,
        [
            Criterion(name="a", classification_rule="z", since=dt.date(2026, 1, 1)),
            Criterion(name="b", folder="/", since=None),
            Criterion(name="c"),
        ],
    )
    assert len(verdict.reasons) == 5
    for reason in verdict.reasons:
        assert has_words(reason.code)
        assert "{" not in reason.message("fr") + reason.message("en")
