"""The rows of exhibits, each with its entry in the log. Their bytes lie outside the database, by digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from orchestrator.models import Exhibit as ExhibitRow
from orchestrator.store import Rows, log
from orchestrator.store.log import Entry


@dataclass(frozen=True, slots=True)
class About:
    """What an exhibit shows something of; at least one of the three."""

    case_id: int | None = None
    attempt_id: int | None = None
    task_id: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that lie on the disk, and what they are."""

    sha256: bytes
    media_type: str
    size: int
    kind: str
    claim: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A kept thing. `sha256` is of the bytes as they came; `received_at` is when that was."""

    id: int
    sha256: bytes
    media_type: str
    size: int
    kind: str
    claim: Mapping[str, str]
    case_id: int | None
    attempt_id: int | None
    task_id: int | None
    received_at: datetime
    by: str


def record(rows: Rows, kept: Kept, about: About, by: str, now: datetime, wall: datetime) -> Exhibit:
    """Write down what was kept and log it; what is known of the same thing already is returned as it stands."""
    values: dict[str, Any] = {
        "sha256": kept.sha256,
        "media_type": kept.media_type,
        "size": kept.size,
        "kind": kept.kind,
        "claim": dict(kept.claim),
        "case_id": about.case_id,
        "attempt_id": about.attempt_id,
        "task_id": about.task_id,
        "by": by,
    }
    made = rows.execute(
        insert(ExhibitRow)
        .values(**values, received_at=now, received_at_wall=wall)
        .on_conflict_do_nothing(index_elements=["sha256", "kind", "case_id", "attempt_id", "task_id"])
        .returning(cast(Any, ExhibitRow.id))
    ).scalar()
    if made is None:
        return _as_known(rows, values)
    fact = {"exhibit": made, "task": about.task_id, **{name: values[name] for name in ("sha256", "media_type", "size", "claim", "by")}}
    entry = Entry("exhibit", fact | {"what": kept.kind}, case_id=about.case_id, attempt_id=about.attempt_id)
    log.append(rows, [entry], now, wall)
    return Exhibit(id=made, **values, received_at=now)


def _as_known(rows: Rows, values: Mapping[str, Any]) -> Exhibit:
    found = rows.execute(
        text(f"""
            {_EXHIBIT} WHERE sha256 = :sha256 AND kind = :kind AND case_id IS NOT DISTINCT FROM CAST(:case_id AS bigint)
               AND attempt_id IS NOT DISTINCT FROM CAST(:attempt_id AS bigint) AND task_id IS NOT DISTINCT FROM CAST(:task_id AS bigint)
        """),
        {name: values[name] for name in ("sha256", "kind", "case_id", "attempt_id", "task_id")},
    ).one()
    return _exhibit(found)


_EXHIBIT = "SELECT id, sha256, media_type, size, kind, claim, case_id, attempt_id, task_id, received_at, by FROM exhibit"


def in_scope(rows: Rows, exhibit_id: int, scope: int | None) -> Exhibit | None:
    """An exhibit that somebody who sees this community (None: all) may see."""
    found = rows.execute(
        text(f"""
            {_EXHIBIT} x WHERE x.id = :id AND (CAST(:scope AS bigint) IS NULL OR :scope IN (
                SELECT community_id FROM "case" WHERE id = x.case_id
                 UNION SELECT community_id FROM attempt WHERE id = x.attempt_id
                 UNION SELECT community_id FROM task WHERE id = x.task_id))
        """),
        {"id": exhibit_id, "scope": scope},
    ).one_or_none()
    return _exhibit(found) if found is not None else None


def of_case(rows: Rows, case_id: int) -> list[Exhibit]:
    """Everything kept of a case, in the order it came."""
    return [_exhibit(row) for row in rows.execute(text(f"{_EXHIBIT} WHERE case_id = :id ORDER BY id"), {"id": case_id})]


def _exhibit(row: Any) -> Exhibit:
    return Exhibit(**(dict(row._mapping) | {"sha256": bytes(row.sha256)}))
