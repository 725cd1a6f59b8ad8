"""What holds for each operation alike, tried on all of them with bodies nobody would send."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from include.simulator.operations import Operation
from include.simulator.routes import OPERATIONS
from include.simulator.wire import Group, Several, Shape
from tests.contracts.simulator.caller import SUBMIT, Caller, path

POSTED = [operation for operation in OPERATIONS if operation.method == "POST"]
ODD: list[Any] = [
    None,
    "",
    "x",
    "é" * 300,
    1,
    -1,
    1.5,
    True,
    [],
    {},
    [[]],
    [{}],
    [None],
    {"x": 1},
    "2026-13-45",
    "NaN",
    10**30,
]


def places(shape: Shape, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every declared place of a body."""
    if isinstance(shape, Several):
        shape = shape.item
    if isinstance(shape, Group):
        for key, inner in shape.keys.items():
            yield (*prefix, key)
            yield from places(inner, (*prefix, key))


def body_with(shape: Shape, place: tuple[str, ...], value: Any) -> Any:
    """The smallest body that has a value at a place."""
    if isinstance(shape, Several):
        return [body_with(shape.item, place, value)] if place else value
    if not place:
        return value
    assert isinstance(shape, Group)
    return {place[0]: body_with(shape.keys[place[0]], place[1:], value)}


@pytest.mark.parametrize("operation", POSTED, ids=lambda operation: operation.name)
def test_no_body_breaks_an_operation(api: Caller, operation: Operation) -> None:
    for place in list(places(operation.declared)):
        for value in ODD:
            body = body_with(operation.declared, place, value)
            answer = api.call(operation.name, body)
            assert answer.status_code in (200, 400), (body, answer.text)
            assert isinstance(answer.json()["codeRetour"], int), body


def changed(body: Any, place: tuple[str, ...], value: Any) -> Any:
    """A copy of a body with another value at a place; rows of lists are changed alike."""
    if not place:
        return value
    if isinstance(body, list):
        return [changed(row, place, value) for row in body]
    kept = body if isinstance(body, dict) else {}
    return {**kept, place[0]: changed(kept.get(place[0]), place[1:], value)}


@pytest.mark.parametrize("mode", ["SAISIE_API", "DEPOT_PDF_API"])
def test_no_value_breaks_a_complete_invoice(api: Caller, mode: str) -> None:
    line = {"lignePosteQuantite": 1, "lignePosteMontantUnitaireHT": 850, "lignePosteTauxTva": "TVA5"}
    vat = {"ligneTvaTaux": "TVA5", "ligneTvaMontantBaseHtParTaux": 850, "ligneTvaMontantTvaParTaux": 170}
    attachment = {"pieceJointeComplementaireType": "DIVERS", "pieceJointeComplementaireId": api.upload()}
    complete = api.invoice(modeDepot=mode, lignePoste=[line], ligneTva=[vat], pieceJointeComplementaire=[attachment])
    declared = next(operation.declared for operation in POSTED if operation.name == SUBMIT)
    for place in list(places(declared)):
        for value in ODD:
            body = changed({**complete, "numeroFactureSaisi": secrets.token_hex(8)}, place, value)
            answer = api.call(SUBMIT, body)
            assert answer.status_code in (200, 400), (body, answer.text)
            if answer.json()["codeRetour"] == 0:
                asked = {"identifiantFactureCPP": answer.json()["identifiantFactureCPP"]}
                assert api.ok("factures/consulter/fournisseur", asked)
    asked = {"rechercheFactureParFournisseur": {"nbResultatsParPage": 10_000, "nbResultatsMaximum": 10_000}}
    assert len(api.search(**asked)) == api.control("invoices")["total"] > 0


@pytest.mark.parametrize("operation", POSTED, ids=lambda operation: operation.name)
def test_every_operation_asks_for_both_layers_of_authentication(api: Caller, operation: Operation) -> None:
    assert api.call(operation.name, {}, Authorization=None).status_code == 400
    assert api.call(operation.name, {}, **{"cpro-account": None}).status_code == 401
    assert api.http.get(path(operation.name), headers=api.headers).status_code == 403


@pytest.mark.parametrize("operation", POSTED, ids=lambda operation: operation.name)
def test_every_operation_refuses_an_unknown_key(api: Caller, operation: Operation) -> None:
    assert api.call(operation.name, {"cleInconnue": None}).status_code == 400
