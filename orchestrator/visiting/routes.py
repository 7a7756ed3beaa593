"""Routes: the visits of a building on a day, in the order one walks, approved in one act before anybody does (domain section 3, step 4)."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from orchestrator import casework
from orchestrator.casework import NotAllowed
from orchestrator.runtime import Runtime
from orchestrator.store import routes as doors
from orchestrator.store.routes import Planned, Waiting
from policies.localtime import local_day
from policies.windows import Place, is_open, next_opening

WALKERS = ("collector", "supervisor", "administrator")


@dataclass(frozen=True, slots=True)
class Stop:
    """A door on a proposed route: how many must go, and the home that is rung at."""

    task_id: int
    unit: str
    debtor: str
    step: str
    persons: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a supervisor approves in one act: a building of a community, its doors in the order one walks."""

    community_id: int
    community: str
    building: str
    stops: tuple[Stop, ...]


def in_natural_order(label: str) -> tuple[tuple[int, int, str], ...]:
    """A key to sort labels by as people count: 3-1-201 before 3-1-1201, 2号楼 before 10号楼."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d+|\D+", label))


def today(runtime: Runtime) -> date:
    """The day routes are walked on: the company's."""
    return local_day(runtime.now(), runtime.settings.home_timezone)


def proposals(runtime: Runtime, scope: int | None, day: date) -> list[Proposal]:
    """What waits for a route on this day, by community and building. Of a debtor with several homes the first is rung at."""
    with runtime.store.begin() as rows:
        waiting = doors.waiting(rows, scope, day)
    found: defaultdict[tuple[str, int, str], list[Stop]] = defaultdict(list)
    for visit in waiting:
        unit, building = min(visit.units, key=lambda home: in_natural_order(home[0]))
        stop = Stop(visit.task_id, unit, visit.debtor, visit.step, _persons(runtime, visit))
        found[visit.community, visit.community_id, building].append(stop)
    return [
        Proposal(community_id, community, building, tuple(sorted(stops, key=lambda stop: in_natural_order(stop.unit))))
        for (community, community_id, building), stops in sorted(found.items(), key=lambda each: (each[0][0], in_natural_order(each[0][2])))
    ]


def approve(
    runtime: Runtime,
    community_id: int,
    building: str,
    day: date,
    task_ids: Collection[int],
    collector: str,
    by: str,
    *,
    companion: str | None = None,
    flagged: Collection[int] = (),
) -> int:
    """Approve the route of a building and day as proposed, or the stops of it that are named; its id.

    `flagged`: stops to which nobody is to go alone. Where a stop takes two, the companion must be named. Raises NotAllowed.
    """
    if day < today(runtime):
        raise NotAllowed("路线日期已过 / a route is walked today or on a day to come")
    named = {each["name"]: each["community_id"] for each in walkers(runtime)}
    for walker in filter(None, (collector, companion)):
        if walker not in named or named[walker] not in (None, community_id):
            raise NotAllowed(f"{walker} 不能在此小区上门 / {walker} does not walk routes of this community")
    if companion == collector:
        raise NotAllowed("同行人须是另一人 / the companion is somebody else")
    proposed = [each for each in proposals(runtime, None, day) if (each.community_id, each.building) == (community_id, building)]
    chosen = [stop for each in proposed for stop in each.stops if stop.task_id in task_ids]
    if not chosen:
        raise NotAllowed("没有可批准的上门任务，可能已变化，请刷新 / nothing of it waits for a route any more: look again")
    planned = [Planned(stop.task_id, place, _at_least_two(stop, flagged)) for place, stop in enumerate(chosen, 1)]
    if companion is None and any(stop.persons > 1 for stop in planned):
        raise NotAllowed("其中有须两人上门的，请选择同行人 / some of these doors take two persons: name the companion")
    with runtime.store.begin() as rows:
        still_open = doors.lock_open(rows, [stop.task_id for stop in planned], community_id)
        planned = [stop for stop in planned if stop.task_id in still_open]
        return doors.approve(rows, community_id, building, day, planned, collector, companion, by, runtime.now(), runtime.wall())


def walkers(runtime: Runtime) -> list[Mapping[str, Any]]:
    """Who may walk a route: name, role, community (None: all)."""
    with runtime.store.begin() as rows:
        return doors.walkers(rows, WALKERS)


def remove(runtime: Runtime, task_id: int, by: str, because: str) -> None:
    """Take a stop off its route. Raises NotAllowed, NoSuchThing."""
    if not because.strip():
        raise NotAllowed("请写明移除原因 / removing a stop needs its reason")
    casework.check_neutral(because)
    with runtime.store.begin() as rows:
        doors.remove(rows, task_id, by, because, runtime.now(), runtime.wall())


def start(runtime: Runtime, stop: Any) -> bool:
    """Somebody stands before the door: ask once more whether to ring. False where the visit is called off. Raises NotAllowed.

    `stop` is a row of `store.routes.stop`.
    """
    if stop.day != today(runtime):
        raise NotAllowed("这条路线不是今天的 / this route is not of today")
    if not may_ring(runtime, stop):
        raise NotAllowed("现在不在可上门时段 / outside the visiting hours")
    if not casework.still_to_do(runtime, stop.task_id):
        return False
    with runtime.store.begin() as rows:
        doors.start(rows, stop.task_id, runtime.now())
    return True


def may_ring(runtime: Runtime, stop: Any) -> bool:
    """Whether this door may be rung at now."""
    return is_open(runtime.packs.rules(stop.pack), "visit", _place(stop), runtime.now())


def opens_at(runtime: Runtime, stop: Any) -> datetime | None:
    """When this door may be rung at next; None where it never may."""
    return next_opening(runtime.packs.rules(stop.pack), "visit", _place(stop), runtime.now())


def _place(stop: Any) -> Place:
    return Place(stop.timezone, "commercial" if stop.commercial else "residential", frozenset(stop.site_days))


def _persons(runtime: Runtime, visit: Waiting) -> int:
    formally = visit.step == runtime.packs.sequence(visit.sequence).demand.name
    return runtime.packs.pack(visit.pack).persons(formally=formally)


def _at_least_two(stop: Stop, flagged: Collection[int]) -> int:
    return max(stop.persons, 2) if stop.task_id in flagged else stop.persons


def first_home(units: Sequence[Mapping[str, str]]) -> str:
    """The home that is rung at, of those of a debtor."""
    return min((unit["label"] for unit in units), key=in_natural_order)
