"""Receipts -> rows: a provider's later word is kept raw, then folded into what is known. Late, doubled or out of order: no harm."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Self, cast

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from channels.receipts import FINAL, Delivery, fold
from channels.receipts import Receipt as ReceiptWord
from orchestrator.models import Receipt
from orchestrator.store import Rows, log
from orchestrator.store.concluding import after_failures
from orchestrator.store.log import Entry

OF_THE_DEBTOR = frozenset({"reply", "keys"})
"""The kinds of word that come from who was reached, through the provider; all others are the provider's own."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One word of a provider as it reached us, already verified; `kind` delivery, reply, keys or repeat (`keep_repeats`)."""

    kind: str
    provider: str
    provider_id: str
    attempt_id: int | None
    status: str
    delivery: Delivery | None = None
    outcome: str | None = None
    error_class: str | None = None
    error_code: str | None = None
    detail: dict[str, Any] | None = None
    said_at: datetime | None = None
    raw: bytes = b""

    @classmethod
    def of(cls, receipt: ReceiptWord, raw: bytes, kind: str = "delivery", detail: dict[str, Any] | None = None) -> Self:
        """A receipt as its adapter translated it, with the raw bytes it came in."""
        return cls(
            kind=kind,
            provider=receipt.provider,
            provider_id=receipt.provider_id,
            attempt_id=receipt.attempt_id,
            status=receipt.status,
            delivery=receipt.delivery,
            outcome=receipt.outcome,
            error_class=receipt.error_class,
            error_code=receipt.error_code,
            detail=detail if detail is not None else ({"signer": receipt.signer} if receipt.signer else None),
            said_at=receipt.at,
            raw=raw,
        )

    @property
    def digest(self) -> bytes:
        """The same word said twice is one receipt."""
        said = "\x1f".join((self.kind, self.provider, self.provider_id, self.status, self.error_code or "", self.outcome or ""))
        return sha256(said.encode()).digest()


def keep(rows: Rows, words: Sequence[Heard], now: datetime, wall: datetime) -> list[int]:
    """Keep what was said, raw, until it is heard; the ids of what is new."""
    if not words:
        return []
    new = insert(Receipt).on_conflict_do_nothing(index_elements=["digest"]).returning(cast(Any, Receipt.id))
    said = [
        {
            "digest": word.digest,
            "provider": word.provider,
            "provider_id": word.provider_id,
            "attempt_id": word.attempt_id,
            "kind": word.kind,
            "status": word.status,
            "delivery": word.delivery,
            "outcome": word.outcome,
            "error_code": word.error_code,
            "detail": (word.detail or {}) | ({"error_class": word.error_class} if word.error_class else {}),
            "raw": word.raw,
            "said_at": word.said_at,
            "received_at": now,
            "received_at_wall": wall,
        }
        for word in words
    ]
    return list(rows.execute(new, said).scalars())


def keep_repeats(rows: Rows, words: Sequence[Heard], now: datetime, wall: datetime) -> list[int]:
    """The bytes of signed words that say what is known already: once for each distinct body, `REPEATS_KEPT` of one word. Their ids.

    They are evidence, for what said it first may have been a record that was asked for; nothing follows from them.
    """
    repeats = [replace(word, kind="repeat", status=f"{word.status} {sha256(word.raw).hexdigest()[:16]}") for word in words]
    again = rows.execute(
        _REPEATS,
        {
            "digests": [word.digest for word in words],
            "bodies": [word.raw for word in words],
            "repeats": [repeat.digest for repeat in repeats],
            "kept": REPEATS_KEPT,
            "now": now,
            "wall": wall,
        },
    )
    return list(again.scalars())


REPEATS_KEPT = 8

_REPEATS = text("""
    INSERT INTO receipt (digest, provider, provider_id, attempt_id, kind, status, detail, raw, received_at, received_at_wall)
    SELECT n.repeat, r.provider, r.provider_id, r.attempt_id, 'repeat', r.status, jsonb_build_object('of', r.id), n.raw, :now, :wall
      FROM unnest(CAST(:digests AS bytea[]), CAST(:bodies AS bytea[]), CAST(:repeats AS bytea[])) AS n(digest, raw, repeat)
      JOIN receipt r ON r.digest = n.digest AND r.raw <> n.raw
     WHERE (SELECT count(*) FROM receipt x
             WHERE x.kind = 'repeat' AND x.attempt_id IS NOT DISTINCT FROM r.attempt_id AND x.detail ->> 'of' = CAST(r.id AS text)) < :kept
    ON CONFLICT (digest) DO NOTHING
    RETURNING id
""")


def waiting(rows: Rows, receipt_ids: Sequence[int]) -> list[Any]:
    """Receipts not yet folded in, in the order they came, with the attempt and case they concern. Locks the cases in id order.

    A receipt whose attempt is just being handed over is left for the next sweep: the provider was quicker than our own commit. A letter
    arrives when the post says so, a debtor's words were said when they were written; anything else is of when we heard of it.
    """
    rows.execute(_LOCK_CASES, {"ids": list(receipt_ids)})
    return list(rows.execute(_WAITING, {"ids": list(receipt_ids)}))


_CONCERNS = """(a.id = r.attempt_id
            AND (r.kind NOT IN ('delivery', 'repeat') OR a.channel NOT IN ('sms', 'voice')
                 OR COALESCE(a.provider_id, r.provider_id) = r.provider_id)
        OR r.attempt_id IS NULL AND a.provider = r.provider AND a.provider_id = r.provider_id)"""
"""A word that names our attempt but another message than the one we know (of a database restored since, of an earlier life of a sandbox)
says nothing about it."""

_LOCK_CASES = text(f"""
    SELECT c.id FROM "case" c
     WHERE c.id IN (SELECT a.case_id FROM receipt r JOIN attempt a ON {_CONCERNS} WHERE r.id = ANY(:ids)
                    UNION ALL
                    SELECT CAST(jsonb_array_elements_text(r.detail -> 'cases') AS bigint) FROM receipt r
                     WHERE r.id = ANY(:ids) AND r.kind = 'reply' AND r.attempt_id IS NULL)
     ORDER BY c.id FOR NO KEY UPDATE
""")

_WAITING = text(f"""
    SELECT r.id, r.kind, r.provider, r.provider_id, r.status, r.delivery, r.outcome, r.error_code, r.detail, r.raw,
           CASE WHEN a.channel = 'letter' OR r.kind = 'reply' THEN COALESCE(r.said_at, r.received_at) ELSE r.received_at END AS said_at,
           a.id AS attempt_id, a.case_id, a.community_id, a.debtor_id, a.contact_point_id, a.channel, a.step,
           a.state, a.outcome AS known_outcome, a.refused_as, a.error_code = 'absent' AS was_absent, m.timezone
      FROM receipt r LEFT JOIN attempt a ON {_CONCERNS} LEFT JOIN community m ON m.id = a.community_id
     WHERE r.id = ANY(:ids) AND r.applied_at IS NULL AND (a.id IS NULL OR a.state NOT IN ('claimed', 'sending'))
     ORDER BY r.id
       FOR UPDATE OF r SKIP LOCKED
""")


@dataclass(slots=True)
class _Attempt:
    """What is known of an attempt while its receipts are folded in, one after the other. While it is in doubt, any word ends the doubt."""

    id: int
    known: Delivery
    outcome: str | None
    in_doubt: bool = False
    word: Any = None

    def hear(self, receipt: Any) -> None:
        """What a person read on the signed return (`read_by`) outranks what the post's feed says of the same delivery."""
        folded, read = fold(self.known, receipt.delivery), "read_by" in (receipt.detail or {})
        if self.in_doubt:
            self.in_doubt = False
        elif folded == self.known and (folded != receipt.delivery or (receipt.outcome in (None, self.outcome) and not read)):
            return
        self.known, self.outcome, self.word = folded, receipt.outcome or (folded if folded in FINAL else self.outcome), receipt


def fold_in(rows: Rows, receipts: Sequence[Any], now: datetime, wall: datetime) -> frozenset[int]:
    """Fold delivery receipts into their attempts; the ids of those that moved. What moves none (it rang, it is queued) changes nothing.

    Nor does what is said of the name under which another sender was refused the same attempt.
    """
    attempts: dict[int, _Attempt] = {}
    for receipt in receipts:
        if receipt.provider_id in (receipt.refused_as or ()):
            continue
        attempts.setdefault(receipt.attempt_id, _as_known(receipt)).hear(receipt)
    moved = [attempt for attempt in attempts.values() if attempt.word is not None]
    rows.execute(
        _FOLD,
        {
            "ids": [attempt.id for attempt in moved],
            "states": [attempt.known for attempt in moved],
            "outcomes": [attempt.outcome for attempt in moved],
            "providers": [attempt.word.provider for attempt in moved],
            "provider_ids": [attempt.word.provider_id for attempt in moved],
            "codes": [attempt.word.error_code for attempt in moved],
            "classes": [(attempt.word.detail or {}).get("error_class") for attempt in moved],
            "signers": [(attempt.word.detail or {}).get("signer") for attempt in moved],
            "times": [attempt.word.said_at if attempt.known in FINAL else None for attempt in moved],
        },
    )
    failed = [attempt.id for attempt in moved if attempt.known in ("undelivered", "failed")]
    rows.execute(_EXPLAINED, {"ids": [attempt.id for attempt in moved], "failed": failed})
    after_failures(rows, failed, now, wall)
    return frozenset(attempt.id for attempt in moved)


def note_heard_to_the_end(rows: Rows, attempt_ids: Sequence[int]) -> None:
    """An answered call whose listener confirmed who they are and was told amount and periods to the end counts as heard.

    Only who confirmed is given the link of stage `heard`, so its request shows both.
    """
    rows.execute(_HEARD_TO_THE_END, {"ids": list(attempt_ids)})


_HEARD_TO_THE_END = text("""
    UPDATE attempt a SET outcome = 'heard'
     WHERE a.id = ANY(:ids) AND a.channel = 'voice' AND a.state = 'delivered' AND a.outcome = 'answered'
       AND EXISTS (SELECT FROM receipt r WHERE r.attempt_id = a.id AND r.kind = 'keys' AND r.detail ->> 'meaning' = 'heard')
""")


def _as_known(receipt: Any) -> _Attempt:
    """What was known before this receipt. Of what was taken for absent nothing was: any word says that it left."""
    if receipt.was_absent:
        return _Attempt(receipt.attempt_id, "accepted", None, in_doubt=True)
    known: Delivery = receipt.state if receipt.state in (*FINAL, "sent") else "accepted"
    return _Attempt(receipt.attempt_id, known, receipt.known_outcome, in_doubt=receipt.state == "unknown")


_EXPLAINED = text("""
    UPDATE task SET state = 'cancelled'
     WHERE attempt_id = ANY(:ids) AND state = 'open' AND (about = 'absent' OR about = 'unexplained' AND attempt_id <> ALL(:failed))
""")
"""Nobody needs to decide what the provider said itself."""

_FOLD = text("""
    UPDATE attempt a
       SET state = n.state, outcome = n.outcome, signer = COALESCE(n.signer, a.signer),
           concluded_at = COALESCE(n.concluded_at, a.concluded_at),
           provider = COALESCE(a.provider, n.provider), provider_id = COALESCE(a.provider_id, n.provider_id),
           error_code = n.error_code, error_class = n.error_class
      FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:outcomes AS text[]), CAST(:providers AS text[]),
                  CAST(:provider_ids AS text[]), CAST(:codes AS text[]), CAST(:classes AS text[]), CAST(:signers AS text[]),
                  CAST(:times AS timestamptz[]))
           AS n(id, state, outcome, provider, provider_id, error_code, error_class, signer, concluded_at)
     WHERE a.id = n.id AND a.state IN ('accepted', 'sent', 'unknown', 'undelivered', 'failed', 'delivered')
""")


def applied(rows: Rows, receipts: Sequence[Any], now: datetime, wall: datetime) -> None:
    """These receipts are folded in: logged as heard, never to be folded again."""
    rows.execute(text("UPDATE receipt SET applied_at = :now WHERE id = ANY(:ids)"), {"now": now, "ids": [each.id for each in receipts]})
    log.append(
        rows,
        [
            Entry(
                "receipt",
                {"provider": each.provider, "said": each.status, "error": each.error_code, "raw": bytes(each.raw)},
                case_id=each.case_id,
                attempt_id=each.attempt_id,
            )
            for each in receipts
        ],
        now,
        wall,
    )
