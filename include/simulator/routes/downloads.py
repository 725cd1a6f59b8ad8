"""Downloads of deposited invoices: one PDF, a ZIP, or the pivot XML."""

from __future__ import annotations

import base64
import io
import zipfile
from xml.sax.saxutils import escape

from include.simulator import codes, failures
from include.simulator.answers import Json
from include.simulator.backend.pdf_writing import write_pdf
from include.simulator.backend.store import Row
from include.simulator.failures import Refusal, TooLarge
from include.simulator.operations import Operation, Request
from include.simulator.wire import Anything, Several, Text, Whole, body, group, required

CHOSEN = Several(group(idFacture=Whole()))
FORMAT = Text(values=["PDF", "PIVOT"])


def _files(request: Request, invoice: Row, *, others: bool) -> list[tuple[str, bytes]]:
    """Name and bytes of the invoice itself, then of its attachments if wanted."""
    platform = request.platform
    rows = platform.files.of_invoice(invoice["id"])
    main = next((row for row in rows if row["main"]), None)
    content = platform.files.content(main["id"]) if main else _own_pdf(invoice)
    found = [(f"{invoice['id']}.pdf", content)]
    if others:
        found += [(f"{row['id']}_{row['name']}", platform.files.content(row["id"])) for row in rows if not row["main"]]
    return found


def _own_pdf(invoice: Row) -> bytes:
    """The PDF the platform makes of an invoice that came without one."""
    lines = [f"{invoice['type']} {invoice['number']}", f"Date {invoice['issue_date']}"]
    lines += [f"Total HT {invoice['excl']:.2f}", f"Total TTC {invoice['incl']:.2f}", f"A payer {invoice['due']:.2f}"]
    return write_pdf(lines)


def _zip(files: list[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


def _pivot(groups: list[tuple[Row, list[tuple[str, bytes]]]]) -> bytes:
    """One XML with every file inside; the element names of the real pivot are not known."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<Factures>']
    for invoice, files in groups:
        parts.append(f'<Facture id="{invoice["id"]}"><Numero>{escape(invoice["number"])}</Numero>')
        for name, content in files:
            parts.append(
                f"<Fichier><Nom>{escape(name)}</Nom><Contenu>{base64.b64encode(content).decode()}</Contenu></Fichier>"
            )
        parts.append("</Facture>")
    return "".join([*parts, "</Factures>\n"]).encode()


def _packed(groups: list[tuple[Row, list[tuple[str, bytes]]]], form: str) -> bytes:
    """One file alone is that file, several are a ZIP, several invoices a ZIP with a folder each."""
    if form == "PIVOT":
        return _pivot(groups)
    if len(groups) > 1:
        return _zip([(f"{invoice['id']}/{name}", content) for invoice, files in groups for name, content in files])
    files = groups[0][1]
    return files[0][1] if len(files) == 1 else _zip(files)


def bundle(request: Request, asked: Json) -> str:
    """Pack invoices as asked; base64."""
    form = required(asked["format"], "format")
    chosen = required(asked["listeFacture"], "listeFacture")
    wanted = (asked["avecPiecesJointesComplementaires"] or "").upper()
    if form == "PDF" and not wanted:
        required(None, "avecPiecesJointesComplementaires")
    groups = []
    for one in chosen:
        invoice = request.platform.invoices.own(request.account, one["idFacture"])
        groups.append((invoice, _files(request, invoice, others=form == "PIVOT" or wanted == "OUI")))
        request.platform.invoices.note(invoice["id"], "TELECHARGEMENT_FACTURE")
    if sum(len(content) for _, files in groups for _, content in files) > codes.INVOICE_LIMIT:
        raise TooLarge
    return base64.b64encode(_packed(groups, form)).decode()


GROUP = body(
    listeFacture=CHOSEN, format=FORMAT, avecPiecesJointesComplementaires=Text(values=["Oui", "Non"]), idEspace=Whole()
)


def download_group(request: Request) -> Json:
    """Give several invoices at once."""
    return {"fichierResultat": bundle(request, request.body)}


ATTACHMENT = body(
    objetPieceJointe=Text(values=codes.DOWNLOAD_OBJECTS),
    demandePaiement=group(
        listeFacture=CHOSEN, format=FORMAT, avecPiecesJointesComplementaires=Text(values=["OUI", "NON"])
    ),
    engagementJuridique=Anything(),
    sollicitation=Anything(),
    structure=Anything(),
)


def download_attachment(request: Request) -> Json:
    """The same for the object DEMANDE_PAIEMENT, with other names and capitals; the other objects hold nothing here."""
    if required(request.body["objetPieceJointe"], "objetPieceJointe") != "DEMANDE_PAIEMENT":
        raise Refusal(failures.NOT_SIMULATED)
    return {"pieceJointe": bundle(request, request.body["demandePaiement"])}


OPERATIONS = (
    Operation(name="factures/telecharger/groupe", declared=GROUP, perform=download_group),
    Operation(name="transverses/telecharger/pieceJointe", declared=ATTACHMENT, perform=download_attachment),
)
