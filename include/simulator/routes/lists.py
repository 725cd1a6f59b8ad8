"""Transverses: the `recuperer/...` code lists."""

from __future__ import annotations

from collections.abc import Callable

from include.simulator import answers, codes
from include.simulator.answers import Json
from include.simulator.operations import Operation, Request
from include.simulator.wire import Group, Shape, Text, body

Rows = Callable[[Request], list[Json]]


def _listing(path: str, key: str, rows: Rows, **asked: Shape) -> Operation:
    def perform(request: Request) -> Json:
        return {key: rows(request)}

    declared: Group = body(codeLangue=Text(), **asked)
    return Operation(name=f"transverses/recuperer/{path}", declared=declared, perform=perform)


def _single(path: str, key: str, name: str, values: list[str]) -> Operation:
    """A list of objects with one key."""
    return _listing(path, key, lambda request: [{name: value} for value in values])


def _pairs(path: str, key: str, code: str, label: str, values: dict[str, str]) -> Operation:
    """A list of code and label."""
    return _listing(path, key, lambda request: [{code: one, label: text} for one, text in values.items()])


def _attachment_types(request: Request) -> list[Json]:
    wanted = request.body["typeObjet"]
    return [
        {"codeTypePieceJointe": code, "libelleTypePieceJointe": label, "idTypePieceJointe": number, "typeObjet": kind}
        for kind, rows in codes.ATTACHMENT_TYPES.items()
        for number, code, label in rows
        if wanted in (None, kind)
    ]


def _vat_rates(request: Request) -> list[Json]:
    return [
        {"codeTauxTva": code, "libelleTauxTva": label, "valeurTauxTva": answers.number(percent)}
        for code, label, percent in codes.VAT_RATES
    ]


def _moves(request: Request) -> list[Json]:
    return [
        {"statutPossiblePourTraitement": to}
        for to in codes.RECIPIENT_MOVES.get(request.body["statutCourant"] or "", [])
    ]


def _frameworks(request: Request) -> list[Json]:
    wanted = request.body["typeDemandePaiement"] or "FACTURE"
    return [{"codeCadreFacturation": code} for code in (codes.FRAMEWORKS if wanted == "FACTURE" else [])]


OPERATIONS = (
    _listing("typespj", "listeTypePieceJointe", _attachment_types, typeObjet=Text(values=codes.OBJECT_TYPES)),
    _listing(
        "cadrefacturation", "listeCadreFacturation", _frameworks, typeDemandePaiement=Text(values=codes.REQUEST_TYPES)
    ),
    _pairs("devises", "listeDevises", "codeDevise", "libelleDevise", codes.CURRENCIES),
    _pairs("pays", "listePays", "codePays", "libellePays", codes.COUNTRIES),
    _single("modereglements", "listeModePaiement", "modePaiement", codes.PAYMENT_MODES),
    _single("modedepot", "listeModeDepot", "modeDepot", codes.DEPOSIT_MODES),
    _listing("tauxtva", "listeTauxTva", _vat_rates),
    _pairs(
        "motifs/exonerationtva",
        "listeMotifsExonerationTva",
        "codeMotifExonerationTva",
        "libelleMotifExonerationTva",
        codes.EXEMPTION_REASONS,
    ),
    _single("typedp", "listeTypeDemandePaiement", "typeDemandePaiement", codes.REQUEST_TYPES),
    _single("typeidentifiant/structure", "listeTypeIdentifiant", "typeIdentifiantStructure", codes.IDENTIFIER_TYPES),
    _single("formatflux", "listeFormatFlux", "formatFlux", sorted({kind for kind, _ in codes.FLOW_SYNTAXES.values()})),
    _listing(
        "syntaxeflux",
        "listeSyntaxeFlux",
        lambda request: [
            {"syntaxeFlux": syntax}
            for syntax, (kind, _) in codes.FLOW_SYNTAXES.items()
            if request.body["formatFlux"] in (None, kind)
        ],
        formatFlux=Text(),
    ),
    _single("typefacturetravaux", "listeTypeFactureTravaux", "typeFactureTravaux", codes.WORKS_TYPES),
    _listing(
        "etat/typedp",
        "listeEtatDemandePaiement",
        lambda request: [{"etatDemandePaiement": status} for status in codes.STATUSES],
        typeDemandePaiement=Text(values=codes.REQUEST_TYPES),
    ),
    _listing(
        "etats/traitement", "listeStatutsPossiblesPourTraitement", _moves, statutCourant=Text(values=codes.STATUSES)
    ),
)
