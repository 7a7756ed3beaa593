"""How long the number the company steers by takes over all communities. Run: python tests/benchmarks/bench_steering.py [HOMES]

Counts it over so many homes (240,000 unless said; fewer on a machine that is shared), each with four overdue charges, in communities of
2,000. Of three homes in ten all charges were demanded by a text message that arrived. Prints one JSON object: `seconds` by the clock on
the wall, with the database's work, the median of the rounds; `ratio`, that over the yardstick (deflating 1 MiB of fixed bytes) measured in
turns with it; and `of_one_community`, the seconds of the count that is made and kept each day.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from measuring import deflating
from sqlalchemy import text

from orchestrator import embedded
from orchestrator.migrations import upgrade
from orchestrator.store import Rows, Store, steering
from tests.world import NOW, World, month

ROUNDS = 3
HOMES_OF_ONE = 2_000
CHARGES = [month(2026, number) for number in (5, 6, 7, 8)]
DEMANDED = "h % 10 < 3"
"""Of the home with the number h."""


def elapsed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def settle(store: Store, homes: int) -> None:
    """One home is made as the program makes them; the others are its copies, whose numbers follow from their own."""
    world = World(store)
    world.home("1-1", "王建国", "+8619900000001", charges=CHARGES).open_case().attempt("sms", "delivered", sent=timedelta(days=-40))
    with store.begin() as rows:
        many = {"first": 2, "last": -(-homes // HOMES_OF_ONE)}
        copy(rows, "community", {"id": "h", "name": "'小区' || h"}, many)
        home = "h / :of_one + 1"
        for table, changes in (
            ("unit", {"id": "h", "community_id": home, "label": "'1-' || h", "source_label": "'1-' || h"}),
            ("party", {"id": "h"}),
            ("debtor", {"id": "h", "key": "CAST(h AS text)"}),
            ("debtor_party", {"debtor_id": "h", "party_id": "h"}),
            ("account", {"id": "h", "unit_id": "h", "debtor_id": "h"}),
        ):
            copy(rows, table, changes, {"first": 2, "last": homes - 1, "of_one": HOMES_OF_ONE})
        copy(rows, "charge", {"id": "(h - 1) * 4 + t.id", "account_id": "h", "debtor_id": "h"}, {"first": 2, "last": homes - 1})
        demanded = {"first": 2, "last": homes - 1, "of_one": HOMES_OF_ONE}
        copy(rows, '"case"', {"id": "h", "community_id": home, "debtor_id": "h"}, demanded, DEMANDED)
        ids = {"id": "h", "case_id": "h", "debtor_id": "h", "community_id": home, "provider_id": "'sms-' || h"}
        copy(rows, "attempt", ids, demanded, DEMANDED)
        copy(rows, "message", {"attempt_id": "h"}, {"first": 2, "last": homes - 1}, DEMANDED)
        copy(rows, "named_charge", {"attempt_id": "h", "charge_id": "(h - 1) * 4 + t.charge_id"}, {"first": 2, "last": homes - 1}, DEMANDED)
    with store.begin() as rows:
        rows.execute(text("ANALYZE"))


def copy(rows: Rows, table: str, changes: Mapping[str, str], values: Mapping[str, Any], which: str = "true") -> None:
    """Each row of a table again, once for each h from `first` to `last`, with these columns changed."""
    changed = ", ".join(f"'{column}', {said}" for column, said in changes.items())
    rows.execute(
        text(f"""
            INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object({changed}))).*
              FROM {table} t, generate_series(CAST(:first AS bigint), :last) AS h WHERE {which}
        """),
        values,
    )


def main(homes: int) -> None:
    with tempfile.TemporaryDirectory() as temporary, embedded.postgres(Path(temporary), durable=False) as server:
        upgrade(server.owner_url, server.url)
        store = Store(server.url, "e" * 32)
        made_in = elapsed(lambda: settle(store, homes))
        counts, yardsticks, found = [], [], []
        for _ in range(ROUNDS):
            yardsticks.append(elapsed(deflating))
            counts.append(elapsed(lambda: found.append(count(store))))
        one = median(elapsed(lambda: count(store, 1)) for _ in range(ROUNDS))
        store.close()
    seconds, yardstick = median(counts), median(yardsticks)
    said = {"homes": homes, "charges": homes * len(CHARGES), "counted": found[0], "seconds": round(seconds, 2)}
    said |= {"of_one_community": round(one, 3), "yardstick": round(yardstick, 4), "ratio": round(seconds / yardstick, 1)}
    print(json.dumps(said | {"set_up": round(made_in, 1)}))


def count(store: Store, community_id: int | None = None) -> int:
    with store.begin() as rows:
        return len(steering.count(rows, NOW, community_id))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 240_000)
