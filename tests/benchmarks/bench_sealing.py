"""How fast entries are appended and sealed, and how long a proof takes. Run: python tests/benchmarks/bench_sealing.py [ENTRIES] [OLDER]

Starts a PostgreSQL of its own, fills the log with OLDER entries (1,000,000 unless said), then appends ENTRIES more as the program does and
seals them. Prints one JSON object. `ratio` is the time of one proof of inclusion over that of the yardstick (deflating 1 MiB of fixed
bytes), measured in turns with the proofs.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from measuring import deflating
from sqlalchemy import text

from orchestrator import embedded
from orchestrator.evidence import merkle
from orchestrator.migrations import upgrade
from orchestrator.store import Store, log, tree
from orchestrator.store.log import Entry

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
ROUNDS = 200
TRANSACTION = 50
LEAF = text("SELECT e.leaf FROM evidence_position p JOIN evidence_entry e ON e.id = p.entry_id WHERE p.index = :index")


def fill(store: Store, count: int) -> None:
    """Entries as the table holds them; what they hash is of no matter here."""
    with store.begin() as rows:
        rows.execute(
            text("""
                INSERT INTO evidence_entry (kind, at, at_wall, leaf)
                SELECT 'older', :now, :now, sha256(CAST(n AS text)::bytea) FROM generate_series(1, :count) AS n
            """),
            {"now": NOW, "count": count},
        )


def seal(store: Store) -> int:
    placed = 0
    while True:
        with store.begin() as rows:
            given = tree.give_places(rows, 5_000)
        placed += given
        if given < 5_000:
            return placed


def append(store: Store, count: int) -> None:
    fact = {"provider": "twilio", "said": "delivered", "raw": b"x" * 400}
    for _ in range(count // TRANSACTION):
        with store.begin() as rows:
            log.append(rows, [Entry("receipt", fact) for _ in range(TRANSACTION)], NOW, NOW)


def seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def prove(store: Store, number: int, size: int) -> None:
    with store.begin() as rows:
        index = number * 7_919 % size
        leaf = rows.execute(
            text("SELECT e.leaf FROM evidence_position p JOIN evidence_entry e ON e.id = p.entry_id WHERE p.index = :index"),
            {"index": index},
        ).scalar_one()
        merkle.root_by_inclusion(leaf, index, size, tree.inclusion(rows, index, size))


def main(entries: int = 20_000, older: int = 1_000_000) -> None:
    state = Path(tempfile.mkdtemp(prefix="xianli-bench-"))
    with ExitStack() as ends:
        ends.callback(embedded.remove, state)
        server = ends.enter_context(embedded.postgres(state, durable=True))
        upgrade(server.owner_url, server.url)
        store = Store(server.url, "b" * 32)
        ends.callback(store.close)
        fill(store, older)
        sealing_older = seconds(lambda: seal(store))
        appending = seconds(lambda: append(store, entries))
        sealing = seconds(lambda: seal(store))
        with store.begin() as rows:
            size = tree.size(rows)
        turns = [(seconds(lambda number=number: prove(store, number, size)), seconds(deflating)) for number in range(ROUNDS)]
    proof, yardstick = median(each for each, _ in turns), median(each for _, each in turns)
    print(
        json.dumps(
            {
                "benchmark": "sealing",
                "entries": size,
                "appended_a_second": round(entries / appending),
                "sealed_a_second": round(entries / sealing),
                "sealed_a_second_in_bulk": round(older / sealing_older),
                "appended_and_sealed_a_second": round(entries / (appending + sealing)),
                "proof_ms": round(proof * 1000, 2),
                "yardstick_ms": round(yardstick * 1000, 2),
                "ratio": round(proof / yardstick, 2),
            }
        )
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
