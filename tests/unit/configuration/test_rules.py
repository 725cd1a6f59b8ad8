"""The rules between the parts of a configuration, each with the line it points at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from include.domain.configuration import Configuration
from include.domain.configuration.base import starts_at
from include.domain.configuration_rules import Around, Fault, faults, warnings
from include.domain.configuration_rules.environments import plain_address
from include.domain.fields.registry import FIELD_NAMES

SIRET, OTHER = "33254021516357", "12345678200051"


def provider(name: str = "Durand", **changes: Any) -> dict[str, Any]:
    return {"name": name, "siret": SIRET, "environment": "simulator", "connection": f"chorus_{name}", **changes}


def found(around: Around | None = None, **sections: Any) -> list[Fault]:
    return faults(Configuration.model_validate(sections), around=around)


def only(around: Around | None = None, **sections: Any) -> Fault:
    [fault] = found(around, **sections)
    return fault


def people(*users: str, groups: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
    named = [{"name": name, "users": members} for name, members in (groups or {}).items()]
    return {"users": [{"name": user} for user in users], "groups": named}


def test_a_sound_configuration_has_no_fault() -> None:
    sections = {
        "people": people("anna", groups={"g": ["anna"]}),
        "administer": {"users": ["anna"]},
        "alerts": {"groups": ["g"]},
        "portal": {"url": "file:///p"},
        "providers": [
            provider(automatic_submission=True, confidence={"vat": 0.5}),
            provider("Test", environment="qualification"),
            provider("Annexe", siret=OTHER, automatic_submission=True, use={"groups": ["g"]}),
        ],
        "criteria": [
            {"name": "c", "folder": "/x", "providers": ["Durand", OTHER]},
            {"name": "d", "classification_rule": "r"},
        ],
        "metadata_association": [{"classification_rule": "r", "fields": {name: "m" for name in FIELD_NAMES}}],
        "recipients": [
            {"siret": OTHER, "wordings": ["Mairie", "MAIRIE"], "services": [{"code": "1", "wordings": ["a"]}]}
        ],
    }
    assert found(**sections) == []


@pytest.mark.parametrize(
    "sections",
    [
        {"providers": [provider(), provider("Other")]},
        {"criteria": [{"name": "a", "folder": "/x"}, {"name": "a", "folder": "/y"}]},
        {"people": people("anna", "anna")},
        {"people": {"groups": [{"name": "g"}, {"name": "g"}]}},
        {
            "metadata_association": [
                {"classification_rule": "r", "fields": {}},
                {"classification_rule": "r", "fields": {}},
            ]
        },
        {"recipients": [{"siret": SIRET}, {"siret": SIRET}]},
        {"recipients": [{"siret": SIRET, "services": [{"code": "1"}, {"code": "1"}]}]},
        {
            "providers": [
                provider(bank_details={"labels": [{"label": "CIC", "name": "a"}, {"label": " cic", "name": "b"}]})
            ]
        },
        {"people": people("anna"), "label_rights": [{"user": "anna", "label": "É"}, {"user": "anna", "label": "e"}]},
        {
            "attachments": {
                "links": [
                    {"invoice_rule": "a", "attachment_rule": "b", "pairs": [{"invoice": "x", "attachment": "y"}]},
                    {"invoice_rule": "a", "attachment_rule": "b", "pairs": [{"invoice": "x", "attachment": "y"}]},
                ]
            }
        },
    ],
)
def test_two_things_under_one_identity_are_refused(sections: dict[str, Any]) -> None:
    fault = only(**sections)
    assert "stands here twice (number 1 and 2 of the list)" in str(fault.what)


def test_an_account_written_in_two_ways_is_one_label() -> None:
    account = "FR7630006000011234567890189"
    labels = [{"label": account, "name": "A"}, {"label": f"{account[:4]} {account[4:]}".lower(), "name": "B"}]
    assert only(providers=[provider(bank_details={"labels": labels})]).path[-2:] == (1, "label")


def test_link_rules_between_the_same_rules_differ_by_their_pairs() -> None:
    rule = {"invoice_rule": "a", "attachment_rule": "b"}
    pairs = ({"invoice": "x", "attachment": "y"}, {"invoice": "v", "attachment": "w"})
    assert found(attachments={"links": [{**rule, "pairs": [pair]} for pair in pairs]}) == []


def test_names_of_providers_are_unique() -> None:
    fault = only(providers=[provider(), provider(environment="qualification")])
    assert fault.path == ("providers", 1, "name")
    assert "two providers are called Durand" in fault.text


def test_one_provider_of_a_siret_at_most_sends_automatically() -> None:
    both = [provider(automatic_submission=True), provider("B", environment="qualification", automatic_submission=True)]
    fault = only(providers=both)
    assert fault.path == ("providers", 1, "automatic_submission")
    assert "Durand already sends automatically" in fault.text


@pytest.mark.parametrize(
    ("criterion", "said"),
    [({}, "a criterion names what it takes"), ({"folder": "/x", "classification_rule": "r"}, "names both")],
)
def test_a_criterion_rests_on_exactly_one_of_rule_and_folder(criterion: dict[str, str], said: str) -> None:
    fault = only(criteria=[{"name": "c", **criterion}])
    assert said in fault.text
    assert "allowed: exactly one of classification_rule and folder" in fault.text


def test_a_criterion_names_providers_that_exist() -> None:
    fault = only(providers=[provider()], criteria=[{"name": "c", "folder": "/x", "providers": ["Duran"]}])
    assert fault.path == ("criteria", 0, "providers", 0)
    assert fault.text == "there is no provider Duran; allowed: Durand; did you mean Durand?"


def test_a_siret_that_two_providers_have_does_not_name_one() -> None:
    both = [provider(), provider("Test", environment="qualification")]
    fault = only(providers=both, criteria=[{"name": "c", "folder": "/x", "providers": [SIRET]}])
    assert "stands for Durand and Test" in fault.text


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"administer": {"users": ["ana"]}}, ("administer", "users", 0)),
        ({"alerts": {"groups": ["bill"]}}, ("alerts", "groups", 0)),
        ({"providers": [provider(notify={"users": ["ana"]})]}, ("providers", 0, "notify", "users", 0)),
        ({"providers": [provider(use={"groups": ["x"]})]}, ("providers", 0, "use", "groups", 0)),
        ({"label_rights": [{"user": "ana", "label": "x"}]}, ("label_rights", 0, "user")),
        ({"people": people("anna", groups={"billing": ["ana"]})}, ("people", "groups", 0, "users", 0)),
    ],
)
def test_people_are_named_only_if_they_exist(sections: dict[str, Any], path: tuple[str | int, ...]) -> None:
    fault = only(**{"people": people("anna", groups={"billing": ["anna"]}), **sections})
    assert fault.path == path
    assert "there is no" in str(fault.what)
    assert str(fault.allowed) in ("anna", "billing")


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        (
            {"metadata_association": [{"classification_rule": "r", "fields": {"invoice_nummer": "n"}}]},
            ("metadata_association", 0, "fields", "invoice_nummer"),
        ),
        (
            {"providers": [provider(confidence={"invoice_nummer": 0.5})]},
            ("providers", 0, "confidence", "invoice_nummer"),
        ),
    ],
)
def test_field_names_are_those_of_the_list(sections: dict[str, Any], path: tuple[str | int, ...]) -> None:
    fault = only(**sections)
    assert fault.path == path
    assert fault.text.endswith("did you mean invoice_number?")
    assert all(name in str(fault.allowed) for name in FIELD_NAMES)


def test_one_wording_means_one_body() -> None:
    fault = only(
        recipients=[
            {"siret": SIRET, "wordings": ["Mairie d'Évry"]},
            {"siret": OTHER, "wordings": ["x", " MAIRIE D'EVRY"]},
        ]
    )
    assert fault.path == ("recipients", 1, "wordings", 1)
    assert f"already means {SIRET}" in fault.text


def test_one_wording_means_one_service_of_a_body_and_may_mean_another_elsewhere() -> None:
    services = [{"code": "1", "wordings": ["Achats"]}]
    twice = [{"code": "1", "wordings": ["Achats"]}, {"code": "2", "wordings": ["ACHATS"]}]
    assert found(recipients=[{"siret": SIRET, "services": services}, {"siret": OTHER, "services": services}]) == []
    assert only(recipients=[{"siret": SIRET, "services": twice}]).path == (
        "recipients",
        0,
        "services",
        1,
        "wordings",
        0,
    )


@pytest.mark.parametrize(("lease", "deadline", "faulty"), [(360, 180, False), (359, 180, True), (900, 451, True)])
def test_a_lease_is_at_least_twice_the_deadline(lease: int, deadline: int, faulty: bool) -> None:
    submission = {"lease_seconds": lease, "send_deadline_seconds": deadline}
    assert [fault.path for fault in found(submission=submission)] == [("submission", "lease_seconds")] * faulty


def test_an_http_portal_has_a_connection_and_needs_no_address() -> None:
    fault = only(portal={"kind": "http", "url": "file:///srv/portal"})
    assert fault.path == ("portal", "connection")
    assert found(portal={"kind": "http", "connection": "chorus_portal"}) == []


def test_certificate_mode_is_accepted() -> None:
    assert found(providers=[provider(authentication="certificate")]) == []


def test_a_folder_portal_has_an_address() -> None:
    assert only(portal={"kind": "folder"}).path == ("portal", "url")


@pytest.mark.parametrize("url", ["s3://key:word@host/bucket", "http://a:b@[host/x"])  # pragma: allowlist secret
def test_an_address_holds_no_password(url: str) -> None:
    assert only(portal={"url": url}).path == ("portal", "url")


def test_production_is_refused_unless_it_is_allowed() -> None:
    real = [provider(environment="production")]
    fault = only(Around(allow_production=False), providers=real)
    assert fault.path == ("providers", 0, "environment")
    assert "CHORUS_ALLOW_PRODUCTION=1" in fault.text
    assert found(Around(allow_production=True), providers=real) == []


def test_an_address_of_production_counts_as_production_whatever_the_file_says() -> None:
    around = Around(allow_production=False, environments={f"simulator:{SIRET}": "production"})
    fault = only(around, providers=[provider()])
    assert fault.path == ("providers", 0, "connection")
    assert "is one of production" in fault.text


def test_two_environments_do_not_share_an_address() -> None:
    both = [provider("A"), provider("B", siret=OTHER, environment="qualification")]
    addresses = {"chorus_A": "http://localhost:8090", "chorus_B": "http://127.0.0.1:8090/"}
    fault = only(Around(allow_production=False, addresses=addresses), providers=both)
    assert fault.path == ("providers", 1, "connection")
    assert "two environments may not share an address" in fault.text


def test_one_environment_may_share_an_address_and_unknown_addresses_are_no_fault() -> None:
    same = [provider("A"), provider("B", siret=OTHER)]
    addresses = {"chorus_A": "http://h:1", "chorus_B": "http://h:1"}
    assert found(Around(allow_production=False, addresses=addresses), providers=same) == []
    both = [provider("A"), provider("B", environment="qualification")]
    assert found(Around(allow_production=False, addresses={"chorus_A": "", "chorus_B": ""}), providers=both) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTPS://Host.example", "host.example:443"),
        ("http://h", "http://h:80/x"),
        ("localhost:9", "http://127.0.0.1:9"),
    ],
)
def test_addresses_are_compared_as_places_not_as_texts(one: str, other: str) -> None:
    assert plain_address(one) == plain_address(other)


def test_different_ports_are_different_addresses() -> None:
    assert plain_address("http://h:1") != plain_address("http://h:2")
    assert plain_address("http://h:x") == "http://h:x"


def test_what_has_no_effect_yet_is_named_once() -> None:
    rights = {"people": {"users": [{"name": "anna"}]}, "label_rights": [{"user": "anna", "label": "North"}]}
    remote, local = ([provider("A", loading=mode)] for mode in ("remote", "local"))
    told = warnings(Configuration.model_validate({"providers": remote, **rights}))
    assert [str(warning).split(" is stored")[0] for warning in told] == [
        "label_rights without a provider in local mode"
    ]
    assert warnings(Configuration()) == []
    assert warnings(Configuration.model_validate({"providers": local, **rights})) == []


@pytest.mark.parametrize(("loading", "told"), [("local", False), ("remote", True)])
def test_rights_by_label_in_remote_mode_are_said_to_narrow_nothing(loading: str, told: bool) -> None:
    sections = {"providers": [provider(loading=loading)], "label_rights": [{"user": "anna", "label": "x"}]}
    said = " ".join(str(warning) for warning in warnings(Configuration.model_validate(sections)))
    assert ("they narrow nothing in remote mode" in said) is told


def test_since_is_a_moment_in_paris() -> None:
    assert starts_at("always") is None
    rule = Configuration.model_validate({"criteria": [{"name": "c", "folder": "/x", "since": "2026-10-01"}]}).criteria[
        0
    ]
    assert rule.starts_at is not None
    assert rule.starts_at.isoformat() == "2026-09-30T22:00:00+00:00"


def test_a_rule_that_was_never_applied_takes_nothing() -> None:
    never = starts_at(None)
    assert never is not None
    assert never.year == 9999
