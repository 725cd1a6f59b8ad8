"""A process that makes one whole pass for each line it is given, and answers each with what the pass says of itself.

    python -m tests.e2e.exactly_once.passes

Composed as every entrance is; only PDFs are not read: what would be read stands in the bytes, `%PDF-1.7 NUMBER`.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import traceback
from typing import Any

from include.bootstrap import Services, services
from include.domain.reading import Reading
from tests.fakes.reader import FakeReader
from tests.sending_bench import complete_reading


def printed(content: bytes) -> Reading:
    """Everything that a submission needs."""
    return complete_reading(content.decode().split()[-1], dt.datetime.now(dt.UTC).date())


def one_pass(found: Services) -> dict[str, Any]:
    """Counts and failures of the pass; `died` holds the trace of one that did not come to its end."""
    try:
        report = found.begin_pass().run()
    except Exception:
        return {"died": traceback.format_exc()}
    return {"counts": report.counts, "failures": [str(failure) for failure in report.failures]}


def main() -> None:
    """Until the input ends."""
    found = services()
    found.__dict__["reader"] = FakeReader(printed)
    print("ready", flush=True)
    try:
        for _ in sys.stdin:
            print(json.dumps(one_pass(found)), flush=True)
    finally:
        found.close()


if __name__ == "__main__":
    main()
