"""Why a PDF cannot be read, and what is odd about one that can: a closed list, each with its cure."""

from __future__ import annotations

WORDINGS: dict[str, tuple[str, str]] = {
    "encrypted": (
        "Le PDF est protégé par un mot de passe : déposez une version sans protection.",
        "The PDF is protected by a password: file a version without protection.",
    ),
    "not_pdf": (
        "Le fichier n'est pas un PDF : Chorus Pro n'accepte que des factures PDF ; convertissez-le.",
        "The file is not a PDF: Chorus Pro takes PDF invoices only; convert it.",
    ),
    "broken": (
        "Le PDF est endommagé ou incomplet : déposez-le de nouveau depuis l'original.",
        "The PDF is damaged or cut short: file it again from the original.",
    ),
    "empty_file": (
        "Le fichier est vide : déposez-le de nouveau depuis l'original.",
        "The file is empty: file it again from the original.",
    ),
    "no_pages": (
        "Le PDF ne contient aucune page : déposez-le de nouveau depuis l'original.",
        "The PDF has no pages: file it again from the original.",
    ),
    "too_many_pages": (
        "Le PDF a {pages} pages, plus que la limite de {limit} : séparez la facture de ses annexes.",
        "The PDF has {pages} pages, more than the limit of {limit}: separate the invoice from its annexes.",
    ),
    "too_large": (
        "Le fichier pèse {megabytes} Mo, plus que la limite de {limit} Mo : réduisez-le.",
        "The file has {megabytes} MB, more than the limit of {limit} MB: make it smaller.",
    ),
    "page_too_large": (
        "Une page ou une image du PDF est démesurée : enregistrez-le au format A4.",
        "A page or an image of the PDF is out of all proportion: save it as A4.",
    ),
    "too_slow": (
        "La lecture a dépassé {seconds} secondes : vérifiez le fichier ou saisissez les champs.",
        "Reading took more than {seconds} seconds: check the file, or type the fields.",
    ),
    "reader_died": (
        "Le lecteur s'est arrêté sur ce fichier : vérifiez-le ou saisissez les champs.",
        "The reader died on this file: check it, or type the fields.",
    ),
    "no_text": (
        "Aucun texte n'a pu être lu : numérisez de nouveau en meilleure qualité ou saisissez les champs.",
        "No text could be read: scan it again in better quality, or type the fields.",
    ),
    "no_engine": (
        "Cette machine ne sait pas lire les pages numérisées : prévenez l'administrateur (`chorus doctor`), puis "
        "faites relire le document ou saisissez les champs.",
        "This machine cannot read scanned pages: tell the administrator (`chorus doctor`), then have the document read "
        "again, or type the fields.",
    ),
    "engine_replaced": (
        "Pages numérisées lues par Tesseract, moins exact que le moteur prévu : relisez les valeurs et prévenez "
        "l'administrateur (`chorus doctor`).",
        "Scanned pages were read by Tesseract, less exact than the usual engine: check the values and tell the "
        "administrator (`chorus doctor`).",
    ),
    "hidden_text": (
        "Le PDF contient des chiffres que la page ne montre pas, non repris : vérifiez la provenance du fichier, puis "
        "saisissez numéro, destinataire et montant TTC si la page est juste.",
        "The PDF holds figures that the page does not show: they are not used; check where the file comes from, then "
        "type number, recipient and total including tax if the page is right.",
    ),
    "facturx_unreadable": (
        "Les données Factur-X sont illisibles, la page a été lue à la place : signalez-le à l'éditeur du logiciel.",
        "The Factur-X data cannot be read, the page was read instead: tell the maker of the program.",
    ),
    "remote_reading_refused": (
        "Chorus Pro n'a pas pu analyser le PDF ({number}) : {label}. Sa propre lecture manque ; complétez la facture "
        "vous-même si besoin.",
        "Chorus Pro could not analyse the PDF ({number}): {label}. Its own reading is missing; complete the invoice "
        "yourself where needed.",
    ),
    "remote_reading_down": (
        "La lecture de Chorus Pro n'a pas pu être demandée : {why} Elle le sera de nouveau au prochain passage si des "
        "champs manquent.",
        "Chorus Pro's own reading could not be asked for: {why} It is asked again in the next pass if fields are "
        "missing.",
    ),
    "standard_schema": (
        "Les données Factur-X n'ont pas la forme du profil {profile} ({text}) : comparez les valeurs à la page et "
        "prévenez l'éditeur du logiciel de facturation.",
        "The Factur-X data do not have the form of the profile {profile} ({text}): compare the values with the "
        "page and tell the maker of the invoicing program.",
    ),
    "standard_unchecked": (
        "Les données Factur-X pèsent {megabytes} Mo, trop pour en vérifier toutes les règles : comparez les montants à "
        "la page.",
        "The Factur-X data have {megabytes} MB, too many to check all the rules: compare the amounts with the page.",
    ),
    "standard_sums": (
        "Les montants des données Factur-X ne s'additionnent pas (EN 16931, règle {rule} : {text}) : comparez-les "
        "à la page et prévenez l'éditeur du logiciel de facturation.",
        "The amounts of the Factur-X data do not add up (EN 16931, rule {rule}: {text}): compare them with the "
        "page and tell the maker of the invoicing program.",
    ),
    "standard_vat": (
        "La TVA des données Factur-X est incohérente (EN 16931, règle {rule} : {text}) : comparez-la à la page et "
        "prévenez l'éditeur du logiciel de facturation.",
        "The VAT of the Factur-X data is inconsistent (EN 16931, rule {rule}: {text}): compare it with the page "
        "and tell the maker of the invoicing program.",
    ),
    "standard_decimals": (
        "Un montant des données Factur-X a trop de décimales (EN 16931, règle {rule} : {text}) : prévenez "
        "l'éditeur du logiciel de facturation.",
        "An amount of the Factur-X data has too many decimals (EN 16931, rule {rule}: {text}): tell the maker of "
        "the invoicing program.",
    ),
    "standard_code": (
        "Un code des données Factur-X n'est pas dans les listes de la norme (EN 16931, règle {rule} : {text}) : "
        "prévenez l'éditeur du logiciel de facturation.",
        "A code of the Factur-X data is not in the lists of the standard (EN 16931, rule {rule}: {text}): tell "
        "the maker of the invoicing program.",
    ),
    "standard_missing": (
        "Une donnée obligatoire manque dans Factur-X (EN 16931, règle {rule} : {text}) : vérifiez le champ et "
        "prévenez l'éditeur du logiciel de facturation.",
        "Something that the Factur-X data must hold is missing (EN 16931, rule {rule}: {text}): check the field "
        "and tell the maker of the invoicing program.",
    ),
    "standard_other": (
        "Les données Factur-X enfreignent la norme (EN 16931, règle {rule} : {text}) : prévenez l'éditeur du "
        "logiciel de facturation.",
        "The Factur-X data break the standard (EN 16931, rule {rule}: {text}): tell the maker of the invoicing "
        "program.",
    ),
    "standard_french": (
        "Les données Factur-X ne suivent pas les règles françaises de la facturation électronique ({rules} ; "
        "{text}) : prévenez l'éditeur du logiciel de facturation.",
        "The Factur-X data do not follow the French rules of electronic invoicing ({rules}; {text}): tell the "
        "maker of the invoicing program.",
    ),
    "restricted": (
        "Le PDF est chiffré et Chorus Pro peut le refuser : enregistrez-le sans protection.",
        "The PDF is encrypted and Chorus Pro may refuse it: save it without protection.",
    ),
}
