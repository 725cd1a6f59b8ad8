"""A store with invoices that are ready to be sent, made once and copied for each story that begins with it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sqlalchemy.engine import Connection

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.store import Store
from tests.factories import BODY
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.fakes.clock import FakeClock
from tests.sending_bench import SendingBench

MEMORY = Path("/dev/shm")


def folder() -> Path:
    """In memory where there is such a folder: what is proved here is order, not the disk."""
    return Path(tempfile.mkdtemp(prefix="chorus-property-", dir=MEMORY if MEMORY.is_dir() else None))


class WatchedDatabase(Database):
    """Counts what is written, so that a test asks again only what may have changed."""

    writes = 0

    @contextlib.contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """See Database."""
        try:
            with super().write(durable=durable) as connection:
                yield connection
        finally:
            self.writes += 1


@cache
def three_documents() -> Path:
    """A folder with database and contents, made once: every story begins with the same invoices, ready to be sent.

    The second has the number of the first, the third its content.
    """
    path, clock = folder(), FakeClock()
    platform = FakePlatform(clock)
    platform.add_body(BODY)
    database = Database(f"sqlite:///{path / 'chorus.db'}")
    database.migrate()
    bench = SendingBench(Store(database), contents(path), FakeChorus(platform), clock)
    bench.configure(submission={"parallel": 1})
    bench.add("F-1")
    bench.add("f -1", content=b"%PDF-1.7 other", path="Factures/same number.pdf")
    bench.add("F-1", content=b"%PDF-1.7 F-1", path="Factures/same content.pdf")
    bench.pipeline().map()
    database.close()
    return path


def contents(path: Path) -> FsspecFiles:
    """The content store below this folder."""
    return FsspecFiles((path / "files").as_uri())
