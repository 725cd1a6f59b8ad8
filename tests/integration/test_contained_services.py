"""docker-compose.yaml and the Dockerfile as a platform team reads them: what each container may do and contains."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.services.compose import Services
from tests.services.programs import program

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = "chorus-pro-connector"
WRITABLE = {"/tmp", "/opt/airflow/logs", "/srv/chorus", "/data", "/var/run/postgresql", "/var/lib/postgresql/data"}
"""Everything that anything may write, named in docs/deployment.md."""


def mounts(service: dict[str, object]) -> dict[str, str]:
    """Target and access of each volume."""
    volumes = [str(volume).split(":") for volume in service.get("volumes", [])]  # type: ignore[attr-defined]
    return {parts[1]: parts[2] if len(parts) > 2 else "rw" for parts in volumes}


def composed(folder: Path, **variables: str) -> Services:
    """The services, some lines of .env changed."""
    written = (folder / ".env").read_text()
    for name, value in variables.items():
        written, count = re.subn(rf"^{name}=.*$", f"{name}={value}", written, flags=re.MULTILINE)
        assert count == 1, name
    (folder / ".env").write_text(written)
    command = [program("docker-compose", "docker-compose"), "--profile", "celery", "config"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return dict(yaml.safe_load(done.stdout)["services"])


def test_every_image_is_pinned_by_a_tag_that_names_one_version(compose_services: Services) -> None:
    foreign = {service["image"] for service in compose_services.values()} - {OURS}
    base = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert len(foreign) == 2 and len(base) == 1
    assert [image for image in (*foreign, *base) if not re.search(r":\d+\.\d+(\.\d+)?-[\w.-]+$", image)] == []
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${PYTHON_IMAGE}"}


def test_a_digest_and_a_writable_portal_are_lines_of_env(compose_project: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(compose_project, tmp_path / "project")
    pinned = f"postgres:16.10-bookworm@sha256:{'0' * 64}"
    services = composed(folder, POSTGRES_IMAGE=pinned, CHORUS_PORTAL_ACCESS="rw")
    assert services["postgres"]["image"] == pinned
    assert mounts(services["airflow-worker"])["/srv/portal"] == "rw"


def test_the_portal_is_only_read_unless_somebody_says_so(compose_services: Services) -> None:
    assert mounts(compose_services["airflow-worker"])["/srv/portal"] == "ro"


def test_every_service_is_asked_whether_it_is_well(compose_services: Services) -> None:
    lasting = {name: service for name, service in compose_services.items() if service["restart"] != "no"}
    assert lasting.keys() == compose_services.keys() - {"init"}
    assert [name for name, service in lasting.items() if not service["healthcheck"]["test"]] == []


def test_no_container_may_more_than_it_needs(compose_services: Services) -> None:
    for name, service in compose_services.items():
        assert service["cap_drop"] == ["ALL"] and "cap_add" not in service, name
        assert service["security_opt"] == ["no-new-privileges"], name
        assert service["read_only"] is True, name
        assert not service.get("privileged") and "network_mode" not in service, name


def test_what_a_container_may_write_is_named(compose_services: Services) -> None:
    told = (ROOT / "docs/deployment.md").read_text()
    assert [place for place in WRITABLE if f"`{place}`" not in told] == []
    for name, service in compose_services.items():
        written = {target for target, access in mounts(service).items() if access == "rw"}
        written |= {str(place).split(":")[0] for place in service.get("tmpfs", [])}
        assert written <= WRITABLE, name
        assert written, name


def test_every_container_has_its_limits_and_its_logs_turn_over(compose_services: Services) -> None:
    for name, service in compose_services.items():
        assert service["mem_limit"] and service["pids_limit"], name
        assert service["logging"]["options"] == {"max-file": "5", "max-size": "10m"}, name


def test_nothing_runs_as_root(compose_services: Services) -> None:
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE)[-1] == "airflow"
    assert {service.get("user", "airflow") for service in compose_services.values()} == {"airflow", "postgres", "redis"}
    assert {name for name, service in compose_services.items() if service["image"] != OURS} == {"postgres", "redis"}
    assert compose_services["postgres"]["user"] == "postgres" and compose_services["redis"]["user"] == "redis"


def test_the_last_stage_has_neither_compiler_nor_installer() -> None:
    *_, last = DOCKERFILE.split("\nFROM ")
    installed = re.search(r"apt-get install -y --no-install-recommends ([^\\\n&]+)", last)
    assert installed
    needed = re.search(r"^RUN_PACKAGES := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert needed and installed[1].split() == needed[1].split(), "what `make setup` asks Debian for, and nothing else"
    assert "pip uninstall --yes pip" in last and "ensurepip" in last
    assert not re.search(r"\bpip (--python \S+ )?install\b|\bgcc\b|build-essential|\bmake\b", last)


def test_the_image_holds_what_the_lock_says_whichever_it_is() -> None:
    locks = re.findall(r"^COPY (requirements\S+ requirements\S+) \./$", DOCKERFILE, re.MULTILINE)
    assert locks == ["requirements.txt requirements-kubernetes.txt"]
    allowed = (ROOT / ".dockerignore").read_text().split()
    copied = [
        name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    ]
    assert [name for name in copied if f"!{name}" not in allowed] == []
    assert "--require-hashes" in DOCKERFILE


@pytest.mark.parametrize("place", ["airflow.cfg", "/srv/chorus", "/opt/airflow/logs"])
def test_what_would_be_written_beside_the_program_is_there_already(place: str) -> None:
    """Airflow writes an airflow.cfg where it finds none, and the root of the container cannot be written."""
    *_, last = DOCKERFILE.split("\nFROM ")
    assert place in last
