"""Reasons of the first two stations: why a document is not taken from the portal, or is not an invoice for us."""

from __future__ import annotations

_SIDE_CAR = (
    "Le fichier JSON qui accompagne le document (ou le fichier _folder.json de son dossier)",
    "The JSON file beside the document (or the _folder.json of its folder)",
)

PASSING = frozenset({"portal_still_changing", "portal_no_answer", "portal_file_unreadable", "portal_answer_unclear"})
"""Why a document waits although nobody has to do anything: a later pass takes it."""

WORDINGS: dict[str, tuple[str, str]] = {
    # the portal: postponed to the next pass
    "portal_still_changing": (
        "Le document est encore en cours d'écriture : il sera pris au prochain passage.",
        "The document is still being written: it will be taken in the next pass.",
    ),
    "portal_file_unreadable": (
        "Le fichier ne peut pas être lu : donnez le droit de lecture au compte du connecteur, ou remplacez le fichier.",
        "The file cannot be read: give the connector's account the right to read it, or replace the file.",
    ),
    "portal_link_outside": (
        "Le fichier est un lien vers un endroit hors du portail : déposez le fichier lui-même.",
        "The file is a link to a place outside the portal: file the document itself.",
    ),
    "portal_folder_closed": (
        "Le dossier du document ne peut pas être lu en ce moment : vérifiez les droits et le réseau.",
        "The folder of the document cannot be listed at the moment: check its permissions and the network.",
    ),
    "portal_no_answer": (
        "Le portail n'a pas répondu pour ce document : il sera demandé de nouveau au prochain passage.",
        "The portal did not answer for this document: it will be asked again in the next pass.",
    ),
    "portal_answer_unclear": (
        "La réponse du portail sur ce document n'est pas compréhensible : vérifiez le document et ses métadonnées.",
        "The portal's answer about this document cannot be understood: check the document and its metadata.",
    ),
    "portal_checksum": (
        "Le fichier reçu n'a pas l'empreinte que le portail annonce : il sera redemandé ; sinon, redéposez-le.",
        "The file does not have the checksum that the portal gives: it will be asked for again; else file it anew.",
    ),
    "side_car_not_json": (
        f"{_SIDE_CAR[0]} n'est pas du JSON valide : corrigez-le.",
        f"{_SIDE_CAR[1]} is not valid JSON: correct it.",
    ),
    "side_car_not_object": (
        f"{_SIDE_CAR[0]} doit contenir un objet JSON : corrigez-le.",
        f"{_SIDE_CAR[1]} must hold one JSON object: correct it.",
    ),
    "side_car_encoding": (
        f"{_SIDE_CAR[0]} n'est pas en UTF-8, ou contient des caractères interdits : enregistrez-le en UTF-8.",
        f"{_SIDE_CAR[1]} is not UTF-8, or holds forbidden characters: save it as UTF-8.",
    ),
    "side_car_too_large": (
        f"{_SIDE_CAR[0]} dépasse 1 Mo : n'y laissez que la règle, les métadonnées et les liens.",
        f"{_SIDE_CAR[1]} is larger than 1 MB: leave only the rule, the metadata and the links in it.",
    ),
    "side_car_duplicate": (
        f"{_SIDE_CAR[0]} donne deux fois le même nom : laissez une seule valeur.",
        f"{_SIDE_CAR[1]} gives the same name twice: leave one value only.",
    ),
    "side_car_misspelt": (
        f"{_SIDE_CAR[0]} contient une clé mal écrite : les clés sont classification_rule, metadata et links.",
        f"{_SIDE_CAR[1]} has a misspelt key: the keys are classification_rule, metadata and links.",
    ),
    "side_car_bad_rule": (
        f"{_SIDE_CAR[0]} donne une règle de classement qui n'est pas un texte : corrigez classification_rule.",
        f"{_SIDE_CAR[1]} gives a classification rule that is no text: correct classification_rule.",
    ),
    "side_car_bad_metadata": (
        f"{_SIDE_CAR[0]} donne des métadonnées qui ne sont ni textes, ni nombres, ni listes de ceux-ci : corrigez-les.",
        f"{_SIDE_CAR[1]} gives metadata that are neither texts nor numbers nor lists of these: correct them.",
    ),
    "side_car_bad_link": (
        f"{_SIDE_CAR[0]} donne un lien qui n'est pas un nom relatif dans le portail : corrigez links.",
        f"{_SIDE_CAR[1]} gives a link that is no relative name within the portal: correct links.",
    ),
    # the criteria: not an invoice for us
    "no_criteria": (
        "Aucun critère n'est configuré : ajoutez un critère par règle de classement ou par dossier.",
        "No criterion is configured: add one by classification rule or by folder.",
    ),
    "criterion_rule_missing": (
        "Critère « {criterion} » : le document n'a pas de règle de classement ; il faut « {wanted} ».",
        "Criterion “{criterion}”: the document has no classification rule; it needs “{wanted}”.",
    ),
    "criterion_other_rule": (
        "Critère « {criterion} » : la règle de classement est « {found} » ; il faut « {wanted} ».",
        "Criterion “{criterion}”: the classification rule is “{found}”; it needs “{wanted}”.",
    ),
    "criterion_other_folder": (
        "Critère « {criterion} » : le document est dans {found} ; il doit être dans {wanted}.",
        "Criterion “{criterion}”: the document lies in {found}; it has to be in {wanted}.",
    ),
    "criterion_subfolder": (
        "Critère « {criterion} » : le document est dans le sous-dossier {found}, et les sous-dossiers de {wanted} "
        "ne sont pas inclus.",
        "Criterion “{criterion}”: the document lies in the sub-folder {found}, and sub-folders of {wanted} "
        "are not included.",
    ),
    "criterion_too_old": (
        "Critère « {criterion} » : le document est arrivé le {found}, avant le {wanted} ; "
        "une reprise explicite peut le prendre.",
        "Criterion “{criterion}”: the document arrived on {found}, before {wanted}; an explicit back-fill can take it.",
    ),
    "criterion_never_applied": (
        "Critère « {criterion} » : il n'a pas encore été appliqué ; appliquez la configuration.",
        "Criterion “{criterion}”: it has not been applied yet; apply the configuration.",
    ),
    "criterion_without_basis": (
        "Critère « {criterion} » : ni règle de classement ni dossier n'est donné ; il ne prend aucun document.",
        "Criterion “{criterion}”: neither a classification rule nor a folder is given; it takes no document.",
    ),
}
