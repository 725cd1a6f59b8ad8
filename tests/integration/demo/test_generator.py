"""The demonstration's documents: what their truth says stands in them, and the same call writes the same bytes."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from include.adapters.configuration.yaml_file import load
from include.adapters.portal.folder.portal import FolderPortal
from include.application.administration.configure import faults_of_file
from include.demo import generator
from include.demo.generator import DemoDocument, cast, generate_demo, generate_many, render
from include.demo.generator.invoice import truth
from include.demo.generator.layouts import LAYOUTS
from include.demo.generator.samples import SAMPLE_DOCUMENTS, SAMPLES, sample_truths
from include.domain.configuration import Configuration
from include.domain.criteria import evaluate
from include.domain.document import PortalDocument
from include.domain.values import parse_amount, parse_date
from tests.fakes.clock import FakeClock

TODAY = dt.date(2026, 11, 24)
LONGEST_NUMBER = 20
"""Of `numeroFactureSaisi`."""

AMOUNTS = ("total_excl_tax", "total_tax", "total_incl_tax", "amount_due")
DATES = ("issue_date", "due_date")
IDENTIFIERS = ("supplier_siret", "recipient_siret", "iban")
TEXTS = ("invoice_number", "recipient_name", "service_code", "engagement_number", "contract_number")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="module")
def documents(folder: Path) -> list[DemoDocument]:
    return generate_demo(folder, today=TODAY, run_label="T1")


@pytest.fixture(scope="module")
def configuration(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    file = tmp_path_factory.mktemp("configuration") / "configuration.yaml"
    template = (SAMPLES.parent / "configuration.yaml").read_text()
    assert template.count("${PORTAL}") == 2, "once in the comment, once as the value"
    file.write_text(template.replace("${PORTAL}", f"file://{folder}"))
    return load([file], faults_of_file).configuration


def text_of(content: bytes) -> str:
    pdf = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def assert_printed(fields: dict[str, str | None], text: str) -> None:
    """Every value of the truth stands on the page in some printed form, and is not only a part of another value."""
    words = re.split(r"\r?\n", text)
    amounts = {parse_amount(found) for found in re.findall(r"\d{1,3}(?:[  ]\d{3})*,\d\d", text)}
    days = {parse_date(found) for found in re.findall(r"\d{1,2}(?:er)?[ ./-][\wéû]+[ ./-]\d{4}", text)}
    for name in AMOUNTS:
        assert parse_amount(fields[name] or "") in amounts, name
    for name in DATES:
        assert dt.date.fromisoformat(fields[name] or "") in days, name
    for name in IDENTIFIERS:
        assert fields[name] is None or fields[name] in bare(text), name
    for name in TEXTS:
        value = fields[name]
        assert value is None or any(value in line for line in words), name


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
@pytest.mark.parametrize("body", cast.BODIES, ids=[body.siret for body in cast.BODIES])
@pytest.mark.parametrize("seed", range(3))
def test_what_the_truth_says_is_printed(layout: object, body: cast.Body, seed: int) -> None:
    chosen = next(known for known in LAYOUTS.values() if known is layout)
    rng = random.Random(seed)
    invoice = cast.draw_invoice(rng, number=f"FA26-S{seed}-001", body=body, today=TODAY, several_rates=seed == 2)
    told = truth(invoice, file="f.pdf", kind="digital", quality="digital", layout="x", vat_rows=chosen.vat_rows)
    text = text_of(render.digital(invoice, chosen, rng))
    assert_printed(told["fields"], text)
    for row in told["fields"]["vat"]:
        assert all(value.replace(".", ",") in bare(text) for value in row.values())
    assert bool(told["fields"]["vat"]) == chosen.vat_rows


def test_a_page_without_the_recipients_siret_has_no_such_truth(documents: list[DemoDocument], folder: Path) -> None:
    (document,) = [document for document in documents if document.portal_id.endswith("facture-libelle-T1.pdf")]
    assert document.truth["fields"]["recipient_siret"] is None
    assert cast.ANNECY.siret not in bare(text_of((folder / document.portal_id).read_bytes()))


def test_digital_documents_of_the_demonstration_print_their_truth(documents: list[DemoDocument], folder: Path) -> None:
    digital = [d for d in documents if d.truth["quality"] == "digital" and d.truth["fields"] and "T1" in d.name]
    assert len(digital) >= 9
    for document in digital:
        assert_printed(document.truth["fields"], text_of((folder / document.portal_id).read_bytes()))


def test_totals_add_up(documents: list[DemoDocument]) -> None:
    for document in documents:
        fields = document.truth["fields"]
        if "T1" in document.name and fields:
            amounts = [parse_amount(fields[name]) for name in AMOUNTS[:3]]
            assert amounts[0] + amounts[1] == amounts[2]  # type: ignore[operator]


def test_embedded_data_say_what_the_page_says(documents: list[DemoDocument], folder: Path) -> None:
    from facturx import get_xml_from_pdf

    (document,) = [document for document in documents if document.name == "facture-facturx-T1.pdf"]
    _, xml = get_xml_from_pdf((folder / document.portal_id).read_bytes(), check_xsd=True)
    fields = document.truth["fields"]
    for name in (*IDENTIFIERS, *TEXTS, *AMOUNTS):
        assert fields[name] is None or f">{fields[name]}<".encode() in xml, name
    assert len(fields["vat"]) == xml.count(b"<ram:BasisAmount>")


@pytest.mark.parametrize("name", ["scan-300-T1.pdf", "scan-incline-T1.pdf"])
def test_a_scan_has_no_text_layer(documents: list[DemoDocument], folder: Path, name: str) -> None:
    (document,) = [document for document in documents if document.name == name]
    assert text_of((folder / document.portal_id).read_bytes()).strip() == ""


def test_unreadable_documents_do_not_open(documents: list[DemoDocument], folder: Path) -> None:
    unreadable = [document for document in documents if document.expected_state == "unreadable"]
    assert len(unreadable) == 2
    for document in unreadable:
        with pytest.raises(pypdfium2.PdfiumError):
            pypdfium2.PdfDocument((folder / document.portal_id).read_bytes())


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_call_writes_the_same_bytes(documents: list[DemoDocument], folder: Path, tmp_path: Path) -> None:
    again = generate_demo(tmp_path, today=TODAY, run_label="T1")
    assert again == documents
    assert files(tmp_path) == files(folder)


def test_a_second_run_in_the_same_folder_touches_nothing_that_is_there(tmp_path: Path) -> None:
    generate_demo(tmp_path, today=TODAY, run_label="T1")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    generate_demo(tmp_path, today=TODAY, run_label="T1")
    generate_demo(tmp_path, today=TODAY, run_label="T2")
    assert before.items() <= {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}.items()


def test_numbers_are_unique_within_and_across_runs_and_fit_the_platform(
    documents: list[DemoDocument], tmp_path: Path
) -> None:
    def numbers(made: list[DemoDocument], label: str) -> list[str]:
        return [d.truth["fields"]["invoice_number"] for d in made if label in d.name and d.truth["fields"]]

    other = generate_demo(tmp_path, today=TODAY, run_label="LONGEST8")
    all_numbers = numbers(documents, "T1") + numbers(other, "LONGEST8")
    assert len(all_numbers) >= 20
    assert len(set(all_numbers)) == len(all_numbers)
    assert all(len(number) <= LONGEST_NUMBER for number in all_numbers)


@pytest.mark.parametrize("label", ["", "TOO_LONG_", "a/b", "123456789"])
def test_a_label_that_would_spoil_numbers_or_names_is_refused(tmp_path: Path, label: str) -> None:
    with pytest.raises(ValueError, match="run_label"):
        generate_demo(tmp_path, today=TODAY, run_label=label)


class TestInThePortal:
    @pytest.fixture
    def found(self, documents: list[DemoDocument], folder: Path) -> Iterator[dict[str, PortalDocument]]:
        clock = FakeClock()
        portal = FolderPortal(f"file://{folder}", settle_seconds=0, clock=clock, sleep=clock.advance)
        listing = portal.scan({})
        assert listing.postponed == {}
        yield {document.portal_id: document for document in listing.changed}

    def test_the_portal_shows_exactly_these_documents(
        self, documents: list[DemoDocument], found: dict[str, PortalDocument]
    ) -> None:
        assert set(found) == {document.portal_id for document in documents}

    def test_the_criteria_take_all_but_the_ignored_ones(
        self, documents: list[DemoDocument], found: dict[str, PortalDocument], configuration: Configuration
    ) -> None:
        for document in documents:
            verdict = evaluate(found[document.portal_id], configuration.criteria)
            assert verdict.matched == (document.expected_state != "ignored"), document.portal_id

    def test_every_metadata_has_its_field(self, found: dict[str, PortalDocument], configuration: Configuration) -> None:
        associated = {
            association.classification_rule: set(association.fields.values())
            for association in configuration.metadata_association
        }
        used = [document for document in found.values() if document.classification_rule in associated]
        assert len(used) >= 8
        for document in used:
            assert set(document.metadata) <= associated[document.classification_rule or ""]

    def test_the_linked_delivery_note_is_there(self, found: dict[str, PortalDocument]) -> None:
        assert found["Ventes/facture-bl-T1.pdf"].links == ("Ventes/bl-T1.pdf",)
        assert "Ventes/bl-T1.pdf" in found

    def test_every_thing_that_can_become_of_a_document_is_shown(self, documents: list[DemoDocument]) -> None:
        assert {document.expected_state for document in documents} == {
            "submitted",
            "to_complete",
            "unreadable",
            "ignored",
        }
        assert {document.truth["kind"] for document in documents} >= {"digital", "facturx", "scan"}

    def test_bodies_and_supplier_are_those_of_the_configuration(
        self, documents: list[DemoDocument], configuration: Configuration
    ) -> None:
        assert [provider.siret for provider in configuration.providers] == [cast.DURAND.siret]
        known = {recipient.siret: recipient.wordings for recipient in configuration.recipients}
        assert {body.siret: body.name in known[body.siret] for body in cast.BODIES} == dict.fromkeys(known, True)


class TestSamples:
    def test_every_sample_is_listed_with_source_and_licence_and_no_other_file_is_there(self) -> None:
        readme = (SAMPLES / "README.md").read_text()
        listed = {
            row[0]: row[1:] for row in re.findall(r"^\| (\S+\.pdf) \| (\S+) \| (.+?) \|.* \| (\S+) \| ", readme, re.M)
        }
        assert set(listed) == {sample.file for sample in SAMPLE_DOCUMENTS} == {p.name for p in SAMPLES.glob("*.pdf")}
        for sample in SAMPLE_DOCUMENTS:
            line = next(line for line in readme.splitlines() if line.startswith(f"| {sample.file} "))
            assert line.endswith(f"| {sample.purpose} | {sample.expected_state} |")
            assert re.search(r"\| (MIT|BSD-3-Clause|Apache-2\.0) \|", line)
            assert re.search(r"\| [0-9a-f]{12} \| [0-9a-f]{12} \|", line)

    def test_every_sample_has_a_truth(self) -> None:
        assert set(sample_truths()) == {sample.file for sample in SAMPLE_DOCUMENTS}

    def test_nothing_else_lies_among_the_samples(self) -> None:
        others = {path.name for path in SAMPLES.iterdir() if path.suffix != ".pdf"}
        assert others == {"README.md", "truth.jsonl", "licences"}

    def test_every_repository_has_its_licence(self) -> None:
        readme = (SAMPLES / "README.md").read_text()
        licences = {path.stem for path in (SAMPLES / "licences").iterdir()}
        for repository, licence in set(
            re.findall(r"^\| \S+\.pdf \| (\S+) \|.* \| (MIT|BSD-3-Clause|Apache-2\.0) \|", readme, re.M)
        ):
            assert {repository.replace("/", "_"), licence} & licences, repository


class TestMany:
    def test_numbers_are_unique_and_files_are_spread_over_folders(self, tmp_path: Path) -> None:
        truths = generate_many(tmp_path, count=30, seed=5)
        numbers = [told["fields"]["invoice_number"] for told in truths]
        assert len(set(numbers)) == 30
        assert {path.name for path in tmp_path.rglob("*.pdf")} == {told["file"] for told in truths}
        assert len({told["layout"] for told in truths}) >= 4

    def test_each_prints_its_truth(self, tmp_path: Path) -> None:
        for told in generate_many(tmp_path, count=20, seed=6):
            assert_printed(told["fields"], text_of((tmp_path / "000" / told["file"]).read_bytes()))

    def test_one_seed_gives_one_set_and_another_seed_another(self, tmp_path: Path) -> None:
        first = generate_many(tmp_path / "a", count=5, seed=1)
        assert generate_many(tmp_path / "b", count=5, seed=1) == first
        assert files(tmp_path / "a") == files(tmp_path / "b")
        numbers = {told["fields"]["invoice_number"] for told in generate_many(tmp_path / "c", count=5, seed=2)}
        assert numbers.isdisjoint(told["fields"]["invoice_number"] for told in first)


def test_the_package_offers_what_it_says() -> None:
    assert set(generator.__all__) == {"DemoDocument", "generate_demo", "generate_many"}
