"""From codes and parameters to sentences, in the reader's language."""

from __future__ import annotations

import datetime as dt
import string
from decimal import Decimal

import pytest

from include.adapters.http.network_errors import REFUSED
from include.domain.errors import ConnectorError, NeverLeftError
from include.domain.reasons import Reason
from include.texts import (
    LANGUAGES,
    Language,
    Text,
    label,
    said_stored,
    show_amount,
    show_date,
    show_moment,
    show_time,
    store,
    translate,
    translate_stored,
)
from tests.catalogues import entries

THIN = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (0, "0 facture déposée", "0 invoices submitted"),
        (1, "1 facture déposée", "1 invoice submitted"),
        (2, "2 factures déposées", "2 invoices submitted"),
    ],
)
def test_each_language_has_its_own_plural(count: int, french: str, english: str) -> None:
    assert translate("mail.headline.submitted", "fr", count=count) == french
    assert translate("mail.headline.submitted", "en", count=count) == english


def test_amounts_and_dates_are_written_as_in_the_readers_language() -> None:
    assert (show_amount("1234567.5", "fr"), show_amount("1234567.5", "en")) == (
        f"1{THIN}234{THIN}567,50",
        "1,234,567.50",
    )
    assert (show_amount("-3", "fr"), show_amount("0.125", "fr")) == ("-3,00", "0,125")
    assert [show_amount(Decimal(one), "fr") for one in ("12.500", "0", "2E+1")] == ["12,50", "0,00", "20,00"]
    assert (show_date("2026-11-08", "fr"), show_date(dt.date(2026, 11, 8), "en")) == ("08/11/2026", "8 Nov 2026")
    moment = dt.datetime(2026, 11, 8, 23, 30, tzinfo=dt.UTC)
    shown = "09/11/2026 00\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30"
    assert (show_moment(moment, "fr"), show_moment("2026-11-09 00:30", "fr")) == (shown,) * 2
    assert (show_time(moment, "fr"), show_moment(moment, "en")) == (shown[11:], "9 Nov 2026 00:30")


@pytest.mark.parametrize("text", ["", "1.800,00", "F-12", "12 mai", "2026-11", "1800.00 €"])
def test_what_is_no_canonical_value_stays_as_it_is(text: str) -> None:
    assert show_amount(text, "fr") == show_date(text, "fr") == show_moment(text, "fr") == text


def test_an_amount_in_a_reason_has_a_decimal_comma_in_french() -> None:
    reason = Reason(code="due_above_total", params={"due": "1800.00", "total": "950.5"})
    assert f"1{THIN}800,00 dépasse le montant TTC 950,50" in reason.message("fr")
    assert "1,800.00 is above the total 950.50" in reason.message("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_without_words_is_a_mistake_here_and_shown_where_another_version_stored_it(language: Language) -> None:
    with pytest.raises(KeyError):
        translate("reason.of_the_future", language)
    with pytest.raises(KeyError):
        translate("reason.issue_date_future", language)
    assert translate_stored("reason.of_the_future", language, {}) == "of_the_future"
    assert "?" in translate_stored("reason.issue_date_future", language, {})
    assert label("status", "PAYEE_PAR_CHEQUE", language) == "PAYEE_PAR_CHEQUE"


def test_braces_in_a_value_are_text() -> None:
    assert "{0} {x}" in translate("reason.currency_not_eur", "fr", currency="{0} {x}")


def test_an_error_is_stored_as_data_and_said_in_each_readers_language() -> None:
    inner = NeverLeftError("not_reached", address="https://x", cause=REFUSED, cure=REFUSED.todo)
    kept = store(NeverLeftError("nothing_sent", cause=inner).headline)
    assert "Rien n'a été envoyé" in said_stored(kept, "fr") and "la connexion est refusée" in said_stored(kept, "fr")
    assert said_stored(kept, "en") == f"Nothing was sent: {inner}"
    assert "sent" not in kept.replace("nothing_sent", "") and "refused" in kept
    alert = translate("alert.mail_waiting", "fr", reason=kept)
    assert "Rien n'a été envoyé" in alert and "{" not in alert


@pytest.mark.parametrize("text", ["550 No such mailbox", '{"text"', '{"text": 5}', '[{"text": "a"}]', ""])
def test_what_another_program_or_version_stored_stays_as_it_is(text: str) -> None:
    assert said_stored(text, "fr") == text


def test_a_value_of_an_invoice_is_never_taken_for_a_stored_text() -> None:
    value = store(Text("cli.no_fault"))
    assert value in translate("reason.currency_not_eur", "fr", currency=value)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", sorted({code.rpartition(".")[0] for code in entries("error")}))
def test_every_case_of_an_error_can_be_said(case: str, language: Language) -> None:
    texts = {part: entries("error").get(f"{case}.{part}") for part in ("what", "why", "todo")}
    there = {part: pair[LANGUAGES.index(language)] for part, pair in texts.items() if pair}
    names = {name for text in there.values() for _, name, _, _ in string.Formatter().parse(text) if name}
    params = dict.fromkeys(names, "x")
    said = [translate(f"error.{case}.{part}", language, **params) for part in there]
    assert "what" in there
    assert ConnectorError(case, **params).message(language) == " ".join(said)
