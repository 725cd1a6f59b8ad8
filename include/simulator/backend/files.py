"""Uploaded files: each belongs to the account that sent it."""

from __future__ import annotations

import hashlib

from include.simulator import codes, failures
from include.simulator.backend.accounts import Account
from include.simulator.backend.clock import Clock
from include.simulator.backend.store import Row, Store
from include.simulator.failures import Refusal

COLUMNS = "id, account_id, name, extension, mime, size, sha256, origin, uploaded_at, uses"


def check_pdf(content: bytes, *, signature_announced: bool) -> None:
    """Refuse what is no PDF, is encrypted, or carries a signature nobody announced."""
    if not content.lstrip()[:5] == b"%PDF-":
        raise Refusal(failures.NOT_PDF)
    if b"/Encrypt" in content:
        raise Refusal(failures.ENCRYPTED)
    if b"/ByteRange" in content and not signature_announced:
        raise Refusal(failures.SIGNED)


class Files:
    """The shelf of uploads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def add(self, account: Account, *, name: str, extension: str, mime: str | None, content: bytes, origin: str) -> int:
        """Take a file; gives its `pieceJointeId`."""
        if not content:
            raise Refusal(failures.EMPTY_FILE)
        if extension.upper().lstrip(".") not in codes.FILE_EXTENSIONS:
            raise Refusal(failures.EXTENSION, extension=extension)
        return self._store.insert(
            "files",
            id=self._store.reserve("file", 99120034),
            account_id=account.id,
            name=name,
            extension=extension.upper().lstrip("."),
            mime=mime,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            origin=origin,
            uploaded_at=self._clock.now(),
        )

    def own(self, account: Account, file_id: int | None) -> Row:
        """A file of this account, or the refusal."""
        row = self._store.row(f"SELECT {COLUMNS} FROM files WHERE id = ? AND account_id = ?", file_id, account.id)
        if row is None:
            raise Refusal(failures.UNKNOWN_FILE, id=file_id)
        return row

    def content(self, file_id: int) -> bytes:
        """The bytes of a file."""
        return bytes(self._store.value("SELECT content FROM files WHERE id = ?", file_id))

    def attach(
        self,
        invoice_id: int,
        file_id: int,
        *,
        main: bool,
        type_code: str | None,
        designation: str | None,
        line: int | None,
    ) -> None:
        """Tie a file to an invoice."""
        self._store.insert(
            "invoice_files",
            invoice_id=invoice_id,
            file_id=file_id,
            main=main,
            type=type_code,
            designation=designation,
            line=line,
        )
        self._store.run("UPDATE files SET uses = uses + 1 WHERE id = ?", file_id)

    def of_invoice(self, invoice_id: int) -> list[Row]:
        """The files of an invoice, the main one first."""
        sql = (
            "SELECT l.id AS link_id, l.main, l.type, l.designation, l.line, f.id, f.name, f.extension, f.size, "
            "f.sha256 FROM invoice_files l JOIN files f ON f.id = l.file_id WHERE l.invoice_id = ? "
            "ORDER BY l.main DESC, l.id"
        )
        return self._store.rows(sql, invoice_id)

    def listing(self, limit: int, offset: int) -> tuple[list[Row], int]:
        """Every upload, oldest first."""
        sql = (
            f"SELECT {', '.join('f.' + c.strip() for c in COLUMNS.split(','))}, a.login FROM files f "
            "JOIN accounts a ON a.id = f.account_id ORDER BY f.id LIMIT ? OFFSET ?"
        )
        return self._store.rows(sql, limit, offset), self._store.value("SELECT count(*) FROM files")

    def of_account(self, account: Account, designation: str | None, limit: int, offset: int) -> tuple[list[Row], int]:
        """Uploads of one account, by a part of their name."""
        pattern = f"%{designation or ''}%"
        where = "account_id = ? AND name LIKE ?"
        rows = self._store.rows(
            f"SELECT {COLUMNS} FROM files WHERE {where} ORDER BY id LIMIT ? OFFSET ?",
            account.id,
            pattern,
            limit,
            offset,
        )
        return rows, self._store.value(f"SELECT count(*) FROM files WHERE {where}", account.id, pattern)
