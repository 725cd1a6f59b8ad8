"""`python -m include.demo.portal_server --folder DIR --port N`: the portal as a process of its own.

Prints one line, the Airflow connection that reaches it: put it into AIRFLOW_CONN_<ID>.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from include.demo.portal_server.server import RunningPortal


def main() -> int:
    """Serves until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m include.demo.portal_server", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="the folder tree to serve")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8091)
    parser.add_argument("--metadata", action="append", default=[], help="a metadata that every document has")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        print(f"The folder {asked.folder} does not exist.", file=sys.stderr)
        return 2
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        portal = RunningPortal(asked.folder, host=asked.host, port=asked.port, metadata_names=asked.metadata)
    except OSError as error:
        print(error, file=sys.stderr)
        return 3
    with portal:
        print(json.dumps(portal.connection), flush=True)
        print(f"Document portal over {asked.folder} on {portal.url}", file=sys.stderr, flush=True)
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
