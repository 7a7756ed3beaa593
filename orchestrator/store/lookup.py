"""Attempts whose outcome is unknown: what to look for at the provider, and what was found."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text

from channels.contract import Accepted, Sought
from orchestrator.store import Rows, concluding, hearing, log, writing
from orchestrator.store.hearing import Heard
from orchestrator.store.log import Entry
from orchestrator.store.vault import Vault
from orchestrator.store.writing import Claimed

EMPTY_LISTINGS = 2
"""A provider's list without the message, this often, means that it never had it."""
NEAR = timedelta(hours=1)


def read(rows: Rows, attempt_ids: Sequence[int], vault: Vault) -> list[tuple[Claimed, Sought]]:
    """The attempts among these that are still unknown, and how to recognise each in the provider's list."""
    found = rows.execute(_UNKNOWN, {"ids": list(attempt_ids), "near": NEAR})
    return [
        (
            Claimed(row.id, row.case_id, row.community_id, row.debtor_id, row.purpose, row.step, row.channel, row.contact_point_id),
            Sought(row.id, vault.open(row.value) if row.value else "", row.body, row.sent_at_wall, frozenset(row.taken or ())),
        )
        for row in found
    ]


_UNKNOWN = text("""
    SELECT a.id, a.case_id, a.community_id, a.debtor_id, a.purpose, a.step, a.channel, a.contact_point_id, a.sent_at_wall, g.body, cp.value,
           (SELECT array_agg(b.provider_id) FROM attempt b
             WHERE b.contact_point_id = a.contact_point_id AND b.provider_id IS NOT NULL
               AND b.sent_at_wall BETWEEN a.sent_at_wall - CAST(:near AS interval) AND a.sent_at_wall + CAST(:near AS interval)) AS taken
      FROM attempt a
      JOIN message g ON g.attempt_id = a.id
      LEFT JOIN contact_point cp ON cp.id = a.contact_point_id
     WHERE a.id = ANY(:ids) AND a.state = 'unknown'
     ORDER BY a.id
""")


def conclude(rows: Rows, attempt: Claimed, found: Accepted | None, now: datetime, wall: datetime) -> None:
    """Found: it was accepted, and its receipts are heard. Absent twice: it never left, and the case is asked again."""
    rows.execute(concluding.LOCK_CASE, {"id": attempt.case_id})
    if found is not None:
        concluding.conclude(rows, attempt, found, now, wall)
        hearing.keep(rows, [Heard.of(receipt, b"") for receipt in found.receipts], now, wall)
        return
    absent = rows.execute(
        text("""
            UPDATE attempt
               SET sought = sought + 1,
                   state = CASE WHEN sought + 1 >= :enough THEN 'failed' ELSE state END,
                   outcome = CASE WHEN sought + 1 >= :enough THEN 'failed' ELSE outcome END,
                   error_class = CASE WHEN sought + 1 >= :enough THEN 'transient' END,
                   error_code = CASE WHEN sought + 1 >= :enough THEN 'absent' END,
                   concluded_at = CASE WHEN sought + 1 >= :enough THEN CAST(:now AS timestamptz) END
             WHERE id = :id AND state = 'unknown' RETURNING state
        """),
        {"id": attempt.id, "enough": EMPTY_LISTINGS, "now": now},
    ).scalar()
    if absent == "failed":
        log.append(rows, [Entry("absent", {"listings": EMPTY_LISTINGS}, attempt.case_id, attempt.id)], now, wall)
        if attempt.case_id is not None:
            writing.touch(rows, [attempt.case_id], now)
