"""How many letters a second are rendered, signed and proofread. Run: python tests/benchmarks/bench_letters.py [COUNT]

Prints one JSON object. `ratio` is the processor time of one letter, rendered, signed (PAdES B-B, P-256) and read once more, over that of
the yardstick (deflating 1 MiB of fixed bytes), measured in turns with the letters, so that it can be compared between machines and between
busy and idle hours. `in_one_run` is all of them again on two processes, as the workers have them: by the clock on the wall, and what that
comes to where both cores are free.
"""

import json
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "orchestrator"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from measuring import deflating, processor_seconds
from wording_examples import DEMAND, MONTHS

from orchestrator.evidence import seals
from orchestrator.evidence.seals import Seal
from orchestrator.wording import Letter, Notice, proofread, render_letter

BATCH = 25
PROCESSES = 2
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@cache
def seal(folder: Path) -> Seal:
    seals.make_sandbox_seal(folder / "seal.p12", "password")
    return seals.load(folder / "seal.p12", "password", NOW)


def notice(number: int) -> Notice:
    return replace(DEMAND, reference=f"XL-2026-{number:06d}", debtors=(f"王{chr(0x4E00 + number % 2000)}",), lines=MONTHS[:4])


def rendered(number: int) -> Letter:
    return render_letter("formal-demand", notice(number))


def signed(letter: Letter, folder: Path) -> Letter:
    return replace(letter, pdf=seal(folder).sign(letter.pdf, NOW))


def run(numbers: range, folder: Path) -> float:
    """These letters, made ready to be queued in this process; the processor seconds that took."""
    return processor_seconds(lambda: [proofread(signed(rendered(number), folder), notice(number)) for number in numbers])


def in_turns(turns: list[range], folder: Path) -> tuple[float, float, float, float]:
    """Processor seconds of one rendering, one signature, one reading and one yardstick."""
    rendering, signing, reading, yardsticks = [], [], [], []
    for turn in turns:
        letters, sealed = [], []
        rendering.append(processor_seconds(lambda turn=turn, letters=letters: letters.extend(map(rendered, turn))))
        signing.append(processor_seconds(lambda letters=letters, sealed=sealed: sealed.extend(signed(each, folder) for each in letters)))
        reading.append(processor_seconds(lambda turn=turn, sealed=sealed: list(map(proofread, sealed, map(notice, turn)))))
        yardsticks.append(processor_seconds(deflating, 3))
    return median(rendering) / BATCH, median(signing) / BATCH, median(reading) / BATCH, median(yardsticks)


def in_one_run(turns: list[range], folder: Path) -> tuple[float, float]:
    """Seconds by the clock on the wall, and processor seconds of both processes."""
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), initializer=run, initargs=(range(-1, 0), folder)) as workers:
        list(workers.map(run, [range(-1, 0)] * PROCESSES, [folder] * PROCESSES))
        began = time.perf_counter()
        busy = sum(workers.map(run, turns, [folder] * len(turns)))
        return time.perf_counter() - began, busy


def main(count: int) -> None:
    turns = [range(start, start + BATCH) for start in range(0, count, BATCH)]
    letters = len(turns) * BATCH
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run(range(-1, 0), folder)
        render, sign, read, stick = in_turns(turns, folder)
        wall, busy = in_one_run(turns, folder)
    each = render + sign + read
    result = {
        "letters": letters,
        "milliseconds_to_render": round(render * 1000, 2),
        "milliseconds_to_sign": round(sign * 1000, 2),
        "milliseconds_to_proofread": round(read * 1000, 2),
        "letters_per_second": round(1 / each, 1),
        "yardstick_milliseconds": round(stick * 1000, 2),
        "ratio": round(each / stick, 3),
        "in_one_run": {
            "processes": PROCESSES,
            "seconds": round(wall, 1),
            "letters_per_second": round(letters / wall, 1),
            "letters_per_second_of_free_cores": round(PROCESSES * letters / busy, 1),
        },
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
