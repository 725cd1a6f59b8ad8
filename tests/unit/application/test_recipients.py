"""Changing the list of recipients: by hand, from what was learned or proposed, from CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
import json
import re
from collections.abc import Callable, Sequence

import pytest

from include.application.administration import recipients as use_case
from include.application.administration.recipient_lists import RecipientLists
from include.application.administration.recipients import (
    RecipientEditing,
    Row,
    list_suggestions,
    rows_of,
    use_of,
    with_learned,
    with_rows,
)
from include.application.administration.recipients_csv import Line, import_lines, plan_import, read, write
from include.application.ports.paging import PageRequest
from include.application.ports.recipients import OpenWording
from include.domain.configuration import Configuration, Recipient, Service
from include.domain.errors import ConfigurationFileError, InputError, NotThereError
from include.domain.mapping.recipients import suggestions
from include.domain.reasons import Reason
from include.domain.rights import OWNER, Viewer
from tests.factories import BODY
from tests.fakes.clock import START, FakeClock
from tests.fakes.configuration_store import ConfigurationStoreChangedMeanwhile, FakeConfigurationStore
from tests.fakes.recipients import FakeLearnedRecipients

OTHER = "12345678200036"
NAME = "Mairie d'Annecy"
TOWN = Recipient(siret=BODY, wordings=(NAME,), services=(Service(code="ST01", wordings=("Voirie",)),))
HEADER = "siret;wording;service_code;service_wording"


@pytest.fixture
def editing(clock: FakeClock) -> RecipientEditing:
    store = FakeConfigurationStore()
    store.save(Configuration(recipients=(TOWN,)), expected_revision=0, actor="a", source="a", at=START, changes=())
    return RecipientEditing(
        configuration=store, learned=FakeLearnedRecipients(), clock=clock, actor="anna", viewer=OWNER
    )


def learned(editing: RecipientEditing) -> FakeLearnedRecipients:
    assert isinstance(editing.learned, FakeLearnedRecipients)
    return editing.learned


def stored(editing: RecipientEditing) -> list[Row]:
    return rows_of(editing.configuration.current()[1].recipients)


def lists(editing: RecipientEditing) -> RecipientLists:
    return RecipientLists(configuration=editing.configuration.current()[1], learned=editing.learned)


@pytest.mark.parametrize(("text", "found"), [(None, 2), (" ", 2), ("ANNÉCY", 1), ("voi", 1), (BODY, 2), ("x", 0)])
def test_the_list_is_searched_by_part_of_what_it_says(editing: RecipientEditing, text: str | None, found: int) -> None:
    page = lists(editing).configured(OWNER, text, PageRequest(sort="position"))
    assert len(page.items) == found


@pytest.mark.parametrize("sort", ["position", "-position", "wording", "-wording", "siret", "-siret"])
@pytest.mark.parametrize("limit", [1, 2, 3, 9])
def test_the_list_is_paged_both_ways(editing: RecipientEditing, sort: str, limit: int) -> None:
    rows = [Row(siret=BODY, wording="Mairie"), Row(siret=OTHER, wording="Ville")]
    rows += [Row(siret=BODY, wording="Commune"), Row(siret=OTHER, wording="Agglo")]
    editing.edit(lambda _stored: with_rows((), rows), source="test")
    every_row = lists(editing).configured(OWNER, None, PageRequest(sort=sort)).items
    assert len(every_row) == 4
    pages = [lists(editing).configured(OWNER, None, PageRequest(sort=sort, limit=limit))]
    while pages[-1].after:
        pages.append(lists(editing).configured(OWNER, None, PageRequest(sort=sort, limit=limit, after=pages[-1].after)))
    assert tuple(row for page in pages for row in page.items) == every_row
    assert pages[0].before is None
    for earlier, later in itertools.pairwise(pages):
        back = PageRequest(sort=sort, limit=limit, before=later.before)
        assert lists(editing).configured(OWNER, None, back) == earlier


def test_only_who_administers_sees_what_is_set_and_learned(editing: RecipientEditing) -> None:
    learned(editing).teach("Mairie", BODY, None, "simulator")
    clerk = Viewer(provider_keys=frozenset({"simulator:1"}))
    request = PageRequest(sort="position")
    assert lists(editing).configured(clerk, None, request).items == ()
    assert lists(editing).learned_lines(clerk, None, request).items == ()
    [row] = lists(editing).learned_lines(OWNER, "mairie", request).items
    assert (row.line.siret, row.use) == (BODY, "used")
    with pytest.raises(InputError):
        lists(editing).configured(OWNER, None, PageRequest(sort="name"))
    with pytest.raises(InputError):
        lists(editing).configured(OWNER, None, PageRequest(sort="wording", after="torn"))


def test_what_else_is_set_for_a_body_stays_whatever_happens_to_its_wordings(editing: RecipientEditing) -> None:
    hospital = TOWN.model_copy(update={"payment_days": 50})
    editing.edit(lambda _stored: (hospital,), source="test")
    use_case.confirm(editing, "CH Annecy", BODY)
    line = [Line(number=2, row=Row(siret=BODY, wording="Hôpital"))]
    import_lines(editing, line, replace=True, name="r.csv")
    [kept] = editing.configuration.current()[1].recipients
    assert (kept.payment_days, kept.wordings) == (50, ("Hôpital",))


def body(siret: str, wording: str) -> Row:
    return Row(siret=siret, wording=wording)


def service(code: str, wording: str, siret: str = BODY) -> Row:
    return Row(siret=siret, service_code=code, service_wording=wording)


# ---------------------------------------------------------------- by hand


def test_who_does_not_administer_finds_nothing_to_change(editing: RecipientEditing) -> None:
    before = editing.configuration.current()
    somebody = dataclasses.replace(editing, viewer=Viewer(provider_keys=frozenset({"simulator:1"})))
    lines = read(write(before[1].recipients), "a.csv")
    calls: list[Callable[[], object]] = [
        lambda: use_case.confirm(somebody, "Régie des eaux", OTHER),
        lambda: use_case.confirm(somebody, "an id"),
        lambda: use_case.keep(somebody, NAME),
        lambda: use_case.forget(somebody, NAME),
        lambda: import_lines(somebody, lines, replace=True, name="a.csv"),
    ]
    for call in calls:
        with pytest.raises(NotThereError):
            call()
    assert editing.configuration.current() == before


def test_a_confirmed_wording_stands_in_the_configuration_with_who_and_what(editing: RecipientEditing) -> None:
    applied = use_case.confirm(editing, "Régie des eaux", "123 456 782 00036")
    assert stored(editing) == [body(BODY, NAME), service("ST01", "Voirie"), body(OTHER, "Régie des eaux")]
    newest = editing.configuration.log()[0]
    assert (newest.number, newest.actor, newest.source) == (2, "anna", "recipients confirm")
    assert newest.changes == applied.changes


def test_confirming_again_in_another_spelling_changes_nothing(editing: RecipientEditing) -> None:
    applied = use_case.confirm(editing, " MAIRIE D'ANNECY ", BODY)
    assert (applied.changes, applied.revision) == ((), 1)


def test_a_wording_that_means_another_body_is_refused(editing: RecipientEditing) -> None:
    with pytest.raises(InputError, match=f"already means {BODY}.*Nothing was changed"):
        use_case.confirm(editing, "mairie d'annecy", OTHER)
    assert editing.configuration.current()[0] == 1


@pytest.mark.parametrize(("wording", "siret"), [("x", "123"), ("  ", OTHER), ("0123abcd", None)])
def test_a_wrong_call_changes_nothing(editing: RecipientEditing, wording: str, siret: str | None) -> None:
    with pytest.raises(InputError, match="Nothing was changed"):
        use_case.confirm(editing, wording, siret)
    assert editing.configuration.current()[0] == 1


def test_with_a_service_the_wording_means_both(editing: RecipientEditing) -> None:
    use_case.confirm(editing, "Voirie d'Annecy", BODY, service="st01")
    assert stored(editing) == [
        body(BODY, NAME),
        body(BODY, "Voirie d'Annecy"),
        service("ST01", "Voirie"),
        service("ST01", "Voirie d'Annecy"),
    ]


def test_a_change_that_came_between_is_not_lost(clock: FakeClock) -> None:
    store = ConfigurationStoreChangedMeanwhile(Configuration(recipients=(TOWN,)))
    editing = RecipientEditing(
        configuration=store, learned=FakeLearnedRecipients(), clock=clock, actor="anna", viewer=OWNER
    )
    use_case.confirm(editing, "Régie des eaux", OTHER)
    assert stored(editing) == [body(BODY, NAME), service("ST01", "Voirie"), body(OTHER, "Régie des eaux")]


# ---------------------------------------------------------------- proposed and learned


def waiting(*candidates: tuple[str, str, int]) -> OpenWording:
    params = {"wording": "Regie des eau", "candidates": "-", "suggested": json.dumps(candidates)}
    reason = Reason(code="recipient_wording_close", params=params)
    assert len(suggestions(reason)) == len(candidates)
    return OpenWording(wording="Regie des eau", reason=reason, invoice_ids=(4,), document_ids=(5,))


def test_a_suggestion_is_confirmed_by_its_id(editing: RecipientEditing) -> None:
    learned(editing).waiting = [waiting((OTHER, "Régie des eaux", 96), (BODY, "Régie", 81))]
    best, second = list_suggestions(editing.learned, OWNER)
    assert (best.siret, best.known, best.score, best.document_ids) == (OTHER, "Régie des eaux", 96, (5,))
    assert second.id is not None
    use_case.confirm(editing, second.id)
    assert body(BODY, "Regie des eau") in stored(editing)


def test_a_wording_without_candidate_is_listed_too(editing: RecipientEditing) -> None:
    learned(editing).waiting = [waiting()]
    [found] = list_suggestions(editing.learned, OWNER)
    assert (found.wording, found.id, found.siret) == ("Regie des eau", None, None)


def test_a_kept_line_stands_in_the_configuration(editing: RecipientEditing) -> None:
    learned(editing).teach("Régie des eaux", OTHER)
    use_case.keep(editing, "REGIE-DES-EAUX")
    assert body(OTHER, "Régie des eaux") in stored(editing)
    assert [line.kept for line in editing.learned.lines()] == [True]
    assert editing.configuration.log()[0].source == "recipients keep"


def test_a_kept_service_line_keeps_its_code(editing: RecipientEditing) -> None:
    learned(editing).teach("Écoles", BODY, "ST02")
    use_case.keep(editing, "écoles")
    assert service("ST02", "Écoles") in stored(editing)


def test_an_ambiguous_line_is_kept_only_for_the_body_that_is_named(editing: RecipientEditing) -> None:
    learned(editing).teach("Régie des eaux", OTHER)
    learned(editing).teach("Régie des eaux", BODY)
    with pytest.raises(InputError, match=f"{OTHER}, {BODY}"):
        use_case.keep(editing, "Régie des eaux")
    assert editing.configuration.current()[0] == 1
    use_case.keep(editing, "Régie des eaux", OTHER)
    assert body(OTHER, "Régie des eaux") in stored(editing)


def test_a_forgotten_line_is_gone_and_an_unknown_one_is_told(editing: RecipientEditing) -> None:
    learned(editing).teach("Régie des eaux", OTHER)
    with pytest.raises(InputError, match="No learned line has the wording"):
        use_case.forget(editing, "Régie des eaux", BODY)
    assert use_case.forget(editing, "régie des eaux") == 2
    assert editing.learned.lines() == []


def test_what_becomes_of_each_learned_line_is_told(editing: RecipientEditing) -> None:
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
        learned(editing).teach(wording, siret, code)
    lines = editing.learned.lines()
    found = [use_of(line, lines, (TOWN,)) for line in lines]
    assert found == [
        "configured", "ambiguous", "ambiguous", "used", "configured", "used", "ambiguous", "ambiguous"
    ]  # fmt: skip


def test_an_export_with_learned_lines_takes_those_that_are_used(editing: RecipientEditing) -> None:
    learned(editing).teach(NAME, OTHER)
    learned(editing).teach("CCAS de Thônes", OTHER)
    exported = with_learned(Configuration(recipients=(TOWN,)), editing.learned.lines())
    assert rows_of(exported.recipients) == [body(BODY, NAME), service("ST01", "Voirie"), body(OTHER, "CCAS de Thônes")]


# ---------------------------------------------------------------- CSV


def imported(editing: RecipientEditing, *lines: str, replace: bool = False) -> list[Row]:
    content = "\r\n".join([HEADER, *lines]).encode("utf-8-sig")
    import_lines(editing, read(content, "r.csv"), replace=replace, name="r.csv")
    return stored(editing)


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
def test_a_french_excel_gives_back_what_it_was_given(editing: RecipientEditing, encoding: str) -> None:
    content = write(AWKWARD)
    assert content.startswith(b'\xef\xbb\xbf"siret";"wording";"service_code";"service_wording"\r\n')
    for given in (content, excel(content, encoding), write(AWKWARD, plain=True)):
        lines = read(given)
        assert with_rows((), (line.row for line in lines)) == tuple(AWKWARD)


def test_importing_an_export_changes_nothing(editing: RecipientEditing) -> None:
    lines = read(write(editing.configuration.current()[1].recipients))
    for replace in (False, True):
        assert import_lines(editing, lines, replace=replace, name="r.csv").changes == ()
        assert plan_import(editing, lines, replace=replace, name="r.csv").changes == ()


def test_an_import_adds_and_with_replace_it_is_the_whole_list(editing: RecipientEditing) -> None:
    line = f"{OTHER};Régie des eaux;ST05;Compteurs"
    added = [body(OTHER, "Régie des eaux"), service("ST05", "Compteurs", OTHER)]
    assert imported(editing, line) == [body(BODY, NAME), service("ST01", "Voirie"), *added]
    assert imported(editing, line, replace=True) == added
    assert editing.configuration.log()[0].source == "recipients import r.csv"


def test_a_plan_changes_nothing(editing: RecipientEditing) -> None:
    lines = read(f"{HEADER}\n{OTHER};Régie;;".encode())
    planned = plan_import(editing, lines, replace=False, name="r.csv")
    assert [change.item for change in planned.changes] == [OTHER]
    assert editing.configuration.current()[0] == 1


def test_every_wrong_line_is_told_with_its_number_and_nothing_is_changed(editing: RecipientEditing) -> None:
    with pytest.raises(ConfigurationFileError) as error:
        imported(
            editing,
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
    assert editing.configuration.current()[0] == 1


def test_a_wording_with_two_meanings_is_told_with_both_places(editing: RecipientEditing) -> None:
    with pytest.raises(ConfigurationFileError) as error:
        imported(editing, f"{OTHER};MAIRIE D'ANNECY;;", f"{OTHER};Régie;;", f"{BODY};régie;;", f"{BODY};;ST02;Voirie")
    told = error.value.faults
    assert [fault.split(": ")[0] for fault in told[:-1]] == ["r.csv:2", "r.csv:4", "r.csv:5"]
    assert "in the configuration" in told[0]
    assert "in line 3" in told[1]
    assert editing.configuration.current()[0] == 1


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
