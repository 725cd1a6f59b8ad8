"""Headings of exported lists, in French and English, in the order of the columns (connector-functions 4.11)."""

from __future__ import annotations

COLUMNS: dict[str, tuple[str, str]] = {
    "provider": ("Fournisseur", "Provider"),
    "invoice_number": ("Numéro de facture", "Invoice number"),
    "issue_date": ("Date de facture", "Issue date"),
    "deposited_on": ("Date de dépôt", "Deposit date"),
    "recipient_name": ("Destinataire", "Recipient"),
    "recipient_siret": ("SIRET du destinataire", "Recipient SIRET"),
    "service_code": ("Code service", "Service code"),
    "engagement_number": ("Numéro d'engagement", "Engagement number"),
    "total_excl_tax": ("Montant HT", "Total excl. tax"),
    "total_incl_tax": ("Montant TTC", "Total incl. tax"),
    "amount_due": ("Net à payer", "Amount due"),
    "status": ("Statut", "Status"),
    "status_at": ("Date du statut", "Status date"),
    "status_comment": ("Commentaire", "Comment"),
    "chorus_id": ("Identifiant Chorus Pro", "Chorus Pro id"),
    "portal_id": ("Identifiant portail", "Portal id"),
}
