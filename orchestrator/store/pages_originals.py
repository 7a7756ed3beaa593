"""What the console shows of the custody register: one page of it, one original with its way from hand to hand, and what lies of a case."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from orchestrator.store import Rows, vault_of
from orchestrator.store.pages import HOME

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the register is asked for: `shelf` a part of a shelf number, `at` where the original is now; empty or None for all."""

    scope: int | None
    shelf: str = ""
    case_id: int | None = None
    at: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Listed:
    rows: Sequence[Any]
    total: int


@dataclass(frozen=True, slots=True)
class Logged:
    """The entry of the log that says the same; its leaf in hexadecimal."""

    id: int
    leaf: str


@dataclass(frozen=True, slots=True)
class Movement:
    """From hand to hand. `logged` is None where the entry's payload was deleted by law."""

    to: str
    at: datetime
    given_by: str
    taken_by: str
    remark: str
    logged: Logged | None


@dataclass(frozen=True, slots=True)
class History:
    """How an original came (`received`: its entry of the log), and where it went since, oldest first."""

    received: Logged | None
    movements: Sequence[Movement]


def register(rows: Rows, wanted: Wanted) -> Listed:
    """One page, by shelf. The total is of everything asked for."""
    asked = {"scope": wanted.scope, "shelf": wanted.shelf, "case": wanted.case_id, "at": wanted.at, "id": None}
    found = rows.execute(_REGISTER, asked | {"limit": PAGE, "offset": (wanted.page - 1) * PAGE}).all()
    return Listed(found, found[0].total if found else 0)


def of_case(rows: Rows, case_id: int) -> Sequence[Any]:
    asked = {"scope": None, "shelf": "", "case": case_id, "at": "", "id": None}
    return rows.execute(_REGISTER, asked | {"limit": None, "offset": 0}).all()


def one(rows: Rows, original_id: int, scope: int | None) -> Any | None:
    """An original; None where there is none or it is not for this person's eyes."""
    asked = {"scope": scope, "shelf": "", "case": None, "at": "", "id": original_id}
    return rows.execute(_REGISTER, asked | {"limit": 1, "offset": 0}).one_or_none()


_REGISTER = text(f"""
    SELECT o.id, o.shelf, o.what, o.case_id, o.attempt_id, o.exhibit_id, o.remark, o.received_at, o.received_by,
           d.name AS debtor, m.name AS community, m.timezone, home.units, a.step, a.channel, a.sent_at,
           COALESCE(v."to", 'shelf') AS at, COALESCE(v.at, o.received_at) AS since, COALESCE(v.taken_by, o.received_by) AS holder,
           count(*) OVER () AS total
      FROM original o
      JOIN "case" c ON c.id = o.case_id
      JOIN debtor d ON d.id = c.debtor_id
      JOIN community m ON m.id = c.community_id
      LEFT JOIN attempt a ON a.id = o.attempt_id
      CROSS JOIN {HOME}
      LEFT JOIN LATERAL (SELECT w."to", w.at, w.taken_by FROM original_movement w
                          WHERE w.original_id = o.id ORDER BY w.id DESC LIMIT 1) AS v ON true
     WHERE (CAST(:scope AS bigint) IS NULL OR c.community_id = :scope) AND (CAST(:id AS bigint) IS NULL OR o.id = :id)
       AND (CAST(:case AS bigint) IS NULL OR o.case_id = :case) AND (:shelf = '' OR strpos(upper(o.shelf), upper(:shelf)) > 0)
       AND (:at = '' OR COALESCE(v."to", 'shelf') = :at)
     ORDER BY o.shelf LIMIT :limit OFFSET :offset
""")


def history(rows: Rows, original_id: int) -> History:
    """An original's way, each step beside its own entry of the log."""
    told = _told(rows, original_id)
    moved = {fact["movement"]: logged for kind, fact, logged in told if kind == "original moved"}
    received = next((logged for kind, _, logged in told if kind == "original received"), None)
    movements = rows.execute(_MOVEMENTS, {"id": original_id})
    return History(received, [Movement(row.to, row.at, row.given_by, row.taken_by, row.remark, moved.get(row.id)) for row in movements])


_MOVEMENTS = text('SELECT id, "to", at, given_by, taken_by, remark FROM original_movement WHERE original_id = :id ORDER BY id')


def _told(rows: Rows, original_id: int) -> list[tuple[str, Mapping[str, Any], Logged]]:
    vault = vault_of(rows)
    opened = [
        (row.kind, json.loads(vault.open_payload(row.payload, row.leaf))["fact"], Logged(row.id, row.leaf.hex()))
        for row in rows.execute(_TOLD, {"id": original_id})
    ]
    return [each for each in opened if each[1]["original"] == original_id]


_TOLD = text("""
    SELECT e.id, e.kind, e.leaf, p.payload
      FROM original o
      JOIN evidence_entry e ON e.case_id = o.case_id AND e.kind IN ('original received', 'original moved')
      JOIN evidence_payload p ON p.entry_id = e.id
     WHERE o.id = :id ORDER BY e.id
""")
