"""Which reader a file of a flow gets: by its root element and the syntax that the deposit announced."""

from __future__ import annotations

from include.simulator.backend.flow_cii import read_cii
from include.simulator.backend.flow_contents import Member, Unreadable
from include.simulator.backend.flow_invoices import FlowInvoice, Node
from include.simulator.backend.flow_ubl import read_ubl


def read_invoice(member: Member, syntax: str) -> FlowInvoice:
    """Read one file of a flow in the syntax that the deposit announced."""
    if (syntax == "IN_DP_E2_CII_FACTURX") != member.is_pdf:
        raise Unreadable(f"Le fichier {member.name} ne correspond pas a la syntaxe {syntax}.")
    root = Node(member.tree())
    name = str(root.element.xpath("local-name()")) if root.element is not None else ""
    if name == "CrossIndustryInvoice" and "CII" in syntax:
        return read_cii(root)
    if name in ("Invoice", "CreditNote") and "UBL" in syntax:
        return read_ubl(root, credit_note=name == "CreditNote")
    raise Unreadable(f"Le fichier {member.name} ne correspond pas a la syntaxe {syntax}.")
