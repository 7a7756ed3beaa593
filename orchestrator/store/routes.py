"""Routes of visits: which doors wait, which were approved for whom, and what was taken off again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, log
from orchestrator.store.casefiles import NoSuchThing
from orchestrator.store.log import Entry
from orchestrator.store.site_days import OF_COMMUNITY


@dataclass(frozen=True, slots=True)
class Waiting:
    """A visit that is on no route yet: where, and what it is for."""

    task_id: int
    community_id: int
    community: str
    units: tuple[tuple[str, str], ...]
    """(label, building) of every home of the debtor in the community."""
    debtor: str
    step: str
    pack: str
    sequence: str


def waiting(rows: Rows, scope: int | None, day: date) -> list[Waiting]:
    """Open visits that stand on no route of this day or a later one; what was taken off this day's route is left in peace that day."""
    found = rows.execute(_WAITING, {"scope": scope, "day": day})
    return [
        Waiting(
            task_id=row.task_id,
            community_id=row.community_id,
            community=row.community,
            units=tuple((unit["label"], unit["building"]) for unit in row.units),
            debtor=row.debtor,
            step=row.step,
            pack=row.pack,
            sequence=row.sequence,
        )
        for row in found
    ]


_HOMES = """LATERAL (
          SELECT jsonb_agg(DISTINCT jsonb_build_object('label', u.label, 'building', u.building)) AS units
            FROM account ac JOIN unit u ON u.id = ac.unit_id AND u.community_id = c.community_id
           WHERE ac.debtor_id = c.debtor_id) AS homes"""

_WAITING = text(f"""
    SELECT t.id AS task_id, m.id AS community_id, m.name AS community, homes.units, d.name AS debtor,
           COALESCE(a.step, t.about) AS step, c.pack, c.sequence
      FROM task t
      JOIN "case" c ON c.id = t.case_id
      JOIN community m ON m.id = t.community_id
      JOIN debtor d ON d.id = c.debtor_id
      LEFT JOIN attempt a ON a.id = t.attempt_id
      CROSS JOIN {_HOMES}
     WHERE t.kind = 'visit' AND t.state = 'open' AND (CAST(:scope AS bigint) IS NULL OR t.community_id = :scope) AND homes.units IS NOT NULL
       AND NOT EXISTS (SELECT FROM visit_stop s JOIN visit_route r ON r.id = s.route_id
                        WHERE s.task_id = t.id AND (s.removed_at IS NULL AND r.day >= :day OR r.day = :day))
     ORDER BY m.name, t.id
""")


@dataclass(frozen=True, slots=True)
class Planned:
    """A stop as it is approved: the task, its place on the route, and how many go."""

    task_id: int
    place: int
    persons: int


def approve(
    rows: Rows,
    community_id: int,
    building: str,
    day: date,
    stops: Sequence[Planned],
    collector: str,
    companion: str | None,
    by: str,
    now: datetime,
    wall: datetime,
) -> int:
    """Write an approved route down, or add to the one of that building and day; its id. A stop of an earlier day is carried over."""
    route_id: int = rows.execute(
        text("""
            INSERT INTO visit_route (community_id, building, day, collector, companion, approved_by, approved_at)
            VALUES (:community, :building, :day, :collector, :companion, :by, :now)
            ON CONFLICT (community_id, building, day) DO UPDATE
               SET collector = excluded.collector, companion = excluded.companion, approved_by = excluded.approved_by,
                   approved_at = excluded.approved_at
            RETURNING id
        """),
        {
            "community": community_id,
            "building": building,
            "day": day,
            "collector": collector,
            "companion": companion,
            "by": by,
            "now": now,
        },
    ).scalar_one()
    tasks = [stop.task_id for stop in stops]
    rows.execute(_CARRY_OVER, {"tasks": tasks, "route": route_id, "now": now, "by": by, "day": day.isoformat()})
    rows.execute(
        text("""
            INSERT INTO visit_stop (route_id, task_id, place, persons)
            SELECT :route, * FROM unnest(CAST(:tasks AS bigint[]), CAST(:places AS int[]), CAST(:persons AS int[]))
            ON CONFLICT (route_id, task_id) DO NOTHING
        """),
        {
            "route": route_id,
            "tasks": tasks,
            "places": [stop.place for stop in stops],
            "persons": [stop.persons for stop in stops],
        },
    )
    fact = {"route": route_id, "building": building, "day": day, "tasks": tasks, "collector": collector, "companion": companion, "by": by}
    log.append(rows, [Entry("route approved", fact)], now, wall)
    return route_id


_CARRY_OVER = text("""
    UPDATE visit_stop SET removed_at = :now, removed_by = :by, removed_because = 'carried over to ' || :day
     WHERE task_id = ANY(:tasks) AND removed_at IS NULL AND route_id <> :route
""")


def lock_open(rows: Rows, task_ids: Sequence[int], community_id: int) -> frozenset[int]:
    """Those of these visits that are open and of this community, locked in id order."""
    found = rows.execute(
        text("""
            SELECT id FROM task WHERE id = ANY(:ids) AND community_id = :community AND kind = 'visit' AND state = 'open'
             ORDER BY id FOR NO KEY UPDATE
        """),
        {"ids": list(task_ids), "community": community_id},
    )
    return frozenset(found.scalars())


def remove(rows: Rows, task_id: int, by: str, because: str, now: datetime, wall: datetime) -> None:
    """Take an open stop off its route, with the reason: it waits for another day. Raises NoSuchThing."""
    found = rows.execute(
        text("""
            UPDATE visit_stop s SET removed_at = :now, removed_by = :by, removed_because = :because
              FROM task t WHERE t.id = s.task_id AND t.state = 'open' AND s.task_id = :task AND s.removed_at IS NULL
         RETURNING s.route_id, t.case_id
        """),
        {"now": now, "by": by, "because": because, "task": task_id},
    ).one_or_none()
    if found is None:
        raise NoSuchThing(f"task {task_id} is no open stop of a route")
    log.append(rows, [Entry("stop removed", {"route": found.route_id, "task": task_id, "by": by, "because": because})], now, wall)


def start(rows: Rows, task_id: int, now: datetime) -> None:
    """Somebody stands before the door. The first start stays."""
    rows.execute(
        text("UPDATE visit_stop SET started_at = COALESCE(started_at, :now) WHERE task_id = :task AND removed_at IS NULL"),
        {"now": now, "task": task_id},
    )


def routes(rows: Rows, scope: int | None, day: date, walker: str | None = None) -> list[Any]:
    """Approved routes of a day with how far they are; only those of one person (as collector or companion), where named."""
    return list(rows.execute(_ROUTES, {"scope": scope, "day": day, "walker": walker}))


_ROUTES = text("""
    SELECT r.id, r.community_id, m.name AS community, m.timezone, r.building, r.day, r.collector, r.companion, r.approved_by, r.approved_at,
           count(s.task_id) FILTER (WHERE t.state <> 'cancelled') AS stops, count(s.task_id) FILTER (WHERE t.state = 'done') AS done
      FROM visit_route r
      JOIN community m ON m.id = r.community_id
      LEFT JOIN visit_stop s ON s.route_id = r.id AND s.removed_at IS NULL
      LEFT JOIN task t ON t.id = s.task_id
     WHERE r.day = :day AND (CAST(:scope AS bigint) IS NULL OR r.community_id = :scope)
       AND (CAST(:walker AS text) IS NULL OR :walker IN (r.collector, r.companion))
     GROUP BY r.id, m.name, m.timezone ORDER BY m.name, r.building
""")


def stops(rows: Rows, route_ids: Sequence[int]) -> list[Any]:
    """The stops of routes in their places: the door, the state of the task, what became of it."""
    return list(rows.execute(_STOPS, {"routes": list(route_ids), "task": None}))


def stop(rows: Rows, task_id: int, scope: int | None, walker: str | None) -> Any | None:
    """A stop that is on a route, with all a person before the door needs; None where it is none, or not theirs."""
    found = rows.execute(_STOPS, {"routes": None, "task": task_id}).one_or_none()
    if found is None or (scope is not None and found.community_id != scope):
        return None
    return found if walker is None or walker in (found.collector, found.companion) else None


_STOPS = text(f"""
    SELECT s.route_id, s.task_id, s.place, s.persons, s.started_at, r.day, r.collector, r.companion, r.building, r.community_id,
           t.state, t.report, t.done_at, t.case_id, t.attempt_id, COALESCE(a.step, t.about) AS step,
           m.name AS community, m.timezone, m.currency, m.how_to_pay, m.payment_code, d.name AS debtor, c.pack, homes.units,
           home.commercial, {OF_COMMUNITY} AS site_days, g.body AS card, g.document IS NOT NULL AS has_document,
           EXISTS (SELECT FROM debtor_party dp JOIN party p ON p.id = dp.party_id AND p.kind = 'company'
                    WHERE dp.debtor_id = c.debtor_id) AS company
      FROM visit_stop s
      JOIN visit_route r ON r.id = s.route_id
      JOIN task t ON t.id = s.task_id
      JOIN "case" c ON c.id = t.case_id
      JOIN community m ON m.id = t.community_id
      JOIN debtor d ON d.id = c.debtor_id
      LEFT JOIN attempt a ON a.id = t.attempt_id
      LEFT JOIN message g ON g.attempt_id = t.attempt_id
      CROSS JOIN {_HOMES}
      CROSS JOIN LATERAL (SELECT bool_or(u.use = 'commercial') AS commercial FROM account ac
                            JOIN unit u ON u.id = ac.unit_id AND u.community_id = c.community_id WHERE ac.debtor_id = c.debtor_id) AS home
     WHERE s.removed_at IS NULL AND (CAST(:task AS bigint) IS NULL OR s.task_id = :task)
       AND (CAST(:routes AS bigint[]) IS NULL OR s.route_id = ANY(:routes))
     ORDER BY s.route_id, s.place, s.task_id
""")


def walkers(rows: Rows, roles: Sequence[str]) -> list[Mapping[str, Any]]:
    """Active staff of these roles and the community they are bound to, collectors first."""
    found = rows.execute(
        text("""
            SELECT name, role, community_id FROM "user" WHERE active AND role = ANY(:roles)
             ORDER BY role <> 'collector', name
        """),
        {"roles": list(roles)},
    )
    return [dict(row._mapping) for row in found]
