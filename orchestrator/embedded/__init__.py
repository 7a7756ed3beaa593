"""PostgreSQL and Valkey of our own, from wheels, for a machine that has none.

    with embedded.postgres(state) as database, embedded.valkey(state) as broker:
        use(database.url, broker.url)

A server belongs to a state folder (`var` of a checkout). The first process that asks starts it, others find it, the last one's
end stops it, also when that end is kill -9; `stop` ends it whoever uses it, `remove` takes its data away too. No server that
is not ours is ever used, stopped or taken for ours: see keeper.py.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from orchestrator.embedded import home, service
from orchestrator.embedded import postgres as _postgres
from orchestrator.embedded import valkey as _valkey
from orchestrator.embedded.home import EmbeddedError
from orchestrator.embedded.postgres import Postgres
from orchestrator.embedded.valkey import Valkey
from orchestrator.settings import Settings

__all__ = ["EmbeddedError", "Postgres", "Valkey", "completed", "postgres", "remove", "start_postgres", "start_valkey", "stop", "valkey"]


def start_postgres(state: Path, *, durable: bool = True) -> Postgres:
    """PostgreSQL for the state folder, started if it does not run; close it after use.

    `durable=False` leaves fsync out: nothing is lost by kill -9, but a power cut may cost the database. For sandbox and tests.
    Raises EmbeddedError with the reason and the end of the server's log.
    """
    return _postgres.start(home.find(state), durable=durable)


def start_valkey(state: Path) -> Valkey:
    """Valkey for the state folder, started if it does not run; close it after use. Raises EmbeddedError."""
    return _valkey.start(home.find(state))


@contextlib.contextmanager
def postgres(state: Path, *, durable: bool = True) -> Iterator[Postgres]:
    with contextlib.closing(start_postgres(state, durable=durable)) as server:
        yield server


@contextlib.contextmanager
def valkey(state: Path) -> Iterator[Valkey]:
    with contextlib.closing(start_valkey(state)) as server:
        yield server


@contextlib.contextmanager
def completed(settings: Settings) -> Iterator[Settings]:
    """The settings with the URLs of embedded servers in place of those not given; what was given is left alone.

    A sandbox's data can be made again, so its database is not durable.
    """
    with contextlib.ExitStack() as servers:
        if settings.database_url is None:
            database = servers.enter_context(postgres(settings.state_dir, durable=not settings.sandbox))
            settings = settings.model_copy(update={"database_url": database.url, "owner_database_url": database.owner_url})
        if settings.redis_url is None:
            settings = settings.model_copy(update={"redis_url": servers.enter_context(valkey(settings.state_dir)).url})
        yield settings


def stop(state: Path) -> None:
    """Ends the servers of the state folder, whoever uses them."""
    folder = home.folder_if_any(state)
    if folder:
        for name in ("valkey", "postgres"):
            service.stop(folder / name)


def remove(state: Path) -> None:
    """Ends the servers of the state folder and deletes their data; the rest of the state folder stays."""
    folder = home.folder_if_any(state)
    if folder:
        stop(state)
        note = folder / "postgres" / "socket-folder"
        if note.exists():
            shutil.rmtree(note.read_text(encoding="utf-8"), ignore_errors=True)
        shutil.rmtree(folder)
