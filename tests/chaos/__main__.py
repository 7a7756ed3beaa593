"""python -m tests.chaos: seeded runs of the whole program under kill -9; the figures, and exit 1 if anything is not clean."""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from tests.chaos.audit import Audit
from tests.chaos.house import Unfinished
from tests.chaos.run import run


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # so that a house is left in order
    faults: Counter[str] = Counter()
    found: list[Audit] = []
    unfinished = 0
    for number in range(options.runs):
        seed, began = options.seed + number, time.monotonic()
        state = Path(tempfile.mkdtemp(prefix="xianli-chaos-"))
        try:
            done = run(seed, options.days, state, partial(_say, seed))
        except Unfinished as why:
            _say(seed, f"NOT LIVED TO ITS END: {why}")
            unfinished += 1
            continue
        faults += done.faults
        found.append(done.audit)
        for sentence in done.audit.sentences:
            _say(seed, f"NOT CLEAN: {sentence}")
        if done.audit.sentences:
            _say(seed, f"its logs are in {state}")
        else:
            shutil.rmtree(state)
        _say(seed, f"{done.audit.taken} messages, {sum(done.faults.values())} faults, {time.monotonic() - began:.0f} s")
    figures = _figures(options.runs, faults, found, unfinished)
    print(json.dumps(figures) if options.json else "  ".join(f"{name}: {value}" for name, value in figures.items()), flush=True)
    return int(unfinished > 0 or any(audit.sentences for audit in found))


def _figures(runs: int, faults: Counter[str], found: list[Audit], unfinished: int) -> dict[str, Any]:
    return {
        "runs": runs,
        "faults": dict(sorted(faults.items())),
        "messages": sum(audit.taken for audit in found),
        "duplicates": sum(len(audit.duplicates) for audit in found),
        "lost": sum(len(audit.lost) for audit in found),
        "outside_window": sum(len(audit.outside_window) for audit in found),
        "above_cap": sum(len(audit.above_cap) for audit in found),
        "unheard": sum(len(audit.unheard) for audit in found),
        "unfinished": unfinished,
        "audit": "clean" if not any(audit.books for audit in found) else "not clean",
    }


def _say(seed: int, line: str) -> None:
    print(f"seed {seed}: {line}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; each next one has the next")
    parser.add_argument("--days", type=int, default=1, help="sandbox days each run lives")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object, last on stdout")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
