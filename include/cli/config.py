"""`chorus config`: the configuration as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.documents import As
from include.cli.output import DONE, FOUND, fail, print_lines, print_object, print_text, reader_language, say
from include.cli.recipients import stored_configuration

if TYPE_CHECKING:
    from include.adapters.configuration.yaml_file import Loaded
    from include.application.ports.configuration import ConfigurationChange
    from include.bootstrap import Services
    from include.domain.configuration import Configuration, Provider
    from include.domain.configuration_rules import Around
    from include.texts import Text

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
    from include.application.administration.configure import faults_of_file
    from include.application.administration.mail_templates import template_faults
    from include.domain.configuration_rules import warnings
    from include.domain.errors import ConfigurationFileError

    error: ConfigurationFileError | None = None
    remarks: Sequence[Text] = ()
    try:
        loaded = load(
            [base, *(overlays or ())],
            lambda wanted: [*faults_of_file(wanted), *template_faults(wanted, MailRenderer(wanted).faults)],
        )
        remarks = warnings(loaded.configuration)
    except ConfigurationFileError as found:
        error = found
    if as_json:
        language = reader_language(as_json=True)
        faults = error.faults_in(language) if error else []
        print_object({"faults": faults, "warnings": [remark.said(language) for remark in remarks]})
    if error:
        fail(error)
    _warn(remarks)
    if not error and not as_json:
        say("no_fault")
    raise typer.Exit(FOUND if error else DONE)


@app.command()
def plan(
    base: Base,
    overlays: Overlays = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="1 when something would change.")] = False,
    as_json: Json = False,
) -> None:
    """Shows what applying a file would change, like a diff, and how many invoices that touches. Changes nothing."""
    from include import bootstrap
    from include.application.administration import configure

    services = bootstrap.services()
    try:
        loaded = _loaded(services, base, overlays)
        planned = configure.plan(services.store.configuration, loaded.configuration, services.clock)
    finally:
        services.close()
    if as_json:
        rows = _rows(planned.changes)
        print_object({"revision": planned.revision, "changes": rows, "invoices": planned.touches})
    else:
        print_text(planned.said(reader_language()))
    _warn(planned.warnings)
    raise typer.Exit(FOUND if exit_code and planned.changes else DONE)


@app.command()
def apply(base: Base, overlays: Overlays = None, as_json: Json = False) -> None:
    """Stores a file as the configuration, then tries the login of each provider. Nothing is stored of a faulty file."""
    from include import bootstrap
    from include.application.administration import configure
    from include.application.administration.configuration_changes import as_diff
    from include.domain.rights import OWNER

    services = bootstrap.services()
    try:
        loaded = _loaded(services, base, overlays)
        applied = configure.apply(
            services.store.configuration,
            loaded.configuration,
            services.clock,
            actor=services.settings.actor,
            viewer=OWNER,
            source=loaded.source,
            look_around=_look_around(services),
            refuse=loaded.faults,
        )
        _warn(applied.warnings)
        failed_logins = configure.check_logins(
            applied.configuration.providers,
            lambda provider: _log_in(services, provider),
            services.store.providers,
            services.clock,
        )
        _warn(failed_logins)
    finally:
        services.close()
    if as_json:
        language = reader_language(as_json=True)
        warnings = [warning.said(language) for warning in (*applied.warnings, *failed_logins)]
        print_object({"revision": applied.revision, "changes": _rows(applied.changes), "warnings": warnings})
    elif applied.changes:
        print_text("\n".join(as_diff(applied.changes, reader_language())))
        say("applied", revision=applied.revision)
    else:
        say("unchanged", revision=applied.revision)


def _log_in(services: Services, provider: Provider) -> None:
    """Both halves, and whether this account may invoice for this SIRET."""
    gateway = services.chorus.gateway(provider)
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
    from include.application.administration import configure
    from include.domain.configuration import NOT_IN_THE_FILE

    configuration = stored_configuration(with_learned=with_learned)
    if as_json:
        print_object(configuration.model_dump(mode="json", exclude=set(NOT_IN_THE_FILE)))
    else:
        typer.echo(configure.export(configuration), nl=False)


@app.command()
def example() -> None:
    """Prints a file with every section and every field, each with its meaning."""
    from include.application.administration.configure import example as text

    typer.echo(text(), nl=False)


@app.command()
def schema() -> None:
    """Prints the JSON Schema of the file, for editors."""
    import json

    from include.application.administration.configure import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def log(user: As = None, as_json: Json = False) -> None:
    """Who changed the configuration, when, from where, and what; the newest first.

    With --as: everything for who administers, nothing for anybody else.
    """
    from include import bootstrap
    from include.application.administration.configuration_changes import as_diff
    from include.application.ports.paging import every
    from include.application.views.filters import viewer_of

    services = bootstrap.services()
    try:
        viewer = viewer_of(services.store.configuration.current()[1], user)
        pages = every(lambda request: services.store.history_views.page(viewer, request), sort="-revision")
        revisions = list(pages)
    finally:
        services.close()
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
        say("revision", number=revision.number, at=revision.at, actor=revision.actor, source=revision.source)
        print_text("".join(f"  {line}\n" for line in as_diff(revision.changes, reader_language())))


def _loaded(services: Services, base: Path, overlays: list[Path] | None) -> Loaded:
    """The file, assessed together with what is stored and what stands around it."""
    from include.adapters.configuration.yaml_file import load
    from include.adapters.notification.render import MailRenderer
    from include.application.administration.configure import faults_against
    from include.application.administration.mail_templates import template_faults

    look_around = _look_around(services)
    return load(
        [base, *(overlays or ())],
        lambda wanted: [
            *faults_against(services.store.configuration, wanted, services.clock, look_around),
            *template_faults(wanted, MailRenderer(wanted).faults),
        ],
    )


def _look_around(services: Services) -> Callable[[Configuration], Around]:
    from include.application.administration.configure import look_around

    return lambda configuration: look_around(
        configuration,
        secrets=services.secrets,
        chorus=services.chorus,
        allow_production=services.settings.allow_production,
    )


def _rows(changes: Iterable[ConfigurationChange]) -> list[dict[str, Any]]:
    import dataclasses

    return [dataclasses.asdict(change) for change in changes]


def _warn(lines: Iterable[Text]) -> None:
    for line in lines:
        say("warning", err=True, text=line)
