"""`chorus`: the command line. Each command imports what it needs when it runs, so that it starts in under a second."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from include.cli.archive import archive
from include.cli.bank_details import app as bank_details_app
from include.cli.bench import app as bench_app
from include.cli.config import app as config_app
from include.cli.criteria import app as criteria_app
from include.cli.database import app as database_app
from include.cli.directory import app as directory_app
from include.cli.doctor import doctor
from include.cli.documents import app as documents_app
from include.cli.evidence import verify
from include.cli.extract import extract
from include.cli.files import app as files_app
from include.cli.invoices import app as invoices_app
from include.cli.layouts import app as layouts_app
from include.cli.links import app as links_app
from include.cli.notifications import notifications
from include.cli.output import fail, show_logs
from include.cli.providers import app as providers_app
from include.cli.recipients import app as recipients_app
from include.cli.refusal_catalog import app as messages_app
from include.cli.restore import app as restore_app
from include.cli.retention import retention
from include.cli.retrieval import app as retrieval_app
from include.cli.run import app as run_app
from include.cli.runs import app as runs_app
from include.cli.simulator import simulator
from include.cli.templates import app as templates_app
from include.domain.errors import ConnectorError, InputError, InternalError
from include.domain.internal_errors import places, reference_of
from include.texts import os_failure

app = typer.Typer(
    help="The Chorus Pro connector: reads the invoices of a portal and sends them to Chorus Pro.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(database_app, name="db")
app.add_typer(config_app, name="config")
app.add_typer(run_app, name="run")
app.add_typer(runs_app, name="runs")
app.add_typer(documents_app, name="documents")
app.add_typer(providers_app, name="providers")
app.add_typer(criteria_app, name="criteria")
app.add_typer(links_app, name="links")
app.add_typer(templates_app, name="templates")
app.add_typer(bank_details_app, name="bank-details")
app.add_typer(invoices_app, name="invoices")
app.add_typer(retrieval_app, name="retrieval")
app.add_typer(messages_app, name="messages")
app.add_typer(recipients_app, name="recipients")
app.add_typer(layouts_app, name="layouts")
app.add_typer(directory_app, name="directory")
app.add_typer(files_app, name="files")
app.add_typer(restore_app, name="restore")
app.add_typer(bench_app, name="bench")
app.command()(extract)
app.command()(doctor)
app.command()(notifications)
app.command()(simulator)
app.command()(verify)
app.command()(retention)
app.command()(archive)


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show traces and every log line.")] = False,
) -> None:
    context.obj = debug
    show_logs(debug)


def _unforeseen(error: Exception) -> ConnectorError:
    """A message in place of a trace: what kind of error, where, and under which reference."""
    if isinstance(error, OSError) and error.strerror:
        return InputError("system_refused", file=error.filename or "-", cause=os_failure(error))
    places_ = places(error)
    return InternalError(
        "unforeseen", kind=type(error).__name__, place=places_[-1], reference=reference_of("command", error)
    )


def main() -> None:
    """The entry of the `chorus` command: errors become one message and the exit code of their group."""
    debug = "--debug" in sys.argv
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that is no text is shown, and ends no command
    try:
        app(standalone_mode=True)
    except ConnectorError as error:
        if debug:
            raise
        sys.exit(fail(error))
    except Exception as error:  # the last place: a message with a reference in place of a trace
        if debug:
            raise
        sys.exit(fail(_unforeseen(error)))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # the reader of our output (`| head`) has seen enough
        sys.stderr.close()
        sys.exit(141)
