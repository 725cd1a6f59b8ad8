"""What the control door can set: the platform's habits that differ from day to day or are not known."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from include.simulator import codes
from include.simulator.backend.store import Store


class TimedMove(BaseModel):
    """What time does to an invoice that stays in one state."""

    model_config = ConfigDict(extra="forbid")
    to: str
    after_seconds: float = Field(ge=0)


class Settings(BaseModel):
    """Settings with their defaults."""

    model_config = ConfigDict(extra="forbid")
    token_seconds: int = Field(default=3600, ge=1)
    calls_per_second: float | None = Field(default=None, gt=0)
    strict_keys: bool = True
    unique_numbers: bool = True
    search_delay_seconds: float = Field(default=0, ge=0)
    integration_seconds: float = Field(default=5, ge=0)
    # For this long after a deposit the report operations do not know the flow (never longer than the integration).
    flux_unknown_seconds: float = Field(default=2, ge=0)
    # 200 with codeRetour not 0, or 400 with the same body: both were seen.
    refusal_status: int = Field(default=200, ge=200, le=400)
    # State -> what time makes of it. A payment is never set for a body that does not report it.
    life_cycle: dict[str, TimedMove] = Field(
        default_factory=lambda: {codes.DEPOSITED: TimedMove(to=codes.AT_RECIPIENT, after_seconds=60)}
    )
    # Seed of the dice of the faults; null: none.
    random_seed: int | None = None

    @model_validator(mode="after")
    def _life_cycle_ends(self) -> Settings:
        for start in self.life_cycle:
            seen, state = {start}, self.life_cycle[start].to
            while state in self.life_cycle:
                if state in seen:
                    raise ValueError(f"life_cycle turns in a circle at {state}")
                seen.add(state)
                state = self.life_cycle[state].to
        return self


class SettingsBox:
    """The settings in force, kept in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.current = Settings.model_validate(store.recall("settings", {}))

    def change(self, changes: dict[str, Any]) -> Settings:
        """Change some settings; the others stay."""
        self.current = Settings.model_validate({**self.current.model_dump(), **changes})
        self._store.remember("settings", self.current.model_dump())
        return self.current

    def reset(self) -> None:
        """Back to the defaults."""
        self.current = Settings()
