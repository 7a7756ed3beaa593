"""The only package with queries. A transaction is a `Rows`; the modules here are its readers and writers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, create_engine, text

from orchestrator.store.vault import Vault

Rows = Connection
_VAULT = "vault"


class Store:
    """One database and the key to its personal data."""

    def __init__(self, url: str, encryption_key: str) -> None:
        self.vault = Vault(encryption_key)
        options = {_VAULT: self.vault}
        self.engine: Engine = create_engine(psycopg(url), pool_size=5, max_overflow=20, pool_pre_ping=True, execution_options=options)

    @contextmanager
    def begin(self) -> Iterator[Rows]:
        """One transaction: committed at the end of the block, rolled back by any exception."""
        with self.engine.begin() as rows:
            yield rows

    @contextmanager
    def snapshot(self) -> Iterator[Rows]:
        """A transaction that only reads, and sees everything as it stood at its first query, however many follow."""
        with (
            self.engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as rows,
            rows.begin(),
        ):
            yield rows

    def sandbox_now(self) -> datetime | None:
        """The sandbox's time; None where none was begun in this database."""
        with self.engine.connect() as rows:
            now: datetime | None = rows.execute(text("SELECT now FROM sandbox_clock WHERE id = 1")).scalar()
        return now

    def close(self) -> None:
        self.engine.dispose()


def vault_of(rows: Rows) -> Vault:
    """The vault of the store that a transaction is of."""
    vault: Vault = rows.get_execution_options()[_VAULT]
    return vault


def psycopg(url: str) -> str:
    """The URL with the driver named; what people write in `DATABASE_URL` has none."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres://", "postgresql+psycopg://", 1)
