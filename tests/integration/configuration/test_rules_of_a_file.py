"""The rules between the parts of a configuration, asked of a file."""

from __future__ import annotations

from pathlib import Path

from include.domain.configuration_rules import faults
from tests.integration.configuration.situations import faults as file_faults
from tests.integration.configuration.situations import only_fault, read


def test_a_file_alone_does_not_assess_names_that_left_out_sections_may_define(tmp_path: Path) -> None:
    text = """
        people: {users: []}
        administer: {users: [anna], groups: [g]}
        criteria: [{name: c, folder: /x, providers: [A]}]
        """
    assert file_faults(tmp_path, text) == []
    assert len(file_faults(tmp_path, text + "\n        providers: []\n")) == 1
    assert len(faults(read(tmp_path, text))) == 3


def test_a_fault_of_a_rule_points_at_its_line(tmp_path: Path) -> None:
    text = "criteria:\n  - name: a\n    folder: /x\n    classification_rule: r\n"
    assert only_fault(tmp_path, text).startswith("file0.yaml:3: criteria[a].folder: a criterion names both")
