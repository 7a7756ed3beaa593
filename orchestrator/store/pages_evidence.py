"""What the console shows of the log as a whole: how it grew and was stamped, day by day, and what the last audit found."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, vault_of


@dataclass(frozen=True, slots=True)
class Audited:
    """An audit as the log tells of it. `by` is empty where it ran by itself; `faults` are the first places, of `faults_in_all`."""

    at: datetime
    by: str
    entries: int
    checkpoints: int
    copies: int
    stamps: int
    faults: Sequence[str]
    faults_in_all: int

    @property
    def verified(self) -> bool:
        return self.faults_in_all == 0


def kinds(rows: Rows) -> list[Any]:
    """How many entries there are of each kind and when the last was, the commonest first: those with a place as they were counted, and
    those that wait for one."""
    return list(rows.execute(_KINDS))


_KINDS = text("""
    SELECT kind, CAST(sum(entries) AS bigint) AS n, max(last) AS last
      FROM (SELECT kind, entries, last FROM evidence_kind
             UNION ALL
            SELECT e.kind, count(*), max(e.at) FROM evidence_unsealed u JOIN evidence_entry e ON e.id = u.entry_id GROUP BY e.kind) AS known
     GROUP BY kind ORDER BY n DESC, kind
""")


def newest(rows: Rows, limit: int = 15) -> list[Any]:
    """The newest entries, never their payloads: those are for counsel's bundle."""
    return list(
        rows.execute(
            text("SELECT id, kind, case_id, attempt_id, at, encode(leaf, 'hex') AS leaf FROM evidence_entry ORDER BY id DESC LIMIT :limit"),
            {"limit": limit},
        )
    )


def last_audit(rows: Rows) -> Audited | None:
    """None where there was none, or where its payload was deleted."""
    found = rows.execute(
        text("""
            SELECT e.at, e.leaf, p.payload FROM evidence_entry e JOIN evidence_payload p ON p.entry_id = e.id
             WHERE e.kind = 'audit' ORDER BY e.id DESC LIMIT 1
        """)
    ).one_or_none()
    if found is None:
        return None
    fact: Mapping[str, Any] = json.loads(vault_of(rows).open_payload(found.payload, found.leaf))["fact"]
    return Audited(
        at=found.at,
        by=fact.get("by", ""),
        entries=fact["entries"],
        checkpoints=fact["checkpoints"],
        copies=fact["copies"],
        stamps=fact["stamps"],
        faults=fact["faults"],
        faults_in_all=fact["faults_in_all"],
    )


@dataclass(frozen=True, slots=True)
class SealedDay:
    """A local day of the log: how many entries its last checkpoint covers, how many checkpoints it had, and how many of them each
    authority stamped. Without a checkpoint `size` is that of the day before."""

    day: date
    size: int
    checkpoints: int
    stamps: Mapping[str, int]


def sealed_days(rows: Rows, timezone: str, today: date, days: int) -> list[SealedDay]:
    """The last days up to today in a row, from the first of them with a checkpoint; none where nothing was sealed in them."""
    first = today - timedelta(days=days - 1)
    found = {row.day: row for row in rows.execute(_SEALED_DAYS, {"timezone": timezone, "first": first})}
    if not found:
        return []
    known: list[SealedDay] = []
    on, size = min(found), 0
    while on <= max(today, *found):
        row = found.get(on)
        size = row.size if row is not None else size
        known.append(SealedDay(on, size, row.checkpoints, row.stamps or {}) if row is not None else SealedDay(on, size, 0, {}))
        on += timedelta(days=1)
    return known


_SEALED_DAYS = text("""
    WITH dated AS (SELECT size, CAST(at AT TIME ZONE :timezone AS date) AS day FROM evidence_checkpoint
                    WHERE at >= CAST(CAST(:first AS date) AS timestamp) AT TIME ZONE :timezone),
         stamped AS (SELECT d.day, s.authority, count(*) AS stamps FROM dated d JOIN evidence_stamp s ON s.size = d.size
                      GROUP BY d.day, s.authority)
    SELECT d.day, max(d.size) AS size, count(*) AS checkpoints,
           (SELECT jsonb_object_agg(s.authority, s.stamps) FROM stamped s WHERE s.day = d.day) AS stamps
      FROM dated d GROUP BY d.day ORDER BY d.day
""")
