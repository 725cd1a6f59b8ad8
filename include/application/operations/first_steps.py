"""From nothing to the first dry run: what is there, and what is still missing, for the page and `chorus doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from include.application.ports.configuration import ConfigurationStore
from include.application.ports.providers import Providers
from include.domain.configuration import Configuration, Provider
from include.texts import Text


class StepName(StrEnum):
    """The steps, in their order."""

    PORTAL = "portal"
    PROVIDER = "provider"
    CRITERION = "criterion"
    TRIAL = "trial"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: `seen` is what is there, or what is still missing; `ready`: it can be done now."""

    name: StepName
    done: bool
    seen: Text
    ready: bool = True

    @property
    def todo(self) -> Text:
        """What to do, where it is not done."""
        return Text(f"first_steps.todo.{self.name}")


def first_steps(store: ConfigurationStore, providers: Providers, configuration: Configuration) -> Sequence[Step]:
    """Every step, done or not. A step that was done once stays done: how all of it stands now, the doctor says."""
    before = [_portal(configuration), _provider(providers, configuration.providers), _criterion(configuration)]
    return [*before, _trial(store, ready=before[0].done and before[2].done)]


def missing(steps: Sequence[Step]) -> bool:
    """Whether any step is still to be done."""
    return not all(step.done for step in steps)


def _portal(configuration: Configuration) -> Step:
    portal = configuration.portal
    if portal is None:
        return Step(name=StepName.PORTAL, done=False, seen=Text("first_steps.no_portal"))
    return _there(StepName.PORTAL, [portal.url or portal.connection or portal.kind])


def _provider(health: Providers, providers: Sequence[Provider]) -> Step:
    """Done with the first login that worked, of whatever provider."""
    if not providers:
        return Step(name=StepName.PROVIDER, done=False, seen=Text("first_steps.no_provider"))
    works = [one.name for one in providers if health.health(one.key).last_success_at is not None]
    if works:
        return _there(StepName.PROVIDER, works)
    names = ", ".join(one.name for one in providers)
    return Step(name=StepName.PROVIDER, done=False, seen=Text("first_steps.no_login", {"names": names}))


def _criterion(configuration: Configuration) -> Step:
    if not configuration.criteria:
        return Step(name=StepName.CRITERION, done=False, seen=Text("first_steps.no_criterion"))
    return _there(StepName.CRITERION, [one.name for one in configuration.criteria])


def _trial(store: ConfigurationStore, *, ready: bool) -> Step:
    done = store.anything_assessed()
    seen = Text("first_steps.assessed" if done else "first_steps.nothing_assessed")
    return Step(name=StepName.TRIAL, done=done, seen=seen, ready=ready)


def _there(name: StepName, found: Sequence[str]) -> Step:
    return Step(name=name, done=True, seen=Text("first_steps.there", {"names": ", ".join(found)}))
