"""What an invoice teaches once it was taken, and how learned lines are used after those set by hand."""

from __future__ import annotations

import pytest

from include.domain.configuration import Association, Recipient, Service
from include.domain.fields import Source
from include.domain.mapping import Draft, Learned, LearnedLine, bare, map_invoice, with_learned_lines
from tests.factories import BODY, portal_document
from tests.unit.mapping.drafts import candidate, codes, draft_of, facturx, read

OTHER = "12345678200036"
NAME = "Mairie d'Annecy"
TOWN = Recipient(siret=BODY, wordings=(NAME,), services=(Service(code="ST01", wordings=("Voirie",)),))


def learned_lines(draft: Draft, recipients: tuple[Recipient, ...] = ()) -> tuple[LearnedLine, ...]:
    return with_learned_lines(draft, recipients).learned_lines


def body_line(siret: str = BODY, wording: str = NAME) -> LearnedLine:
    return LearnedLine(wording=wording, siret=siret)


def service_line(code: str = "ST01", wording: str = "Voirie") -> LearnedLine:
    return LearnedLine(wording=wording, siret=BODY, service_code=code)


# ---------------------------------------------------------------- learned lines


def test_a_printed_name_teaches_the_body_that_its_number_or_a_person_names() -> None:
    assert learned_lines(draft_of(read(recipient_name=NAME, recipient_siret=BODY))) == (body_line(),)
    assert learned_lines(draft_of(read(recipient_name=NAME), edits={"recipient_siret": BODY})) == (body_line(),)
    assert learned_lines(draft_of(read(recipient_name=NAME), metadata={"recipient_siret": BODY})) == (body_line(),)


def test_a_wording_that_a_person_set_by_hand_is_never_learned() -> None:
    for siret in (BODY, OTHER):
        draft = draft_of(read(recipient_name="MAIRIE D'ANNECY"), edits={"recipient_siret": siret}, recipients=(TOWN,))
        assert learned_lines(draft, (TOWN,)) == ()


def test_nothing_is_learned_against_a_number_that_the_page_prints() -> None:
    reading = read(recipient_name=NAME, recipient_siret=OTHER)
    assert learned_lines(draft_of(reading, edits={"recipient_siret": BODY})) == ()
    assert learned_lines(draft_of(reading, metadata={"recipient_siret": BODY})) == ()
    assert learned_lines(draft_of(read(recipient_name=NAME, recipient_siret=[facturx(BODY), candidate(OTHER)]))) == ()


def test_a_second_guess_at_the_number_contradicts_nothing() -> None:
    reading = read(recipient_name=NAME, recipient_siret=[candidate(BODY), candidate(OTHER, confidence=0.4)])
    assert learned_lines(draft_of(reading)) == (body_line(),)


def test_a_page_with_two_likely_names_teaches_neither() -> None:
    rival = [candidate(NAME, confidence=0.8), candidate("École Jules Ferry", confidence=0.7)]
    unlikely = [candidate(NAME, confidence=0.8), candidate("École Jules Ferry", confidence=0.5)]
    same = [facturx(NAME), candidate("MAIRIE D'ANNECY")]
    assert learned_lines(draft_of(read(recipient_name=rival, recipient_siret=BODY))) == ()
    assert learned_lines(draft_of(read(recipient_name=unlikely, recipient_siret=BODY))) == (body_line(),)
    assert learned_lines(draft_of(read(recipient_name=same, recipient_siret=BODY))) == (body_line(),)


@pytest.mark.parametrize("name", ["LE CLIENT", "Mairie", "Service comptabilité", "L'acheteur", "SA", "?", "Direction"])
def test_a_name_that_fits_many_bodies_is_never_learned(name: str) -> None:
    assert learned_lines(draft_of(read(recipient_name=name, recipient_siret=BODY))) == ()


def test_a_name_that_was_typed_or_hardly_read_teaches_nothing() -> None:
    typed = draft_of(read(), edits={"recipient_name": NAME, "recipient_siret": BODY})
    faint = draft_of(read(recipient_name=candidate(NAME, Source.OCR, confidence=0.4), recipient_siret=BODY))
    assert (learned_lines(typed), learned_lines(faint)) == ((), ())


def test_a_service_wording_teaches_the_code_that_was_sent() -> None:
    reading = read(recipient_siret=BODY, service_name="Voirie")
    assert learned_lines(draft_of(reading, edits={"service_code": "ST01"})) == (service_line(),)
    assert learned_lines(draft_of(reading, edits={"service_code": "ST09"}, recipients=(TOWN,)), (TOWN,)) == ()
    by_hand = draft_of(reading, recipients=(TOWN,))
    assert (by_hand.text("service_code"), learned_lines(by_hand, (TOWN,))) == ("ST01", ())
    contradicted = read(recipient_siret=BODY, service_name="Voirie", service_code="ST02")
    assert learned_lines(draft_of(contradicted, edits={"service_code": "ST01"})) == ()


def test_without_recipient_nothing_is_learned() -> None:
    assert learned_lines(draft_of(read(recipient_name=NAME, service_name="Voirie"))) == ()


# ---------------------------------------------------------------- use


def learned_draft(*lines: LearnedLine, recipients: tuple[Recipient, ...] = (), **fields: object) -> Draft:
    return map_invoice(
        read(**fields),  # type: ignore[arg-type]
        document=portal_document(),
        recipients=recipients,
        learned=Learned(lines),
    )


def test_a_learned_wording_finds_its_body_and_says_so() -> None:
    draft = learned_draft(body_line(), recipient_name="MAIRIE D'ANNECY")
    assert (draft.text("recipient_siret"), draft.reasons) == (BODY, ())
    [warning] = draft.warnings
    assert warning.code == "recipient_learned"
    assert BODY in warning.message("fr")


def test_a_line_set_by_hand_comes_before_a_learned_one() -> None:
    hand = Recipient(siret=OTHER, wordings=(NAME,))
    draft = learned_draft(body_line(), recipients=(hand,), recipient_name=NAME)
    assert (draft.text("recipient_siret"), draft.warnings) == (OTHER, ())


def test_two_hand_set_meanings_are_not_settled_by_learning() -> None:
    twins = (TOWN, Recipient(siret=OTHER, wordings=(NAME,)))
    draft = learned_draft(body_line(), recipients=twins, recipient_name=NAME)
    assert codes(draft.reasons) == ["recipient_wording_ambiguous"]


def test_a_printed_number_is_never_replaced_by_a_learned_line() -> None:
    draft = learned_draft(body_line(OTHER), recipient_name=NAME, recipient_siret=BODY)
    assert (draft.text("recipient_siret"), draft.warnings) == (BODY, ())


def test_a_wording_sent_to_two_bodies_is_only_proposed() -> None:
    draft = learned_draft(body_line(), body_line(OTHER), recipient_name=NAME)
    assert "recipient_siret" not in draft.fields
    [reason] = draft.reasons
    assert reason.code == "recipient_wording_sent_to_several"
    assert BODY in reason.message("fr")
    assert OTHER in reason.message("fr")


def test_another_name_on_the_page_that_was_sent_elsewhere_objects() -> None:
    names = [candidate(NAME, confidence=0.8), candidate("Régie des eaux", confidence=0.7)]
    lines = (body_line(), body_line(OTHER, "Régie des eaux"))
    draft = learned_draft(*lines, recipient_name=names)
    assert "recipient_siret" not in draft.fields
    assert learned_draft(body_line(), recipient_name=names).text("recipient_siret") == BODY


def test_a_metadata_wording_is_understood_by_a_learned_line() -> None:
    document = portal_document(metadata={"dest": (NAME,)})
    association = Association(classification_rule="Facture client", fields={"recipient_siret": "dest"})
    draft = map_invoice(read(), document=document, association=association, learned=Learned([body_line()]))
    assert (draft.text("recipient_siret"), draft.reasons) == (BODY, ())


def test_a_learned_service_wording_becomes_its_code_after_the_hand_set_ones() -> None:
    draft = learned_draft(service_line("ST09"), recipient_siret=BODY, service_name="VOIRIE")
    assert draft.text("service_code") == "ST09"
    assert codes(draft.warnings) == ["service_learned"]
    by_hand = learned_draft(service_line("ST09"), recipients=(TOWN,), recipient_siret=BODY, service_name="Voirie")
    assert (by_hand.text("service_code"), by_hand.warnings) == ("ST01", ())


def test_a_service_wording_that_two_hand_set_lines_claim_is_not_settled_by_learning() -> None:
    services = (Service(code="1", wordings=("Voirie SA",)), Service(code="2", wordings=("Voirie SPL",)))
    line = Recipient(siret=BODY, services=services)
    draft = learned_draft(service_line("1"), recipients=(line,), recipient_siret=BODY, service_name="Voirie")
    assert "service_code" not in draft.fields


def test_a_service_wording_of_two_codes_or_of_another_body_is_not_used() -> None:
    twice = learned_draft(service_line("1"), service_line("2"), recipient_siret=BODY, service_name="Voirie")
    elsewhere = learned_draft(service_line(), recipient_siret=OTHER, service_name="Voirie")
    assert "service_code" not in twice.fields
    assert "service_code" not in elsewhere.fields


def test_the_recipient_s_own_name_may_mean_a_service_where_no_other_is_named() -> None:
    line = Recipient(siret=BODY, wordings=(NAME,), services=(Service(code="ST02", wordings=(NAME,)),))
    assert draft_of(read(recipient_name=NAME), recipients=(line,)).text("service_code") == "ST02"
    named = draft_of(read(recipient_name=NAME, service_code="ST01"), recipients=(line,))
    assert named.text("service_code") == "ST01"


def test_a_body_line_and_a_service_line_of_one_wording_are_kept_apart() -> None:
    assert Learned([service_line(wording=NAME)]).bodies(NAME) == ()
    assert Learned([body_line()]).services(BODY, NAME) == ()
    assert not Learned()
    assert bare("Mairie d'Annecy") == "mairie d annecy"
