"""Jobs: asked for, taken by one worker at a time, told how far they are, finished, and their files forgotten after a day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from orchestrator.models.jobs import JOB_KINDS
from orchestrator.store import Rows
from policies.actions import Sentence

MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `tries` names the one try that may speak for it: a worker that was given up is not heard any more."""

    id: int
    kind: str
    arguments: Mapping[str, Any]
    community_id: int | None
    state: str
    tries: int
    done: int
    total: int
    result: str | None
    error: str | None
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    because: Sequence[Mapping[str, str]] | None
    """What was left out of the file, sentence by sentence, as a decision keeps its reasons."""


_COLUMNS = "id, kind, arguments, community_id, state, tries, done, total, result, error, requested_by, requested_at, finished_at, because"


def request(rows: Rows, kind: str, arguments: Mapping[str, Any], community_id: int | None, by: str, wall: datetime) -> int:
    """Ask for a file; the job's id. `arguments`: ids and options, no personal data."""
    asked = text("""
        INSERT INTO job (kind, arguments, community_id, state, tries, done, total, requested_by, requested_at)
        VALUES (:kind, :arguments, :community, 'waiting', 0, 0, 0, :by, :wall) RETURNING id
    """).bindparams(bindparam("arguments", type_=JSONB))
    made: int = rows.execute(
        asked, {"kind": kind, "arguments": dict(arguments), "community": community_id, "by": by, "wall": wall}
    ).scalar_one()
    return made


def take(rows: Rows, wall: datetime, until: datetime, kinds: Collection[str] = JOB_KINDS) -> Job | None:
    """The oldest job of these kinds that nobody works at, now taken until then; None where there is none.

    One whose worker vanished is taken anew.
    """
    rows.execute(_GIVE_UP, {"wall": wall, "most": MOST_TRIES})
    found = rows.execute(
        text(f"""
            UPDATE job SET state = 'running', tries = tries + 1, done = 0, total = 0, claimed_until = :until
             WHERE id = (SELECT id FROM job
                          WHERE (state = 'waiting' OR state = 'running' AND claimed_until < :wall) AND kind = ANY(:kinds)
                          ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING {_COLUMNS}
        """),
        {"wall": wall, "until": until, "kinds": list(kinds)},
    ).one_or_none()
    return Job(*found) if found else None


_GIVE_UP = text("""
    UPDATE job SET state = 'failed', error = 'its worker was lost each time', claimed_until = NULL, finished_at = :wall
     WHERE state = 'running' AND claimed_until < :wall AND tries >= :most
""")


def report(rows: Rows, job: Job, done: int, total: int, until: datetime) -> None:
    """How far a job is; its lease begins anew."""
    _told(rows, job, "done = :done, total = :total, claimed_until = :until", done=done, total=total, until=until)


def say(rows: Rows, job: Job, because: Sequence[Sentence]) -> None:
    """Why something that was asked for is not in the file."""
    rows.execute(
        text("UPDATE job SET because = :because WHERE id = :id AND tries = :tries AND state = 'running'").bindparams(
            bindparam("because", type_=JSONB)
        ),
        {"id": job.id, "tries": job.tries, "because": [{"zh": each.zh, "en": each.en} for each in because]},
    )


def finish(rows: Rows, job: Job, result: str, wall: datetime) -> None:
    _told(rows, job, "state = 'done', result = :result, claimed_until = NULL, finished_at = :wall", result=result, wall=wall)


def fail(rows: Rows, job: Job, error: str, wall: datetime) -> None:
    """What was asked for cannot be made: trying again would not help."""
    _told(rows, job, "state = 'failed', error = :error, claimed_until = NULL, finished_at = :wall", error=error, wall=wall)


def give_back(rows: Rows, job: Job, error: str, wall: datetime) -> None:
    """A try went wrong: it is tried again, at most MOST_TRIES times in all."""
    if job.tries >= MOST_TRIES:
        fail(rows, job, error, wall)
    else:
        _told(rows, job, "state = 'waiting', claimed_until = NULL")


def _told(rows: Rows, job: Job, change: str, **values: object) -> None:
    rows.execute(
        text(f"UPDATE job SET {change} WHERE id = :id AND tries = :tries AND state = 'running'"),
        {"id": job.id, "tries": job.tries} | values,
    )


def one(rows: Rows, job_id: int, scope: int | None) -> Job | None:
    """A job as somebody may see it who sees one community, or all (None)."""
    found = rows.execute(
        text(f"SELECT {_COLUMNS} FROM job WHERE id = :id AND (CAST(:scope AS bigint) IS NULL OR community_id = :scope)"),
        {"id": job_id, "scope": scope},
    ).one_or_none()
    return Job(*found) if found else None


def recent(rows: Rows, scope: int | None, most: int = 50) -> list[Job]:
    """The newest first."""
    found = rows.execute(
        text(f"""
            SELECT {_COLUMNS} FROM job WHERE CAST(:scope AS bigint) IS NULL OR community_id = :scope ORDER BY id DESC LIMIT :most
        """),
        {"scope": scope, "most": most},
    )
    return [Job(*row) for row in found]


def alike(rows: Rows, kind: str, arguments: Mapping[str, Any], most: int = 5) -> list[Job]:
    """The newest jobs of a kind with these among their arguments."""
    found = rows.execute(
        text(f"SELECT {_COLUMNS} FROM job WHERE kind = :kind AND arguments @> :arguments ORDER BY id DESC LIMIT :most").bindparams(
            bindparam("arguments", type_=JSONB)
        ),
        {"kind": kind, "arguments": dict(arguments), "most": most},
    )
    return [Job(*row) for row in found]


def outlived(rows: Rows, before: datetime) -> Sequence[int]:
    """Jobs finished before then whose files are still there; they count as removed from now on."""
    return (
        rows.execute(
            text("""
            UPDATE job SET state = 'removed', result = NULL WHERE state = 'done' AND finished_at < :before RETURNING id
        """),
            {"before": before},
        )
        .scalars()
        .all()
    )
