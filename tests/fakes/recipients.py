"""The learned lines in memory, as far as mapping needs them; held to the database by tests/contracts/store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from include.application.ports.recipients import OpenWording, StoredLine
from include.domain.mapping import Learned, LearnedLine
from include.domain.rights import Viewer
from tests.fakes.clock import START


@dataclass
class FakeLearnedRecipients:
    """The port LearnedRecipients. `known` holds the lines by environment."""

    known: dict[str, list[LearnedLine]] = field(default_factory=dict)
    waiting: list[OpenWording] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    revision: int = 1

    def teach(self, wording: str, siret: str, service_code: str | None = None, environment: str = "simulator") -> None:
        line = LearnedLine(wording=wording, siret=siret, service_code=service_code)
        self.known.setdefault(environment, []).append(line)

    def learned(self, environment: str) -> Learned:
        return Learned(self.known.get(environment, ()))

    def lines(self) -> list[StoredLine]:
        found = [(environment, line) for environment, lines in self.known.items() for line in lines]
        return [
            StoredLine(
                id=number,
                environment=environment,
                wording=line.wording,
                siret=line.siret,
                service_code=line.service_code,
                first_invoice_id=1,
                last_invoice_id=1,
                first_at=START,
                last_at=START,
                times_used=1,
                kept=number in self.kept,
                doubtful=False,
            )
            for number, (environment, line) in enumerate(found, start=1)
        ]

    def open_wordings(self, viewer: Viewer) -> list[OpenWording]:
        return self.waiting

    def take_effect(self, *, now: dt.datetime) -> int | None:
        return None

    def mark_kept(self, ids: Sequence[int]) -> None:
        self.kept += ids

    def forget(self, ids: Sequence[int], *, actor: str, now: dt.datetime) -> int:
        gone = {(line.environment, line.wording, line.siret) for line in self.lines() if line.id in ids}
        for environment, lines in self.known.items():
            lines[:] = [line for line in lines if (environment, line.wording, line.siret) not in gone]
        self.revision += 1
        return self.revision
