"""Export, example, schema and documentation are made from the models, and agree with what the file takes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from include.adapters.configuration.yaml_file import load
from include.application.administration.configuration_docs import markdown
from include.application.administration.configure import apply, example, export, faults_of_file, json_schema
from include.domain.configuration import Configuration
from include.domain.configuration.schema import children, file_fields, models
from include.domain.configuration_rules import Around, faults
from include.domain.fields.registry import FIELD_NAMES
from include.domain.rights import OWNER
from tests.fakes.clock import FakeClock
from tests.fakes.configuration_store import FakeConfigurationStore

ROOT = Path(__file__).resolve().parents[3]
AROUND = Around(allow_production=True)

TEXTS = st.one_of(
    st.text(min_size=1, max_size=12).filter(lambda text: text.strip() != "" and "\ufeff" not in text),
    st.sampled_from(
        [
            "yes",
            "null",
            "~",
            "12",
            "0o7",
            "1e3",
            "2026-10-01",
            "a: b",
            "- x",
            "#c",
            "'",
            '"',
            "{{ a }}",
            "&a",
            "é\nè",
            "\t.",
        ]
    ),
)
NAMES = st.lists(TEXTS, max_size=3, unique_by=lambda text: text.strip())
SIRETS = st.from_regex(r"[0-9]{14}", fullmatch=True)
SINCE = st.one_of(
    st.none(),
    st.just("always"),
    st.dates().map(lambda day: day.isoformat()),
    st.datetimes(
        min_value=dt.datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis wants its bounds naive
        timezones=st.just(dt.UTC),
    ).map(lambda moment: moment.isoformat()),
)


@st.composite
def wanted(draw: st.DrawFn) -> Configuration:
    """Any sound configuration, its texts as odd as people write them."""
    users = draw(NAMES)
    audience = st.fixed_dictionaries({"users": st.lists(st.sampled_from(users), max_size=2) if users else st.just([])})
    provider = st.fixed_dictionaries(
        {
            "name": TEXTS,
            "siret": SIRETS,
            "environment": st.sampled_from(["production", "qualification", "simulator"]),
            "connection": st.just("chorus_a"),
            "loading": st.sampled_from(["local", "remote"]),
            "notify": audience,
            "confidence": st.dictionaries(st.sampled_from(FIELD_NAMES), st.floats(0, 1), max_size=2),
            "supplier_service": st.none() | TEXTS,
            "bank_details": st.fixed_dictionaries({"default": st.none() | TEXTS}),
        }
    )
    criterion = st.fixed_dictionaries({"name": TEXTS, "classification_rule": TEXTS, "since": SINCE})
    recipient = st.fixed_dictionaries(
        {"siret": SIRETS, "services": st.lists(st.fixed_dictionaries({"code": TEXTS, "wordings": NAMES}), max_size=1)}
    )
    sections: dict[str, Any] = {
        "people": {"users": [{"name": name, "language": draw(st.sampled_from(["fr", "en"]))} for name in users]},
        "administer": draw(audience),
        "alerts": draw(st.none() | audience),
        "portal": draw(
            st.none() | st.fixed_dictionaries({"url": st.just("file:///p"), "settle_seconds": st.floats(0, 600)})
        ),
        "providers": draw(st.lists(provider, max_size=2)),
        "criteria": draw(st.lists(criterion, max_size=3)),
        "recipients": draw(st.lists(recipient, max_size=2)),
        "metadata_association": [
            {
                "classification_rule": rule,
                "fields": draw(st.dictionaries(st.sampled_from(FIELD_NAMES), TEXTS, max_size=3)),
            }
            for rule in draw(NAMES)
        ],
        "attachments": {"switch_value": draw(TEXTS)},
        "templates": draw(
            st.lists(
                st.fixed_dictionaries({"event": TEXTS, "language": st.just("fr"), "subject": TEXTS, "body": TEXTS}),
                max_size=1,
            )
        ),
        "submission": {"calls_per_second": draw(st.none() | st.floats(0.01, 1000))},
    }
    return Configuration.model_validate(sections)


def put(store: FakeConfigurationStore, configuration: Configuration) -> int:
    clock = FakeClock()
    return apply(
        store, configuration, clock, actor="a", viewer=OWNER, source="s", look_around=lambda _: AROUND
    ).revision


def reread(folder: Path, text: str) -> Configuration:
    path = folder / "exported.yaml"
    path.write_text(text, encoding="utf-8")
    return load([path], faults_of_file).configuration


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
    deadline=None,
)
@given(first=wanted(), second=wanted())
def test_applying_an_export_changes_nothing_and_brings_any_other_state_to_it(
    tmp_path: Path, first: Configuration, second: Configuration
) -> None:
    assume(not faults(first, around=AROUND) and not faults(second, around=AROUND))
    store, other = FakeConfigurationStore(), FakeConfigurationStore()
    put(store, first)
    exported = reread(tmp_path, export(store.current()[1]))
    before = store.current()
    put(store, exported)
    assert store.current() == before
    put(other, second)
    put(other, exported)
    assert other.current()[1] == before[1]


def test_an_export_has_always_the_same_order_and_no_retired_providers() -> None:
    provider = {"name": "Durand", "siret": "33254021516357", "environment": "simulator", "connection": "c"}
    one = Configuration.model_validate({"providers": [], "criteria": [], "retired_providers": [provider]})
    other = Configuration.model_validate({"criteria": [], "submission": {"lease_seconds": 900}})
    assert export(one) == export(other)
    assert "Durand" not in export(one)


def test_sirets_are_exported_in_double_quotes() -> None:
    text = export(Configuration.model_validate({"recipients": [{"siret": "00000000415073"}]}))
    assert '- siret: "00000000415073"' in text


def test_the_export_says_what_each_section_is_for() -> None:
    assert "# Which portal documents are invoices for us.\ncriteria: []" in export(Configuration())


def test_the_example_is_a_valid_file_with_every_field_of_every_section(tmp_path: Path) -> None:
    text = example()
    read = reread(tmp_path, text)
    assert read.model_fields_set == set(file_fields(Configuration))
    shown = {
        line.strip().removeprefix("- ").split(":")[0] for line in text.splitlines() if not line.strip().startswith("#")
    }
    for path, model, _ in models():
        if path.startswith(("alerts", "templates")):
            continue  # empty in the example: their comment shows the keys
        assert set(file_fields(model)) <= shown, path
    assert "{event: submitted, language: fr" in text


def test_the_example_explains_every_field() -> None:
    unfolded = " ".join(line.strip().removeprefix("# ") for line in example().splitlines())
    for path, model, _ in models():
        for name, field in file_fields(model).items():
            if not path.startswith(("alerts", "templates")):
                assert (field.description or "").split(". ")[0] in unfolded, f"{path}.{name}"


def test_the_sample_of_the_documentation_is_the_example(tmp_path: Path) -> None:
    read = reread(tmp_path, example())
    assert [p.siret for p in read.providers] == ["33254021516357"]
    assert read.submission == Configuration().submission


def test_every_field_has_meaning_example_and_what_happens_when_it_is_wrong() -> None:
    everything = [("", Configuration, False), *models()]
    for path, model, _ in everything:
        assert model.__doc__, path
        for name, field in file_fields(model).items():
            assert field.description, f"{path}.{name}"
            assert children(field) is not None or field.examples, f"{path}.{name}"


# in one order everywhere: the workers of a parallel run have to collect the same tests
MODELS = sorted({model for _, model, _ in models()}, key=lambda model: model.__name__)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_example_is_taken_by_its_own_field(model: Any) -> None:
    fields = file_fields(model)
    shown = {name: field.examples[0] for name, field in fields.items() if field.examples and name != "folder"}
    nested = {"pairs": [{"invoice": "a", "attachment": "b"}]} if "pairs" in fields else {}
    model.model_validate({**shown, **nested})


def test_the_committed_documentation_is_what_the_models_say() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert page == markdown(), (
        "run: python -m include.application.administration.configuration_docs > docs/configuration.md"
    )


def test_the_documentation_has_a_row_for_every_field() -> None:
    page = markdown()
    for _, model, _ in models():
        for name in file_fields(model):
            assert f"| `{name}` |" in page


def test_the_json_schema_knows_every_section_and_closes_each() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == set(file_fields(Configuration))
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Provider"]["required"] == ["name", "siret", "environment", "connection"]
    assert schema["$defs"]["Provider"]["properties"]["siret"]["pattern"] == "^[0-9]{14}$"
    json.dumps(schema)


def test_the_export_is_yaml_for_other_programs_too() -> None:
    loaded = YAML(typ="safe").load(export(Configuration.model_validate({"recipients": [{"siret": "00000000415073"}]})))
    assert loaded["recipients"] == [{"siret": "00000000415073"}]
