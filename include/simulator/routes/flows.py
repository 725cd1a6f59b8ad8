"""Deposit of flows, and the two operations that report on them."""

from __future__ import annotations

import base64

from include.simulator import answers, codes
from include.simulator.answers import Json
from include.simulator.backend.flows import report_rows
from include.simulator.backend.pdf_writing import write_pdf
from include.simulator.operations import STRUCTURE_LABEL, Operation, Request
from include.simulator.routes.deposits import decode
from include.simulator.wire import Flag, Moment, Text, body, required

SYNTAX = Text(values=list(codes.FLOW_SYNTAXES))
DEPOSIT = body(fichierFlux=Text(), nomFichier=Text(200), syntaxeFlux=SYNTAX, avecSignature=Flag())


def deposit(request: Request) -> Json:
    """Take a flow; the invoices come later, if they come."""
    sent = request.body
    flow = request.platform.flows.deposit(
        request.account,
        name=required(sent["nomFichier"], "nomFichier"),
        syntax=required(sent["syntaxeFlux"], "syntaxeFlux"),
        content=decode(sent["fichierFlux"], "fichierFlux"),
    )
    return {
        "numeroFluxDepot": flow["number"],
        "dateDepot": answers.day(flow["deposited_at"]),
        "syntaxeFlux": flow["syntax"],
    }


DETAIL = body(numeroFluxDepot=Text(), syntaxeFlux=SYNTAX)


def detail(request: Request) -> Json:
    """Report on a flow, invoice by invoice; the number is not echoed."""
    number = required(request.body["numeroFluxDepot"], "numeroFluxDepot")
    flow = request.platform.flows.known(request.account, number)
    errors, technical = report_rows(flow)
    return {
        "nomFichier": flow["filename"],
        "dateDepotFlux": answers.instant(flow["deposited_at"]),
        "codeInterfaceDepotFlux": flow["interface"],
        "etatCourantDepotFlux": flow["state"],
        "dateHeureEtatCourantFlux": answers.instant(flow["state_at"]),
        "listeErreurDP": errors,
        "listeErreurTechnique": technical,
    }


REPORT = body(numeroFluxDepot=Text(), dateDepot=Moment(), syntaxeFlux=SYNTAX)


def report(request: Request) -> Json:
    """Report on a flow as a PDF; the state has another name than in the detailed report."""
    number = required(request.body["numeroFluxDepot"], "numeroFluxDepot")
    flow = request.platform.flows.known(request.account, number)
    errors, _ = report_rows(flow)
    lines = [
        f"Flux {number}",
        f"Etat {flow['state']}",
        *(f"{one['numeroDP']} {one['libelleErreurDP']}" for one in errors),
    ]
    return {
        "numeroFluxDepot": flow["number"],
        "nomFichierFlux": flow["filename"],
        "dateDepotFlux": answers.instant(flow["deposited_at"]),
        "codeInterfaceFlux": flow["interface"],
        "etatCourantFlux": flow["state"],
        "dateHeureEtatCourantFlux": answers.instant(flow["state_at"]),
        "codeAppliPartenaire": None,
        "designationPartenaire": None,
        "fichierCR": base64.b64encode(write_pdf(lines)).decode(),
    }


OPERATIONS = (
    Operation(name="factures/deposer/flux", declared=DEPOSIT, perform=deposit),
    Operation(name="transverses/consulterCRDetaille", declared=DETAIL, perform=detail, label=STRUCTURE_LABEL),
    Operation(name="transverses/consulterCR", declared=REPORT, perform=report),
)
