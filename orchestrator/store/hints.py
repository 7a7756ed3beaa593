"""What a provider pushed without signing it: kept as it came, believed in nothing, a reason to ask the provider itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import text

from channels.contract import Hint, Sought
from orchestrator.store import Rows, log
from orchestrator.store.log import Entry
from orchestrator.store.vault import Vault


def keep(rows: Rows, channel: str, provider: str, hints: Sequence[Hint], raw: bytes, now: datetime, wall: datetime) -> list[int]:
    """The attempts among these that are this provider's and not at their end, the push kept beside each; said again, it is asked again."""
    pushed = {hint.attempt_id: hint.provider_id for hint in hints}
    ours = list(rows.execute(_OURS, {"ids": list(pushed), "channel": channel, "provider": provider}).scalars())
    rows.execute(
        _KEEP,
        {
            "ids": ours,
            "names": [pushed[attempt_id] for attempt_id in ours],
            "digests": [sha256(b"\x1f".join((str(attempt_id).encode(), pushed[attempt_id].encode(), raw))).digest() for attempt_id in ours],
            "provider": provider,
            "raw": raw,
            "now": now,
            "wall": wall,
        },
    )
    if ours:
        log.append(rows, [Entry("pushed", {"provider": provider, "channel": channel, "attempts": ours, "raw": raw})], now, wall)
    return ours


@dataclass(frozen=True, slots=True)
class Question:
    """An attempt to ask its provider about: by its own name there, or by the one that a push gave it, and as it went out."""

    channel: str
    provider: str
    provider_id: str
    sought: Sought


def questions(rows: Rows, attempt_ids: Sequence[int], vault: Vault) -> list[Question]:
    """Of these attempts those that are not at their end, and have a name at their provider."""
    return [
        Question(
            row.channel,
            row.provider,
            row.provider_id,
            Sought(row.id, vault.open(row.value) if row.value else "", row.body, row.sent_at_wall),
        )
        for row in rows.execute(_QUESTIONS, {"ids": list(attempt_ids)})
    ]


_OURS = text("""
    SELECT id FROM attempt
     WHERE id = ANY(:ids) AND channel = :channel AND provider = :provider AND state IN ('sending', 'accepted', 'sent', 'unknown')
     ORDER BY id
""")

_KEEP = text("""
    INSERT INTO receipt (digest, provider, provider_id, attempt_id, kind, status, raw, received_at, received_at_wall, applied_at)
    SELECT n.digest, :provider, n.name, n.id, 'hint', 'pushed', :raw, :now, :wall, :now
      FROM unnest(CAST(:ids AS bigint[]), CAST(:names AS text[]), CAST(:digests AS bytea[])) AS n(id, name, digest)
    ON CONFLICT (digest) DO NOTHING
""")

_QUESTIONS = text("""
    SELECT a.id, a.channel, a.provider, a.sent_at_wall, g.body, cp.value, COALESCE(a.provider_id, hint.provider_id) AS provider_id
      FROM attempt a
      JOIN message g ON g.attempt_id = a.id
      LEFT JOIN contact_point cp ON cp.id = a.contact_point_id
      LEFT JOIN LATERAL (SELECT r.provider_id FROM receipt r WHERE r.attempt_id = a.id AND r.kind = 'hint'
                          ORDER BY r.id DESC LIMIT 1) AS hint ON true
     WHERE a.id = ANY(:ids) AND a.state IN ('accepted', 'sent', 'unknown') AND COALESCE(a.provider_id, hint.provider_id) IS NOT NULL
     ORDER BY a.id
""")
