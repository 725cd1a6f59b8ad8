"""Code values of the platform, in its own spelling (docs/reference/chorus-pro-api.md 4.1 to 4.4), and ours.

The key names of the wire stay in the Chorus adapter; values travel through the whole product.
"""

from __future__ import annotations

from enum import StrEnum


class InvoiceType(StrEnum):
    """Our word for what kind of invoice it is (wire: FACTURE, AVOIR, FACTURE, FACTURE)."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    CORRECTED_INVOICE = "corrected_invoice"
    DOWN_PAYMENT = "down_payment"


class Environment(StrEnum):
    """Which Chorus Pro a provider talks to."""

    PRODUCTION = "production"
    QUALIFICATION = "qualification"
    SIMULATOR = "simulator"


class InvoicingFramework(StrEnum):
    """Who invoices whom: the four ordinary frameworks; A9 and A12 need a validator.

    Source: docs/reference/chorus-pro-api.md 4.3.
    """

    A1_FACTURE_FOURNISSEUR = "A1_FACTURE_FOURNISSEUR"
    A2_FACTURE_FOURNISSEUR_DEJA_PAYEE = "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE"
    A9_FACTURE_SOUSTRAITANT = "A9_FACTURE_SOUSTRAITANT"
    A12_FACTURE_COTRAITANT = "A12_FACTURE_COTRAITANT"


class VatType(StrEnum):
    """typeTva."""

    TVA_SUR_DEBIT = "TVA_SUR_DEBIT"
    TVA_SUR_ENCAISSEMENT = "TVA_SUR_ENCAISSEMENT"
    EXONERATION = "EXONERATION"
    SANS_TVA = "SANS_TVA"


class PaymentMode(StrEnum):
    """modePaiement."""

    CHEQUE = "CHEQUE"
    PRELEVEMENT = "PRELEVEMENT"
    VIREMENT = "VIREMENT"
    ESPECE = "ESPECE"
    AUTRE = "AUTRE"
    REPORT = "REPORT"


REMOTE_STATUSES: frozenset[str] = frozenset(
    {
        "BROUILLON",
        "A_VALIDER_1",
        "ERREUR_FOURNISSEUR_SUR_VALIDEUR",
        "REFUSEE_1",
        "VALIDEE_1",
        "ABSENCE_VALIDATION_1_HORS_DELAI",
        "A_VALIDER_2",
        "ERREUR_COTRAITANT_SUR_VALIDEUR",
        "REFUSEE_2",
        "VALIDEE_2",
        "ABSENCE_VALIDATION_2_HORS_DELAI",
        "DEPOSEE",
        "ERREUR_FOURNISSEUR_SUR_MOE",
        "EN_COURS_ACHEMINEMENT",
        "MISE_A_DISPOSITION",
        "A_RECYCLER",
        "SUSPENDUE",
        "REJETEE",
        "MANDATEE",
        "MISE_EN_PAIEMENT",
        "COMPTABILISEE",
        "MISE_A_DISPOSITION_COMPTABLE",
        "ABANDONNEE",
        "SUPPRIMEE",
        "ASSOCIEE",
        "EN_COURS_TRAITEMENT_PIVOT_S",
        "A_VALIDER_MOE",
        "REFUSEE_MOE",
        "EN_ATTENTE_RECYCLAGE_FOURNISSEUR",
        "ERREUR_MOE_SUR_FOURNISSEUR",
        "ERREUR_MOA_SUR_FOURNISSEUR",
        "INTERPRETEE_OCR",
        "COMPLETEE",
        "ERREUR_FOURNISSEUR_SUR_MOA",
        "ERREUR_MOE_SUR_MOA",
        "ERREUR_DESTINATAIRE_PD",
        "ERREUR_DESTINATAIRE_EA",
        "SERVICE_FAIT",
        "NON_CONFORME",
        "A_ASSOCIER_MOE",
        "ERREUR_DE_MOE",
        "MISE_A_DISPOSITION_MOE",
        "PRISE_EN_COMPTE_MOE",
        "A_ASSOCIER_MOA",
        "ERREUR_DE_MOA",
        "REFUSEE_MOA",
        "A_ASSOCIER_FOURNISSEUR",
        "REFUSEE_FOURNISSEUR",
        "A_COMPLETER",
        "TRANSMISE_MOA",
        "PRISE_EN_COMPTE_DESTINATAIRE",
        "REMPLACEE_PAR_A22",
        "DUPLIQUE_APRES_REFUS",
        "MISE_A_DISPOSITION_MOA",
        "PRISE_EN_COMPTE_MOA",
        "TECHNIQUE_INCONNU",
        "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE",
    }
)
"""The closed list of docs/reference/chorus-pro-api.md 4.1 (56 of the Swagger, one more seen by a client)."""

UNKNOWN_STATUS = "UNKNOWN"


def remote_status(code: str) -> str:
    """The status as we keep it: a value that nobody listed is UNKNOWN, never "pending".

    Source: docs/adr/0014-closed-list-of-statuses.md.
    """
    return code if code in REMOTE_STATUSES else UNKNOWN_STATUS
