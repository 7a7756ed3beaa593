"""What the log holds of one case: its chain of entries with where each is sealed and who stamped it. Never a payload."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from orchestrator.store import Rows


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a case's chain. `index` is None before it has a place in the tree; `size`, `stamped_at` and `authority` are of the first
    stamp over it. `deleted`: the payload was deleted by law.
    """

    id: int
    kind: str
    attempt_id: int | None
    at: datetime
    leaf: str
    deleted: bool
    index: int | None
    size: int | None
    stamped_at: datetime | None
    authority: str | None


def chain(rows: Rows, case_id: int) -> list[Link]:
    """Oldest first."""
    return [Link(*row) for row in rows.execute(_CHAIN, {"case": case_id})]


_CHAIN = text("""
    SELECT e.id, e.kind, e.attempt_id, e.at, encode(e.leaf, 'hex'), p.entry_id IS NULL, o.index, c.size, c.stamped_at, c.authority
      FROM evidence_entry e
      LEFT JOIN evidence_payload p ON p.entry_id = e.id
      LEFT JOIN evidence_position o ON o.entry_id = e.id
      LEFT JOIN LATERAL (SELECT k.size, s.stamped_at, s.authority FROM evidence_checkpoint k JOIN evidence_stamp s ON s.size = k.size
                          WHERE k.size > o.index ORDER BY k.size, s.id LIMIT 1) AS c ON true
     WHERE e.case_id = :case
     ORDER BY e.id
""")
