"""Why a returned invoice cannot be corrected so, or what became of a correction."""

from __future__ import annotations

WORDINGS: dict[str, tuple[str, str]] = {
    "correction_under_way": (
        "Une correction de cette facture est en cours, ou son résultat est encore vérifié chez Chorus Pro. Attendez le "
        "prochain passage : rien n'est renvoyé avant.",
        "A correction of this invoice is under way, or its outcome is still being verified on Chorus Pro. Wait for the "
        "next pass: nothing is sent again before.",
    ),
    "correction_not_returned": (
        "Chorus Pro n'attend rien pour cette facture (statut : {status}). Il n'y a rien à corriger.",
        "Chorus Pro waits for nothing about this invoice (status: {status}). There is nothing to correct.",
    ),
    "correction_other_way": (
        "Cette facture a le statut {status}, pour lequel cette correction n'est pas permise. Utilisez : {command}.",
        "This invoice has the status {status}, in which this correction is not allowed. Use: {command}.",
    ),
    "correction_comment_too_long": (
        "Le commentaire a {length} caractères, Chorus Pro en prend {limit} au plus : raccourcissez-le.",
        "The comment has {length} characters, Chorus Pro takes at most {limit}: shorten it.",
    ),
    "correction_says_nothing": (
        "Une facture suspendue se complète par un commentaire ou une pièce jointe : donnez l'un des deux.",
        "A suspended invoice is completed by a comment or an attachment: give one of them.",
    ),
    "correction_changes_nothing": (
        "Rien ne change : la facture reviendrait. Donnez un autre SIRET, service ou engagement, ou un commentaire.",
        "Nothing would change: the invoice would come back. Give another SIRET, service or engagement, or a comment.",
    ),
    "correction_refused": (
        "Chorus Pro a refusé la correction ({number}) : {label}. Corrigez ce qui est dit, puis recommencez.",
        "Chorus Pro refused the correction ({number}): {label}. Mend what it says, then try again.",
    ),
    "correction_not_taken": (
        "La dernière correction n'est pas arrivée chez Chorus Pro, qui montre toujours la facture comme avant : "
        "recommencez.",
        "The last correction did not reach Chorus Pro, which still shows the invoice as before: try again.",
    ),
    "successor_same_number": (
        "Le document corrigé doit porter un autre numéro que la facture rejetée {number}, qui reste pris : "
        "donnez-lui un nouveau numéro.",
        "The corrected document needs another number than the rejected invoice {number}, which stays taken: "
        "give it a new one.",
    ),
    "successor_not_sent": (
        "La facture corrigée {number} n'est pas encore envoyée : envoyez-la d'abord, pour qu'aucune ne soit perdue.",
        "The corrected invoice {number} is not sent yet: send it first, so that none is lost.",
    ),
}
