"""A field that is new and sent is five files (CONTRIBUTING, "A field that is sent").

In a copy of the product a reference and a date go from a page and from XML through the draft into the body that leaves,
and people can name and type them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

DECLARED = """REFERENCES: tuple[Field, ...] = (
    Field(
        name="project_reference",
        kind=Kind.IDENTIFIER,
        read=True,
        terms=("BT-11",),
        sent=True,
        needs_label=True,
        longest=50,
        confidence=0.5,
        labels={"référence chantier": 1.0},
    ),
    Field(
        name="delivery_date",
        kind=Kind.DATE,
        read=True,
        terms=("BT-72",),
        sent=True,
        confidence=0.5,
        labels={"date de livraison": 1.0},
    ),
"""
EDITS = {
    "include/domain/fields/declared/references.py": ("REFERENCES: tuple[Field, ...] = (\n", DECLARED),
    "include/locale/fr/LC_MESSAGES/field.po": (
        'msgid "field.contract_number"',
        'msgid "field.project_reference"\nmsgstr "Chantier"\n\n'
        'msgid "field.delivery_date"\nmsgstr "Livraison"\n\nmsgid "field.contract_number"',
    ),
    "include/locale/en/LC_MESSAGES/field.po": (
        'msgid "field.contract_number"',
        'msgid "field.project_reference"\nmsgstr "Project"\n\n'
        'msgid "field.delivery_date"\nmsgstr "Delivery"\n\nmsgid "field.contract_number"',
    ),
    "include/domain/submission.py": (
        "    contract_number: str | None = None\n",
        "    contract_number: str | None = None\n    project_reference: str | None = None\n"
        "    delivery_date: dt.date | None = None\n",
    ),
    "include/adapters/chorus/wire.py": (
        '"numeroMarche": submission.contract_number,',
        '"numeroMarche": submission.contract_number, "numeroChantier": submission.project_reference,'
        ' "dateLivraison": submission.delivery_date and submission.delivery_date.isoformat(),',
    ),
}
STORY = """
import json
from include.adapters.chorus.wire import encode
from include.adapters.text.xml.facturx import invoice_of
from include.adapters.text.xml.xml_tree import parse
from include.domain.directory import SupplierAccount
from include.domain.submission import SentAttachment
from include.domain.submission_builder import build_submission
from include.texts import translate
from include.web.documents.form import GROUPS
from tests.factories import complete_draft, configuration
from tests.unit.extraction.paper import page, read

printed = read(page((40, 50, "Référence chantier : CH-77"), (40, 80, "Date de livraison : 10/11/2026")))
root = parse(
    b"<Invoice xmlns='urn:ubl'><ProjectReference><ID>CH-78</ID></ProjectReference>"
    b"<Delivery><ActualDeliveryDate>2026-11-09</ActualDeliveryDate></Delivery></Invoice>"
)
NEW = ("project_reference", "delivery_date")
supplier = SupplierAccount(structure_id=1, siret="33254021516357", name="P")
main = SentAttachment(upload_id=1, type_code="01", name="f.pdf", sha256="0" * 64)
sent = build_submission(
    complete_draft(**{name: printed[name] for name in NEW}), configuration().providers[0], supplier,
    bank_details_id=None, main=main, signed=False, attachments=(),
)
print(json.dumps({
    "xml": [str(invoice_of(root).candidates()[name].value) for name in NEW],
    "body": [json.loads(encode(sent))["references"][name] for name in ("numeroChantier", "dateLivraison")],
    "form": [[group for group, names in GROUPS.items() if name in names] for name in NEW],
    "words": [translate(f"field.{name}", language) for name in NEW for language in ("fr", "en")],
}))
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The product with the new field, in another place."""
    shutil.copytree(ROOT / "include", tmp_path / "include", ignore=shutil.ignore_patterns("__pycache__", "static"))
    for name, (before, after) in EDITS.items():
        text = (tmp_path / name).read_text()
        assert text.count(before) == 1, name
        (tmp_path / name).write_text(text.replace(before, after))
    return tmp_path


def test_a_new_field_that_is_sent_touches_six_files_at_most(copied: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STORY],
        env={**os.environ, "PYTHONPATH": f"{copied}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=copied,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "xml": ["CH-78", "2026-11-09"],
        "body": ["CH-77", "2026-11-10"],
        "form": [["recipient"], ["recipient"]],
        "words": ["Chantier", "Project", "Livraison", "Delivery"],
    }
    assert len(EDITS) + len(["docs/configuration.md, which `make docs` writes"]) <= 6
