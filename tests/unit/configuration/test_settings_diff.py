"""Changes of the configuration in words: every key has some, those of the form where there is one."""

from __future__ import annotations

import pytest

from include.application.administration.setting_names import ON_FORMS, STEP, keys, sections
from include.application.administration.settings_diff import diff_lines
from include.application.ports.configuration import Action, ConfigurationChange
from include.domain.configuration.schema import expected_at
from include.texts import LANGUAGES, Language, has_text

COLON = "\N{NO-BREAK SPACE}: "


def lines(language: Language, **change: object) -> list[str]:
    told = ConfigurationChange(**{"action": Action.CHANGED, **change})  # type: ignore[arg-type]
    return [f"{line.sign}{line.words}" for line in diff_lines([told], language)]


def place(key: str) -> tuple[str, str]:
    """Section and field of a change of this key."""
    section = max((one for one in sections() if key == one or key.startswith(f"{one}.")), key=len)
    return section, key[len(section) + 1 :]


@pytest.mark.parametrize("key", list(keys()))
def test_every_key_has_words_and_none_is_shown_as_programs_call_it(key: str) -> None:
    if key == "version":
        return  # says which schema it is, and never changes
    section, field = place(key)
    if not field:
        assert has_text(f"section.{section.replace('.', '_')}")
        return
    said = {
        language: lines(language, section=section, item="X", field=field, before="1", after="2")
        for language in LANGUAGES
    }
    before = {language: told[1].rpartition(":")[0].strip() for language, told in said.items()}
    last = before["fr"].rpartition(STEP)[2].strip("- \N{NO-BREAK SPACE}")
    assert last and last not in key.split("."), "a French word, never the key"
    assert not any("_" in words or key in words for words in before.values())


def test_the_walk_finds_keys_at_every_depth() -> None:
    found = set(keys())
    assert {"portal.write_back.state", "people.users.mail", "providers.bank_details.labels.name"} < found
    assert all(expected_at([key]) is not None for key in found if "." not in key)
    assert ON_FORMS.keys() <= found, "no words for keys that are gone"


def test_a_provider_s_values_read_as_its_form_does() -> None:
    name = {"section": "providers", "item": "Durand"}
    assert lines("fr", **name, field="loading", before="local", after="remote")[1:] == [
        f"-Chargement des factures{COLON}Relevé chaque nuit (Local)",
        f"+Chargement des factures{COLON}En direct (Remote)",
    ]
    assert lines("en", **name, field="automatic_submission", before=False, after=True)[1:] == [
        "-Automatic submission: no",
        "+Automatic submission: yes",
    ]
    assert lines("fr", **name, field="defaults.vat_type", after="SANS_TVA")[1] == (
        f"+Valeurs par défaut{STEP}Type de TVA{COLON}Sans TVA"
    )
    assert lines("fr", **name, field="confidence.total_incl_tax", after=0.9)[1].startswith(f"+Confiance demandée{STEP}")
    assert lines("fr", **name, field="use.users", after=["anna"])[1] == (
        f"+Peuvent utiliser Chorus{STEP}Utilisateurs{COLON}anna"
    )


def test_an_item_inside_an_item_is_named() -> None:
    field = "bank_details.labels[C.I.C [2]].name"
    assert lines("fr", section="providers", item="Durand", field=field, before="A", after="B")[1] == (
        f"-Coordonnées bancaires{STEP}Libellé ou IBAN C.I.C [2]{STEP}Compte dans Chorus Pro{COLON}A"
    )
    came = {"label": "CIC", "name": "Compte CIC"}
    assert lines("fr", section="providers", item="D", field="bank_details.labels[CIC]", after=came)[1] == (
        f"+Coordonnées bancaires{STEP}Libellé ou IBAN CIC{COLON}Compte dans Chorus Pro{COLON}Compte CIC"
    )


def test_a_whole_item_is_told_value_by_value() -> None:
    value = {"siret": "1", "services": [{"code": "A", "wordings": ["x", "y"]}, {"code": "B"}]}
    assert lines("en", section="recipients", action=Action.ADDED, item="1", after=value)[1:] == [
        "+1",
        "+    Services: Service code: A · Wordings: x, y / Service code: B",
    ]
    assert lines("fr", section="portal", action=Action.ADDED, after={"url": "file:///a", "write_back": {"state": "e"}})[
        1:
    ] == [f"+Adresse{COLON}file:///a", f"+Métadonnées écrites en retour{COLON}Métadonnée de l'état{COLON}e"]
    assert lines("fr", section="alerts", action=Action.REMOVED, before={"groups": ["g"]})[1] == f"-Groupes{COLON}g"


def test_secrets_and_what_was_learned_have_words_too() -> None:
    replaced = lines(
        "fr", section="providers", item="D", field="connection c_1", after=["password", "certificate_file"]
    )
    assert replaced[1] == f"+Secrets de la connexion c_1{COLON}Mot de passe technique, Fichier du certificat"
    learned = {"environment": "simulator", "siret": "1", "service_code": None, "invoice": 7}
    told = lines("fr", section="learned recipients", action=Action.ADDED, item="mairie", after=learned)
    assert told[2:] == [
        f"+    Environnement{COLON}Simulateur",
        f"+    SIRET{COLON}1",
        f"+    Code service{COLON}(rien)",
        f"+    Appris de la facture{COLON}7",
    ]


def test_a_key_of_an_older_version_is_shown_as_it_is() -> None:
    assert (
        lines("fr", section="providers", item="D", field="gone.long_ago", after=1)[1] == f"+gone{STEP}long_ago{COLON}1"
    )
