"""Every fault of a file has its line, the allowed values and what to do; all are told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.adapters.configuration.yaml_file import load
from include.application.administration.configure import faults_of_file
from include.domain.errors import ConfigurationFileError, InputError
from tests.integration.configuration.situations import DURAND, faults, only_fault, read, write

_BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{here}: &{here} [{', '.join(['*' + there] * 10)}]\n" for there, here in zip("abcdefgh", "bcdefghi", strict=True)
)
"""Nine lines that mean a thousand million values: read out, they fill the memory."""


def test_a_siret_without_quotes_is_told_as_the_bare_number_it_is(tmp_path: Path) -> None:
    fault = only_fault(tmp_path, "version: 1\nrecipients:\n  - siret: 00000000415073\n")
    assert fault.startswith("file0.yaml:3: recipients[00000000415073].siret: 00000000415073 is a bare number")
    assert "another number" in fault
    assert 'allowed: 14 digits in quotes, such as "33254021516357"' in fault
    assert 'write it in quotes: "00000000415073"' in fault


@pytest.mark.parametrize("written", ["01", "1e3", "0x1F", "12_000", "3.10"])
def test_any_code_without_quotes_is_told_as_written(tmp_path: Path, written: str) -> None:
    text = f'recipients: [{{siret: "12345678200051", services: [{{code: {written}}}]}}]'
    assert f"{written} is a bare number" in only_fault(tmp_path, text)


@pytest.mark.parametrize(
    "siret", ["123 456 789 00012", "1234567890001", "123456789000123", "1234567890001é", "\N{FULLWIDTH DIGIT ONE}" * 14]
)
def test_a_siret_has_14_digits_and_nothing_else(tmp_path: Path, siret: str) -> None:
    assert "14 digits in quotes" in only_fault(tmp_path, f'recipients: [{{siret: "{siret}"}}]')


def test_all_faults_come_at_once_sorted_by_line(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        """
        submission: {parallel: 99, lease_seconds: 100}
        providers:
          - name: Durand
            siret: 33254021516357
            environment: simulateur
            conection: chorus_durand
        criteria:
          - {name: a, folder: /x, classification_rule: y, providers: [Duran]}
        metadata_association:
          - {classification_rule: r, fields: {total_incl_tx: montant}}
        """,
    )
    assert [fault.split(": ")[0] + " " + fault.split(": ")[1] for fault in found] == [
        "file0.yaml:1 submission.parallel",
        "file0.yaml:1 submission.lease_seconds",
        "file0.yaml:3 providers[Durand].connection",
        "file0.yaml:4 providers[Durand].siret",
        "file0.yaml:5 providers[Durand].environment",
        "file0.yaml:6 providers[Durand].conection",
        "file0.yaml:8 criteria[a].folder",
        "file0.yaml:8 criteria[a].providers[#1]",
        "file0.yaml:10 metadata_association[r].fields.total_incl_tx",
    ]


def test_an_unknown_key_names_the_nearest_one(tmp_path: Path) -> None:
    fault = only_fault(tmp_path, "criteria:\n  - name: a\n    clasification_rule: x\n")
    assert fault.startswith(
        "file0.yaml:3: criteria[a].clasification_rule: unknown key; allowed: name, classification_rule"
    )
    assert fault.endswith("did you mean classification_rule?")


def test_an_unknown_section_names_the_nearest_one(tmp_path: Path) -> None:
    assert only_fault(tmp_path, "provider: []\n").endswith("did you mean providers?")


def test_a_section_that_we_keep_ourselves_is_not_taken_from_a_file(tmp_path: Path) -> None:
    for content in (f"{{{DURAND}}}", "{}"):
        fault = only_fault(tmp_path, f"providers: []\nretired_providers: [{content}]\n")
        assert fault.startswith("file0.yaml:2: retired_providers: unknown key")


def test_a_password_in_the_file_is_sent_to_the_connection_and_not_repeated(tmp_path: Path) -> None:
    fault = only_fault(tmp_path, f"providers: [{{{DURAND}, password: swordfish}}]\n")
    assert "put them into the Airflow connection" in fault
    assert "swordfish" not in fault


def test_an_address_with_password_as_connection_is_not_repeated(tmp_path: Path) -> None:
    fault = only_fault(tmp_path, 'mail: {connection: "smtp://me:swordfish@mx", sender: a@b.example}\n')
    assert "mail.connection" in fault
    assert "swordfish" not in fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 2\n", "version: 2 is not one of the values; allowed: 1"),
        (
            f"providers: [{{{DURAND}, loading: lokal}}]\n",
            '"lokal" is not one of the values; allowed: local | remote; did you mean local?',
        ),
        (f"providers: [{{{DURAND}, automatic_submission: oui}}]\n", '"oui" is neither true nor false'),
        ("submission: {parallel: many}\n", '"many" is not a whole number'),
        ("submission: {parallel: 1.5}\n", "1.5 is not a whole number"),
        ("submission: {parallel: 0}\n", "0 is too small; allowed: a whole number, at least 1, at most 32"),
        ("submission: {calls_per_second: .inf}\n", "is not a number one can count with"),
        ("reading: {seconds: }\n", "reading.seconds: is empty"),
        ("criteria: null\n", "criteria: is empty"),
        ("administer: {users: anna}\n", '"anna" is not a list; allowed: a list, each: a text; write [anna]'),
        ("people: {users: [anna]}\n", '"anna" is not a mapping'),
        ("portal: folder\n", '"folder" is not a mapping'),
        ("reading: {seconds: [1]}\n", "a list stands here"),
        ('people: {users: [{name: ""}]}\n', "is an empty text"),
        ("people: {users: [{name: a, mail: nobody}]}\n", '"nobody" does not have that form; allowed: a mail address'),
        ("people: {users: [{name: true}]}\n", '"true" is not a text'),
        ("criteria: [{name: a, folder: x/y}]\n", "allowed: a folder of the portal, beginning with /"),
        (
            "criteria: [{name: a, folder: /x, since: 01/10/2026}]\n",
            '"01/10/2026" is not a date or time; allowed: a date such as "2026-10-01"',
        ),
        ("criteria: [{name: a, folder: /x, since: 2026-02-30}]\n", '"2026-02-30" is not a date'),
        ("criteria: [{name: a, folder: /x, since: 2026-10-01T08:00:00}]\n", "a time needs its zone"),
        ("attachments: {links: [{invoice_rule: a, attachment_rule: b, pairs: []}]}\n", "is an empty list"),
        ("providers: [{name: a}]\n", "providers[a].siret: is missing; allowed: 14 digits"),
        ("reading: {seconds: 2026-10-01}\n", '"2026-10-01" is not a whole number'),
    ],
)
def test_each_wrong_value_says_what_is_taken_there(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in fault for fault in faults(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a:\n\tb: 1\n", 2, "a tab stands in the indentation"),
        ("version: 1\nversion: 1\n", 2, "the key version stands here twice (first on line 1)"),
        ("- a\n- b\n", 1, "the file is not a mapping of sections"),
        ("hello\n", 1, "the file is not a mapping of sections"),
        ("", 1, "holds no section"),
        ("# nothing\n", 1, "holds no section"),
        ("a: [1, 2\nb: 3\n", 2, "not valid YAML"),
        ("a: b: c\n", 1, "a second colon on one line"),
        ("version: 1\n---\nversion: 1\n", 2, "a second document begins here"),
        ("a: *nope\n", 1, "the alias nope is not defined"),
        ("a: &x [*x]\n", 1, "contains itself"),
        (_BOMB, 1, "aliases (*) copy more than"),
        ("a: " + "[" * 3000 + "]" * 3000, 1, "nest too deeply"),
        ("a: !secret x\n", 1, "the tag !secret is not known here"),
        ("a: \x01\n", 1, "a character that YAML does not allow"),
        ("version: 1\n12: x\n", 2, "12 is no text"),
    ],
)
def test_what_is_no_yaml_is_said_in_plain_words_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    found = faults(tmp_path, text)
    assert any(fault.startswith(f"file0.yaml:{line}: ") and said in fault for fault in found), found


def test_a_file_in_another_encoding_says_so_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("version: 1\n# Société\n".encode("latin-1"))
    with pytest.raises(
        ConfigurationFileError, match=r"latin\.yaml:2: this byte \(0xe9\) is not UTF-8.*save it as UTF-8"
    ):
        load([path], faults_of_file)


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbfversion: 1\r\ndirectory: {refresh_hours: 5}\r\n")
    assert load([path], faults_of_file).configuration.directory.refresh_hours == 5


def test_a_file_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file .*absent\.yaml"):
        load([tmp_path / "absent.yaml"], faults_of_file)
    with pytest.raises(InputError, match="cannot be read"):
        load([tmp_path], faults_of_file)


def test_a_duplicate_key_does_not_hide_other_faults(tmp_path: Path) -> None:
    found = faults(tmp_path, "version: 1\nversion: 1\nrecipients: [{siret: 12}]\n")
    assert len(found) == 2


def test_a_typing_error_is_not_told_a_second_time_as_its_consequence(tmp_path: Path) -> None:
    text = """
        people: {users: [{name: 5}], groups: [{name: g, users: ["5"]}]}
        portal: {utl: "file:///p"}
        criteria: [{name: a, foldr: /x}]
        """
    assert len(faults(tmp_path, text)) == 3


def test_left_out_sections_are_told_apart_from_empty_ones(tmp_path: Path) -> None:
    found = read(tmp_path, "version: 1\ncriteria: []\npeople: {users: []}\nmail: null\n")
    assert found.model_fields_set == {"version", "criteria", "people", "mail"}
    assert found.people.model_fields_set == {"users"}


def test_a_merge_key_takes_over_what_it_names(tmp_path: Path) -> None:
    text = """
        submission: &timing {parallel: 2, lease_seconds: 800}
        """
    text += """
        reading: {seconds: 5}
        """
    assert read(tmp_path, text).submission.parallel == 2
    text = f"""
        providers:
          - &first {{{DURAND}, loading: local}}
          - <<: *first
            name: Other
            environment: qualification
        """
    first, second = read(tmp_path, text).providers
    assert (second.siret, second.loading, second.name) == (first.siret, "local", "Other")


def test_the_line_of_a_fault_is_found_with_blank_lines_and_comments_between(tmp_path: Path) -> None:
    text = "# one\n\nversion: 1\n# four\nrecipients:\n\n  # seven\n  - wordings: [x]\n    siret: 5\n"
    assert only_fault(tmp_path, text).startswith("file0.yaml:9: ")


def test_a_base_file_written_by_hand_as_another_program_writes_it(tmp_path: Path) -> None:
    path = write(tmp_path, '{"version": 1, "directory": {"refresh_hours": 12}}')
    assert load([path], faults_of_file).configuration.directory.refresh_hours == 12
