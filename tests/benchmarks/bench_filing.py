"""How long a batch of filing packets takes. Run: python tests/benchmarks/bench_filing.py [COUNT]

Prints one JSON object: packets written with complaint, claim (PDF, XLSX), evidence list and court bundle, in one process, on an embedded
PostgreSQL of its own; each case has twelve charges and a demand. `ratio` is the processor time of one over that of the yardstick (deflating
1 MiB of fixed bytes).
"""

import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from measuring import deflating, processor_seconds
from sqlalchemy import make_url

from channels import open_channels
from orchestrator import casework, embedded, packs
from orchestrator.evidence.authority import SandboxAuthority
from orchestrator.filing import packets
from orchestrator.migrations import upgrade
from orchestrator.runtime import Runtime
from orchestrator.settings import Settings
from orchestrator.store import Store
from tests.world import NOW, World, month

CHARGES = [month(2025, number, "312.40") for number in range(7, 13)] + [month(2026, number, "312.40") for number in range(1, 7)]


def now() -> datetime:
    return NOW.astimezone(UTC)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as temporary, embedded.postgres(Path(temporary), durable=False) as server:
        owner, application = (make_url(url).render_as_string(hide_password=False) for url in (server.owner_url, server.url))
        upgrade(owner, application)
        settings = Settings(
            sandbox=True,
            state_dir=Path(temporary),
            exhibits=Path(temporary) / "exhibits",
            checkpoints=Path(temporary) / "checkpoints",
            database_url=application,
            secret_key="s" * 32,
            encryption_key="e" * 32,
            public_url="https://xianli.example",
            twilio_account_sid="AC" + "0" * 32,
            twilio_auth_token="t" * 32,
            twilio_from="+15005550006",
        )
        store = Store(application, settings.encryption_key)
        authority = SandboxAuthority(Path(temporary) / "time.p12", "p" * 32, now)
        runtime = Runtime(settings, store, open_channels(settings, now), packs.load(), now, now, authorities=(authority,))
        world = World(store)
        cases = []
        for number in range(count):
            home = world.home(f"3-1-{number:04d}", f"业主{number}", charges=CHARGES).open_case(cursor=8)
            home.attempt("letter", "delivered", outcome="handed_over", signer="self", step="formal-demand", sent=timedelta(days=-60))
            casework.hold(runtime, home.case_id, "repair", now() + timedelta(days=1), "collector")
            cases.append(home.case_id)
        began, busy = time.perf_counter(), time.process_time()
        made = packets.make(runtime, cases, Path(temporary) / "out", "counsel")
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
        yardstick = processor_seconds(deflating, 20)
        store.close()
    result = {
        "benchmark": "filing",
        "packets": sum(bool(each.folder) for each in made),
        "seconds": round(seconds, 1),
        "each": round(seconds / count, 3),
        "processor_seconds_each": round(busy / count, 3),
        "yardstick_ms": round(yardstick * 1000, 2),
        "ratio": round(busy / count / yardstick, 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
