"""Codes of embedded invoices, and what each makes of an invoice here (docs/reference/embedded-terms.md).

A code that is not in its table is never passed over: the invoice waits with the code in its reason.
"""

from __future__ import annotations

from collections.abc import Mapping

from include.domain.codes import InvoiceType, InvoicingFramework, PaymentMode, VatType

TYPES: Mapping[str, InvoiceType] = {
    **dict.fromkeys(("80", "82", "84", "326", "331", "380", "383", "388", "394"), InvoiceType.INVOICE),
    **dict.fromkeys(("389", "393", "501"), InvoiceType.INVOICE),
    **dict.fromkeys(("386", "500"), InvoiceType.DOWN_PAYMENT),
    **dict.fromkeys(("384", "471", "472", "473"), InvoiceType.CORRECTED_INVOICE),
    **dict.fromkeys(("81", "83", "261", "262", "308", "381", "396", "420", "458"), InvoiceType.CREDIT_NOTE),
    **dict.fromkeys(("502", "503", "532"), InvoiceType.CREDIT_NOTE),
}
"""BT-3, UNTDID 1001 as EN 16931 and the French CTC profile use it."""

SELF_BILLED = frozenset({"261", "389", "471", "473", "500", "501", "502", "503"})
"""The buyer issues these: a supplier who files one too has it there twice."""

FACTORED = frozenset({"393", "396", "472", "473", "501", "502"})
"""A factor is paid, not the supplier."""

PRO_FORMA = frozenset({"325"})

FRAMEWORKS: Mapping[str, InvoicingFramework] = {
    **dict.fromkeys(
        ("A1", "B1", "S1", "M1", "B4", "S4", "M4"),
        InvoicingFramework.A1_FACTURE_FOURNISSEUR,
    ),
    **dict.fromkeys(("A2", "B2", "S2", "M2"), InvoicingFramework.A2_FACTURE_FOURNISSEUR_DEJA_PAYEE),
    **dict.fromkeys(("A9", "S3", "S5"), InvoicingFramework.A9_FACTURE_SOUSTRAITANT),
    **dict.fromkeys(("A12", "S6"), InvoicingFramework.A12_FACTURE_COTRAITANT),
}
"""BT-23: the platform's own codes (docs/reference/chorus-pro-api.md 4.3) and those of the French reform."""

PAYMENT_MODES: Mapping[str, PaymentMode] = {
    **dict.fromkeys(("30", "31", "42", "57", "58"), PaymentMode.VIREMENT),
    **dict.fromkeys(("20", "21", "22", "23", "24", "25", "26", "91", "92"), PaymentMode.CHEQUE),
    **dict.fromkeys(("49", "59"), PaymentMode.PRELEVEMENT),
    **dict.fromkeys(("10",), PaymentMode.ESPECE),
    **dict.fromkeys(("48", "54", "55", "68", "97"), PaymentMode.AUTRE),
}
"""BT-81, UNTDID 4461."""

PAYMENT_UNSAID = frozenset({"1", "ZZZ"})
"""Codes with which BT-81 says nothing: the text beside it (BT-82), the page or the provider's setting decides."""

WITHOUT_VAT: Mapping[str, VatType] = {
    **dict.fromkeys(("AE", "G", "K", "O"), VatType.SANS_TVA),
    "E": VatType.EXONERATION,
}
"""BT-118, UNTDID 5305: reverse charge, export, to another member state, outside the scope; exempt."""

TAXED = frozenset({"S"})

FRANCHISE = frozenset({"VATEX-FR-FRANCHISE"})
"""BT-121: small firms without VAT, which is no exemption with a motive."""

VAT_POINTS: Mapping[str, VatType] = {
    **dict.fromkeys(("72", "432"), VatType.TVA_SUR_ENCAISSEMENT),
    **dict.fromkeys(("3", "5", "29", "35"), VatType.TVA_SUR_DEBIT),
}
"""BT-8, UNTDID 2475 in CII and 2005 in UBL."""
