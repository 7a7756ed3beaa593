"""Bridges: one row a try, moved on by a table of transitions, each step with its entry in the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from orchestrator.store import Rows, log
from orchestrator.store.log import Entry

MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "ringing": ("placing", "unknown"),
    "refused": ("placing",),
    "unknown": ("placing",),
    "dialling": ("placing", "ringing", "unknown"),
    "not_connected": ("placing", "ringing", "unknown"),
    "ended": ("dialling",),
    "given_up": ("placing", "ringing", "dialling", "unknown"),
}
"""State -> those it may be entered from."""
SILENT_AFTER = timedelta(minutes=2)
"""Real time after which somebody may give up on one of which nothing is heard."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """A row with what a running call needs: the sealed number to dial, and whose case it is about. `live`: its task is still open."""

    id: int
    task_id: int
    case_id: int | None
    attempt_id: int | None
    by: str
    language: str
    provider: str
    sender: str
    provider_id: str | None
    state: str
    outcome: str | None
    seconds: int | None
    valid_until: datetime
    opened_at_wall: datetime
    sealed: bytes
    live: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be connected. `valid_until`: when the debtor's window closes."""

    task_id: int
    point_id: int
    by: str
    language: str
    provider: str
    sender: str
    valid_until: datetime


def open_one(rows: Rows, plan: Plan, now: datetime, wall: datetime) -> Bridge | None:
    """None where this person does not have the call in hand, or one was placed already that may have rung the debtor."""
    made = rows.execute(
        text("""
            INSERT INTO bridge (task_id, contact_point_id, by, language, provider, sender, state, valid_until, opened_at, opened_at_wall)
            SELECT id, :point, :by, :language, :provider, :sender, 'placing', :until, :now, :wall
              FROM task WHERE id = :task AND kind = 'call' AND state = 'open' AND claimed_by = :by AND claimed_until > :wall
            ON CONFLICT DO NOTHING RETURNING id
        """),
        {
            "task": plan.task_id,
            "point": plan.point_id,
            "by": plan.by,
            "language": plan.language,
            "provider": plan.provider,
            "sender": plan.sender,
            "until": plan.valid_until,
            "now": now,
            "wall": wall,
        },
    ).scalar()
    if made is None:
        return None
    opened = find(rows, made)
    assert opened is not None
    _tell(rows, opened, "placing", {"by": plan.by, "sender": plan.sender}, now, wall)
    return opened


def find(rows: Rows, bridge_id: int) -> Bridge | None:
    return _read(rows.execute(text(f"{_BRIDGE} WHERE b.id = :id"), {"id": bridge_id}).one_or_none())


def of_task(rows: Rows, task_id: int) -> Bridge | None:
    """The newest of a task."""
    return _read(rows.execute(text(f"{_BRIDGE} WHERE b.task_id = :id ORDER BY b.id DESC LIMIT 1"), {"id": task_id}).one_or_none())


_BRIDGE = """
    SELECT b.id, b.task_id, t.case_id, t.attempt_id, b.by, b.language, b.provider, b.sender, b.provider_id, b.state, b.outcome, b.seconds,
           b.valid_until, b.opened_at_wall, cp.value AS sealed, t.state = 'open' AS live
      FROM bridge b JOIN task t ON t.id = b.task_id JOIN contact_point cp ON cp.id = b.contact_point_id
"""


def move(
    rows: Rows,
    bridge: Bridge,
    state: str,
    fact: Mapping[str, object],
    now: datetime,
    wall: datetime,
    *,
    provider_id: str | None = None,
    outcome: str | None = None,
    seconds: int | None = None,
) -> bool:
    """Enter a state, if this is one that follows; whether it did. `fact` goes into the log with it."""
    moved = rows.execute(
        text("""
            UPDATE bridge SET state = :state, outcome = :outcome, seconds = :seconds, provider_id = COALESCE(provider_id, :provider_id),
                   ended_at = CASE WHEN CAST(:outcome AS text) IS NULL THEN NULL ELSE CAST(:now AS timestamptz) END
             WHERE id = :id AND state = ANY(:before)
        """),
        {
            "id": bridge.id,
            "state": state,
            "before": list(MOVES[state]),
            "outcome": outcome,
            "seconds": seconds,
            "provider_id": provider_id,
            "now": now,
        },
    ).rowcount
    if moved:
        _tell(rows, bridge, state, {**fact, "provider_id": provider_id, "outcome": outcome, "seconds": seconds}, now, wall)
    return bool(moved)


def _tell(rows: Rows, bridge: Bridge, state: str, fact: Mapping[str, object], now: datetime, wall: datetime) -> None:
    told = {"bridge": bridge.id, "task": bridge.task_id, "state": state, **{name: each for name, each in fact.items() if each is not None}}
    log.append(rows, [Entry("bridge", told, case_id=bridge.case_id, attempt_id=bridge.attempt_id)], now, wall)


def _read(row: Any) -> Bridge | None:
    return Bridge(**row._mapping) if row is not None else None
