"""The dictionary of the platform's messages: what each means, and which ones nobody knows yet."""

from __future__ import annotations

import pytest

from include.application.messages import unknown_messages
from include.domain.messages import MEANINGS, meaning_of, refusal
from include.domain.wordings.messages import CAUSES
from tests.fakes.chorus import Fault
from tests.unit.application.sending_world import World


@pytest.mark.parametrize(
    ("label", "code", "field"),
    [
        ("Les informations d’authentification ne sont pas présentes", "login", None),
        ("Authentication information not present", "login", None),
        ("Chorus Pro is not available, try again later", "unavailable", None),
        ("Le service exécutant est obligatoire pour ce destinataire.", "service", "service_code"),
        ("Executing service is mandatory for this recipient", "service", "service_code"),
        ("Attachment 00012345 of unknown type does not exist", "attachment", "attachment_switch"),
        ("La pièce jointe de type XX9 n'existe pas pour cet objet.", "attachment", "attachment_switch"),
        ("Invoice could not be analysed by Chorus Pro", "analysis", None),
        ("La synthèse de l'en-tête n'est pas correcte", "header", "total_incl_tax"),
        ("Header synthesis is not correct", "header", "total_incl_tax"),
        ("Recipient not found or inactive", "recipient", "recipient_siret"),
        ("Le destinataire 12345678200051 n'existe pas ou n'est pas actif.", "recipient", "recipient_siret"),
        ("Consistency checks on the payment request are not valid", "consistency", None),
        ("LE NUMERO D'ENGAGEMENT EST OBLIGATOIRE", "engagement", "engagement_number"),
        ("Le numéro de facture F-1 existe déjà pour ce fournisseur.", "number_used", "invoice_number"),
    ],
)
def test_a_known_message_names_the_field_and_what_to_do(label: str, code: str, field: str | None) -> None:
    meaning = meaning_of(label)
    assert meaning is not None and (meaning.code, meaning.field) == (code, field)
    reason = refusal(20013, label)
    assert (reason.code, reason.field) == (f"refused_{code}", field)
    assert label in reason.message("fr") and CAUSES[code][0] in reason.message("fr")
    assert CAUSES[code][1] in reason.message("en")


def test_an_unknown_message_is_shown_as_it_is() -> None:
    reason = refusal(29999, "Motif {inconnu}")
    assert (reason.code, reason.field) == ("refused", None)
    assert "Motif {inconnu}" in reason.message("fr")


def test_every_meaning_has_its_words_and_only_an_outage_is_worth_trying_again() -> None:
    assert {meaning.code for meaning in MEANINGS} == set(CAUSES)
    assert [meaning.code for meaning in MEANINGS if meaning.retry] == ["unavailable"]


def test_unknown_messages_are_collected_without_their_digits_most_frequent_first(world: World) -> None:
    for number in ("F-1", "F-2"):
        world.add(number)
    world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
    world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
    world.send()
    [row] = unknown_messages(world.store.refusals)
    assert row["count"] == 2 and row["label"] and row["first_at"] <= row["last_at"]
