"""`chorus config`: the configuration as a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.documents import As
from include.cli.output import DONE, FOUND, print_lines, print_object

if TYPE_CHECKING:
    from include.adapters.configuration.yaml_file import Loaded
    from include.application.configuration_port import Change
    from include.bootstrap import Services
    from include.domain.configuration import Configuration, Provider
    from include.domain.configuration_rules import Around

app = typer.Typer(
    help="The configuration as a file: check it, see what it would change, apply it.", no_args_is_help=True
)

Base = Annotated[Path, typer.Argument(help="The configuration file (YAML).", show_default=False)]
Overlays = Annotated[list[Path] | None, typer.Argument(help="Files laid over it, in this order.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="As JSON on stdout.")]


@app.command()
def validate(base: Base, overlays: Overlays = None, as_json: Json = False) -> None:
    """Says every fault of a file, each with its line; needs no database. Exit code 1 when there is one."""
    from include.adapters.configuration.yaml_file import load
    from include.adapters.notification.render import MailRenderer
    from include.application.configure import faults_of_file
    from include.application.templates import template_faults
    from include.domain.configuration_rules import warnings
    from include.domain.errors import ConfigurationFileError

    faults: Sequence[str] = ()
    remarks: Sequence[str] = ()
    try:
        loaded = load(
            [base, *(overlays or ())],
            lambda wanted: [*faults_of_file(wanted), *template_faults(wanted, MailRenderer(wanted).faults)],
        )
        remarks = warnings(loaded.configuration)
    except ConfigurationFileError as error:
        faults = error.faults
    if as_json:
        print_object({"faults": faults, "warnings": remarks})
    _tell(faults)
    _warn(remarks)
    if not faults and not as_json:
        typer.echo("No fault found.")
    raise typer.Exit(FOUND if faults else DONE)


@app.command()
def plan(
    base: Base,
    overlays: Overlays = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="1 when something would change.")] = False,
    as_json: Json = False,
) -> None:
    """Shows what applying a file would change, like a diff, and how many invoices that touches. Changes nothing."""
    from include.application import configure
    from include.bootstrap import services

    found = services()
    try:
        loaded = _loaded(found, base, overlays)
        planned = configure.plan(found.store.configuration, loaded.configuration, found.clock)
    finally:
        found.close()
    if as_json:
        rows = _rows(planned.changes)
        print_object({"revision": planned.revision, "changes": rows, "invoices": planned.touches})
    else:
        typer.echo(planned.text)
    _warn(planned.warnings)
    raise typer.Exit(FOUND if exit_code and planned.changes else DONE)


@app.command()
def apply(base: Base, overlays: Overlays = None, as_json: Json = False) -> None:
    """Stores a file as the configuration, then tries the login of each provider. Nothing is stored of a faulty file."""
    from include.application import configure
    from include.application.configuration_changes import as_diff
    from include.bootstrap import services

    found = services()
    try:
        loaded = _loaded(found, base, overlays)
        applied = configure.apply(
            found.store.configuration,
            loaded.configuration,
            found.clock,
            actor=found.settings.actor,
            source=loaded.source,
            look_around=_look_around(found),
            refuse=loaded.faults,
        )
        _warn(applied.warnings)
        failed_logins = configure.check_logins(
            applied.configuration.providers,
            lambda provider: _log_in(found, provider),
            found.store.providers,
            found.clock,
        )
        _warn(failed_logins)
    finally:
        found.close()
    if as_json:
        warnings = [*applied.warnings, *failed_logins]
        print_object({"revision": applied.revision, "changes": _rows(applied.changes), "warnings": warnings})
    elif applied.changes:
        typer.echo("\n".join([*as_diff(applied.changes), f"Applied as revision {applied.revision}."]))
    else:
        typer.echo(f"Nothing changed (revision {applied.revision}).")


def _log_in(found: Services, provider: Provider) -> None:
    """Both halves, and whether this account may invoice for this SIRET."""
    gateway = found.chorus.gateway(provider)
    gateway.check()
    gateway.supplier()


@app.command()
def export(
    with_learned: Annotated[
        bool, typer.Option("--with-learned", help="Recipient lines learned from what was sent too, as if kept.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Prints the configuration as a file that changes nothing when applied. Never holds a secret."""
    from include.application import configure, recipients
    from include.bootstrap import services
    from include.domain.configuration import NOT_IN_THE_FILE

    found = services()
    try:
        configuration = found.store.configuration.current()[1]
        if with_learned:
            configuration = recipients.with_learned(configuration, found.store.recipients.lines())
    finally:
        found.close()
    if as_json:
        print_object(configuration.model_dump(mode="json", exclude=set(NOT_IN_THE_FILE)))
    else:
        typer.echo(configure.export(configuration), nl=False)


@app.command()
def example() -> None:
    """Prints a file with every section and every field, each with its meaning."""
    from include.application.configure import example as text

    typer.echo(text(), nl=False)


@app.command()
def schema() -> None:
    """Prints the JSON Schema of the file, for editors."""
    import json

    from include.application.configure import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def log(user: As = None, as_json: Json = False) -> None:
    """Who changed the configuration, when, from where, and what; the newest first.

    With --as: everything for who administers, nothing for anybody else.
    """
    from include.application.configuration_changes import as_diff
    from include.bootstrap import services
    from include.domain.rights import administers

    found = services()
    try:
        allowed = user is None or administers(found.store.configuration.current()[1], user)
        revisions = found.store.configuration.log() if allowed else []
    finally:
        found.close()
    if as_json:
        print_lines(
            {
                "revision": revision.number,
                "at": revision.at,
                "actor": revision.actor,
                "source": revision.source,
                "changes": _rows(revision.changes),
            }
            for revision in revisions
        )
        return
    for revision in revisions:
        typer.echo(f"revision {revision.number}, {revision.at:%Y-%m-%d %H:%M:%S}Z, {revision.actor}, {revision.source}")
        typer.echo("".join(f"  {line}\n" for line in as_diff(revision.changes)))


def _loaded(found: Services, base: Path, overlays: list[Path] | None) -> Loaded:
    """The file, judged together with what is stored and what stands around it."""
    from include.adapters.configuration.yaml_file import load
    from include.adapters.notification.render import MailRenderer
    from include.application.configure import faults_against
    from include.application.templates import template_faults

    look_around = _look_around(found)
    return load(
        [base, *(overlays or ())],
        lambda wanted: [
            *faults_against(found.store.configuration, wanted, found.clock, look_around),
            *template_faults(wanted, MailRenderer(wanted).faults),
        ],
    )


def _look_around(found: Services) -> Callable[[Configuration], Around]:
    from include.application.configure import look_around

    return lambda configuration: look_around(
        configuration, secrets=found.secrets, chorus=found.chorus, allow_production=found.settings.allow_production
    )


def _rows(changes: Iterable[Change]) -> list[dict[str, Any]]:
    import dataclasses

    return [dataclasses.asdict(change) for change in changes]


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _warn(lines: Iterable[str]) -> None:
    _tell(f"warning: {line}" for line in lines)
