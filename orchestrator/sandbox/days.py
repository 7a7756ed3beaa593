"""The sandbox's clock. It stands still until nothing is due or in flight, then jumps to the next due instant.

Between two jumps the real workers do the real work; this only tells the time, sweeps without waiting for the beat, lets the staff act,
and fetches the bank statement every morning as the billing desk does.
"""

import time as real_time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from orchestrator import campaigns, outreach, sealing, tasks
from orchestrator.clock import wall_now
from orchestrator.intake import bank
from orchestrator.runtime import Runtime
from orchestrator.sandbox import staff
from orchestrator.sandbox.carrier import Carrier
from orchestrator.store import sandbox
from policies.localtime import local_day, zone

GRID = timedelta(minutes=5)
"""Jumps land on this grid, so that what is due within five minutes is done together."""
STATEMENT_AT, ANNOUNCE_AT = time(8, 30), time(9, 5)
ROUNDS_AT = (STATEMENT_AT, ANNOUNCE_AT, time(10, 5), time(14, 5), time(17, 35))
"""Local times at which somebody is at work whatever the clock's next event is."""
LOOK_EVERY = 0.04
STUCK_AFTER = 180.0
"""Real seconds without progress after which the sandbox says what it waits for."""


class Stuck(RuntimeError):
    """Something stayed due or in flight although every worker had time to do it."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What the days are lived with. `patience`: how long, in real time, a carrier that does not know our clock is waited for."""

    runtime: Runtime
    carrier: Carrier
    seed: int
    patience: timedelta = timedelta(0)

    def is_busy(self, now: datetime) -> int:
        with self.runtime.store.begin() as rows:
            return sandbox.busy(rows, now, wall_now() - self.patience)


def live(lived: Sandbox, *, pace: float, on_day: Callable[[int, datetime], None]) -> None:
    """Live until the end of the sandbox's time; `pace` is the least real seconds a day takes."""
    runtime, carrier = lived.runtime, lived.carrier
    upcoming = carrier.tell_time(runtime.now())
    day_began = real_time.monotonic()
    while True:
        _come_to_rest(lived)
        with runtime.store.begin() as rows:
            clock, due = sandbox.clock(rows), sandbox.next_due(rows)
        assert clock is not None
        if clock.now >= clock.ends:
            _hear_the_last(lived)
            on_day((clock.ends - clock.began).days + 1, clock.now)
            return
        upcoming = carrier.tell_time(clock.now)
        then = _next_instant(clock.now, [due, upcoming, *_rounds(clock.now, runtime)], clock.ends)
        if local_day(then, runtime.settings.home_timezone) != local_day(clock.now, runtime.settings.home_timezone):
            real_time.sleep(max(0.0, pace - (real_time.monotonic() - day_began)))
            day_began = real_time.monotonic()
            sealing.seal(runtime)
            on_day((then - clock.began).days + 1, then)
        with runtime.store.begin() as rows:
            sandbox.jump(rows, then)
        carrier.tell_time(then)
        _keep_office_hours(runtime, carrier, clock.now, then)


def _come_to_rest(lived: Sandbox) -> None:
    """Until nothing is due, in flight, or for the staff to do at this instant."""
    began = real_time.monotonic()
    now = lived.runtime.now()
    while True:
        tasks.offer(outreach.sweep(lived.runtime))
        busy = lived.is_busy(now)
        if not busy and lived.patience:
            outreach.catch_up(lived.runtime)
            busy = lived.is_busy(now)
        if not busy:
            lived.carrier.tell_time(now)
            if not staff.work(lived.runtime, lived.carrier, lived.seed) and not lived.is_busy(now):
                return
        if real_time.monotonic() - began > STUCK_AFTER:
            raise Stuck(f"{busy} things are still due or in flight at {now.isoformat()}: see the workers' lines in xianli.log")
        real_time.sleep(LOOK_EVERY)


def _hear_the_last(lived: Sandbox) -> None:
    """A carrier with a clock of its own is asked, as the last day ends, what became of all it took."""
    if lived.patience:
        outreach.catch_up(lived.runtime, all_open=True)
        _come_to_rest(lived)


def _next_instant(now: datetime, candidates: list[datetime | None], ends: datetime) -> datetime:
    """The first of these after `now`, on the grid, and no later than the end."""
    ahead = min(each for each in (*candidates, ends) if each is not None and each > now)
    midnight = ahead.replace(hour=0, minute=0, second=0, microsecond=0)
    on_grid = midnight + -((midnight - ahead) // GRID) * GRID
    return min(on_grid, ends)


def _rounds(now: datetime, runtime: Runtime) -> Iterator[datetime]:
    home = runtime.settings.home_timezone
    today = local_day(now, home)
    for day in (today, today + timedelta(days=1)):
        for at in ROUNDS_AT:
            yield datetime.combine(day, at, zone(home))


def _keep_office_hours(runtime: Runtime, carrier: Carrier, before: datetime, now: datetime) -> None:
    """What the desk does at its hours: the bank statement, then the day's notices."""
    passed = {at.timetz().replace(tzinfo=None) for at in _rounds(before, runtime) if before < at <= now}
    if STATEMENT_AT in passed:
        bank.take_statement(runtime, carrier.statement(now - timedelta(days=7), now))
    if ANNOUNCE_AT in passed:
        campaigns.announce(runtime)
