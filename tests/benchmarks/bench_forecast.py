"""How long a forecast takes: half of the cases begin, half are in mid-campaign.

Run: python tests/benchmarks/bench_forecast.py [CASES] [DAYS]

Prints one JSON object. The cases are lived in pieces by one process for each of PROCESSES cores, and the pieces added up; `seconds` is from
the first piece handed out to the sum, `processor_milliseconds_per_case` what one process needs, `ratio` that over a
yardstick (100,000 empty calls in Python).
"""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from itertools import cycle, islice
from operator import add
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from living_cases import MONDAY, fresh_case, living_case
from measuring import calling, processor_seconds

from orchestrator import packs
from orchestrator.deciding import read_asked
from policies.forecast import Forecast, Means, forecast

PROCESSES = 2
PIECE = 2_000
KINDS = 500
"""So many different cases of each half, over and over under other names: chance knows a case by its name."""

PACKS = packs.load()
MEANS = Means(
    costs={"sms": Decimal("0.05"), "voice": Decimal("0.12"), "call": Decimal("0.30"), "letter": Decimal("6.20"), "visit": Decimal(0)},
    minutes={"call": 6, "visit": 25, "approval": 4},
    week=(9_600,) * 5 + (3_600,) * 2,
)


def models() -> list:
    asked = [read_asked(make(number)) for number in range(KINDS) for make in (fresh_case, living_case)]
    return [each.facts for each in asked]


MODELS = models()


def live_piece(first: int, days: int, start: datetime = MONDAY) -> Forecast:
    cases = (replace(facts, id=f"c{first + place}") for place, facts in enumerate(islice(cycle(MODELS), PIECE)))
    return forecast(cases, lambda facts: PACKS.rules("cn-property", facts.sequence), start, days)


def main(count: int, days: int) -> None:
    pieces = range(0, count, PIECE)
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(live_piece, range(PROCESSES), [1] * PROCESSES))
        started = time.perf_counter()
        whole = reduce(add, pool.map(live_piece, pieces, [days] * len(pieces)))
        seconds = time.perf_counter() - started
    alone = processor_seconds(lambda: live_piece(0, days)) / PIECE
    stick = processor_seconds(calling, 20)
    ahead = whole.days(MEANS)
    found = whole.totals
    result = {
        "cases": found.cases,
        "days": days,
        "processes": PROCESSES,
        "seconds": round(seconds, 1),
        "cases_per_second": round(found.cases / seconds),
        "processor_milliseconds_per_case": round(alone * 1000, 3),
        "yardstick_milliseconds": round(stick * 1000, 2),
        "ratio": round(alone / stick, 3),
        "cost": str(found.cost(MEANS)),
        "busiest_day_hours": round(max(day.minutes for day in ahead) / 60),
        "most_backlog_hours": round(max(day.backlog for day in ahead) / 60),
        **found.as_json(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    counts = [int(each) for each in sys.argv[1:]]
    main(*(counts + [100_000, 90][len(counts) :]))
