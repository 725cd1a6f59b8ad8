from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from include.adapters.chorus.analysis import read_analysis
from include.adapters.chorus.answers import (
    InvoiceRow,
    ServiceRow,
    read_amount,
    read_date,
    read_flag,
    read_moment,
    rows,
)
from include.adapters.chorus.failures import read_json, return_code
from include.domain.codes import UNKNOWN_STATUS
from include.domain.errors import RemoteUnavailableError
from include.domain.fields import Source


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20", utc(2026, 11, 19, 23)),
        ("2026-11-20 08:02", utc(2026, 11, 20, 7, 2)),
        ("2026-07-20 08:02:30", utc(2026, 7, 20, 6, 2, 30)),
        ("2026-11-20T08:02:11.000+01:00", utc(2026, 11, 20, 7, 2, 11)),
        ("2026-11-20T08:02:11Z", utc(2026, 11, 20, 8, 2, 11)),
        ("2026-11-20T08:02:11.123", utc(2026, 11, 20, 7, 2, 11, 123_000)),
        ("0001-01-01", None),
        ("20/11/2026", None),
        ("", None),
        (None, None),
        (1_763_622_131_000, None),
    ],
)
def test_a_time_is_read_in_every_form_seen_and_without_a_zone_it_is_that_of_paris(
    text: object, moment: dt.datetime | None
) -> None:
    assert read_moment(text) == moment


def test_the_day_of_a_time_is_that_of_paris() -> None:
    assert read_date("2026-11-19T23:30:00Z") == dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (Decimal("1406.272"), Decimal("1406.272")),
        (850, Decimal(850)),
        ("12.50", Decimal("12.5")),
        ("", None),
        (True, None),
    ],
)
def test_an_amount_is_read_exactly(value: object, amount: Decimal | None) -> None:
    assert read_amount(value) == amount


def test_json_numbers_never_become_floats() -> None:
    payload = read_json('{"montantTTC": 0.1, "autre": 1406.272}')
    assert payload == {"montantTTC": Decimal("0.1"), "autre": Decimal("1406.272")}


@pytest.mark.parametrize("text", ["", "<html>", "{", "[]", "null", '{"a": NaN}', "[" * 200_000])
def test_what_is_no_json_object_is_nothing(text: str) -> None:
    assert read_json(text) is None


@pytest.mark.parametrize(
    ("code", "read"),
    [(0, 0), (20013, 20013), ("0", 0), ("-1", -1), (None, None), (True, None), ("x", None), ([], None)],
)
def test_the_code_is_a_whole_number_or_missing(code: object, read: int | None) -> None:
    assert return_code({"codeRetour": code}) == read


@pytest.mark.parametrize(
    ("value", "flag"),
    [(True, True), ("Oui", True), ("OUI", True), ("true", True), (None, False), ("Non", False), ("", False)],
)
def test_yes_is_read_in_every_spelling_seen(value: object, flag: bool) -> None:
    assert read_flag(value) is flag


def test_a_row_of_the_search_is_told_in_our_words_with_the_platforms_own_status() -> None:
    row = InvoiceRow.model_validate(
        {
            "identifiantFactureCPP": 8611204,
            "numeroFacture": "2026-FA-00398",
            "statut": "INVENTEE",
            "commentaireEtatCourant": "Bon de livraison absent",
            "dateHeureEtatCourant": "2026-11-20T08:02:11.000+01:00",
            "typeFacture": "AVOIR",
            "dateFacture": "2026-11-12",
            "dateDepot": "2026-11-13",
            "montantHT": 850,
            "montantTTC": Decimal("-1020.10"),
            "codeFournisseur": "33254021516357",
            "codeDestinataire": "12345678200051",
            "rejetTraite": None,
            "numeroMarche": {"unexpected": "shape"},
        }
    ).invoice()
    assert (row.chorus_id, row.number, row.status) == (8611204, "2026-FA-00398", "INVENTEE")
    assert (row.credit_note, row.total_incl_tax, row.rejection_handled) == (True, Decimal("-1020.10"), False)
    assert (row.issue_date, row.deposited_on) == (dt.date(2026, 11, 12), dt.date(2026, 11, 13))
    assert (row.supplier_siret, row.recipient_siret) == ("33254021516357", "12345678200051")
    assert row.amount_due is None and row.service_code is None


def test_a_row_may_be_all_but_empty() -> None:
    row = InvoiceRow.model_validate({"identifiantFactureCPP": 1}).invoice()
    assert (row.number, row.status, row.status_at, row.total_incl_tax) == ("", UNKNOWN_STATUS, None, None)


@pytest.mark.parametrize("payload", [{}, {"liste": None}, {"liste": []}])
def test_an_empty_list_comes_in_three_forms(payload: dict[str, object]) -> None:
    assert rows(InvoiceRow, payload, "liste", "x") == []


@pytest.mark.parametrize("listed", ["text", {"a": 1}, [{"numeroFacture": "F-1"}], [None]])
def test_a_list_that_cannot_be_read_is_no_empty_list(listed: object) -> None:
    with pytest.raises(RemoteUnavailableError):
        rows(InvoiceRow, {"liste": listed}, "liste", "x")


@pytest.mark.parametrize(
    ("dates", "active"),
    [
        ({"estActif": True}, True),
        ({"estActif": False}, False),
        ({"estActif": True, "dateFinService": "2026-11-19 23:59"}, False),
        ({"estActif": True, "dateDbtService": "2026-11-21 00:00"}, False),
        ({"estActif": True, "dateDbtService": "2020-01-01 00:00", "dateFinService": "2030-01-01 00:00"}, True),
        ({}, False),
    ],
)
def test_a_service_is_active_by_flag_and_dates(dates: dict[str, object], active: bool) -> None:
    row = ServiceRow.model_validate({"idService": 1, **dates})
    assert row.active_at(utc(2026, 11, 20, 8)) is active


def test_what_the_platform_read_becomes_candidates_and_nulls_do_not() -> None:
    found = read_analysis(
        {
            "numeroFacture": "F-1",
            "typeFacture": "AVOIR",
            "dateFacture": "2026-11-20",
            "codeFournisseur": "332 540 215 16357",
            "codeDestinataire": "1234",
            "montantHtTotal": Decimal("-850"),
            "montantTVA": Decimal("170.125"),
            "montantAPayer": None,
            "typeTva": "INVENTEE",
            "numeroBonCommande": "",
        }
    )
    assert {name: each.value for name, each in found.items()} == {
        "invoice_number": "F-1",
        "type": "credit_note",
        "issue_date": dt.date(2026, 11, 20),
        "supplier_siret": "33254021516357",
        "total_excl_tax": Decimal("850.00"),
    }
    assert {each.source for each in found.values()} == {Source.REMOTE}
