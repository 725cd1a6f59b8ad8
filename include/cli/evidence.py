"""`chorus invoices evidence` and `chorus verify`: packs of evidence, made and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.documents import As, Json
from include.cli.output import DONE, FOUND, fail, print_lines, print_object, write_file

References = Annotated[list[str], typer.Argument(metavar="ID...", help="Our id, or cpro:<number> for the platform's.")]


def evidence(
    ids: References,
    folder: Annotated[Path, typer.Option(help="Where the files go; it is made if it is not there.")] = Path(),
    user: As = None,
    as_json: Json = False,
) -> None:
    """Packs what was sent, what the platform answered and who did what: evidence-ID.zip for each invoice."""
    from include.bootstrap import services
    from include.domain.errors import ContentMissingError, NotThereError

    use = services().evidence()
    made, code = [], DONE
    for reference in ids:
        try:
            found = use.pack(reference, user=user)
        except ContentMissingError as error:
            code = max(code, fail(error))
            continue
        if found is None:
            fail(NotThereError(f"There is no invoice {reference}.", todo="`chorus invoices list` shows the ids."))
            code = max(code, FOUND)
            continue
        invoice_id, pack = found
        path = folder / f"evidence-{invoice_id}.zip"
        write_file(path, pack.content, with_folder=True)
        made.append({"id": invoice_id, "file": str(path), "head": pack.head})
    if as_json:
        print_lines(made)
    else:
        for row in made:
            typer.echo(f"{row['file']}  head of its chain: {row['head']}")
    raise typer.Exit(code)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="A pack of `chorus invoices evidence`.")],
    head: Annotated[str | None, typer.Option(help="The head that was printed when the pack was made.")] = None,
    as_json: Json = False,
) -> None:
    """Checks a pack of evidence; exit code 1 when anything of it was changed."""
    from include.application.evidence_pack import check
    from include.domain.errors import InputError

    if not file.is_file():
        raise InputError(f"There is no file {file}.")
    found = check(file, head=head)
    if as_json:
        print_object({"ok": not found.faults, "faults": found.faults, "head": found.head, "invoice": found.invoice})
    else:
        for fault in found.faults:
            typer.echo(f"{file}: {fault}")
        if not found.faults:
            typer.echo(f"{file}: {found.entries} entries are as they were packed; head of its chain: {found.head}")
    raise typer.Exit(FOUND if found.faults else DONE)
