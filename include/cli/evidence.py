"""`chorus invoices evidence` and `chorus verify`: packs of evidence, made and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.documents import As, Json
from include.cli.output import DONE, FOUND, fail, print_lines, print_object, reader_language, say, write_file

_LARGEST_PACK = 1_000_000_000

References = Annotated[list[str], typer.Argument(metavar="ID...", help="Our id, or cpro:<number> for the platform's.")]


def evidence(
    ids: References,
    folder: Annotated[Path, typer.Option(help="Where the files go; it is made if it is not there.")] = Path(),
    user: As = None,
    as_json: Json = False,
) -> None:
    """Packs what was sent, what the platform answered and who did what: evidence-ID.zip for each invoice."""
    from include import bootstrap
    from include.application.views.filters import viewer_of
    from include.domain.errors import ContentMissingError, NotThereError

    services = bootstrap.services()
    evidence_packs = services.evidence()
    viewer = viewer_of(services.store.configuration.current()[1], user)
    made, code = [], DONE
    for reference in ids:
        try:
            found = evidence_packs.pack(reference, viewer=viewer)
        except ContentMissingError as error:
            code = max(code, fail(error))
            continue
        if found is None:
            fail(NotThereError("no_such_invoice", reference=reference))
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
            say("packed", file=row["file"], head=row["head"])
    raise typer.Exit(code)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="A pack of `chorus invoices evidence`.")],
    head: Annotated[str | None, typer.Option(help="The head that was printed when the pack was made.")] = None,
    as_json: Json = False,
) -> None:
    """Checks a pack of evidence; exit code 1 when anything of it was changed."""
    from include.adapters.local_files import read_named_file
    from include.application.evidence.pack import check
    from include.domain.errors import InputError

    if not file.is_file():
        raise InputError("no_such_file", file=file)
    found = check(read_named_file(file, limit=_LARGEST_PACK), head=head)
    if as_json:
        faults = [fault.said(reader_language(as_json=True)) for fault in found.faults]
        print_object({"ok": not faults, "faults": faults, "head": found.head, "invoice": found.invoice})
    else:
        for fault in found.faults:
            say("pack_fault", file=file, fault=fault)
        if not found.faults:
            say("pack_intact", file=file, count=found.entries, head=found.head)
    raise typer.Exit(FOUND if found.faults else DONE)
