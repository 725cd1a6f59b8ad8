"""Every wording that announces a value: those of the fields, and of what helps to tell the amounts apart.

To add a label of a field, add a line to its `labels` (`include/domain/fields/declared/`).
"""

from __future__ import annotations

from collections.abc import Mapping

from include.domain.fields.registry import FIELDS

SAYS_IT, STANDS_ANYWHERE, COMMON_WORD = 0.9, 0.8, 0.4
"""Labels of the first weight and more say in so many words what follows; those of the second may stand anywhere in a
line. From the third on they are common words (`date`, `total`, `marché`) that have to begin their cell. Weaker ones
(`le`, `du`) stand inside sentences by their nature, and their users look closely."""

PAID = "already_paid"
"""Not a field of an invoice: what was paid before, so that the amount due can be worked out."""

TOTAL_ROW = "total_row"
"""The last line of a table: which amount is which follows from the heads of the columns or from arithmetic."""

LABELS: Mapping[str, Mapping[str, float]] = {
    **{field.name: field.labels for field in FIELDS if field.labels},
    PAID: {
        "acompte": 0.8,
        "acompte versé": 1.0,
        "acompte reçu": 1.0,
        "acomptes versés": 1.0,
        "acompte déjà versé": 1.0,
        "acompte payé": 1.0,
        "déjà payé": 1.0,
        "déjà réglé": 1.0,
        "déjà versé": 1.0,
        "montant déjà payé": 1.0,
        "montant déjà réglé": 1.0,
        "montant payé": 0.8,
        "règlement reçu": 0.9,
        "avance versée": 0.9,
        "arrhes": 0.8,
        "arrhes versées": 1.0,
        "provision reçue": 1.0,
        "provision versée": 1.0,
        "acompte déjà réglé": 1.0,
        "acompte déjà payé": 1.0,
        "acompte réglé": 1.0,
        "avance forfaitaire": 0.7,
        "amount paid": 1.0,
        "already paid": 1.0,
        "prepaid": 0.9,
        "deposit paid": 0.9,
    },
    TOTAL_ROW: {
        "total facture": 0.6,
        "totaux": 0.6,
        "total": 0.6,
        "total général": 0.6,
        "montant de la facture soumis à tva": 0.6,
    },
}
