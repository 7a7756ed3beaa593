"""What is done to a house while it works, and when: a table of faults, and a plan that the seed alone decides.

A moment is told by the carrier, not by a clock: "when it has written down its 23rd fact", so that a slow machine is hit where a fast
one is.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import redis

from channels.carrier.personas import share
from tests.chaos import processes
from tests.chaos.house import House

WHILE_SENDING = 22
"""Facts of the carrier until about everything of the first morning was handed over."""
ALL_DAY = 60
"""Facts by which the callbacks are well under way; the day has more."""
EACH_RUN = ("kill_worker_child", "kill_worker")
MORE = 2
"""So many others come on top, drawn from the whole table."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`strike` answers whether there was something to hit; it comes before the carrier has written down so many facts.

    `deafens`: until it is over, nobody answers the carrier's callbacks, which it repeats for about a second only.
    """

    strike: Callable[[House, float], bool]
    before: int
    deafens: bool = False


@dataclass(frozen=True, slots=True)
class Blow:
    """One fault of a plan. `share` in [0, 1) chooses among what it can hit."""

    after: int
    fault: str
    share: float


def plan(seed: int) -> list[Blow]:
    """The faults of the run of this seed, in order."""
    drawn = [sorted(FAULTS)[int(share(seed, f"more-{n}", "fault") * len(FAULTS))] for n in range(MORE)]
    blows = [
        Blow(1 + int(share(seed, f"{n}-{fault}", "moment") * FAULTS[fault].before), fault, share(seed, f"{n}-{fault}", "which"))
        for n, fault in enumerate((*EACH_RUN, *drawn))
    ]
    return sorted(blows, key=lambda blow: blow.after)


def strike(house: House, blow: Blow) -> bool:
    """Whether there was something to hit: what is just being started again is hit as soon as it is up."""
    return FAULTS[blow.fault].strike(house, blow.share)


def _kill_worker_child(house: House, which: float) -> bool:
    worker = house.pid(_worker(which))
    pool = processes.children(worker) if worker else []
    return bool(pool) and _kill(pool[int(which * 1000) % len(pool)])


def _kill_worker(house: House, which: float) -> bool:
    return _kill(house.pid(_worker(which)))


def _kill_web(house: House, which: float) -> bool:
    return _kill(house.pid("web"))


def _kill_beat(house: House, which: float) -> bool:
    return _kill(house.pid("beat"))


def _kill_up(house: House, which: float) -> bool:
    """The supervisor: everything below it dies with it."""
    return house.up is not None and _kill(house.up.pid)


def _flush_broker(house: House, which: float) -> bool:
    with redis.Redis.from_url(house.broker_url) as broker:
        return bool(broker.flushall())


def _kill_broker(house: House, which: float) -> bool:
    with redis.Redis.from_url(house.broker_url) as broker:
        try:
            return _kill(int(broker.info("server")["process_id"]))
        except redis.ConnectionError:
            return False


FAULTS: Mapping[str, Fault] = {
    "flush_broker": Fault(_flush_broker, ALL_DAY),
    "kill_beat": Fault(_kill_beat, ALL_DAY),
    "kill_broker": Fault(_kill_broker, ALL_DAY),
    "kill_up": Fault(_kill_up, ALL_DAY, deafens=True),
    "kill_web": Fault(_kill_web, ALL_DAY, deafens=True),
    "kill_worker": Fault(_kill_worker, WHILE_SENDING),
    "kill_worker_child": Fault(_kill_worker_child, WHILE_SENDING),
}


def _worker(which: float) -> str:
    """More often the one that sends: there a repeat would reach somebody."""
    return "worker-send" if which < 2 / 3 else "worker-decide"


def _kill(pid: int | None) -> bool:
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False
