"""How many letters a second one core renders, unsigned. Run: python tests/benchmarks/bench_letters.py [COUNT]

Prints one JSON object. `ratio` is the processor time of one letter over that of the yardstick (deflating 1 MiB of fixed bytes),
measured in turns with the letters, so that it can be compared between machines and between busy and idle hours.
"""

import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "orchestrator"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from measuring import deflating, processor_seconds
from wording_examples import DEMAND, MONTHS

from orchestrator.wording import render_letter

BATCH = 25


def letter(number: int) -> None:
    notice = replace(DEMAND, reference=f"XL-2026-{number:06d}", debtors=(f"王{chr(0x4E00 + number % 2000)}",), lines=MONTHS[:4])
    render_letter("formal-demand", notice)


def render_all(numbers: range) -> None:
    for number in numbers:
        letter(number)


def main(count: int) -> None:
    letter(-1)
    turns = [range(start, start + BATCH) for start in range(0, count, BATCH)]
    letters, yardsticks = [], []
    for turn in turns:
        letters.append(processor_seconds(partial(render_all, turn)) / len(turn))
        yardsticks.append(processor_seconds(deflating, 3))
    each, stick = median(letters), median(yardsticks)
    result = {
        "letters": len(turns) * BATCH,
        "milliseconds_per_letter": round(each * 1000, 2),
        "letters_per_second": round(1 / each, 1),
        "yardstick_milliseconds": round(stick * 1000, 2),
        "ratio": round(each / stick, 3),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
