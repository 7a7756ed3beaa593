"""What comes back from a door: pieces of files, what was brought for a report, and the look of somebody who was not there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, casefiles
from orchestrator.store.casefiles import NoSuchThing


@dataclass(frozen=True, slots=True)
class Begun:
    """An upload: what it will be, how large, and the exhibit it became once it was whole."""

    id: int
    task_id: int
    case_id: int | None
    attempt_id: int | None
    kind: str
    shot: str | None
    size: int
    by: str
    exhibit_id: int | None


def begin_upload(rows: Rows, task_id: int, key: str, kind: str, shot: str | None, size: int, by: str, wall: datetime) -> Begun:
    """Begin an upload for an open task, or find the one begun under this key. Raises NoSuchThing."""
    rows.execute(
        text("""
            INSERT INTO upload (task_id, key, kind, shot, size, by, begun_at)
            SELECT id, :key, :kind, :shot, :size, :by, :wall FROM task WHERE id = :task AND state = 'open'
            ON CONFLICT (task_id, key) DO NOTHING
        """),
        {"task": task_id, "key": key, "kind": kind, "shot": shot, "size": size, "by": by, "wall": wall},
    )
    found = rows.execute(text(f"{_BEGUN} WHERE u.task_id = :task AND u.key = :key"), {"task": task_id, "key": key}).one_or_none()
    if found is None:
        raise NoSuchThing(f"task {task_id} is not open")
    return Begun(*found)


def upload(rows: Rows, upload_id: int, *, lock: bool = False) -> Begun | None:
    found = rows.execute(text(f"{_BEGUN} WHERE u.id = :id {'FOR NO KEY UPDATE OF u' if lock else ''}"), {"id": upload_id}).one_or_none()
    return Begun(*found) if found else None


_BEGUN = """
    SELECT u.id, u.task_id, t.case_id, t.attempt_id, u.kind, u.shot, u.size, u.by, u.exhibit_id
      FROM upload u JOIN task t ON t.id = u.task_id
"""


def finish_upload(rows: Rows, upload_id: int, exhibit_id: int) -> None:
    rows.execute(text("UPDATE upload SET exhibit_id = :exhibit WHERE id = :id"), {"id": upload_id, "exhibit": exhibit_id})


def brought(rows: Rows, task_id: int) -> list[Any]:
    """The exhibits of a task in the order they came, and what each photo is meant to show."""
    return list(
        rows.execute(
            text("""
                SELECT x.id, x.kind, x.sha256, x.claim, x.received_at, x.by,
                       (SELECT u.shot FROM upload u WHERE u.exhibit_id = x.id AND u.task_id = x.task_id ORDER BY u.id LIMIT 1) AS shot
                  FROM exhibit x WHERE x.task_id = :task ORDER BY x.id
            """),
            {"task": task_id},
        )
    )


def reported_as(rows: Rows, task_id: int, key: str) -> bool:
    """Whether this very report ended the task already."""
    return bool(
        rows.execute(
            text("SELECT EXISTS (SELECT FROM task WHERE id = :id AND state = 'done' AND report ->> 'key' = :key)"),
            {"id": task_id, "key": key},
        ).scalar()
    )


def to_look_at(rows: Rows, scope: int | None, limit: int = 100) -> list[Any]:
    """Reported visits with photos that nobody has looked at, the oldest first."""
    return list(rows.execute(_TO_LOOK_AT, {"scope": scope, "limit": limit}))


_TO_LOOK_AT = text("""
    SELECT t.id AS task_id, t.case_id, t.community_id, t.done_at, t.done_by, t.report, m.name AS community, m.timezone, d.name AS debtor,
           (SELECT array_agg(x.id ORDER BY x.id) FROM exhibit x WHERE x.task_id = t.id AND x.kind = 'photo') AS photos,
           (SELECT array_agg(DISTINCT u.label ORDER BY u.label) FROM account ac JOIN unit u ON u.id = ac.unit_id
             WHERE ac.debtor_id = c.debtor_id AND u.community_id = c.community_id) AS units
      FROM task t
      JOIN "case" c ON c.id = t.case_id
      JOIN community m ON m.id = t.community_id
      JOIN debtor d ON d.id = c.debtor_id
     WHERE t.kind = 'visit' AND t.state = 'done' AND (CAST(:scope AS bigint) IS NULL OR t.community_id = :scope)
       AND EXISTS (SELECT FROM exhibit x WHERE x.task_id = t.id AND x.kind = 'photo')
       AND NOT EXISTS (SELECT FROM visit_look l WHERE l.task_id = t.id)
     ORDER BY t.done_at, t.id LIMIT :limit
""")


def look(rows: Rows, task_id: int, *, code_seen: bool, by: str, note: str, now: datetime, wall: datetime) -> None:
    """Write down what somebody saw in the photos of a visit they did not make, and ask the case anew. Raises NoSuchThing."""
    case_id = rows.execute(
        text("""
            SELECT case_id FROM task WHERE id = :task AND kind = 'visit' AND state = 'done' AND done_by <> :by
               AND report ->> 'companion' IS DISTINCT FROM :by
        """),
        {"task": task_id, "by": by},
    ).scalar()
    if case_id is None:
        raise NoSuchThing(f"task {task_id} is no reported visit that {by} was not at")
    case = casefiles.lock_any(rows, case_id)
    looked = rows.execute(
        text("""
            INSERT INTO visit_look (task_id, code_seen, looked_by, looked_at, note) VALUES (:task, :seen, :by, :now, :note)
            ON CONFLICT (task_id) DO NOTHING
        """),
        {"task": task_id, "seen": code_seen, "by": by, "now": now, "note": note},
    ).rowcount
    if not looked:
        raise NoSuchThing(f"somebody has looked at the photos of task {task_id} already")
    casefiles.tell(rows, case, "photos looked at", {"task": task_id, "code_seen": code_seen, "by": by, "note": note}, now, wall)
