"""Every wording that announces a value, as data.

To add a label, add a line to its field's table: the wording (French first, English second; case, accents, plural,
`n°`/`numéro` and small words like `de la` do not matter) and how surely it announces the field, from 0 to 1. The
longest wording that fits a place wins, so a wording of `DECOYS` that is longer than a label keeps it from being seen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from include.domain.extraction.tokens import SKIPPED, Token, label_tokens, normal

PAID = "already_paid"
"""Not a field of an invoice: what was paid before, so that the amount due can be worked out."""

TOTAL_ROW = "total_row"
"""The last line of a table: which amount is which follows from the heads of the columns or from arithmetic."""

DECOY = ""

LABELS: dict[str, dict[str, float]] = {
    "invoice_number": {
        "numéro de facture": 1.0,
        "facture n°": 1.0,
        "n° facture": 1.0,
        "facture numéro": 1.0,
        "votre facture n°": 1.0,
        "facture d'acompte n°": 1.0,
        "facture d'avoir n°": 1.0,
        "facture de situation n°": 0.9,
        "facture rectificative n°": 1.0,
        "facture définitive n°": 1.0,
        "facture de vente n°": 1.0,
        "n° de facture d'avoir": 1.0,
        "avoir n°": 1.0,
        "n° d'avoir": 1.0,
        "numéro de l'avoir": 1.0,
        "note de crédit n°": 1.0,
        "référence facture": 0.85,
        "référence de la facture": 0.85,
        "réf facture": 0.85,
        "facture réf": 0.85,
        "facture référence": 0.85,
        "n° de pièce": 0.7,
        "pièce n°": 0.7,
        "n° de document": 0.7,
        "document n°": 0.7,
        "n° du document": 0.7,
        "n° fact": 0.9,
        "fact n°": 0.9,
        "facture": 0.55,
        "avoir": 0.5,
        "n°": 0.45,
        "invoice number": 1.0,
        "invoice no": 1.0,
        "invoice ref": 0.8,
        "invoice reference": 0.8,
        "invoice id": 0.9,
        "invoice": 0.55,
        "credit note number": 1.0,
        "credit note": 0.6,
        "bill number": 0.9,
    },
    "issue_date": {
        "date de facture": 1.0,
        "date de la facture": 1.0,
        "date facture": 1.0,
        "date de facturation": 1.0,
        "facture du": 0.95,
        "date d'émission": 0.95,
        "date d'émission de la facture": 1.0,
        "émise le": 0.95,
        "émis le": 0.95,
        "facture émise le": 0.95,
        "établie le": 0.9,
        "date d'établissement": 0.9,
        "date de l'avoir": 1.0,
        "date d'avoir": 1.0,
        "avoir du": 0.9,
        "en date du": 0.8,
        "date du document": 0.85,
        "date de pièce": 0.8,
        "date d'édition": 0.6,
        "date": 0.7,
        "le": 0.3,
        "du": 0.25,
        "invoice date": 1.0,
        "date of invoice": 1.0,
        "date of issue": 0.95,
        "issue date": 0.95,
        "issued on": 0.9,
        "credit note date": 1.0,
        "dated": 0.7,
    },
    "due_date": {
        "date d'échéance": 1.0,
        "échéance": 0.95,
        "échéance le": 1.0,
        "date échéance": 1.0,
        "à échéance du": 0.95,
        "échéance de paiement": 1.0,
        "date limite de paiement": 1.0,
        "date limite de règlement": 1.0,
        "à payer avant le": 1.0,
        "à payer le": 0.9,
        "à régler avant le": 1.0,
        "à régler pour le": 0.95,
        "à régler le": 0.9,
        "à régler au plus tard le": 1.0,
        "à payer au plus tard le": 1.0,
        "au plus tard le": 0.7,
        "payable le": 0.9,
        "payable avant le": 0.95,
        "payable au plus tard le": 1.0,
        "paiement avant le": 0.95,
        "paiement au plus tard le": 1.0,
        "paiement le": 0.8,
        "paiement attendu le": 0.95,
        "paiement dû le": 0.95,
        "règlement avant le": 0.95,
        "règlement le": 0.85,
        "règlement au plus tard le": 1.0,
        "date de paiement": 0.7,
        "date de règlement": 0.75,
        "prélevé le": 0.85,
        "sera prélevé le": 0.9,
        "sera prélevée le": 0.9,
        "prélèvement sera effectué le": 0.9,
        "prélèvement effectué le": 0.9,
        "prélèvement prévu le": 0.9,
        "montant prélevé le": 0.85,
        "prélèvement le": 0.85,
        "prélèvement à partir du": 0.8,
        "due date": 1.0,
        "payment due date": 1.0,
        "payment due": 0.9,
        "due on": 0.9,
        "due by": 0.9,
        "payable by": 0.9,
        "pay by": 0.9,
    },
    "service_code": {
        "code service": 1.0,
        "code du service": 1.0,
        "service code": 1.0,
        "n° de service": 0.85,
        "code service exécutant": 1.0,
        "code service destinataire": 1.0,
        "code service chorus": 1.0,
        "code service chorus pro": 1.0,
        "service exécutant": 0.95,
        "référence acheteur service exécutant": 1.0,
        "référence acheteur": 0.7,
        "identifiant service": 0.8,
        "service destinataire": 0.6,
        "code routage": 0.5,
        "service": 0.5,
        "buyer reference": 0.7,
    },
    "engagement_number": {
        "n° d'engagement": 1.0,
        "engagement n°": 1.0,
        "engagement": 0.85,
        "engagement juridique": 1.0,
        "n° engagement juridique": 1.0,
        "numéro d'engagement juridique": 1.0,
        "référence engagement": 0.95,
        "réf engagement": 0.95,
        "n° ej": 1.0,
        "ej": 0.7,
        "ej n°": 1.0,
        "bon de commande n°": 0.9,
        "n° de bon de commande": 0.9,
        "n° bon de commande": 0.9,
        "bon de commande": 0.8,
        "n° bdc": 0.85,
        "bdc n°": 0.85,
        "bdc": 0.6,
        "bc n°": 0.85,
        "n° bc": 0.85,
        "votre bon de commande": 0.85,
        "votre bon de commande n°": 0.9,
        "n° de commande": 0.85,
        "commande n°": 0.85,
        "votre commande": 0.8,
        "votre commande n°": 0.85,
        "votre n° de commande": 0.85,
        "n° de commande client": 0.85,
        "référence commande": 0.8,
        "référence de commande": 0.8,
        "réf commande": 0.8,
        "commande": 0.5,
        "purchase order": 0.85,
        "purchase order number": 0.9,
        "po number": 0.9,
        "your order": 0.8,
        "order number": 0.8,
        "order reference": 0.75,
    },
    "contract_number": {
        "n° de marché": 1.0,
        "numéro de marché": 1.0,
        "marché n°": 1.0,
        "marché": 0.75,
        "marché public n°": 1.0,
        "n° de marché public": 1.0,
        "référence marché": 1.0,
        "référence du marché": 1.0,
        "réf marché": 1.0,
        "n° de contrat": 0.95,
        "contrat n°": 0.95,
        "référence contrat": 0.95,
        "référence du contrat": 0.95,
        "réf contrat": 0.95,
        "contrat": 0.6,
        "accord cadre n°": 0.9,
        "n° d'accord cadre": 0.9,
        "n° de convention": 0.7,
        "contract number": 0.95,
        "contract reference": 0.9,
        "contract": 0.6,
    },
    "total_excl_tax": {
        "total ht": 1.0,
        "total hors taxes": 1.0,
        "total hors tva": 1.0,
        "montant ht": 0.85,
        "montant hors taxes": 0.9,
        "montant hors tva": 0.85,
        "montant total ht": 1.0,
        "montant total hors taxes": 1.0,
        "montant net ht": 0.9,
        "total net ht": 1.0,
        "total ht net": 1.0,
        "net ht": 0.85,
        "total général ht": 1.0,
        "total facture ht": 1.0,
        "total ht facture": 1.0,
        "total ht après remise": 1.0,
        "total ht en euros": 1.0,
        "base ht": 0.6,
        "sous total ht": 0.7,
        "sous total": 0.45,
        "montant total net": 0.6,
        "total net": 0.5,
        "ht": 0.4,
        "hors taxes": 0.35,
        "total excl vat": 1.0,
        "total excl tax": 1.0,
        "total excluding vat": 1.0,
        "total excluding tax": 1.0,
        "total without tax": 0.9,
        "total before tax": 0.9,
        "net total": 0.8,
        "net amount": 0.7,
        "subtotal": 0.6,
        "sub total": 0.6,
    },
    "total_tax": {
        "total tva": 1.0,
        "montant tva": 0.85,
        "montant de la tva": 0.9,
        "montant total tva": 1.0,
        "montant total de la tva": 1.0,
        "total de la tva": 1.0,
        "total taxes": 0.8,
        "dont tva": 0.8,
        "tva": 0.7,
        "tva à": 0.7,
        "taxe sur la valeur ajoutée": 0.8,
        "total vat": 1.0,
        "vat amount": 0.9,
        "total tax": 0.95,
        "tax amount": 0.8,
        "vat": 0.65,
        "tax": 0.4,
    },
    "total_incl_tax": {
        "total ttc": 1.0,
        "montant ttc": 0.9,
        "montant total ttc": 1.0,
        "total toutes taxes comprises": 1.0,
        "montant toutes taxes comprises": 0.95,
        "total général ttc": 1.0,
        "total ttc en euros": 1.0,
        "total facture ttc": 1.0,
        "montant facture ttc": 0.95,
        "montant de la facture ttc": 0.95,
        "total ttc facture": 1.0,
        "net ttc": 0.8,
        "ttc": 0.4,
        "toutes taxes comprises": 0.35,
        "montant total brut": 0.6,
        "montant total": 0.5,
        "montant de la facture": 0.5,
        "total général": 0.6,
        "total facture": 0.5,
        "total de la facture": 0.55,
        "total": 0.3,
        "total incl vat": 1.0,
        "total including vat": 1.0,
        "total incl tax": 1.0,
        "total including tax": 1.0,
        "total with tax": 0.9,
        "grand total": 0.8,
        "gross total": 0.8,
        "gross amount": 0.7,
        "total amount": 0.6,
        "invoice total": 0.7,
    },
    "amount_due": {
        "net à payer": 1.0,
        "net à payer ttc": 1.0,
        "net à payer en euros": 1.0,
        "total net à payer": 1.0,
        "montant net à payer": 1.0,
        "montant à payer": 0.95,
        "montant à payer ttc": 0.95,
        "montant à régler": 0.95,
        "net à régler": 0.95,
        "reste à payer": 1.0,
        "reste à régler": 1.0,
        "reste dû": 0.95,
        "solde à payer": 1.0,
        "solde à régler": 1.0,
        "solde dû": 0.95,
        "somme à payer": 0.95,
        "somme due": 0.9,
        "total à payer": 0.95,
        "total à payer ttc": 0.95,
        "total à régler": 0.95,
        "total dû": 0.9,
        "montant dû": 0.9,
        "à payer": 0.7,
        "à régler": 0.6,
        "montant prélevé": 0.8,
        "montant du prélèvement": 0.8,
        "net à votre crédit": 0.9,
        "net à déduire": 0.8,
        "amount due": 1.0,
        "balance due": 1.0,
        "total due": 0.95,
        "amount payable": 0.95,
        "total payable": 0.9,
        "to pay": 0.6,
    },
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
        "avance forfaitaire": 0.7,
        "amount paid": 1.0,
        "already paid": 1.0,
        "prepaid": 0.9,
        "deposit paid": 0.9,
    },
    TOTAL_ROW: {
        "total facture": 0.6,
        "totaux": 0.6,
        "montant de la facture soumis à tva": 0.6,
    },
    "iban": {
        "iban": 1.0,
        "code iban": 1.0,
        "n° iban": 1.0,
        "rib": 0.6,
    },
}

DECOYS: tuple[str, ...] = (
    # numbers that are not the invoice's
    "n° client",
    "n° de client",
    "numéro client",
    "code client",
    "client n°",
    "référence client",
    "réf client",
    "compte client",
    "n° de compte client",
    "n° de compte",
    "n° de ligne",
    "n° de bon de vente",
    "n° bon de livraison",
    "n° de bon de livraison",
    "bon de livraison n°",
    "bon de livraison",
    "bl n°",
    "n° bl",
    "n° de bon de réception",
    "n° de devis",
    "devis n°",
    "n° de dossier",
    "n° d'affaire",
    "n° de chantier",
    "n° de série",
    "n° de facture associée",
    "n° de facture d'origine",
    "facture d'origine n°",
    "facture d'origine",
    "facture initiale n°",
    "facture annulée n°",
    "annule et remplace la facture n°",
    "annule la facture n°",
    "avoir sur facture n°",
    "avoir sur la facture n°",
    "sur facture n°",
    "référence de la facture d'origine",
    "en règlement de la facture",
    "date de facture associée",
    "date de facture d'origine",
    "numéro de tva",
    "n° tva",
    "n° de tva",
    "n° de tva intracommunautaire",
    "n° de tva intra",
    "n° tva intracommunautaire",
    "numéro de tva du client",
    "tva intracommunautaire",
    "tva intra",
    "id tva",
    "identifiant tva",
    "vat number",
    "vat no",
    "vat id",
    "vat reg no",
    "n° siret",
    "n° de siret",
    "n° siren",
    "n° rcs",
    "n° de téléphone",
    "n° de lot",
    "lot n°",
    "n° d'article",
    "n° de situation",
    "situation n°",
    "n° d'abonné",
    "n° de police",
    "n° pdl",
    "décret n°",
    "page n°",
    "circuit n°",
    "customer number",
    "customer no",
    "account number",
    "delivery note number",
    "quote number",
    "registered in england no",
    # dates that are not the invoice's
    "date de livraison",
    "date livraison",
    "date de commande",
    "date de la commande",
    "date du bon de commande",
    "date de début",
    "date de fin",
    "date début",
    "date fin",
    "date de début de prestation",
    "date de fin de prestation",
    "date de prestation",
    "date d'exécution",
    "date d'intervention",
    "date de valeur",
    "date de naissance",
    "date du marché",
    "date de notification",
    "date de service fait",
    "date d'impression",
    "date de réception",
    "période du",
    "période de facturation",
    "période de",
    "période",
    "delivery date",
    "order date",
    "ship date",
    "billing period",
    # amounts that are not totals
    "prix unitaire ht",
    "prix unitaire",
    "prix ht",
    "pu ht",
    "p.u. ht",
    "p.u. h.t.",
    "taux tva",
    "taux de tva",
    "code tva",
    "base tva",
    "tva %",
    "base hors tva",
    "hors tva soumis à une tva",
    "montant hors tva soumis à une tva",
    "pénalités de retard",
    "escompte",
    "total remise",
    "remise",
    "capital de",
    "au capital",
    "capital",
    "indemnité forfaitaire",
    "frais de recouvrement",
    "retenue de garantie",
    "date de paiement de l'acompte",
    "facture d'acompte",
    "tva sur les encaissements",
    "tva sur les débits",
    "tva acquittée",
    "exonération de tva",
    "tva non applicable",
    "en cas de retard de paiement",
    "condition de paiement",
    "conditions de règlement",
    "mode de paiement",
    "mode de règlement",
    "moyen de paiement",
    "délai de paiement",
    # words that hold a label's word
    "code postal",
    "service client",
    "service clients",
    "service après vente",
    "service comptabilité",
    "service facturier",
    "service fait",
    "adresse de facturation",
    "adresse de livraison",
    "cadre de facturation",
    "fin d'engagement",
    "code des marchés publics",
    "code de la commande publique",
    "commande publique",
    "détail de votre facture",
    "mode de facturation",
)


@dataclass(frozen=True, slots=True)
class Label:
    """One wording in tokens, the field it announces (or none), and how surely."""

    field: str
    tokens: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """Labels seen among tokens: one wording may announce several fields. Positions of its first token and after it."""

    labels: tuple[Label, ...]
    start: int
    end: int


def _by_first_token() -> dict[str, list[Label]]:
    table: dict[str, list[Label]] = defaultdict(list)
    for field, wordings in (*LABELS.items(), (DECOY, dict.fromkeys(DECOYS, 1.0))):
        for wording, weight in wordings.items():
            tokens = label_tokens(wording) or tuple(wording.split())
            table[tokens[0]].append(Label(field, tokens, weight))
    for labels in table.values():
        labels.sort(key=lambda label: (-len(label.tokens), -label.weight))
    return dict(table)


_TABLE = _by_first_token()
VOCABULARY = frozenset(token for labels in _TABLE.values() for label in labels for token in label.tokens)
_LONG_WORDS = sorted(token for token in VOCABULARY if len(token) >= 5)


@lru_cache(maxsize=20_000)
def mend(token: str) -> tuple[str, ...]:
    """A misread token of a scan: the label word that differs by one sign, or the two that were run together."""
    if len(token) < 5 or token in VOCABULARY or not token.isalpha():
        return (token,)
    for cut in range(2, len(token) - 1):
        parts = (normal(token[:cut]), normal(token[cut:]))
        if all(part in VOCABULARY and part not in SKIPPED for part in parts):
            return parts
    found = process.extractOne(token, _LONG_WORDS, scorer=OSA.distance, score_cutoff=1)
    return (found[0],) if found else (token,)


def sightings(tokens: list[Token]) -> list[Sighting]:
    """The labels among tokens from left to right, at each place the longest that fits."""
    found: list[Sighting] = []
    position = 0
    while position < len(tokens):
        fit = _fit(tokens, position)
        if fit is None:
            position += 1
        else:
            found.append(fit)
            position = fit.end
    return found


def _fit(tokens: list[Token], position: int) -> Sighting | None:
    labels: list[Label] = []
    reached = position
    for label in _TABLE.get(tokens[position].text, ()):
        if labels and len(label.tokens) < len(labels[0].tokens):
            break
        end = _end_of(label, tokens, position)
        if end and label.field not in {seen.field for seen in labels}:
            labels.append(label)
            reached = end
    while labels and reached < len(tokens) and _is_small_word(tokens, reached):
        reached += 1  # `à régler avant` may be followed by `le`
    return Sighting(tuple(labels), position, reached) if labels else None


def _is_small_word(tokens: list[Token], index: int) -> bool:
    """Whether a token is a small word by itself, not the beginning of an identifier (`A-0042`)."""
    alone = all(other.word != tokens[index].word for other in tokens[index + 1 : index + 2])
    return alone and tokens[index].text in SKIPPED


def _end_of(label: Label, tokens: list[Token], position: int) -> int | None:
    """Where the label ends if it begins at this position; small words between its tokens are passed over."""
    index = position
    for wanted in label.tokens:
        while position < index < len(tokens) and tokens[index].text != wanted and tokens[index].text in SKIPPED:
            index += 1
        if index >= len(tokens) or tokens[index].text != wanted:
            return None
        index += 1
    return index
