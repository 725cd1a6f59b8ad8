"""Events in words."""

from __future__ import annotations

import string
import unicodedata

import pytest

from include.domain.lifecycle import State
from include.domain.notification import TOLD_STATES, EventKind, describe, harmless, one_line, reasons_of
from include.domain.reasons import Reason
from include.texts import Language, label, translate
from tests.catalogues import add_text, table
from tests.unit.notification.people import alert, invoice_event

STATUSES, STATUS_ACTIONS, ALERTS = (table(start) for start in ("status", "status.todo", "alert"))
TABLES = (
    table("event"),
    table("event.sentence"),
    table("state"),
    table("state.todo"),
    table("status.handled"),
    STATUSES,
    STATUS_ACTIONS,
    ALERTS,
)


def test_reasons_travel_inside_an_event() -> None:
    reasons = (Reason(code="a", field="service_code", params={"x": "{y} é"}), Reason(code="b"))
    assert reasons_of(invoice_event(reasons=reasons)) == reasons


def test_a_message_says_what_happened_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    add_text(monkeypatch, "reason.no_service", "Il manque le service {n}.", "Service {n} is missing.")
    event = invoice_event(
        EventKind.AWAITING_SUBMISSION, state="to_complete", reasons=[Reason(code="no_service", params={"n": "{x}"})]
    )
    assert describe(event, "fr") == "La facture 2026-1 attend d'être déposée (À compléter). Il manque le service {x}."
    assert describe(event, "en") == "Invoice 2026-1 awaits submission (To complete). Service {x} is missing."


@pytest.mark.parametrize("status", ["SUSPENDUE", "A_RECYCLER", "REJETEE", "UNKNOWN"])
def test_a_status_that_waits_for_the_supplier_says_what_to_do(status: str) -> None:
    message = describe(invoice_event(EventKind.STATUS_CHANGED, status=status), "fr")
    assert STATUSES[status][0] in message
    assert STATUS_ACTIONS[status][0] in message


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_rejection_that_was_dealt_with_asks_for_nothing_more(language: Language) -> None:
    """Told again that a new invoice is needed, a clerk might make a second one."""
    message = describe(invoice_event(EventKind.STATUS_CHANGED, status="REJETEE", state="closed"), language)
    assert translate("status.handled.REJETEE", language) in message
    assert translate("status.todo.REJETEE", language) not in message


def test_an_alert_counts_without_a_plural_that_one_would_contradict() -> None:
    for code, (french, english) in ALERTS.items():
        assert "{count} factures" not in french and "{count} documents" not in french, code
        assert "{count} invoices" not in english and "{count} documents" not in english, code


def test_a_ready_invoice_that_waits_for_a_person_says_so() -> None:
    assert "déposez-la" in describe(invoice_event(EventKind.AWAITING_SUBMISSION, state="ready"), "fr")


def test_a_reason_or_status_without_words_shows_its_code() -> None:
    event = invoice_event(EventKind.STATUS_CHANGED, status="STATUS_OF_TOMORROW", reasons=[Reason(code="of_tomorrow")])
    assert "STATUS_OF_TOMORROW" in describe(event, "en")
    assert "of_tomorrow" in describe(event, "en")


def test_a_reason_whose_parameter_is_missing_does_not_stop_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    add_text(monkeypatch, "reason.gap", "Il manque {what}.", "{what} is missing.")
    assert "Il manque ?." in describe(invoice_event(reasons=[Reason(code="gap")]), "fr")


def test_an_invoice_without_number_is_named_by_its_document() -> None:
    assert "f-1.pdf" in describe(invoice_event(number=None), "fr")


def test_an_alert_names_the_half_of_the_login_in_words() -> None:
    assert "compte technique" in describe(alert(provider="Durand", half="account"), "fr")
    assert "PISTE credentials" in describe(alert(provider="Durand", half="piste"), "en")


def test_an_alert_that_nobody_listed_is_shown_all_the_same() -> None:
    assert describe(alert("new_alarm", text="No run since 8:00"), "en") == "No run since 8:00"
    assert describe(alert("new_alarm"), "en") == "new_alarm"


def test_both_languages_name_the_same_parameters() -> None:
    for texts in TABLES:
        for code, (french, english) in texts.items():
            assert _parameters(french) == _parameters(english), code


def _parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_kind_has_its_words_and_labels_are_of_real_states() -> None:
    assert set(table("event")) == {kind.value for kind in EventKind}
    assert set(table("event.sentence")) == {kind.value for kind in EventKind} - {"alert"}
    assert set(table("state")) == {state.value for state in State} > set(TOLD_STATES)


def test_a_label_falls_back_to_the_code() -> None:
    assert (label("state", "ready", "en"), label("state", "b", "fr")) == ("Ready to submit", "b")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\r\nBcc: x@y", "a Bcc: x@y"),
        ("a\u2028b\u2029c\x00d\x1b[31m", "a b c d [31m"),
        ("abc\u202egnp.exe\u2066", "abcgnp.exe"),
        ("  é   ü ", "é ü"),
    ],
)
def test_a_text_of_a_document_becomes_one_harmless_line(text: str, clean: str) -> None:
    assert one_line(text) == clean


def test_every_sign_that_unicode_says_steers_or_turns_is_known() -> None:
    """What is written out in the code for speed, beside Unicode's own tables."""
    signs = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    steers = {sign for sign in signs if unicodedata.category(sign) in ("Cc", "Zl", "Zp")} - {"\n"}
    turning = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    turns = {sign for sign in signs if unicodedata.bidirectional(sign) in turning}
    assert harmless("".join(signs)) == "".join(" " if sign in steers else sign for sign in signs if sign not in turns)


def test_a_text_of_a_document_has_a_longest_length() -> None:
    assert len(one_line("x" * 5000)) == 1000
    assert len(one_line("x" * 5000, 200)) == 200
