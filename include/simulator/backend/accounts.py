"""Who may call: PISTE tokens, technical accounts, and which suppliers an account speaks for."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from include.simulator.backend.clock import Clock
from include.simulator.backend.settings import SettingsBox
from include.simulator.backend.store import Row, Store

TOKEN_LENGTH = 54
PASSWORD_DAYS = 424
DAY = 86400


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The secrets of a fresh simulator."""

    client_id: str
    client_secret: str
    login: str
    password: str

    @classmethod
    def generate(cls) -> Credentials:
        """Make new ones, in the shape of the real ones."""
        return cls(
            client_id=secrets.token_hex(16),
            client_secret=secrets.token_hex(16),
            login=f"TECH_1_{secrets.randbelow(10**7)}@cpro.fr",
            password=secrets.token_urlsafe(12),
        )


@dataclass(frozen=True, kw_only=True)
class Account:
    """A technical account that was let in."""

    id: int
    login: str
    suppliers: tuple[int, ...]


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


class Accounts:
    """Tokens and technical accounts."""

    def __init__(self, store: Store, clock: Clock, settings: SettingsBox, credentials: Credentials) -> None:
        self._store, self._clock, self._settings, self.credentials = store, clock, settings, credentials

    def issue_token(self, client_id: str, client_secret: str) -> str | None:
        """Give a token to the PISTE client, or None when the pair is wrong."""
        known_id, known_secret = (
            _same(client_id, self.credentials.client_id),
            _same(client_secret, self.credentials.client_secret),
        )
        if not (known_id and known_secret):
            return None
        now = self._clock.now()
        token = secrets.token_urlsafe(TOKEN_LENGTH)[:TOKEN_LENGTH]
        self._store.run("DELETE FROM tokens WHERE expires_at < ?", now - DAY)
        self._store.insert("tokens", token=token, expires_at=now + self._settings.current.token_seconds)
        return token

    def knows_token(self, token: str) -> bool:
        """Whether the bearer is one of ours and still valid by the platform's clock."""
        return (
            self._store.row("SELECT 1 FROM tokens WHERE token = ? AND expires_at > ?", token, self._clock.now())
            is not None
        )

    def revoke_token(self, token: str) -> None:
        """Forget a token, as if it had expired."""
        self._store.run("DELETE FROM tokens WHERE token = ?", token)

    def admit(self, login: str, password: str) -> Account | None:
        """Let a technical account in: right password, not locked, password not expired."""
        row = self._store.row("SELECT * FROM accounts WHERE login = ?", login)
        if row is None or not _same(password, row["password"]) or row["locked"]:
            return None
        if row["password_expires_at"] is not None and row["password_expires_at"] <= self._clock.now():
            return None
        return Account(id=row["id"], login=login, suppliers=self.suppliers(row["id"]))

    def suppliers(self, account_id: int) -> tuple[int, ...]:
        """The structures an account is attached to."""
        rows = self._store.rows(
            "SELECT structure_id FROM memberships WHERE account_id = ? ORDER BY structure_id", account_id
        )
        return tuple(row["structure_id"] for row in rows)

    def speaks_for(self, login: str, siret: str) -> bool:
        """Whether the account of this login is attached to the supplier."""
        sql = (
            "SELECT 1 FROM accounts a JOIN memberships m ON m.account_id = a.id "
            "JOIN structures s ON s.id = m.structure_id WHERE a.login = ? AND s.siret = ?"
        )
        return self._store.row(sql, login, siret) is not None

    def of_structure(self, structure_id: int) -> Row | None:
        """The account that speaks for a supplier."""
        return self._store.row(
            "SELECT a.* FROM accounts a JOIN memberships m ON m.account_id = a.id WHERE m.structure_id = ?",
            structure_id,
        )

    def find(self, login: str) -> Row | None:
        """An account by its login."""
        return self._store.row("SELECT * FROM accounts WHERE login = ?", login)

    def create(self, login: str, password: str) -> int:
        """Make an account whose password was just set."""
        return self._store.insert(
            "accounts",
            id=self._store.reserve("account", 331),
            login=login,
            password=password,
            password_expires_at=self._clock.now() + PASSWORD_DAYS * DAY,
        )

    def attach(self, account_id: int, structure_id: int) -> None:
        """Make an account the one that speaks for a supplier."""
        self._store.run("DELETE FROM memberships WHERE structure_id = ?", structure_id)
        self._store.insert("memberships", account_id=account_id, structure_id=structure_id)
