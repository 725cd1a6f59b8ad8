"""Changing the list of recipients: by hand, from what was learned or proposed, from CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence

import pytest

from include.application import recipients as use_case
from include.application.recipients import Desk, Row, list_suggestions, rows_of, use_of, with_learned, with_rows
from include.application.recipients_csv import import_lines, plan_import, read, write
from include.application.recipients_port import OpenWording
from include.domain.configuration import Configuration, Recipient, Service
from include.domain.errors import ConfigurationFileError, InputError
from include.domain.mapping.recipients import suggestions
from include.domain.reasons import Reason
from tests.factories import BODY
from tests.fakes.clock import START, FakeClock
from tests.fakes.configuration_store import ConfigurationStoreChangedMeanwhile, FakeConfigurationStore
from tests.fakes.recipients import FakeLearnedRecipients

OTHER = "12345678200036"
NAME = "Mairie d'Annecy"
TOWN = Recipient(siret=BODY, wordings=(NAME,), services=(Service(code="ST01", wordings=("Voirie",)),))
HEADER = "siret;wording;service_code;service_wording"


@pytest.fixture
def desk(clock: FakeClock) -> Desk:
    store = FakeConfigurationStore()
    store.save(Configuration(recipients=(TOWN,)), expected_revision=0, actor="a", source="a", at=START, changes=())
    return Desk(configuration=store, learned=FakeLearnedRecipients(), clock=clock, actor="anna")


def learned(desk: Desk) -> FakeLearnedRecipients:
    assert isinstance(desk.learned, FakeLearnedRecipients)
    return desk.learned


def stored(desk: Desk) -> list[Row]:
    return rows_of(desk.configuration.current()[1].recipients)


def body(siret: str, wording: str) -> Row:
    return Row(siret=siret, wording=wording)


def service(code: str, wording: str, siret: str = BODY) -> Row:
    return Row(siret=siret, service_code=code, service_wording=wording)


# ---------------------------------------------------------------- by hand


def test_a_confirmed_wording_stands_in_the_configuration_with_who_and_what(desk: Desk) -> None:
    applied = use_case.confirm(desk, "Régie des eaux", "123 456 782 00036")
    assert stored(desk) == [body(BODY, NAME), service("ST01", "Voirie"), body(OTHER, "Régie des eaux")]
    newest = desk.configuration.log()[0]
    assert (newest.number, newest.actor, newest.source) == (2, "anna", "recipients confirm")
    assert newest.changes == applied.changes


def test_confirming_again_in_another_spelling_changes_nothing(desk: Desk) -> None:
    applied = use_case.confirm(desk, " MAIRIE D'ANNECY ", BODY)
    assert (applied.changes, applied.revision) == ((), 1)


def test_a_wording_that_means_another_body_is_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match=f"already means {BODY}.*Nothing was changed"):
        use_case.confirm(desk, "mairie d'annecy", OTHER)
    assert desk.configuration.current()[0] == 1


@pytest.mark.parametrize(("wording", "siret"), [("x", "123"), ("  ", OTHER), ("0123abcd", None)])
def test_a_wrong_call_changes_nothing(desk: Desk, wording: str, siret: str | None) -> None:
    with pytest.raises(InputError, match="Nothing was changed"):
        use_case.confirm(desk, wording, siret)
    assert desk.configuration.current()[0] == 1


def test_with_a_service_the_wording_means_both(desk: Desk) -> None:
    use_case.confirm(desk, "Voirie d'Annecy", BODY, service="st01")
    assert stored(desk) == [
        body(BODY, NAME),
        body(BODY, "Voirie d'Annecy"),
        service("ST01", "Voirie"),
        service("ST01", "Voirie d'Annecy"),
    ]


def test_a_change_that_came_between_is_not_lost(clock: FakeClock) -> None:
    store = ConfigurationStoreChangedMeanwhile(Configuration(recipients=(TOWN,)))
    desk = Desk(configuration=store, learned=FakeLearnedRecipients(), clock=clock, actor="anna")
    use_case.confirm(desk, "Régie des eaux", OTHER)
    assert stored(desk) == [body(BODY, NAME), service("ST01", "Voirie"), body(OTHER, "Régie des eaux")]


# ---------------------------------------------------------------- proposed and learned


def waiting(*candidates: tuple[str, str, int]) -> OpenWording:
    params = {"wording": "Regie des eau", "candidates": "-", "suggested": json.dumps(candidates)}
    reason = Reason(code="recipient_wording_close", params=params)
    assert len(suggestions(reason)) == len(candidates)
    return OpenWording(wording="Regie des eau", reason=reason, invoice_ids=(4,), document_ids=(5,))


def test_a_suggestion_is_confirmed_by_its_id(desk: Desk) -> None:
    learned(desk).waiting = [waiting((OTHER, "Régie des eaux", 96), (BODY, "Régie", 81))]
    best, second = list_suggestions(desk.learned)
    assert (best.siret, best.known, best.score, best.document_ids) == (OTHER, "Régie des eaux", 96, (5,))
    assert second.id is not None
    use_case.confirm(desk, second.id)
    assert body(BODY, "Regie des eau") in stored(desk)


def test_a_wording_without_candidate_is_listed_too(desk: Desk) -> None:
    learned(desk).waiting = [waiting()]
    [found] = list_suggestions(desk.learned)
    assert (found.wording, found.id, found.siret) == ("Regie des eau", None, None)


def test_a_kept_line_stands_in_the_configuration(desk: Desk) -> None:
    learned(desk).teach("Régie des eaux", OTHER)
    use_case.keep(desk, "REGIE-DES-EAUX")
    assert body(OTHER, "Régie des eaux") in stored(desk)
    assert [line.kept for line in desk.learned.lines()] == [True]
    assert desk.configuration.log()[0].source == "recipients keep"


def test_a_kept_service_line_keeps_its_code(desk: Desk) -> None:
    learned(desk).teach("Écoles", BODY, "ST02")
    use_case.keep(desk, "écoles")
    assert service("ST02", "Écoles") in stored(desk)


def test_an_ambiguous_line_is_kept_only_for_the_body_that_is_named(desk: Desk) -> None:
    learned(desk).teach("Régie des eaux", OTHER)
    learned(desk).teach("Régie des eaux", BODY)
    with pytest.raises(InputError, match=f"{OTHER}, {BODY}"):
        use_case.keep(desk, "Régie des eaux")
    assert desk.configuration.current()[0] == 1
    use_case.keep(desk, "Régie des eaux", OTHER)
    assert body(OTHER, "Régie des eaux") in stored(desk)


def test_a_forgotten_line_is_gone_and_an_unknown_one_is_told(desk: Desk) -> None:
    learned(desk).teach("Régie des eaux", OTHER)
    with pytest.raises(InputError, match="No learned line has the wording"):
        use_case.forget(desk, "Régie des eaux", BODY)
    assert use_case.forget(desk, "régie des eaux") == 2
    assert desk.learned.lines() == []


def test_what_becomes_of_each_learned_line_is_told(desk: Desk) -> None:
    for wording, siret, code in (
        (NAME, OTHER, None),
        ("Régie", OTHER, None),
        ("Régie", BODY, None),
        ("CCAS de Thônes", OTHER, None),
        ("Voirie", BODY, "ST09"),
        ("Voirie", OTHER, "ST09"),
        ("Écoles", BODY, "1"),
        ("Écoles", BODY, "2"),
    ):
        learned(desk).teach(wording, siret, code)
    lines = desk.learned.lines()
    found = [use_of(line, lines, (TOWN,)) for line in lines]
    assert found == [
        "configured", "ambiguous", "ambiguous", "used", "configured", "used", "ambiguous", "ambiguous"
    ]  # fmt: skip


def test_an_export_with_learned_lines_takes_those_that_are_used(desk: Desk) -> None:
    learned(desk).teach(NAME, OTHER)
    learned(desk).teach("CCAS de Thônes", OTHER)
    exported = with_learned(Configuration(recipients=(TOWN,)), desk.learned.lines())
    assert rows_of(exported.recipients) == [body(BODY, NAME), service("ST01", "Voirie"), body(OTHER, "CCAS de Thônes")]


# ---------------------------------------------------------------- CSV


def imported(desk: Desk, *lines: str, replace: bool = False) -> list[Row]:
    content = "\r\n".join([HEADER, *lines]).encode("utf-8-sig")
    import_lines(desk, read(content, "r.csv"), replace=replace, name="r.csv")
    return stored(desk)


def excel(content: bytes, encoding: str = "cp1252") -> bytes:
    """Opened and saved by a French Excel: formulas become their values, numbers what Excel makes of them."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(
        [[_excel_cell(cell) for cell in row] for row in rows]
    )
    return out.getvalue().encode(encoding)


def _excel_cell(cell: str) -> str:
    if cell.startswith('="'):
        return cell[2:-1].replace('""', '"')
    if cell.isdigit():
        return f"{int(cell):.5E}".replace(".", ",") if len(cell) > 11 else str(int(cell))
    if re.fullmatch(r"(JAN|MAR|DEC)[0-9]+", cell):
        return f"01-{cell[:3].lower()}"
    assert not cell.startswith(("=", "+", "-", "@")), "Excel would run it"
    return cell


AWKWARD: Sequence[Recipient] = (
    TOWN,
    Recipient(siret="00000000415073", wordings=("=HYPERLINK(1)", 'Régie "des eaux"; Laudon', "0042", "- 3 -")),
    Recipient(siret=OTHER, services=(Service(code="0001", wordings=("É\nc", "1E5")), Service(code="MAR1"))),
    Recipient(siret="12345678200044"),
)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig"])
def test_a_french_excel_gives_back_what_it_was_given(desk: Desk, encoding: str) -> None:
    content = write(AWKWARD)
    assert content.startswith(b"\xef\xbb\xbfsiret;wording;service_code;service_wording\r\n")
    for given in (content, excel(content, encoding), write(AWKWARD, plain=True)):
        lines = read(given)
        assert with_rows((), (line.row for line in lines)) == tuple(AWKWARD)


def test_importing_an_export_changes_nothing(desk: Desk) -> None:
    lines = read(write(desk.configuration.current()[1].recipients))
    for replace in (False, True):
        assert import_lines(desk, lines, replace=replace, name="r.csv").changes == ()
        assert plan_import(desk, lines, replace=replace, name="r.csv").changes == ()


def test_an_import_adds_and_with_replace_it_is_the_whole_list(desk: Desk) -> None:
    line = f"{OTHER};Régie des eaux;ST05;Compteurs"
    added = [body(OTHER, "Régie des eaux"), service("ST05", "Compteurs", OTHER)]
    assert imported(desk, line) == [body(BODY, NAME), service("ST01", "Voirie"), *added]
    assert imported(desk, line, replace=True) == added
    assert desk.configuration.log()[0].source == "recipients import r.csv"


def test_a_plan_changes_nothing(desk: Desk) -> None:
    lines = read(f"{HEADER}\n{OTHER};Régie;;".encode())
    planned = plan_import(desk, lines, replace=False, name="r.csv")
    assert [change.item for change in planned.changes] == [OTHER]
    assert desk.configuration.current()[0] == 1


def test_every_wrong_line_is_told_with_its_number_and_nothing_is_changed(desk: Desk) -> None:
    with pytest.raises(ConfigurationFileError) as error:
        imported(
            desk,
            "1,23457E+13;Excel;;",
            "",
            f'{OTHER};"two\nlines";;',
            "415073;zeros;;",
            ";nobody;;",
            f"{OTHER};;;Voirie",
            f"{OTHER};a;b;c;d",
            "x;y;;",
        )
    told = error.value.faults
    assert [fault.split(": ")[0] for fault in told[:-1]] == [f"r.csv:{number}" for number in (2, 6, 7, 8, 9, 10)]
    assert "Excel" in told[0]
    assert "leading zeros" in told[1]
    assert told[-1] == "Nothing was changed."
    assert desk.configuration.current()[0] == 1


def test_a_wording_with_two_meanings_is_told_with_both_places(desk: Desk) -> None:
    with pytest.raises(ConfigurationFileError) as error:
        imported(desk, f"{OTHER};MAIRIE D'ANNECY;;", f"{OTHER};Régie;;", f"{BODY};régie;;", f"{BODY};;ST02;Voirie")
    told = error.value.faults
    assert [fault.split(": ")[0] for fault in told[:-1]] == ["r.csv:2", "r.csv:4", "r.csv:5"]
    assert "in the configuration" in told[0]
    assert "in line 3" in told[1]
    assert desk.configuration.current()[0] == 1


@pytest.mark.parametrize(
    "content",
    [
        f"sep=;\r\n{HEADER}\r\n{OTHER};Régie;;\r\n".encode(),
        f"{HEADER}\n{OTHER};Régie;;\n".replace(";", "\t").encode("utf-16"),
        f"wording,siret\nRégie,{OTHER}\n".encode(),
        f"SIRET;Wording\n'{OTHER};Régie\n".encode("cp1252"),
    ],
)
def test_files_as_programs_write_them_are_read(content: bytes) -> None:
    assert [line.row for line in read(content)] == [body(OTHER, "Régie")]


@pytest.mark.parametrize("content", [b"", b"libelle;siret\n", b"a;b\n1;2\n", b"wording\nx\n"])
def test_a_file_without_our_columns_is_refused(content: bytes) -> None:
    with pytest.raises(ConfigurationFileError, match="siret;wording;service_code;service_wording"):
        read(content, "r.csv")


def test_many_wrong_lines_are_not_all_shown() -> None:
    with pytest.raises(ConfigurationFileError, match=r"\.\.\. and 950 more wrong lines"):
        read("\n".join([HEADER, *["x;;;"] * 1000]).encode())
