"""Applying: a left-out section is left alone, a list is the whole list, nothing effective makes no revision."""

from __future__ import annotations

from typing import Any

import pytest

from include.application.administration.configuration_changes import as_diff
from include.application.administration.configure import Applied, apply, plan
from include.application.ports.configuration import Action
from include.domain.configuration import Configuration
from include.domain.configuration_rules import Around
from include.domain.errors import ConfigurationFileError, NotThereError, StaleError
from include.domain.rights import OWNER, Viewer
from tests.fakes.clock import START, FakeClock
from tests.fakes.configuration_store import ConfigurationStoreChangedMeanwhile, FakeConfigurationStore

SIRET, OTHER = "33254021516357", "12345678200051"
CLOCK = FakeClock()


def provider(name: str = "Durand", **changes: Any) -> dict[str, Any]:
    return {"name": name, "siret": SIRET, "environment": "simulator", "connection": "chorus", **changes}


def criterion(name: str = "c", **changes: Any) -> dict[str, Any]:
    return {"name": name, "folder": "/x", **changes}


def put(
    store: FakeConfigurationStore,
    *,
    at: FakeClock = CLOCK,
    viewer: Viewer = OWNER,
    expected: int | None = None,
    **sections: Any,
) -> Applied:
    wanted = Configuration.model_validate(sections)
    around = Around(allow_production=False)
    who = {"actor": "anna", "viewer": viewer}
    return apply(store, wanted, at, **who, source="a.yaml", look_around=lambda _: around, expected=expected)


def stored(store: FakeConfigurationStore) -> Configuration:
    return store.current()[1]


@pytest.fixture
def store() -> FakeConfigurationStore:
    return FakeConfigurationStore()


def test_a_section_that_is_left_out_is_left_alone(store: FakeConfigurationStore) -> None:
    put(store, providers=[provider()], submission={"parallel": 2})
    put(store, criteria=[criterion()])
    assert stored(store).submission.parallel == 2
    assert [p.name for p in stored(store).providers] == ["Durand"]


def test_a_list_that_is_present_is_the_whole_list(store: FakeConfigurationStore) -> None:
    put(store, criteria=[criterion("a"), criterion("b")], recipients=[{"siret": SIRET}])
    put(store, criteria=[criterion("b")], recipients=[])
    assert [c.name for c in stored(store).criteria] == ["b"]
    assert stored(store).recipients == ()


def test_lists_inside_people_and_attachments_may_be_left_out_too(store: FakeConfigurationStore) -> None:
    link = {"invoice_rule": "a", "attachment_rule": "b", "pairs": [{"invoice": "x", "attachment": "y"}]}
    put(store, people={"users": [{"name": "anna"}], "groups": [{"name": "g"}]}, attachments={"links": [link]})
    put(store, people={"users": [{"name": "ben"}]}, attachments={"switch_value": "Oui"})
    assert [g.name for g in stored(store).people.groups] == ["g"]
    assert [u.name for u in stored(store).people.users] == ["ben"]
    assert len(stored(store).attachments.links) == 1


def test_null_removes_portal_mail_and_alerts(store: FakeConfigurationStore) -> None:
    put(store, portal={"url": "file:///p"}, mail={"connection": "c", "sender": "a@b.example"}, alerts={})
    put(store, portal=None, mail=None, alerts=None)
    assert (stored(store).portal, stored(store).mail, stored(store).alerts) == (None, None, None)


def test_the_same_file_twice_makes_one_revision(store: FakeConfigurationStore) -> None:
    sections = {"providers": [provider()], "criteria": [criterion()], "submission": {"parallel": 2}}
    assert put(store, **sections).revision == 1
    again = put(store, at=FakeClock(START.replace(year=2027)), **sections)
    assert (again.revision, again.changes) == (1, ())


def test_the_same_in_another_writing_makes_no_revision(store: FakeConfigurationStore) -> None:
    put(store, providers=[provider(), provider("B", siret=OTHER)], submission={"parallel": 4})
    again = put(
        store,
        providers=[provider("B", siret=OTHER, loading="remote"), provider(notify={"users": []})],
        submission={},
        directory={"refresh_hours": 24},
    )
    assert again.revision == 1


def test_a_criterion_without_since_gets_the_time_of_its_first_apply_and_keeps_it(store: FakeConfigurationStore) -> None:
    put(store, criteria=[criterion()])
    assert stored(store).criteria[0].since == START
    later = FakeClock(START.replace(year=2027))
    put(store, at=later, criteria=[criterion(folder="/y"), criterion("new")])
    assert [c.since for c in stored(store).criteria] == [START, later.now()]


def test_a_criterion_that_was_removed_starts_anew_when_it_comes_back(store: FakeConfigurationStore) -> None:
    put(store, criteria=[criterion()])
    put(store, criteria=[])
    later = FakeClock(START.replace(year=2027))
    put(store, at=later, criteria=[criterion()])
    assert stored(store).criteria[0].since == later.now()


def test_a_since_in_the_file_is_taken_and_kept_when_it_is_left_out_again(store: FakeConfigurationStore) -> None:
    put(store, criteria=[criterion()])
    put(store, criteria=[criterion(since="always")])
    put(store, criteria=[criterion()])
    assert stored(store).criteria[0].since == "always"


def test_a_link_rule_has_a_since_of_the_same_kind(store: FakeConfigurationStore) -> None:
    link = {"invoice_rule": "a", "attachment_rule": "b", "pairs": [{"invoice": "x", "attachment": "y"}]}
    put(store, attachments={"links": [link]})
    later = FakeClock(START.replace(year=2027))
    put(store, at=later, attachments={"links": [{**link, "type": "BL"}, {**link, "attachment_rule": "c"}]})
    assert [rule.since for rule in stored(store).attachments.links] == [START, later.now()]


def test_a_removed_provider_with_submissions_is_retired(store: FakeConfigurationStore) -> None:
    put(store, providers=[provider(), provider("B", siret=OTHER)])
    store.submitted = {f"simulator:{SIRET}"}
    applied = put(store, providers=[])
    now = stored(store)
    assert now.providers == ()
    assert [p.name for p in now.retired_providers] == ["Durand"]
    assert now.provider("Durand") is None
    assert now.provider_by_key(f"simulator:{SIRET}") is not None
    assert [(c.item, c.action) for c in applied.changes] == [
        (f"Durand ({SIRET}, simulator)", Action.RETIRED),
        (f"B ({OTHER}, simulator)", Action.REMOVED),
    ]


def test_a_retired_provider_stays_so_and_comes_back_with_the_file(store: FakeConfigurationStore) -> None:
    put(store, providers=[provider()])
    store.submitted = {f"simulator:{SIRET}"}
    put(store, providers=[])
    assert put(store, providers=[], submission={"parallel": 2}).revision == 3
    assert len(stored(store).retired_providers) == 1
    put(store, providers=[provider()])
    assert stored(store).retired_providers == ()


def test_changing_the_identity_of_a_provider_is_another_provider(store: FakeConfigurationStore) -> None:
    put(store, providers=[provider()])
    store.submitted = {f"simulator:{SIRET}"}
    put(store, providers=[provider(environment="qualification")])
    assert [p.key for p in stored(store).retired_providers] == [f"simulator:{SIRET}"]
    assert [p.key for p in stored(store).providers] == [f"qualification:{SIRET}"]


def test_faults_refuse_the_file_and_nothing_is_stored(store: FakeConfigurationStore) -> None:
    with pytest.raises(ConfigurationFileError, match=r"providers\.0\.environment: production is not allowed here"):
        put(store, providers=[provider(environment="production")])
    assert store.current() == (0, Configuration())


def test_a_file_is_assessed_together_with_the_sections_it_leaves_out(store: FakeConfigurationStore) -> None:
    put(store, providers=[provider()], criteria=[criterion(providers=["Durand"])])
    with pytest.raises(ConfigurationFileError, match="there is no provider Durand"):
        put(store, providers=[])
    put(store, criteria=[criterion(providers=[SIRET])])


def test_somebody_elses_change_in_between_is_kept() -> None:
    other = Configuration.model_validate({"submission": {"parallel": 7}})
    store = ConfigurationStoreChangedMeanwhile(other)
    assert put(store, directory={"refresh_hours": 5}).revision == 2
    assert stored(store).submission.parallel == 7
    assert stored(store).directory.refresh_hours == 5


def test_a_form_that_is_older_than_what_is_stored_changes_nothing(store: FakeConfigurationStore) -> None:
    put(store, directory={"refresh_hours": 5})
    before = store.current()
    with pytest.raises(StaleError):
        put(store, expected=0, directory={"refresh_hours": 6})
    assert store.current() == before
    assert put(store, expected=1, directory={"refresh_hours": 6}).revision == 2


def test_a_form_loses_against_somebody_who_comes_between_looking_and_storing() -> None:
    store = ConfigurationStoreChangedMeanwhile(Configuration.model_validate({"submission": {"parallel": 7}}))
    with pytest.raises(StaleError):
        put(store, expected=0, directory={"refresh_hours": 5})
    assert stored(store).directory.refresh_hours != 5


def test_who_does_not_administer_changes_nothing(store: FakeConfigurationStore) -> None:
    for viewer in (Viewer(), Viewer(everything=True), Viewer(provider_keys=frozenset({"simulator:1"}))):
        with pytest.raises(NotThereError):
            put(store, viewer=viewer, directory={"refresh_hours": 5})
    assert store.current() == (0, Configuration())
    assert put(store, viewer=Viewer(administers=True), directory={"refresh_hours": 5}).revision == 1


def test_endless_changes_by_others_end_in_an_error() -> None:
    store = ConfigurationStoreChangedMeanwhile(Configuration(), times=99)
    with pytest.raises(StaleError):
        put(store, directory={"refresh_hours": 5})


def test_the_audit_names_actor_source_time_before_and_after(store: FakeConfigurationStore) -> None:
    put(store, providers=[provider()])
    put(store, providers=[provider(automatic_submission=True, defaults={"payment_mode": "CHEQUE"})])
    newest = store.log()[0]
    assert (newest.actor, newest.source, newest.at) == ("anna", "a.yaml", START)
    assert [(c.item, c.field, c.before, c.after) for c in newest.changes] == [
        (f"Durand ({SIRET}, simulator)", "automatic_submission", False, True),
        (f"Durand ({SIRET}, simulator)", "defaults.payment_mode", "VIREMENT", "CHEQUE"),
    ]


def test_a_plan_reads_like_a_diff_and_changes_nothing(store: FakeConfigurationStore) -> None:
    recipient = {"siret": OTHER, "wordings": ["Mairie"], "services": [{"code": "1"}]}
    put(
        store,
        providers=[provider()],
        criteria=[criterion("a", since="always"), criterion("b", since="always")],
        recipients=[recipient],
    )
    store.unsent = 12
    wanted = Configuration.model_validate(
        {
            "portal": {"url": "file:///p"},
            "providers": [provider(loading="local", bank_details={"labels": [{"label": "CIC", "name": "Compte"}]})],
            "criteria": [criterion("b", since="always", providers=["Durand"]), criterion("n", since="2026-10-01")],
            "metadata_association": [{"classification_rule": "r", "fields": {"comment": "note"}}],
            "recipients": [{**recipient, "services": [{"code": "1", "wordings": ["Achats"]}, {"code": "2"}]}],
            "submission": {"parallel": 2},
        }
    )
    planned = plan(store, wanted, CLOCK)
    assert planned.said("en").splitlines() == [
        "portal",
        "  + set",
        "      url: file:///p",
        "providers",
        f"  ~ Durand ({SIRET}, simulator)",
        "      loading: remote -> local",
        "      bank_details.labels[CIC]: (none) -> {label: CIC, name: Compte}",
        "criteria",
        "  - a",
        "      name: a",
        "      folder: /x",
        "      since: always",
        "  ~ b",
        "      providers: [] -> [Durand]",
        "  + n",
        "      name: n",
        "      folder: /x",
        "      since: 2026-10-01",
        "metadata_association",
        "  + r",
        "      classification_rule: r",
        "      fields: {comment: note}",
        "recipients",
        f"  ~ {OTHER}",
        "      services[1].wordings: [] -> [Achats]",
        "      services[2]: (none) -> {code: 2}",
        "submission",
        "  ~ parallel: 4 -> 2",
        "10 changes; 12 invoices that are not sent yet will be assessed again.",
    ]
    assert store.current()[0] == 1
    assert (
        plan(store, Configuration.model_validate({"submission": {}}), CLOCK).said("en")
        == "Nothing would change (revision 1)."
    )


def test_the_order_of_criteria_is_a_change_because_the_first_that_holds_counts(store: FakeConfigurationStore) -> None:
    put(store, criteria=[criterion("a"), criterion("b")])
    applied = put(store, criteria=[criterion("b"), criterion("a")])
    assert as_diff(applied.changes, "en") == ["criteria", "  ~ order: [a, b] -> [b, a]"]


def test_warnings_name_what_has_no_effect_yet(store: FakeConfigurationStore) -> None:
    people = {"users": [{"name": "anna"}]}
    rights = [{"user": "anna", "label": "North"}]
    told = put(store, providers=[provider()], people=people, label_rights=rights).warnings
    assert str(told[0]).startswith("label_rights without a provider in local mode is stored")


def test_criteria_that_are_left_out_follow_a_provider_that_is_renamed(store: FakeConfigurationStore) -> None:
    both = [provider("A"), provider("B", siret=OTHER)]
    put(store, providers=both, criteria=[criterion("c", providers=["A", OTHER]), criterion("d", providers=["B"])])
    applied = put(store, providers=[provider("New name"), both[1]])
    assert [one.providers for one in stored(store).criteria] == [("New name", OTHER), ("B",)]
    assert [(one.section, one.item, one.field) for one in applied.changes] == [
        ("providers", f"New name ({SIRET}, simulator)", "name"),
        ("criteria", "c", "providers"),
    ]


def test_two_providers_change_their_names_with_each_other(store: FakeConfigurationStore) -> None:
    put(store, providers=[provider("A"), provider("B", siret=OTHER)], criteria=[criterion(providers=["A"])])
    put(store, providers=[provider("B"), provider("A", siret=OTHER)])
    assert stored(store).criteria[0].providers == ("B",), "still the same establishment"


def test_a_file_that_has_the_criteria_too_says_itself_whom_they_name(store: FakeConfigurationStore) -> None:
    put(store, providers=[provider("A")], criteria=[criterion(providers=["A"])])
    with pytest.raises(ConfigurationFileError, match="A"):
        put(store, providers=[provider("B")], criteria=[criterion(providers=["A"])])


def test_a_provider_that_a_criterion_names_is_not_replaced_by_another_one(store: FakeConfigurationStore) -> None:
    put(store, providers=[provider("A")], criteria=[criterion(providers=["A"])])
    with pytest.raises(ConfigurationFileError, match="A"):
        put(store, providers=[provider("B", siret=OTHER)])
