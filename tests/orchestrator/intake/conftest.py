"""An embedded database for the tests that take files in, emptied before each, and a clock moved by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from channels.lines import Lines
from orchestrator import embedded, migrations, packs
from orchestrator.models import metadata
from orchestrator.runtime import Runtime
from orchestrator.settings import Settings
from orchestrator.store import Rows, Store


class Clock:
    """Time as the test says."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)


@pytest.fixture(scope="session")
def database(tmp_path_factory) -> Iterator[tuple[str, str]]:
    with embedded.postgres(tmp_path_factory.mktemp("intake-state"), durable=False) as server:
        migrations.upgrade(server.owner_url, server.url)
        yield server.owner_url, server.url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(database, clock) -> Iterator[Runtime]:
    owner = Store(database[0], "k" * 32)
    with owner.begin() as rows:
        _empty(rows)
    owner.close()
    store = Store(database[1], "k" * 32)
    yield Runtime(Settings(sandbox=True), store, Lines(()), packs.load(), clock, clock)
    store.close()


def _empty(rows: Rows) -> None:
    """The owner may take the append-only triggers away; nobody else empties these tables."""
    for change in ("DISABLE", "ENABLE"):
        for table in migrations.APPEND_ONLY:
            rows.execute(text(f"ALTER TABLE {table} {change} TRIGGER append_only"))
        if change == "DISABLE":
            tables = ", ".join(f'"{table}"' for table in metadata.tables)
            rows.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
