"""Side-cars: metadata decide amounts, so nothing in them is guessed."""

from __future__ import annotations

import codecs
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.adapters.portal.folder.names import path_of, portal_id
from include.adapters.portal.folder.side_car import MAX_BYTES, SideCar, SideCarError, parse_side_car
from include.domain.reasons import has_words


def metadata(json: str) -> dict[str, tuple[str, ...]]:
    return dict(parse_side_car(f'{{"metadata": {json}}}'.encode(), "").metadata)


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ('"1 800,00"', "1 800,00"),
        ("1800.50", "1800.50"),
        ("1800", "1800"),
        ('"00000000415073"', "00000000415073"),
        ("33254021516357", "33254021516357"),
        ("1e3", "1e3"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("true", "true"),
        ("false", "false"),
        ('"2026-11-20"', "2026-11-20"),
    ],
)
def test_values_keep_the_form_they_were_printed_in(printed: str, kept: str) -> None:
    assert metadata(f'{{"m": {printed}}}') == {"m": (kept,)}


def test_multiple_values_are_unique_and_keep_their_order() -> None:
    assert metadata('{"m": ["b", "a", "b", null, ""]}') == {"m": ("b", "a")}


@pytest.mark.parametrize("none", ["null", '""', '"  "', "[]", "[null]"])
def test_null_and_blank_are_no_value_but_hide_a_default(none: str) -> None:
    own = parse_side_car(f'{{"metadata": {{"m": {none}}}}}'.encode(), "")
    assert own.over(SideCar(metadata={"m": ("default",)})).metadata == {"m": ()}


def test_an_empty_object_says_nothing() -> None:
    assert parse_side_car(b"{}", "") == SideCar()


def test_a_link_is_relative_to_the_folder_of_the_side_car() -> None:
    told = parse_side_car(b'{"links": ["bl.pdf", "../bl.pdf", "sub/./bl.pdf", "bl.pdf"]}', "a/b")
    assert told.links == ("a/b/bl.pdf", "a/bl.pdf", "a/b/sub/bl.pdf")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_what_editors_on_windows_write_is_understood(encoding: str) -> None:
    told = parse_side_car('{"classification_rule": "Pièce"}'.encode(encoding), "")
    assert told.classification_rule == "Pièce"


def test_an_unknown_key_is_another_programs_business() -> None:
    assert parse_side_car(b'{"exported_by": "ERP 4"}', "") == SideCar()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "side_car_not_json"),
        (b'{"metadata": {"montant": "1', "side_car_not_json"),
        (b'{"metadata": {"m": NaN}}', "side_car_not_json"),
        (b"[" * 200_000, "side_car_not_json"),
        (b"[]", "side_car_not_object"),
        (b"null", "side_car_not_object"),
        ('{"classification_rule": "Pièce"}'.encode("latin-1"), "side_car_encoding"),
        (codecs.BOM_UTF16_LE + b"x", "side_car_encoding"),
        (rb'{"metadata": {"m": "\ud800"}}', "side_car_encoding"),
        (rb'{"metadata": {"m": "\u0000"}}', "side_car_encoding"),
        (b" " * (MAX_BYTES + 1), "side_car_too_large"),
        (b'{"metadata": {"m": "1", "m": "2"}}', "side_car_duplicate"),
        (b'{"metadatas": {"m": "1"}}', "side_car_misspelt"),
        (b'{"Metadata": {"m": "1"}}', "side_car_misspelt"),
        (b'{"classification rule": "x"}', "side_car_misspelt"),
        (b'{"classification_rule": ["x"]}', "side_car_bad_rule"),
        (b'{"metadata": ["m"]}', "side_car_bad_metadata"),
        (b'{"metadata": {"m": {"n": "1"}}}', "side_car_bad_metadata"),
        (b'{"metadata": {"m": [["1"]]}}', "side_car_bad_metadata"),
        (b'{"links": ["/etc/hostname"]}', "side_car_bad_link"),
        (b'{"links": ["../x.pdf"]}', "side_car_bad_link"),
        (b'{"links": [""]}', "side_car_bad_link"),
        (b'{"links": [{"name": "x.pdf"}]}', "side_car_bad_link"),
        (rb'{"links": ["sub\\x.pdf"]}', "side_car_bad_link"),
    ],
)
def test_what_is_unclear_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(SideCarError) as caught:
        parse_side_car(content, "")
    assert caught.value.code == code
    assert has_words(code)


@given(st.binary(max_size=60))
def test_no_bytes_bring_down_the_scan(content: bytes) -> None:
    try:
        parse_side_car(content, "a")
    except SideCarError as error:
        assert has_words(error.code)


@given(st.binary(min_size=1, max_size=40).filter(lambda raw: b"\0" not in raw))
def test_any_file_name_becomes_text_and_leads_back(raw: bytes) -> None:
    path = os.fsdecode(raw)
    text = portal_id(path)
    text.encode()
    assert path_of(text) == path


@given(st.lists(st.binary(min_size=1, max_size=8).filter(lambda raw: b"\0" not in raw), unique=True, max_size=20))
def test_two_files_never_share_an_id(names: list[bytes]) -> None:
    assert len({portal_id(os.fsdecode(name)) for name in names}) == len(names)
