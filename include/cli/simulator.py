"""`chorus simulator`: a Chorus Pro for demonstration and tests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulator(
    host: Annotated[str, typer.Option(help="Address to listen on; loopback unless told otherwise.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8090,
    state: Annotated[Path | None, typer.Option(help="File that keeps its state over a restart.")] = None,
    tls_port: Annotated[int | None, typer.Option(help="Second listener that demands a client certificate.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Its certificate (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key (PEM).")] = None,
    client_ca: Annotated[Path | None, typer.Option(help="Authority of the client certificates (PEM).")] = None,
) -> None:
    """Runs a simulated Chorus Pro until Ctrl-C."""
    from include.simulator.__main__ import run

    run(
        host=host,
        port=port,
        state=state,
        tls_port=tls_port,
        tls_cert=tls_cert,
        tls_key=tls_key,
        client_ca=client_ca,
    )
