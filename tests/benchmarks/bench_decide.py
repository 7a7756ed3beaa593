"""How many decisions a second one core takes over cases in mid-campaign. Run: python tests/benchmarks/bench_decide.py [CASES]

Prints one JSON object. The facts stand ready and the day tables are warm. Beside it: what it takes to put a case together from ready values
(its charges, and itself with all it works out then), what reading the same facts from JSON takes, and how often each rule spoke.
`ratio` is the processor time of one decision over that of a yardstick (100,000 empty calls in Python), times 1,000.
"""

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from living_cases import living_case
from measuring import calling, processor_seconds

from orchestrator import packs
from orchestrator.deciding import read_asked
from policies.decide import decide
from policies.facts import CaseFacts

TURNS = 25
PACKS = packs.load()


def main(count: int) -> None:
    lines = [json.dumps(living_case(number), ensure_ascii=False) for number in range(count)]
    questions = [(asked.facts, PACKS.rules(asked.pack, asked.facts.sequence), asked.now) for asked in map(read_line, lines)]
    spoke = Counter(decide(*question).rule for question in questions)
    deciding, building, reading, sticks = [], [], [], []
    for _ in range(TURNS):
        deciding.append(processor_seconds(lambda: answer_all(questions)) / count)
        building.append(processor_seconds(lambda: [put_together(facts) for facts, _, _ in questions[:500]]) / len(questions[:500]))
        reading.append(processor_seconds(lambda: [read_line(line) for line in lines[:500]]) / len(lines[:500]))
        sticks.append(processor_seconds(calling))
    decision, stick = median(deciding), median(sticks)
    result = {
        "cases": count,
        "decisions_per_second": round(1 / decision),
        "microseconds_per_decision": round(decision * 1e6, 1),
        "microseconds_to_put_the_facts_together": round(median(building) * 1e6, 1),
        "microseconds_to_build_the_facts_from_json": round(median(reading) * 1e6, 1),
        "yardstick_milliseconds": round(stick * 1000, 2),
        "ratio": round(decision / stick * 1000, 3),
        "rules": dict(spoke.most_common()),
    }
    print(json.dumps(result))


def answer_all(questions) -> None:
    for question in questions:
        decide(*question)


def put_together(facts: CaseFacts) -> CaseFacts:
    return replace(facts, charges=tuple([replace(charge) for charge in facts.charges]))


def read_line(line: str):
    return read_asked(json.loads(line))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
