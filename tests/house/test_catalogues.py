"""The check of the catalogues finds what it is there for, and the catalogues pass it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from tools import messages
from tools.messages import Wanted, disorder, faults, load, wanted
from tools.po_files import parts, write


@pytest.fixture(scope="module")
def asked() -> Wanted:
    """What the code asks for: every file is read once, by one walk, for all tests here."""
    return wanted()


def entries(**texts: str | tuple[str, str]) -> dict[str, Message]:
    return {
        code.replace("__", "."): Message((code, code) if isinstance(text, tuple) else code, text)
        for code, text in texts.items()
    }


def told(french: dict[str, Message], english: dict[str, Message], *codes: str) -> list[str]:
    asked = Wanted(codes={code: "here.py:1" for code in codes})
    return faults(asked, {"fr": french, "en": english}, families={})


def test_an_entry_that_the_code_asks_for_is_missing() -> None:
    both = entries(mail__a="x"), entries(mail__a="y")
    assert told(*both, "mail.a") == []
    assert told(*both, "mail.a", "mail.b") == [
        f"{language}: mail.b is missing (asked for in here.py:1)" for language in ("en", "fr")
    ]


def test_two_versions_of_a_text_that_a_merge_put_together_are_found() -> None:
    both = entries(mail__a="Changez-le.Écartez-le."), entries(mail__a="No. 3.5, S.A.R.L. Change it. Discard it.")
    assert told(*both, "mail.a") == ["fr: mail.a: two sentences run into each other"]


def test_an_entry_that_nothing_asks_for_is_left_over() -> None:
    both = entries(mail__a="x", mail__b="x"), entries(mail__a="y", mail__b="y")
    assert told(*both, "mail.a") == ["en: mail.b is used by nothing", "fr: mail.b is used by nothing"]


@pytest.mark.parametrize(
    ("french", "english"),
    [("{a} et {b}", "{a}"), ("{total:amount}", "{total}"), (("{n} facture", "{n} factures"), ("one", "many"))],
)
def test_placeholders_that_differ_between_the_languages(
    french: str | tuple[str, str], english: str | tuple[str, str]
) -> None:
    assert told(entries(mail__a=french), entries(mail__a=english), "mail.a") == [
        "mail.a: the placeholders differ between the languages"
    ]


def test_a_text_that_nobody_has_translated_is_missing() -> None:
    assert told(entries(mail__a="x"), entries(mail__a=""), "mail.a") == [
        "en: mail.a is empty or marked fuzzy",
        "en: mail.a is missing (asked for in here.py:1)",
    ]


def test_one_thing_may_do_without_its_count() -> None:
    both = (
        entries(mail__a=("une facture", "{count} factures")),
        entries(mail__a=("{count} invoice", "{count} invoices")),
    )
    assert told(*both, "mail.a") == []


def test_the_catalogues_fit_the_code(asked: Wanted) -> None:
    assert asked.codes and asked.reasons and asked.errors and asked.texts and asked.patterns
    assert faults(asked, load(parts())) == []


def test_the_command_checks_the_same(
    asked: Wanted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["messages", "--check"])
    monkeypatch.setattr(messages, "wanted", lambda: asked)
    assert messages.main() == 0
    assert capsys.readouterr().out.strip() == "Every text is there, used, and the same in both languages."
    monkeypatch.setattr(messages, "wanted", lambda: Wanted(codes={**asked.codes, "mail.lost": "here.py:1"}))
    assert messages.main() == 1
    assert "fr: mail.lost is missing (asked for in here.py:1)" in capsys.readouterr().out


def test_errors_are_raised_by_their_case_and_never_with_a_sentence(tmp_path: Path) -> None:
    raised = [
        "InputError('no_siret')",
        "InputError('No SIRET.')",
        "StaleError(f'{name} is gone')",
        "ValueError('No field.')",
    ]
    for folder in ("include/cli", "include/demo"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "one.py").write_text("\n".join(f"raise {error}" for error in raised))
    found = wanted(tmp_path)
    assert (found.sentences, list(found.errors)) == (["include/cli/one.py:2", "include/cli/one.py:3"], ["no_siret"])
    assert faults(Wanted(sentences=["here.py:1"]), {"fr": {}, "en": {}}, families={}) == [
        "here.py:1: an error is raised with a sentence instead of its case"
    ]


def test_an_entry_that_a_merge_left_twice_is_found(tmp_path: Path) -> None:
    path = tmp_path / "fr" / "LC_MESSAGES" / "mail.po"
    catalogue = Catalog(locale="fr")
    catalogue.add("mail.a", "x")
    write(catalogue, path)
    assert disorder([path]) == []
    path.write_text(path.read_text() + '\nmsgid "mail.a"\nmsgstr "y"\n')
    [fault] = disorder([path])
    assert fault.startswith("fr/mail.po: not in its one form")
