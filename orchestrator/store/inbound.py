"""What a provider's callback needs to be understood: the attempt it names, the words of a call."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text

from orchestrator.store import Rows
from policies.decide import FIRST_PROMISE_DAYS, LATER_PROMISE_DAYS


def known(rows: Rows, attempt_ids: Iterable[int]) -> set[int]:
    """Those of these attempts that this database has."""
    return set(rows.execute(text("SELECT id FROM attempt WHERE id = ANY(:ids)"), {"ids": list(attempt_ids)}).scalars())


@dataclass(frozen=True, slots=True)
class Script:
    """The stored words of one call, and what its dialogue must know. `body` is what was composed, hashed and approved, byte for byte.

    `timezone` is that of who is called, `home` the community's. `promise_days`: how far ahead the debtor may promise to pay.
    """

    language: str
    company: str
    units: tuple[str, ...]
    body: str
    timezone: str
    home: str
    service_number: str
    service_hours: str
    promise_days: int


def script(rows: Rows, attempt_id: int) -> Script | None:
    found = rows.execute(_SCRIPT, {"id": attempt_id}).one_or_none()
    if found is None:
        return None
    values = dict(found._mapping)
    promised_before = values.pop("promised_before")
    units, days = tuple(values.pop("units") or ()), LATER_PROMISE_DAYS if promised_before else FIRST_PROMISE_DAYS
    return Script(**values, units=units, promise_days=days)


_SCRIPT = text("""
    SELECT g.language, cr.name AS company, g.body, COALESCE(cp.timezone, m.timezone) AS timezone, m.timezone AS home,
           m.service_number, m.service_hours,
           EXISTS (SELECT FROM promise p WHERE p.debtor_id = a.debtor_id AND p.community_id = a.community_id) AS promised_before,
           (SELECT array_agg(DISTINCT u.label ORDER BY u.label)
              FROM account ac JOIN unit u ON u.id = ac.unit_id AND u.community_id = a.community_id
             WHERE ac.debtor_id = a.debtor_id) AS units
      FROM attempt a
      JOIN message g ON g.attempt_id = a.id
      JOIN community m ON m.id = a.community_id
      JOIN creditor cr ON cr.id = m.creditor_id
      LEFT JOIN contact_point cp ON cp.id = a.contact_point_id
     WHERE a.id = :id AND a.channel = 'voice'
""")
