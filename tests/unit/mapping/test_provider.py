"""Which establishment an invoice belongs to, its defaults and its bank details."""

from __future__ import annotations

from typing import Any

import pytest

from include.domain.configuration import Provider
from include.domain.fields import Source
from include.domain.mapping import Draft, choose_provider, complete_draft
from include.domain.reasons import Reason
from tests.factories import SUPPLIER
from tests.unit.mapping.drafts import candidate, codes, draft_of, facturx, field, read

OTHER = "33254021516365"


def provider(name: str = "Durand", siret: str = SUPPLIER, environment: str = "simulator", **more: Any) -> Provider:
    values = {"name": name, "siret": siret, "environment": environment, "connection": "chorus_test"}
    return Provider.model_validate({**values, **more})


def supplier(siret: str | None = SUPPLIER) -> Draft:
    return Draft(fields={} if siret is None else {"supplier_siret": field(siret)})


DURAND = provider()
MARTIN = provider("Martin", OTHER)
TEST = provider("Durand test", environment="qualification")


def test_the_supplier_s_siret_chooses() -> None:
    assert choose_provider(supplier(OTHER), [DURAND, MARTIN]) == MARTIN


@pytest.mark.parametrize("scope", [("Durand",), (SUPPLIER,), ("Martin", "Durand")])
def test_a_criterion_allows_providers_by_name_or_siret(scope: tuple[str, ...]) -> None:
    assert choose_provider(supplier(), [DURAND, MARTIN], scope) == DURAND


def test_of_two_environments_the_one_that_sends_by_itself_is_chosen() -> None:
    automatic = provider("Durand auto", environment="production", automatic_submission=True)
    assert choose_provider(supplier(), [DURAND, TEST, automatic]) == automatic


def test_a_criterion_can_name_another_environment_than_the_automatic_one() -> None:
    automatic = provider("Durand auto", environment="production", automatic_submission=True)
    assert choose_provider(supplier(), [automatic, TEST], ("Durand test",)) == TEST


def test_without_a_siret_the_only_provider_of_the_criterion_decides() -> None:
    chosen = choose_provider(supplier(None), [DURAND, MARTIN], ("Martin",))
    assert chosen == MARTIN
    found = complete_draft(supplier(None), MARTIN).fields["supplier_siret"]
    assert (found.value, found.source) == (OTHER, Source.DEFAULT)


@pytest.mark.parametrize(
    ("siret", "scope", "retired", "code", "shown"),
    [
        (None, (), (), "missing_supplier_siret", ""),
        (None, ("Durand", "Martin"), (), "missing_supplier_siret", ""),
        (None, ("Removed",), (), "missing_supplier_siret", ""),
        ("11111111111111", (), (), "supplier_unknown", "11111111111111"),
        ("11111111111111", ("Durand",), (), "supplier_unknown", "11111111111111"),
        (OTHER, ("Durand",), (), "supplier_out_of_scope", "Durand"),
        (SUPPLIER, (), (), "supplier_ambiguous", "Durand, Durand test"),
        ("22222222222222", (), (provider("Old", "22222222222222"),), "supplier_retired", "22222222222222"),
    ],
)
def test_anything_else_is_a_reason_and_no_guess(
    siret: str | None, scope: tuple[str, ...], retired: tuple[Provider, ...], code: str, shown: str
) -> None:
    chosen = choose_provider(supplier(siret), [DURAND, MARTIN, TEST], scope, retired=retired)
    assert isinstance(chosen, Reason)
    assert (chosen.code, chosen.field) == (code, "supplier_siret")
    assert shown in chosen.message("fr")


def test_even_one_configured_provider_is_not_guessed_without_a_criterion_that_names_it() -> None:
    assert isinstance(choose_provider(supplier(None), [DURAND]), Reason)


# ---------------------------------------------------------------- defaults


def test_defaults_stand_where_no_source_gives_a_value() -> None:
    asked = provider(defaults={"vat_type": "TVA_SUR_ENCAISSEMENT", "payment_mode": "CHEQUE"})
    draft = complete_draft(draft_of(metadata={"payment_mode": "prélèvement"}), asked)
    assert draft.text("vat_type") == "TVA_SUR_ENCAISSEMENT"
    assert draft.text("payment_mode") == "PRELEVEMENT"
    assert draft.text("invoicing_framework") == "A1_FACTURE_FOURNISSEUR"
    assert draft.fields["vat_type"].source is Source.DEFAULT


def test_a_default_regime_without_vat_completes_the_totals() -> None:
    asked = provider(defaults={"vat_type": "SANS_TVA"})
    assert complete_draft(draft_of(read(total_incl_tax="90.00")), asked).shown("total_excl_tax") == "90.00"


# ---------------------------------------------------------------- bank details

BANK = provider(bank_details={"default": "Compte courant", "labels": [{"label": "Crédit", "name": "Compte CIC"}]})


@pytest.mark.parametrize(
    ("label", "name"),
    [("crédit", "Compte CIC"), (" CREDIT ", "Compte CIC"), ("compte cic", "Compte CIC"), (None, "Compte courant")],
)
def test_a_label_becomes_the_name_that_the_platform_lists(label: str | None, name: str) -> None:
    draft = complete_draft(draft_of(metadata={"bank_details": label} if label else {}), BANK)
    assert draft.text("bank_details") == name
    assert draft.reasons == ()


def test_the_label_stays_as_evidence() -> None:
    draft = complete_draft(draft_of(metadata={"rib": "Crédit"}, association={"bank_details": "rib"}), BANK)
    assert draft.fields["bank_details"].text == "rib: Crédit"


def test_an_unknown_label_is_a_reason_even_where_there_is_a_default() -> None:
    draft = complete_draft(draft_of(metadata={"bank_details": "BNP"}), BANK)
    assert codes(draft.reasons) == ["bank_label_unknown"]
    assert "BNP" in draft.reasons[0].message("fr")


EXEMPT = provider(defaults={"vat_exemption_reason": "MOTIF_FORMATION"})


def test_an_exempt_invoice_that_names_no_motive_of_the_platform_s_has_the_provider_s() -> None:
    draft = complete_draft(draft_of(read(vat_type="EXONERATION")), EXEMPT)
    chosen = draft.fields["vat_exemption_reason"]
    assert (chosen.value, chosen.source) == ("MOTIF_FORMATION", Source.DEFAULT)
    said = draft_of(read(vat_type="EXONERATION"), metadata={"vat_exemption_reason": "MOTIF_SOINS"})
    assert complete_draft(said, EXEMPT).text("vat_exemption_reason") == "MOTIF_SOINS"
    for other in (EXEMPT, DURAND):
        kind = "TVA_SUR_DEBIT" if other is EXEMPT else "EXONERATION"
        assert complete_draft(draft_of(read(vat_type=kind)), other).text("vat_exemption_reason") is None


CIC, OTHER_ACCOUNT = "FR7630006000011234567890189", "DE89370400440532013000"
BY_ACCOUNT = provider(
    bank_details={
        "default": "Compte courant",
        "labels": [
            {"label": "FR76 3000 6000 0112 3456 7890 189", "name": "Compte CIC"},
            {"label": "GB82WEST12345698765432", "name": "Compte courant"},
        ],
    }
)


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ([CIC], "Compte CIC"),
        ([OTHER_ACCOUNT, CIC], "Compte CIC"),
        ([CIC, "GB82WEST12345698765432"], "Compte courant"),
        (["FR7630006000011234567890188"], "Compte courant"),
        ([], "Compte courant"),
    ],
    ids=["configured", "beside another", "two, of which one is the default", "misread", "none"],
)
def test_the_printed_account_chooses_among_the_configured_ones(printed: list[str], name: str) -> None:
    draft = complete_draft(
        draft_of(read(iban=[candidate(one) for one in printed])) if printed else draft_of(), BY_ACCOUNT
    )
    assert (draft.text("bank_details"), draft.reasons) == (name, ())


def test_bank_details_may_be_called_by_their_account_on_the_platform() -> None:
    durand = provider(bank_details={"default": "FR76 3000 6000 0112 3456 7890 189"})
    for typed in (CIC, "FR76 3000 6000 0112 3456 7890 189"):
        draft = complete_draft(draft_of(metadata={"bank_details": typed}), durand)
        assert (draft.text("bank_details"), draft.reasons) == ("FR76 3000 6000 0112 3456 7890 189", ())


def test_an_account_that_is_not_configured_waits_once_others_are() -> None:
    printed = draft_of(read(iban=OTHER_ACCOUNT))
    [reason] = complete_draft(printed, BY_ACCOUNT).reasons
    assert (reason.code, reason.params) == ("bank_label_unknown", {"label": OTHER_ACCOUNT})
    assert complete_draft(printed, BANK).text("bank_details") == "Compte courant", "no account stands there"


def test_a_label_or_a_direct_debit_wins_over_the_printed_account() -> None:
    labelled = complete_draft(draft_of(read(iban=OTHER_ACCOUNT), metadata={"bank_details": "Compte CIC"}), BY_ACCOUNT)
    assert (labelled.text("bank_details"), labelled.reasons) == ("Compte CIC", ())
    debited = complete_draft(draft_of(read(iban=OTHER_ACCOUNT, payment_mode="PRELEVEMENT")), BY_ACCOUNT)
    assert (debited.text("bank_details"), debited.reasons) == (None, ())


def test_a_provider_without_bank_details_sends_none() -> None:
    draft = complete_draft(draft_of(), DURAND)
    assert "bank_details" not in draft.fields
    assert draft.reasons == ()


@pytest.mark.parametrize("mode", ["PRELEVEMENT", "CHEQUE", "ESPECE"])
def test_the_document_s_mode_of_payment_wins_and_names_no_account_to_pay_to(mode: str) -> None:
    durand = provider(bank_details={"default": "Compte courant"})
    draft = complete_draft(draft_of(read(payment_mode=mode)), durand)
    assert (draft.text("payment_mode"), draft.text("bank_details")) == (mode, None)
    assert complete_draft(draft_of(read(payment_mode="VIREMENT")), durand).text("bank_details") == "Compte courant"
    assert complete_draft(draft_of(), durand).text("bank_details") == "Compte courant"


@pytest.mark.parametrize(
    ("name", "data", "page"),
    [
        ("payment_mode", "VIREMENT", "PRELEVEMENT"),
        ("invoicing_framework", "A1_FACTURE_FOURNISSEUR", "A9_FACTURE_SOUSTRAITANT"),
        ("vat_type", "TVA_SUR_DEBIT", "SANS_TVA"),
    ],
)
def test_data_that_the_page_denies_wait(name: str, data: str, page: str) -> None:
    said = candidate(page, confidence=0.85, text="as printed")
    draft = draft_of(read(**{name: [facturx(data), said]}))
    assert codes(draft.reasons) == [f"contradicted_{name}"]
