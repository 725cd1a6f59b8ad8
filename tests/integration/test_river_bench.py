"""The benchmark of the pipeline measures one that works: each invoice sent once, nothing read a second time."""

from __future__ import annotations

import pytest

from benchmarks import river
from benchmarks.world import invoice

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_ten_documents_are_sent_once_and_a_second_pass_over_many_known_ones_reads_nothing() -> None:
    found = river.run([10], known_documents=31, server=None)
    [run] = found["runs"]
    assert run["on_the_platform_exactly_once"] + run["left_to_a_person"] == 10
    assert run["on_the_platform_exactly_once"] >= 9
    assert run["read_again"] == 0
    assert set(run["milliseconds_per_document"]) >= {"collect", "match", "read", "map", "submit"}
    looked = found["nothing_new"]
    assert looked["documents"] == 31
    assert looked["read_again"] == 0
    assert sum(looked["of_which"].values()) == 31


def test_no_two_invoices_are_alike_and_each_is_the_same_in_each_run() -> None:
    made = [invoice(index) for index in range(6)]
    assert len(set(made)) == 6
    assert invoice(1) == made[1]
    assert [b"factur-x.xml" in content for content in made] == [True, False, False, False, False, True]
