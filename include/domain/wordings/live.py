"""What is said beside invoices that are asked live: French, English."""

from __future__ import annotations

NOTES: dict[str, tuple[str, str]] = {
    "labels": (
        "Les droits par étiquette ne sont pas disponibles en mode distant : toutes les factures du fournisseur sont "
        "affichées. Passez-le en mode local pour les appliquer.",
        "Label rights are not available in Remote mode: all invoices of this provider are shown. Put it in Local mode "
        "to have them applied.",
    ),
    "not_available": (
        "Chorus Pro n'est pas disponible pour {provider} ({cause}). Dernières valeurs connues : {when}.",
        "Chorus Pro is not available for {provider} ({cause}). Last seen: {when}.",
    ),
    "never": ("jamais", "never"),
}
