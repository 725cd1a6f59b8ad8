"""What a difference between our invoices and the platform's means, and what to do: French, English."""

from __future__ import annotations

COLUMNS: dict[str, tuple[str, str]] = {
    "provider": ("Fournisseur", "Provider"),
    "kind": ("Écart", "Difference"),
    "invoice_id": ("Identifiant du connecteur", "Our id"),
    "chorus_id": ("Identifiant Chorus Pro", "Chorus Pro id"),
    "invoice_number": ("Numéro de facture", "Invoice number"),
    "ours": ("Dans le connecteur", "In the connector"),
    "theirs": ("Sur Chorus Pro", "On Chorus Pro"),
    "first_seen_at": ("Vu pour la première fois", "First seen"),
    "todo": ("À faire", "What to do"),
}

KINDS: dict[str, tuple[str, str]] = {
    "missing_there": ("absente chez Chorus Pro", "missing on Chorus Pro"),
    "missing_here": ("inconnue du connecteur", "unknown to the connector"),
    "status_differs": ("statut différent", "status differs"),
    "amount_differs": ("montant différent", "amount differs"),
}

CURES: dict[str, tuple[str, str]] = {
    "missing_there": (
        "Chorus Pro a accusé réception de cette facture et ne la montre pas. Ne la renvoyez pas : cherchez son numéro "
        "sur le portail de Chorus Pro, puis ouvrez une demande d'assistance avec la réponse conservée (chorus invoices "
        "show).",
        "Chorus Pro said that it took this invoice and does not show it. Do not send it again: look for its number on "
        "the portal of Chorus Pro, then open a support request with the stored answer (`chorus invoices show`).",
    ),
    "missing_here": (
        "Cette facture a été saisie sur le portail de Chorus Pro ou envoyée par un autre logiciel. Si un document du "
        "portail la concerne, écartez-le (chorus documents discard) pour qu'elle ne soit pas envoyée deux fois.",
        "This invoice was typed on the portal of Chorus Pro or sent by other software. If a document of the portal is "
        "about it, discard that (`chorus documents discard`), so that it is not sent twice.",
    ),
    "status_differs": (
        "Le statut conservé n'est pas celui de Chorus Pro. Relancez la récupération sur la période (chorus run "
        "retrieval --from) ; si l'écart reste, regardez la facture sur le portail et signalez-le.",
        "The stored status is not that of Chorus Pro. Ask for the period again (`chorus run retrieval --from`); if it "
        "still differs, look at the invoice on the portal and report it.",
    ),
    "amount_differs": (
        "Chorus Pro a un autre montant que celui envoyé. Comparez le PDF et la facture sur le portail ; si elle est "
        "fausse, demandez son rejet au destinataire et envoyez un document corrigé avec un nouveau numéro.",
        "Chorus Pro has another amount than was sent. Compare the PDF with the invoice on the portal; if that is "
        "wrong, ask the recipient to reject it and send a corrected document with a new number.",
    ),
}
