"""The environment, read here and nowhere else; each variable with its meaning (docs/reference/interfaces.md 2)."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from include.domain.errors import ConfigurationError

Language = Literal["fr", "en"]

_PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class ReadingBatches:
    """How what waits to be read is cut: `slots` tasks read at once, each of `smallest` to `largest` documents."""

    slots: int = 1
    smallest: int = 25
    largest: int = 1000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where things are and who acts; `environment` is the whole environment, for `AIRFLOW_CONN_*`.

    `sending` off: nothing is submitted or corrected, whoever asks (docs/restore.md).
    People at a terminal read their own language; JSON is French unless CHORUS_LANGUAGE says otherwise, so that what a
    script reads does not change with the terminal it was started from.
    """

    home: Path
    database_url: str
    files_url: str
    submission_schedule: str
    retrieval_schedule: str
    watch_schedule: str
    watchdog_schedule: str
    allow_production: bool
    sending: bool
    secrets: Literal["airflow"] | None
    actor: str
    language: Language
    json_language: Language
    environment: Mapping[str, str]

    @property
    def mail_folder(self) -> Path:
        """Where the local sink puts mails when the configuration names no mail server."""
        return self.home / "mails"

    @property
    def reading_batches(self) -> ReadingBatches:
        """How reading is spread over tasks.

        A task cannot ask Airflow for the size of a pool, so it is said here too. ConfigurationError for what is no
        number from 1 to 99,999: where it is used, so that nothing else stops.
        """
        return ReadingBatches(
            slots=self._number("CHORUS_READING_SLOTS", ReadingBatches.slots),
            smallest=self._number("CHORUS_READING_BATCH_MIN", ReadingBatches.smallest),
            largest=self._number("CHORUS_READING_BATCH_MAX", ReadingBatches.largest),
        )

    def _number(self, name: str, default: int) -> int:
        text = self.environment.get(name) or str(default)
        if not re.fullmatch("[1-9][0-9]{0,4}", text):
            raise ConfigurationError("no_number", name=name, text=text)
        return int(text)


def settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process, from its environment or the one given."""
    env = os.environ if environment is None else environment
    # absolute, so that it never depends on where one stands; beside `include/`, so that a checkout keeps its own state
    home = Path(env.get("CHORUS_HOME") or _PROJECT / "var").absolute()
    return Settings(
        home=home,
        database_url=env.get("CHORUS_DATABASE_URL") or f"sqlite:///{home / 'chorus.db'}",
        files_url=env.get("CHORUS_FILES_URL") or (home / "files").as_uri(),
        submission_schedule=env.get("CHORUS_SUBMISSION_SCHEDULE") or "*/10 * * * *",
        retrieval_schedule=env.get("CHORUS_RETRIEVAL_SCHEDULE") or "0 2 * * *",
        watch_schedule=env.get("CHORUS_WATCH_SCHEDULE") or "15 * * * *",
        watchdog_schedule=env.get("CHORUS_WATCHDOG_SCHEDULE") or "45 * * * *",
        # sending to the real platform needs a word of its own, so that a copied configuration cannot do it by accident
        allow_production=env.get("CHORUS_ALLOW_PRODUCTION") == "1",
        # whatever else it may say, it was meant to stop something
        sending=env.get("CHORUS_SENDING", "").strip().casefold() in ("", "on", "1", "yes", "true"),
        secrets="airflow" if env.get("CHORUS_SECRETS") == "airflow" else None,
        actor=env.get("CHORUS_ACTOR") or f"cli:{_user()}",
        language=_language(env.get("CHORUS_LANGUAGE") or env.get("LC_ALL") or env.get("LANG") or ""),
        json_language=_language(env.get("CHORUS_LANGUAGE") or "fr"),
        environment=dict(env),
    )


def _language(text: str) -> Language:
    """`fr`, `fr_FR.UTF-8` and the like are French; everything else English."""
    return "fr" if text.lower().startswith("fr") else "en"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"
