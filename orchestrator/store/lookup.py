"""Attempts whose outcome is unknown: what to look for at the provider, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from channels.contract import Accepted, Sought
from channels.lines import LineName
from orchestrator.store import Rows, concluding, hearing, log, writing
from orchestrator.store.hearing import Heard
from orchestrator.store.log import Entry
from orchestrator.store.vault import Vault
from orchestrator.store.writing import Claimed

ABSENT_AFTER = timedelta(hours=24)
"""Real time between two listings without the message, after which the provider is taken not to have it."""
NEAR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Lost:
    """An attempt whose outcome is unknown, the line it left by (None: from before lines were written down), and what to look for there."""

    attempt: Claimed
    provider: str | None
    sender: str | None
    sought: Sought

    @property
    def line(self) -> LineName | None:
        return LineName(self.attempt.channel, self.provider, self.sender) if self.provider and self.sender else None


def read(rows: Rows, attempt_ids: Sequence[int], vault: Vault) -> list[Lost]:
    """The attempts among these that are still unknown, and how to recognise each in the provider's list."""
    found = rows.execute(_UNKNOWN, {"ids": list(attempt_ids), "near": NEAR})
    return [
        Lost(
            Claimed(row.id, row.case_id, row.community_id, row.debtor_id, row.purpose, row.step, row.channel, row.contact_point_id),
            row.provider,
            row.sender,
            Sought(
                row.id,
                vault.open(row.value) if row.value else "",
                row.body,
                row.sent_at_wall,
                frozenset((*(row.taken or ()), *(row.refused_as or ()))),
            ),
        )
        for row in found
    ]


_UNKNOWN = text("""
    SELECT a.id, a.case_id, a.community_id, a.debtor_id, a.purpose, a.step, a.channel, a.contact_point_id,
           a.provider, a.sender, a.refused_as, a.sent_at_wall, g.body, cp.value,
           (SELECT array_agg(b.provider_id) FROM attempt b
             WHERE b.contact_point_id = a.contact_point_id AND b.provider_id IS NOT NULL
               AND b.sent_at_wall BETWEEN a.sent_at_wall - CAST(:near AS interval) AND a.sent_at_wall + CAST(:near AS interval)) AS taken
      FROM attempt a
      JOIN message g ON g.attempt_id = a.id
      LEFT JOIN contact_point cp ON cp.id = a.contact_point_id
     WHERE a.id = ANY(:ids) AND a.state = 'unknown'
     ORDER BY a.id
""")


def conclude(rows: Rows, lost: Lost, found: Accepted | None, now: datetime, wall: datetime, absent_after: timedelta = ABSENT_AFTER) -> None:
    """Found: it was accepted, and its receipts are heard. Missing, and still missing so much later: a person decides what it counts as."""
    attempt = lost.attempt
    rows.execute(concluding.LOCK_CASE, {"id": attempt.case_id})
    if found is not None:
        concluding.conclude(rows, attempt, lost.line, found, now, wall)
        hearing.keep(rows, [Heard.of(receipt, found.exchange.response) for receipt in found.receipts], now, wall)
        return
    since = rows.execute(_ABSENT, {"id": attempt.id, "now": now, "missing": wall - absent_after}).scalar()
    if since is None:
        rows.execute(_MISSING, {"id": attempt.id, "wall": wall})
        return
    log.append(rows, [Entry("absent", {"missing_since": since, "until": wall}, attempt.case_id, attempt.id)], now, wall)
    if attempt.case_id is not None:
        rows.execute(_ASK_A_PERSON, {"id": attempt.id, "now": now})
        writing.touch(rows, [attempt.case_id], now)


_MISSING = text("""
    UPDATE attempt SET missing_since = :wall, offered_until = NULL WHERE id = :id AND state = 'unknown' AND missing_since IS NULL
""")

_ABSENT = text("""
    UPDATE attempt SET state = 'failed', outcome = 'failed', error_class = 'transient', error_code = 'absent', concluded_at = :now
     WHERE id = :id AND state = 'unknown' AND missing_since <= :missing RETURNING missing_since
""")

_ASK_A_PERSON = text("""
    INSERT INTO task (kind, state, community_id, case_id, attempt_id, due_at, about)
    SELECT 'check', 'open', community_id, case_id, id, CAST(:now AS timestamptz), 'absent' FROM attempt WHERE id = :id
    ON CONFLICT (attempt_id) DO NOTHING
""")
"""It may have gone out all the same. While the task is open the attempt counts as under way, and its case waits."""
