"""Providers on their pages and for programs: the form, the login that saving tries, secrets that only go in."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

import pytest
from httpx import Response

from include.application.ports.secrets import ConnectionSecrets
from include.application.providers.credential_health import PARIS
from include.domain.configuration import Provider
from include.domain.errors import LoginRefusedError, NeverLeftError, SecretMissingError, SupplierForbiddenError
from include.domain.lifecycle import TO_BE_SENT, State
from include.domain.rights import OWNER
from tests.factories import SUPPLIER
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.web.conftest import Site, json_of
from tests.web.test_settings_file import hidden, revision, save

PAGE = "/settings/providers"
OTHER = "12345678200051"
NEW = {
    "name": "Atelier",
    "siret": "123 456 782 00051",
    "environment": "simulator",
    "loading": "remote",
    "authentication": "oauth_piste",
    "remote_reading": "never",
    "use": "anna, bob",
    "notify": "",
    "defaults.invoicing_framework": "A1_FACTURE_FOURNISSEUR",
    "defaults.vat_type": "TVA_SUR_DEBIT",
    "defaults.payment_mode": "VIREMENT",
}
SECRETS = {
    "login": "tech-account",
    "password": "pass-4711",  # pragma: allowlist secret
    "piste_client_id": "client-0815",
    "piste_client_secret": "piste-secret-42",  # pragma: allowlist secret
}


@pytest.fixture(autouse=True)
def kept_by_airflow(site: Site, platform: FakePlatform) -> None:
    """Secrets are read where the page writes them."""
    object.__setattr__(site.services, "secrets", site.connections)


def send(site: Site, path: str = f"/{SUPPLIER}", **data: Any) -> Response:
    files = {"certificate_file": data.pop("certificate_file", ("", b""))}
    answer: Response = site.client("boss").post(
        f"{PAGE}{path}", headers=site.form_headers("boss"), data=data, files=files
    )
    return answer


def page(site: Site, key: str = SUPPLIER) -> str:
    answer = site.client("boss").get(f"{PAGE}/{key}")
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def digest(site: Site, key: str = SUPPLIER) -> str:
    return hidden(page(site, key), "digest")


def stored(site: Site) -> dict[str, Provider]:
    return {one.name: one for one in site.services.store.configuration.current()[1].providers}


def failing(site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refused(_self: object) -> None:
        raise error

    gateway = type(site.services.chorus.gateway(next(iter(stored(site).values()))))
    monkeypatch.setattr(gateway, "check", refused)


def test_a_new_provider_is_stored_with_its_secrets_in_airflow(site: Site) -> None:
    answer = send(site, "/new", **NEW, **SECRETS, automatic_submission="1", host="http://127.0.0.1:9")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/chorus{PAGE}/{OTHER}?done=2"), answer.text[
        -900:
    ]
    made = stored(site)["Atelier"]
    assert (made.siret, made.connection, made.automatic_submission) == (OTHER, f"chorus_{OTHER}", True)
    assert (made.use.users, made.send_attachments) == (("anna", "bob"), False)
    kept = site.connections.get(f"chorus_{OTHER}")
    assert (kept.host, kept.login, kept.password) == ("http://127.0.0.1:9", "tech-account", "pass-4711")
    assert kept.extra["piste_client_secret"] == SECRETS["piste_client_secret"]
    assert "fonctionne" in site.client("boss").get(f"{PAGE}/{OTHER}?done=2").text


def test_no_secret_is_ever_shown_stored_with_us_or_written_into_the_history(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    send(site, "/new", **NEW, **SECRETS)
    told = [page(site, OTHER), site.client("boss").get(PAGE).text, caplog.text]
    told.append(send(site, "/new", **{**NEW, "siret": "1"}, **SECRETS).text)
    for path in ("/settings/history", "/settings/file", "/api/v1/config", "/api/v1/config/history"):
        told.append(site.client("boss").get(path).text)
    with site.services.store.database.read() as connection:
        told.append(str(connection.exec_driver_sql("SELECT * FROM revisions").all()))
    for text in told:
        assert [secret for secret in SECRETS.values() if secret in text] == []
    newest = json_of(site.client("boss").get("/api/v1/config/history"))["items"][0]
    assert (newest["actor"], newest["field"]) == ("boss", f"connection chorus_{OTHER}")
    assert set(newest["after"]) == set(SECRETS), "who replaced what, never by what"


def test_the_motive_of_exempt_invoices_is_stored_shown_and_taken_back(site: Site) -> None:
    values = {**NEW, "name": "Durand", "siret": SUPPLIER, "connection": "c", "loading": "local"}
    name = "defaults.vat_exemption_reason"
    send(site, digest=digest(site), **values, **{name: " MOTIF_FORMATION "})
    assert stored(site)["Durand"].defaults.vat_exemption_reason == "MOTIF_FORMATION"
    assert f'name="{name}" type="text" value="MOTIF_FORMATION"' in page(site)
    send(site, digest=digest(site), **values, **{name: ""})
    assert stored(site)["Durand"].defaults.vat_exemption_reason is None


def test_the_form_says_how_many_invoices_a_change_would_release_or_stop(site: Site) -> None:
    before = stored(site)["Durand"].model_dump(mode="json")
    standing = site.services.store.dashboard_views.waiting(OWNER, sorted(TO_BE_SENT), [])
    mine = [one for one in standing if one.provider_key == stored(site)["Durand"].key]
    unsent, ready = sum(one.count for one in mine), sum(one.count for one in mine if one.state is State.READY)
    assert unsent > ready > 0
    save(site, providers=[{**before, "automatic_submission": True}])
    assert f"Décoché, {unsent} factures" in page(site) and "Coché, " not in page(site)
    save(site, providers=[{**before, "automatic_submission": False}])
    text = page(site)
    assert f"Coché, {ready} facture" in text and "Décoché, " not in text
    assert f"{unsent} factures attendent d" in text and f"{unsent} factures qui attendent ne seront plus" in text


def test_what_is_left_empty_is_kept(site: Site) -> None:
    site.connections.kept["c"] = ConnectionSecrets(
        connection_id="c", login="old", password="formerly", extra={"piste_client_id": "i", "token_url": "http://t"}
    )
    shown = page(site)
    assert '<option value="anna">' in shown.split('id="names"')[1], "people are offered"
    assert "Enregistré, jamais affiché" in shown and "formerly" not in shown
    values = {**NEW, "name": "Durand", "siret": SUPPLIER, "connection": "c", "loading": "local"}
    assert send(site, digest=digest(site), **values, password="newer").status_code == 303
    kept = site.connections.get("c")
    assert (kept.login, kept.password, dict(kept.extra)) == (
        "old", "newer", {"piste_client_id": "i", "token_url": "http://t"},
    )  # fmt: skip


def test_a_stored_secret_never_goes_to_another_address(site: Site) -> None:
    extra = {"piste_client_secret": SECRETS["piste_client_secret"]}
    before = ConnectionSecrets(
        connection_id="c", host="https://chorus.example", login="tech", password=SECRETS["password"], extra=extra
    )
    site.connections.kept["c"] = before
    boss, headers = site.client("boss"), site.form_headers("boss")
    address = f"/api/v1/providers/{SUPPLIER}/credentials"
    refused = boss.put(address, headers=headers, json={"host": "https://elsewhere.example"})
    assert (refused.status_code, set(json_of(refused)["fields"])) == (422, {"password", "piste_client_secret"})
    assert site.connections.kept["c"] == before
    assert boss.put(address, headers=headers, json={"host": "https://chorus.example"}).status_code == 200
    typed = {name: SECRETS[name] for name in ("password", "piste_client_secret")}
    whole = {"host": "https://elsewhere.example", **typed}
    assert boss.put(address, headers=headers, json=whole).status_code == 200
    assert site.connections.kept["c"].host == "https://elsewhere.example"


def test_saving_without_a_change_makes_no_revision_and_keeps_what_the_form_does_not_show(site: Site) -> None:
    values = {**NEW, "name": "Durand", "siret": SUPPLIER, "connection": "c", "loading": "local"}
    before = stored(site)["Durand"].model_dump(mode="json")
    save(site, providers=[{**before, "bank_details": {"default": "Compte courant"}}])
    number = revision(site)
    assert send(site, digest=digest(site), **values).status_code == 303
    assert revision(site) == number
    assert send(site, digest=digest(site), **{**values, "confidence.invoice_number": "0,9"}).status_code == 303
    made = stored(site)["Durand"]
    assert (made.bank_details.default, made.confidence) == ("Compte courant", {"invoice_number": 0.9})


@pytest.mark.parametrize(
    ("error", "half", "words"),
    [
        (LoginRefusedError("account_refused", half="account"), "account", "Connexion refusée : compte technique"),
        (LoginRefusedError("piste_refused", half="piste"), "client", "Connexion refusée : client PISTE"),
        (LoginRefusedError("tls", half="certificate"), "certificate", "Connexion refusée : certificat"),
        (SupplierForbiddenError(SUPPLIER, connection="c"), "account", "compte technique"),
        (NeverLeftError("no_connection"), "address", "joint à cette adresse"),
        (SecretMissingError("connection_not_defined", connection="c"), None, "pas pu être essayée"),
    ],
)
def test_a_login_that_fails_is_stored_and_says_which_half(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception, half: str | None, words: str
) -> None:
    failing(site, monkeypatch, error)
    answer = send(site, "/new", **NEW)
    assert (answer.status_code, "Atelier" in stored(site)) == (200, True)
    text = answer.text.replace("\N{NO-BREAK SPACE}", " ").replace("&#39;", "'")
    assert "Enregistré, mais" in text and words in text
    checked = site.client("boss").post(f"/api/v1/providers/{OTHER}/check", headers=site.form_headers("boss"))
    told = json_of(checked)
    assert (checked.status_code, told["ok"], told["half"]) == (200, False, half)
    refused = isinstance(error, LoginRefusedError)
    assert ("Arrêté" in site.client("boss").get(PAGE).text) is refused, "a refused provider is stopped"


def test_what_is_wrong_stands_at_its_control_and_nothing_is_stored(site: Site) -> None:
    for wrong, field in (
        ({"siret": "12"}, "siret"),
        ({"name": ""}, "name"),
        ({"name": "Durand"}, "name"),
        ({"use": "zoe"}, "use"),
        ({"confidence.invoice_number": "many"}, "confidence"),
        ({"connection": "a b"}, "connection"),
    ):
        answer = send(site, "/new", **{**NEW, **wrong}, **SECRETS)
        assert (answer.status_code, revision(site), site.connections.kept) == (422, 1, {}), wrong
        assert f'href="#{field}"' in answer.text, wrong
    told = send(site, "/new", **{**NEW, "siret": "12"}).text
    assert "14 chiffres" in told and "guillemets" not in told, "what the file wants is not asked of a form"


def test_a_certificate_that_cannot_be_used_is_refused_before_anything_is_stored(site: Site) -> None:
    broken = ("firm.p12", b"no certificate")
    answer = send(site, "/new", **{**NEW, "authentication": "certificate"}, certificate_file=broken)
    assert (answer.status_code, revision(site), site.connections.kept) == (422, 1, {})
    assert 'href="#certificate_file"' in answer.text
    told = site.client("boss").put(
        f"/api/v1/providers/{SUPPLIER}/credentials",
        headers=site.form_headers("boss"),
        json={"certificate_file": base64.b64encode(b"nothing").decode(), "certificate_format": "p12"},
    )
    assert (told.status_code, list(json_of(told)["fields"])) == (422, ["certificate_file"])


def test_a_connection_of_a_secrets_backend_is_left_alone(site: Site) -> None:
    site.connections.elsewhere.add("c")
    assert "tenus ailleurs" in page(site)
    values = {**NEW, "name": "Durand", "siret": SUPPLIER, "connection": "c", "loading": "local"}
    answer = send(site, digest=digest(site), **values, password="newer")
    assert (answer.status_code, revision(site)) == (422, 1)
    told = site.client("boss").put(
        f"/api/v1/providers/{SUPPLIER}/credentials", headers=site.form_headers("boss"), json={"password": "newer"}
    )
    assert (told.status_code, json_of(told)["error"]["code"]) == (409, "held_elsewhere")
    assert send(site, digest=digest(site), **values).status_code == 303, "all but the secrets may be changed"


def test_programs_write_credentials_and_read_none(site: Site) -> None:
    told = site.client("boss").put(
        f"/api/v1/providers/{SUPPLIER}/credentials", headers=site.form_headers("boss"), json=SECRETS
    )
    assert json_of(told) == {"connection": "c", "stored": list(SECRETS)}
    assert site.connections.get("c").password == SECRETS["password"]
    assert site.client("boss").get(f"/api/v1/providers/{SUPPLIER}/credentials").status_code == 405
    for user in ("anna", "nobody"):
        answer = site.client(user).put(
            f"/api/v1/providers/{SUPPLIER}/credentials", headers=site.form_headers(user), json=SECRETS
        )
        assert answer.status_code == 403


def test_a_login_is_tried_five_times_a_minute_at_most(site: Site) -> None:
    headers = site.form_headers("boss")
    tried = [site.client("boss").post(f"/api/v1/providers/{SUPPLIER}/check", headers=headers) for _ in range(6)]
    assert [one.status_code for one in tried] == [200] * 5 + [429]


def test_the_second_of_two_sees_what_the_first_stored_and_chooses(site: Site) -> None:
    opened = digest(site)
    before = stored(site)["Durand"].model_dump(mode="json")
    save(site, providers=[{**before, "send_attachments": True}])
    values = {**NEW, "name": "Durand", "siret": SUPPLIER, "connection": "c", "loading": "local"}
    answer = send(site, digest=opened, **values, hold_on_conflict="1")
    assert (answer.status_code, stored(site)["Durand"].hold_on_conflict) == (409, False)
    assert "send_attachments" in answer.text and "Garder les miennes" in answer.text
    assert send(site, digest=hidden(answer.text, "digest"), **values, hold_on_conflict="1").status_code == 303
    assert stored(site)["Durand"].send_attachments is False, "what was chosen"


def test_a_provider_that_is_taken_out_sends_nothing_any_more(site: Site) -> None:
    send(site, "/new", **NEW)
    assert send(site, f"/{OTHER}/remove", digest="other").status_code == 409
    assert send(site, f"/{OTHER}/remove", digest=digest(site, OTHER)).status_code == 303
    assert list(stored(site)) == ["Durand"]
    assert site.client("boss").get(f"{PAGE}/{OTHER}").status_code == 404


def test_a_provider_that_criteria_name_is_not_taken_out_and_they_are_named(site: Site) -> None:
    criterion = {"name": "factures de Durand", "folder": "/F", "since": "always", "providers": ["Durand"]}
    save(site, criteria=[criterion])
    answer = send(site, f"/{SUPPLIER}/remove", digest=digest(site))
    assert answer.status_code == 422 and "factures de Durand" in answer.text and "Durand" in stored(site)


def test_two_environments_of_one_siret_have_addresses_of_their_own(site: Site) -> None:
    send(site, "/new", **{**NEW, "siret": SUPPLIER, "environment": "qualification"})
    assert f'href="/chorus{PAGE}/{SUPPLIER}-qualification"' in site.client("boss").get(PAGE).text
    assert "Atelier" in page(site, f"{SUPPLIER}-qualification")
    assert site.client("boss").get(f"{PAGE}/{SUPPLIER}").status_code == 404


def test_the_first_provider_waits_to_be_configured(site: Site) -> None:
    save(site, providers=[], label_rights=[])
    assert "attend d'être configuré" in site.client("boss").get(PAGE).text.replace("&#39;", "'")
    assert page(site, "new")


def test_whatever_names_a_provider_follows_when_it_is_renamed(site: Site) -> None:
    store = site.services.store
    save(
        site,
        criteria=[{"name": "customer invoices", "folder": "/Factures", "since": "always", "providers": ["Durand"]}],
    )
    values = {**NEW, "siret": SUPPLIER, "connection": "c", "name": "Durand et filles"}
    assert send(site, digest=digest(site), **values).status_code == 303
    _, now = store.configuration.current()
    assert [one.name for one in now.providers] == ["Durand et filles"]
    assert now.criteria[0].providers == ("Durand et filles",)
    told = site.client("boss").get("/settings/history/3").text
    assert told.count("Durand et filles") >= 3 and "Critères de dépôt" in told, "one revision tells both"
    assert "les critères qui le nomment suivent" in page(site)


@pytest.mark.parametrize(
    ("days", "told", "warned"),
    [
        (90, "Valable jusqu'au {day} (90 jours).", False),
        (31, "(31 jours).", False),
        (30, "(30 jours). Demandez-en un autre", True),
        (1, "(1 jour). Demandez-en un autre", True),
        (-2, "Terminé le {day}. Demandez-en un autre", True),
    ],
)
def test_the_form_tells_until_when_the_certificate_holds(site: Site, days: int, told: str, warned: bool) -> None:
    [durand] = site.services.store.configuration.current()[1].providers
    save(site, providers=[durand.model_copy(update={"authentication": "certificate"}).model_dump(mode="json")])
    chorus = site.services.chorus
    assert isinstance(chorus, FakeChorus)
    chorus.certificates["c"] = site.services.clock.now() + dt.timedelta(days=days)
    day = chorus.certificates["c"].astimezone(PARIS).date()
    shown = page(site).replace("&#39;", "'")
    assert told.format(day=day.strftime("%d/%m/%Y")) in shown and ("Demandez-en un autre" in shown) is warned
    headers = site.form_headers("boss")
    answer = site.client("boss").post(f"/api/v1/providers/{SUPPLIER}/check", headers=headers)
    assert json_of(answer)["certificate_expires_on"] == day.isoformat()


def test_a_certificate_that_cannot_be_read_says_so_and_none_is_told_of_piste(site: Site) -> None:
    chorus = site.services.chorus
    assert isinstance(chorus, FakeChorus)
    chorus.certificates["c"] = site.services.clock.now()
    assert "Demandez-en un autre" not in page(site), "this provider logs in by PISTE"
    [durand] = site.services.store.configuration.current()[1].providers
    save(site, providers=[durand.model_copy(update={"authentication": "certificate"}).model_dump(mode="json")])
    chorus.refuse = SecretMissingError("connection_missing", connection="c")
    assert str(chorus.refuse.part("what", "fr")) in page(site).replace("&#39;", "'")
