"""Overlays: mappings merge by key, named things by identity, other lists are replaced."""

from __future__ import annotations

from pathlib import Path

from tests.integration.configuration.situations import DURAND, MARTIN, faults, read


def test_mappings_merge_by_key(tmp_path: Path) -> None:
    found = read(tmp_path, "submission: {parallel: 2, lease_seconds: 800}\n", "submission: {parallel: 3}\n")
    assert (found.submission.parallel, found.submission.lease_seconds) == (3, 800)


def test_a_section_that_only_the_overlay_has_is_added(tmp_path: Path) -> None:
    found = read(tmp_path, "version: 1\n", "submission: {parallel: 3}\n")
    assert found.submission.parallel == 3


def test_providers_merge_by_siret_and_environment(tmp_path: Path) -> None:
    overlay = 'providers: [{siret: "33254021516357", environment: simulator, name: Durand et fils}]\n'
    found = read(tmp_path, f"providers: [{{{DURAND}, loading: local}}, {{{MARTIN}}}]\n", overlay)
    assert [(p.name, p.loading) for p in found.providers] == [("Durand et fils", "local"), ("Martin", "remote")]


def test_an_overlay_moves_a_provider_to_another_environment_by_its_name(tmp_path: Path) -> None:
    overlay = "providers: [{name: Durand, environment: qualification, connection: chorus_qualif}]\n"
    found = read(tmp_path, f"providers: [{{{DURAND}}}]\n", overlay)
    assert [(p.environment, p.connection) for p in found.providers] == [("qualification", "chorus_qualif")]


def test_a_provider_is_also_named_by_the_siret_that_only_it_has(tmp_path: Path) -> None:
    overlay = 'providers: [{siret: "33254021516357", automatic_submission: true}]\n'
    found = read(tmp_path, f"providers: [{{{DURAND}}}, {{{MARTIN}}}]\n", overlay)
    assert [p.automatic_submission for p in found.providers] == [True, False]


def test_a_siret_that_two_providers_have_names_none_of_them(tmp_path: Path) -> None:
    second = DURAND.replace("Durand,", "Durand test,").replace("simulator", "qualification")
    base = f"providers: [{{{DURAND}}}, {{{second}}}]\n"
    found = faults(tmp_path, base, 'providers: [{siret: "33254021516357", automatic_submission: true}]\n')
    assert found
    assert all(fault.startswith("file1.yaml:1: ") for fault in found)


def test_a_provider_that_the_base_lacks_is_added(tmp_path: Path) -> None:
    found = read(tmp_path, f"providers: [{{{DURAND}}}]\n", f"providers: [{{{MARTIN}}}]\n")
    assert [p.name for p in found.providers] == ["Durand", "Martin"]


def test_people_criteria_associations_and_recipients_merge_by_identity(tmp_path: Path) -> None:
    base = """
        people:
          users: [{name: anna, mail: anna@a.example}, {name: ben}]
          groups: [{name: g, users: [anna]}]
        criteria: [{name: c, folder: /x}, {name: d, folder: /y}]
        metadata_association: [{classification_rule: r, fields: {total_incl_tax: montant, comment: note}}]
        recipients: [{siret: "12345678200051", wordings: [Mairie], services: [{code: "1"}]}]
        """
    overlay = """
        people:
          users: [{name: anna, language: en}]
          groups: [{name: g, users: [ben]}]
        criteria: [{name: d, subfolders: true}]
        metadata_association: [{classification_rule: r, fields: {comment: remarque}}]
        recipients: [{siret: "12345678200051", services: [{code: "2"}]}]
        """
    found = read(tmp_path, base, overlay)
    assert [(u.name, u.mail, u.language) for u in found.people.users] == [
        ("anna", "anna@a.example", "en"),
        ("ben", None, None),
    ]
    assert found.people.groups[0].users == ("ben",)
    assert [(c.name, c.folder, c.subfolders) for c in found.criteria] == [("c", "/x", False), ("d", "/y", True)]
    assert found.metadata_association[0].fields == {"total_incl_tax": "montant", "comment": "remarque"}
    assert found.recipients[0].wordings == ("Mairie",)
    assert [service.code for service in found.recipients[0].services] == ["2"]


def test_other_lists_are_replaced(tmp_path: Path) -> None:
    base = "people: {users: [{name: a}, {name: b}]}\nlabel_rights: [{user: a, label: x}]\n"
    found = read(tmp_path, base, "label_rights: [{user: b, label: y}]\n")
    assert [(right.user, right.label) for right in found.label_rights] == [("b", "y")]


def test_overlays_are_laid_in_their_order(tmp_path: Path) -> None:
    found = read(tmp_path, *(f"submission: {{parallel: {number}}}\n" for number in (1, 2, 3)))
    assert found.submission.parallel == 3


def test_a_fault_names_the_file_that_said_it(tmp_path: Path) -> None:
    base = f"providers:\n  - {{{DURAND}, loading: lokal}}\ndirectory: {{refresh_hours: x}}\n"
    found = faults(tmp_path, base, "# later\nproviders:\n  - {name: Durand, loading: fern}\n")
    assert [fault.split(": ")[0] for fault in found] == ["file0.yaml:3", "file1.yaml:3"]


def test_null_in_an_overlay_takes_a_value_back(tmp_path: Path) -> None:
    base = f"providers: [{{{DURAND}, supplier_service: FACT}}]\nmail: {{connection: c, sender: a@b.example}}\n"
    found = read(tmp_path, base, "providers: [{name: Durand, supplier_service: null}]\nmail: null\n")
    assert found.providers[0].supplier_service is None
    assert found.mail is None
    assert "mail" in found.model_fields_set


def test_the_same_value_reached_by_an_alias_is_changed_in_one_place_only(tmp_path: Path) -> None:
    base = f"""
        providers:
          - {{{DURAND}, notify: &who {{groups: [g]}}}}
          - {{{MARTIN}, notify: *who}}
        people: {{users: [], groups: [{{name: g}}, {{name: h}}]}}
        """
    found = read(tmp_path, base, "providers: [{name: Durand, notify: {groups: [h]}}]\n")
    assert [p.notify.groups for p in found.providers] == [("h",), ("g",)]
