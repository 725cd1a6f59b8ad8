from __future__ import annotations

import pytest
from stdnum import luhn

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.text import TextSource
from tests.unit.extraction.paper import Placed, candidates, column, page, read


def siret(beginning: str) -> str:
    """A SIRET with right check digits."""
    siren = beginning.ljust(8, "4")
    siren += luhn.calc_check_digit(siren)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


SUPPLIER, RECIPIENT, OTHER = siret("55"), siret("21"), siret("66")


def spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}"


def test_headings_say_who_is_who() -> None:
    found = read(
        page(
            *column(40, 60, "Émetteur", "Atelier du Port", "1 rue Haute", "29200 BREST", f"SIRET {SUPPLIER}"),
            *column(40, 200, "Destinataire", "Commune de Blois", "2 place Basse", "41000 BLOIS", f"SIRET {RECIPIENT}"),
        )
    )
    assert (found["supplier_siret"], found["recipient_siret"]) == (SUPPLIER, RECIPIENT)


def test_places_say_who_is_who_without_headings() -> None:
    found = read(
        page(
            *column(40, 60, "Atelier du Port", "29200 BREST", f"SIRET : {spaced(SUPPLIER)}"),
            *column(330, 150, "Commune de Blois", "41000 BLOIS", f"SIRET : {spaced(RECIPIENT)}"),
        )
    )
    assert (found["supplier_siret"], found["recipient_siret"]) == (SUPPLIER, RECIPIENT)


def test_the_imprint_at_the_foot_is_the_supplier_and_a_labelled_number_the_recipient() -> None:
    found = read(
        page(
            (40, 220, f"SIRET destinataire : {spaced(OTHER)}"),
            (150, 810, f"SIRET {SUPPLIER} - RCS Rodez - TVA FR80{SUPPLIER[:9]}"),
        )
    )
    assert (found["supplier_siret"], found["recipient_siret"]) == (SUPPLIER, OTHER)


def test_known_numbers_of_the_configuration_decide() -> None:
    texts = [(40.0, 60.0, f"SIRET {OTHER}"), (40.0, 200.0, f"SIRET {SUPPLIER}")]
    assert read(page(*texts), suppliers=[SUPPLIER], recipients=[OTHER])["supplier_siret"] == SUPPLIER
    assert read(page(*texts), suppliers=[OTHER], recipients=[SUPPLIER])["supplier_siret"] == OTHER


def test_a_wrong_check_digit_costs_confidence_not_the_value() -> None:
    wrong = SUPPLIER[:-1] + str((int(SUPPLIER[-1]) + 1) % 10)
    right = candidates(page((40, 60, f"SIRET : {SUPPLIER}")))["supplier_siret"][0]
    doubted = candidates(page((40, 60, f"SIRET : {wrong}")))["supplier_siret"][0]
    assert doubted.value == wrong
    assert doubted.confidence < right.confidence


def test_the_place_of_delivery_is_neither() -> None:
    found = read(
        page(
            *column(40, 60, "Atelier du Port", f"SIRET {SUPPLIER}"),
            *column(330, 60, "Adresse de livraison", "Dépôt municipal", "56000 VANNES", f"SIRET {OTHER}"),
        )
    )
    assert "recipient_siret" not in found


@pytest.mark.parametrize(
    "text", ["SIREN : 123 456 782", "Tél. 02 98 44 55 66 77 88", "GTIN 59878541259874", "RCS 412 345 678"]
)
def test_other_long_numbers_are_no_siret(text: str) -> None:
    assert not {"supplier_siret", "recipient_siret"} & set(read(page((40, 60, text))))


def test_letters_read_for_digits_are_mended_where_the_check_digit_confirms_it() -> None:
    misread = SUPPLIER.replace("0", "O")
    scan = page((40, 60, f"SIRET : {misread}"), source=TextSource.OCR)
    assert read(scan)["supplier_siret"] == SUPPLIER
    wrong = misread[:-1] + str((int(misread[-1]) + 1) % 10)
    assert "supplier_siret" not in read(page((40, 60, f"SIRET : {wrong}"), source=TextSource.OCR))
    assert "supplier_siret" not in read(page((40, 60, f"SIRET : {misread}")))


ADDRESS = ("2 place de la Mairie", "41000 BLOIS")


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (column(40, 200, "Destinataire", "Communauté du Val", *ADDRESS), "Communauté du Val"),
        (column(330, 150, "Ville de Blois", "Service des achats", *ADDRESS), "Ville de Blois"),
        (column(330, 150, "M. Jean DUPONT", "PORT AUTONOME", *ADDRESS), "PORT AUTONOME"),
        (column(330, 150, "Facturé à :", "Lycée Jules Verne", "Intendance", *ADDRESS), "Lycée Jules Verne"),
        (column(330, 150, "Adresse du client", "Contact achats", "LE CLIENT", *ADDRESS), "LE CLIENT"),
        (column(330, 150, "Bill to", "CHU de Nantes", "5 allée Verte", "44093 NANTES CEDEX 1"), "CHU de Nantes"),
    ],
)
def test_the_name_is_the_first_line_of_the_recipients_address(texts: list[Placed], name: str) -> None:
    supplier = column(40, 40, "Atelier du Port SARL", "1 rue Haute", "29200 BREST", "Tél. 02 98 00 00 00")
    assert read(page(*supplier, *texts))["recipient_name"] == name


def test_a_name_under_its_heading_does_without_a_postal_code() -> None:
    assert (
        read(page(*column(40, 200, "Destinataire", "Commune de Blois", "2 place Basse", "41OO0 BLOlS")))[
            "recipient_name"
        ]
        == "Commune de Blois"
    )


def test_the_supplier_alone_is_no_recipient() -> None:
    supplier = column(40, 40, "Atelier du Port SARL", "1 rue Haute", "29200 BREST")
    assert "recipient_name" not in read(page(*supplier))


def test_a_siret_without_its_word_counts_where_the_register_is_named_or_the_number_is_known() -> None:
    footer: Placed = (40, 800, f"Atelier du Port SAS - {SUPPLIER} RCS Brest")
    buyer = (330, 150, f"SIRET destinataire {RECIPIENT}")
    assert read(page(buyer, footer))["supplier_siret"] == SUPPLIER
    bare: Placed = (40, 800, f"Atelier du Port - {SUPPLIER} - 29200 BREST")
    assert read(page(buyer, bare), suppliers=[SUPPLIER])["supplier_siret"] == SUPPLIER
    assert "supplier_siret" not in read(page(buyer, bare))


def test_an_account_of_fourteen_digits_is_no_siret() -> None:
    wrong = SUPPLIER[:-1] + str((int(SUPPLIER[-1]) + 1) % 10)
    assert "supplier_siret" not in read(page((40, 800, f"Compte {wrong} RCS Brest")))


def test_an_address_under_pour_is_the_recipients_and_pour_is_no_name() -> None:
    texts = column(40, 150, "De", "Atelier du Port", "1 rue Haute", "29200 BREST")
    texts += column(330, 150, "Pour", "Commune de Blois", "2 place Basse", "41000 BLOIS")
    assert read(page(*texts))["recipient_name"] == "Commune de Blois"


def vat_number(number: str) -> str:
    return f"FR{(12 + 3 * (int(number[:9]) % 97)) % 97:02}{number[:9]}"


def sold_by(*texts: Placed, configured: list[str]) -> str | None:
    found = read(page(*texts), suppliers=configured).get("supplier_siret")
    return None if found is None else str(found)


def test_without_its_siret_the_supplier_is_the_one_establishment_of_the_firm_with_that_vat_number() -> None:
    foot = (40.0, 800.0, f"SARL au capital de 8 000 EUR - TVA intracom : {vat_number(SUPPLIER)}")
    second = SUPPLIER[:9] + "00042"
    assert sold_by(foot, configured=[SUPPLIER, OTHER]) == SUPPLIER
    assert sold_by(foot, configured=[SUPPLIER, second]) is None, "two establishments: a person is asked"
    assert sold_by(foot, configured=[OTHER]) is None
    assert sold_by((40.0, 800.0, foot[2][:-1] + "0"), configured=[SUPPLIER]) is None, "no valid number"
    both = (40.0, 780.0, f"TVA {vat_number(OTHER)}")
    assert sold_by(foot, both, configured=[SUPPLIER, OTHER]) is None, "two firms: a person is asked"
    payee = (40.0, 780.0, f"Sous-traitant : TVA {vat_number(SUPPLIER)}")
    assert sold_by(payee, configured=[SUPPLIER]) is None


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["CENTRE HOSPITALIER UNIVERSITAIRE DE", "BELLERIVE"], "CENTRE HOSPITALIER UNIVERSITAIRE DE BELLERIVE"),
        (["Service départemental d'incendie", "Groupement logistique"], "Service départemental d'incendie"),
        (["Service des achats", "Commune de Blois"], "Commune de Blois"),
    ],
)
def test_the_name_of_the_recipient_over_its_lines(lines: list[str], name: str) -> None:
    assert read(page(*column(330, 150, *lines, "22 avenue Haute", "41000 BLOIS")))["recipient_name"] == name


def test_delivered_and_invoiced_to_one_address() -> None:
    texts = column(40, 100, "Livré et facturé à", "Centre hospitalier de Blois", "2 rue Haute", "41000 BLOIS")
    assert read(page(*texts))["recipient_name"] == "Centre hospitalier de Blois"


def test_the_seat_of_a_configured_supplier_is_no_buyer_and_leaves_the_buyer_sure() -> None:
    seat = SUPPLIER[:9] + "0002" + luhn.calc_check_digit(SUPPLIER[:9] + "0002")
    texts = [(240, 73, f"SIRET {RECIPIENT}"), (40, 180, "Référence client : 771"), (40, 700, f"Siège : SIRET {seat}")]
    found = candidates(page(*texts, (40, 714, f"Agence : SIRET {SUPPLIER}")), suppliers=[SUPPLIER])
    assert (found["supplier_siret"][0].value, found["recipient_siret"][0].value) == (SUPPLIER, RECIPIENT)
    assert found["recipient_siret"][0].confidence >= DEFAULT_CONFIDENCE["recipient_siret"]


def test_without_its_siret_the_supplier_is_the_one_establishment_of_the_firm_whose_siren_is_printed() -> None:
    foot = (40.0, 800.0, f"SARL au capital de 8 000 EUR-RCS{SUPPLIER[:9]}-Siret{SUPPLIER[:7]}60001")
    found = candidates(page((40, 50, "Facture V-0815"), foot), suppliers=[SUPPLIER])["supplier_siret"]
    assert ([one.value for one in found], found[0].confidence >= DEFAULT_CONFIDENCE["supplier_siret"]) == (
        [SUPPLIER],
        True,
    )
    second = SUPPLIER[:9] + "0002" + luhn.calc_check_digit(SUPPLIER[:9] + "0002")
    assert "supplier_siret" not in read(page(foot), suppliers=[SUPPLIER, second])
    assert "supplier_siret" not in read(page((40, 786, f"Client : {RECIPIENT[:9]}"), foot), suppliers=[OTHER])


def test_the_word_siret_alone_under_a_number_announces_it() -> None:
    buyer = column(40, 90, "À l'attention de", "Commune de Blois", "41000 BLOIS", RECIPIENT, "(N° SIRET)")
    found = read(page(*buyer, (40, 700, f"SIRET {SUPPLIER}")), suppliers=[SUPPLIER])
    assert found["recipient_siret"] == RECIPIENT


def test_a_heading_whose_blank_the_text_layer_lost() -> None:
    texts = column(40, 200, "SIRETCLIENT", RECIPIENT)
    found = read(page(*texts, (40, 300, f"SIRET {SUPPLIER}"), (40, 700, f"SIRET {OTHER}")), suppliers=[SUPPLIER])
    assert found["recipient_siret"] == RECIPIENT
