"""One run: a house at work, the plan of its seed carried out on it, then the audit."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestrator.sandbox import beginning
from tests.chaos.audit import Audit, audit
from tests.chaos.faults import FAULTS, Blow, plan, strike
from tests.chaos.house import House, Unfinished, settled

LOOK_EVERY = 0.005
STRIKE_AGAIN = 0.2
"""What is down cannot be hit: it is given time to come up."""
DEADLINE = 400.0
"""Real seconds: far more than the slowest machine needs."""
STARTS = 6

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to a house, and what came of it."""

    faults: Counter[str]
    audit: Audit


def run(seed: int, days: int, state: Path, say: Say) -> Done:
    """Live `days` with the faults of this seed. `state` gets every log. Raises Unfinished where they cannot be lived to their end."""
    with settled(state, days) as (house, runtime):
        house.start()
        done = _live_through(house, plan(seed), say)
        was_deaf = any(FAULTS[fault].deafens for fault in done)
        found = audit(runtime, house.journal, beginning.SEED, was_deaf=was_deaf)
    return Done(done, found)


def _live_through(house: House, blows: list[Blow], say: Say) -> Counter[str]:
    done: Counter[str] = Counter()
    ahead = list(blows)
    began = time.monotonic()
    while not (house.has_ended() and house.up is not None and house.up.returncode == 0):
        if house.has_ended():
            _start_again(house, say)
        elif ahead and house.facts() >= ahead[0].after:
            if strike(house, ahead[0]):
                blow = ahead.pop(0)
                done[blow.fault] += 1
                say(f"{blow.fault} after {house.facts()} facts of the carrier and {time.monotonic() - began:.0f} s")
            else:
                time.sleep(STRIKE_AGAIN)
        if time.monotonic() - began > DEADLINE:
            raise Unfinished(f"the days are not over after {DEADLINE:g} s: see {house.settings.state_dir}")
        time.sleep(LOOK_EVERY)
    for blow in ahead:
        say(f"the days were over before {blow.fault}")
    if not done:
        raise Unfinished(f"nothing was struck: see {house.settings.state_dir}")
    return done


def _start_again(house: House, say: Say) -> None:
    if house.starts == STARTS:
        raise Unfinished(f"`up` ended {STARTS} times: see {house.settings.state_dir}")
    say("`up` ended and is started again")
    house.start()
