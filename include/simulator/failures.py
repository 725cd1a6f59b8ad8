"""What the platform says when it refuses: its own numbers where they are known, numbers from 29900 where not.

Known numbers come from the 2017 client and the external specifications; they are per operation, and most were never
published. An answer with an invented number carries the header `X-Sim-Invented: 1`, so that nobody learns from it.
"""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """One way of refusing: number, text (with `{}` fields), and whether the real platform is known to use it."""

    code: int
    label: str
    known: bool = False


class Refusal(Exception):
    """The platform understood and says no: the envelope with `codeRetour` not 0."""

    http_status: int | None = None

    def __init__(self, reason: Reason, **details: object) -> None:
        self.reason = reason
        self.label = reason.label.format(**details) if details else reason.label
        super().__init__(self.label)


class Misunderstood(Refusal):
    """The body is not what the operation declares: HTTP 400 with the same envelope."""

    http_status = 400


class TooLarge(Exception):
    """A file over the limit of the gateway: HTTP 413."""


NO_SUCH_REQUEST_TO_COMPLETE = Reason(20000, "GDP_MSG_11.008", known=True)
NO_RIGHT_TO_COMPLETE = Reason(20001, "GDP_MSG_11.005", known=True)
NOT_SUSPENDED = Reason(20002, "GDP_MSG_11.033", known=True)
FLOW_TOO_LARGE = Reason(20001, "GDP_MSG_11.022", known=True)
FILE_TOO_LARGE = Reason(20003, "La pièce jointe dépasse 10 Mo.", known=True)

NOT_JSON = Reason(29900, "Le corps de la requête n'est pas lisible.")
UNKNOWN_KEY = Reason(29901, "Le champ {key} n'existe pas pour cette opération.")
BAD_VALUE = Reason(29902, "La valeur du champ {key} n'est pas valide : {why}.")
MISSING = Reason(29903, "Le champ {key} est obligatoire.")
UNKNOWN_INVOICE = Reason(29910, "La demande de paiement n'existe pas.")
# The text key is the real one; its number was never published.
WRONG_STATE = Reason(29911, "GDP_MSG_11.001")
REASON_REQUIRED = Reason(29912, "Le motif est obligatoire pour ce statut.")
ALREADY_TREATED = Reason(29913, "Le rejet de cette demande de paiement est déjà traité.")
NUMBER_SIGNS = Reason(29921, "Le numéro de facture contient un caractère interdit.")
NUMBER_USED = Reason(29922, "Le numéro de facture {number} existe déjà pour ce fournisseur.")
UNKNOWN_SUPPLIER = Reason(29930, "Le fournisseur n'est pas rattaché au compte ou n'est pas actif.")
SUPPLIER_SERVICE = Reason(29931, "Le service du fournisseur n'existe pas ou n'est pas actif.")
BANK_DETAILS = Reason(29932, "Les coordonnées bancaires n'existent pas ou ne sont pas valides.")
RECIPIENT = Reason(29940, "Le destinataire {siret} n'existe pas ou n'est pas actif.")
SERVICE_REQUIRED = Reason(29941, "Le service exécutant est obligatoire pour ce destinataire.")
ENGAGEMENT_REQUIRED = Reason(29942, "Le numéro d'engagement est obligatoire pour ce destinataire.")
EITHER_REQUIRED = Reason(29943, "Le service exécutant ou le numéro d'engagement est obligatoire pour ce destinataire.")
SERVICE = Reason(29944, "Le service exécutant {code} n'existe pas ou n'est pas actif.")
PUBLIC_INVOICES = Reason(29945, "Le service FACTURES_PUBLIQUES est réservé aux émetteurs publics.")
SERVICE_ENGAGEMENT = Reason(29946, "Le numéro d'engagement est obligatoire pour ce service.")
AMOUNTS_DIFFER = Reason(29951, "La synthèse de l'en-tête n'est pas correcte : les montants ne concordent pas.")
TOO_MUCH_DUE = Reason(29952, "Le montant à payer dépasse le montant TTC.")
VAT_FORBIDDEN = Reason(29953, "La TVA doit être nulle pour ce type de TVA.")
EXEMPTION_REASON = Reason(29954, "Le motif d'exonération est absent ou inconnu.")
PREPAID_DUE = Reason(29955, "Le montant à payer d'une facture déjà payée doit être nul.")
LINES_REQUIRED = Reason(29956, "Au moins une ligne de facture est obligatoire.")
LINES_DIFFER = Reason(29957, "Les lignes ou le récapitulatif de TVA ne concordent pas avec les totaux.")
MAIN_FILE_REQUIRED = Reason(29960, "La pièce jointe principale est obligatoire.")
UNKNOWN_FILE = Reason(29961, "La pièce jointe {id} n'existe pas pour ce compte.")
ATTACHMENT_TYPE = Reason(29962, "La pièce jointe de type {type} n'existe pas pour cet objet.")
NOT_PDF = Reason(29963, "Le fichier n'est pas un PDF lisible.")
ENCRYPTED = Reason(29964, "Le fichier PDF est chiffré.")
SIGNED = Reason(29965, "Le fichier PDF est signé : le mode de dépôt doit l'annoncer.")
EMPTY_FILE = Reason(29966, "Le fichier est vide.")
EXTENSION = Reason(29967, "L'extension {extension} n'est pas autorisée.")
ATTACHMENTS_TOO_LARGE = Reason(29968, "La facture et ses pièces jointes dépassent 120 Mo.")
FRAMEWORK = Reason(29970, "Le cadre de facturation {code} n'est pas permis ici.")
VALIDATOR = Reason(29971, "La structure valideur est absente ou n'existe pas.")
CURRENCY = Reason(29972, "La devise {code} n'existe pas.")
FLOW_NOT_KNOWN = Reason(29980, "Le flux {number} n'est pas connu.")
UNKNOWN_STRUCTURE = Reason(29990, "La structure n'existe pas.")
UNKNOWN_SERVICE = Reason(29991, "Le service n'existe pas.")
NOT_SIMULATED = Reason(29999, "Cet objet n'existe pas dans le simulateur.")
