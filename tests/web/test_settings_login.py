"""The login that saving a provider tries, against the real simulator; certificates that cannot be used."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from include.adapters.chorus.chorus import RestChorus
from include.simulator.server import RunningSimulator
from tests.factories import SUPPLIER
from tests.fakes.clock import START, FakeClock
from tests.services.authority import CLIENT, DAY, Authority
from tests.web.conftest import Site
from tests.web.test_settings_providers import NEW, PAGE, page, send, stored

CERTIFICATE = {**NEW, "authentication": "certificate", "certificate_format": "p12"}


@pytest.fixture(autouse=True)
def kept_by_airflow(site: Site) -> None:
    """Secrets are read where the page writes them."""
    object.__setattr__(site.services, "secrets", site.connections)


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def login(site: Site, simulator: RunningSimulator, clock: FakeClock) -> dict[str, str]:
    """The controls of a login that works, on a site that really asks the simulator."""
    site.services.__dict__["chorus"] = RestChorus(secrets=site.connections, clock=clock, sleep=clock.advance)
    return {
        "siret": SUPPLIER,
        "environment": "qualification",
        "host": simulator.url,
        "login": simulator.login,
        "password": simulator.password,
        "piste_client_id": simulator.client_id,
        "piste_client_secret": simulator.client_secret,
    }


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def words(text: str) -> str:
    """A page without its markup, its blanks as a keyboard has them."""
    bare = html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(bare.split())


@pytest.mark.parametrize(
    ("wrong", "half", "cure"),
    [
        ("password", "Connexion refusée : compte technique", "réinitialisez le mot de passe technique dans Chorus Pro"),
        ("piste_client_secret", "Connexion refusée : client PISTE", "avec l'application sur PISTE"),
    ],
)
def test_a_wrong_secret_says_which_half_failed_and_what_to_do(
    site: Site, login: dict[str, str], wrong: str, half: str, cure: str
) -> None:
    answer = send(site, "/new", **{**NEW, **login, wrong: "not-the-one"})
    told = words(answer.text)
    assert answer.status_code == 200 and f"Enregistré, mais : {half}" in told and cure in told, told[:2000]
    assert "not-the-one" not in answer.text and login["password"] not in answer.text
    assert "Arrêté" in site.client("boss").get(PAGE).text
    mended = send(site, f"/{SUPPLIER}-qualification", **{**NEW, **login}, digest=_digest(site))
    assert mended.status_code == 303
    assert "Arrêté" not in site.client("boss").get(PAGE).text, "a login that works sets the provider going again"


def test_the_first_provider_is_configured_from_nothing(site: Site, login: dict[str, str]) -> None:
    store = site.services.store.configuration
    empty = store.current()[1].model_copy(update={"providers": (), "label_rights": ()})
    store.save(empty, expected_revision=1, actor="test", source="test", at=START, changes=())
    told = words(site.client("boss").get(PAGE).text)
    assert "Un fournisseur attend d'être configuré" in told and "Configurer ce fournisseur" in told
    assert send(site, "/new", **{**NEW, **login}).headers["location"].endswith(f"{PAGE}/{SUPPLIER}?done=3")
    assert list(stored(site)) == ["Atelier"]
    assert "fonctionne" in words(site.client("boss").get(f"{PAGE}/{SUPPLIER}?done=3").text)


def _digest(site: Site) -> str:
    return re.findall(r'name="digest" value="([^"]+)"', page(site, f"{SUPPLIER}-qualification"))[0]


def _pem_of_two(authority: Authority, password: str) -> bytes:
    """A file whose key and certificate are not each other's."""
    key, _ = authority.make("one", CLIENT)
    _, certificate = authority.make("other", CLIENT)
    protection = serialization.BestAvailableEncryption(password.encode())
    parts = [key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)]
    return b"".join([*parts, certificate.public_bytes(serialization.Encoding.PEM)])


def test_each_fault_of_a_certificate_has_its_own_words_at_its_control(site: Site, authority: Authority) -> None:
    now = dt.datetime.now(dt.UTC)
    good = authority.client_p12("right")
    cases = [
        (b"no certificate", "p12", "right", "certificate_file", "ce n'est pas un fichier p12, ou il est abîmé"),
        (good[:-40], "p12", "right", "certificate_file", "ce n'est pas un fichier p12, ou il est abîmé"),
        (good, "p12", "wrong", "certificate_password", "son mot de passe est faux"),
        (good, "pem", "right", "certificate_file", "il ne contient pas de certificat au format PEM"),
        (authority.client_pem("right"), "p12", "right", "certificate_file", "choisissez ce format"),
        (authority.client_pem("right"), "pem", "wrong", "certificate_password", "sa clé privée ne s'ouvre pas"),
        (_pem_of_two(authority, "right"), "pem", "right", "certificate_file", "n'est pas celle de son certificat"),
        (authority.client_p12("right", ends=now - 900 * DAY, begins=now - 999 * DAY), "p12", "right",
         "certificate_file", "il a pris fin le"),
    ]  # fmt: skip
    for content, shape, password, control, told in cases:
        wanted = {**CERTIFICATE, "certificate_format": shape, "certificate_password": password}
        answer = send(site, "/new", **wanted, certificate_file=("client", content))
        assert (answer.status_code, site.connections.kept) == (422, {}), told
        assert f'href="#{control}"' in answer.text and told in words(answer.text), told
        assert "extra." not in answer.text, "a form does not speak of places in a connection"
