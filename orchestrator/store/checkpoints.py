"""The signed checkpoints of the log, the keys that signed them, and what time-stamping authorities said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import insert, text
from sqlalchemy.dialects import postgresql

from orchestrator.evidence.timestamps import Stamp
from orchestrator.models import EvidenceCheckpoint, EvidenceKey, EvidenceStamp
from orchestrator.store import Rows

LOOKED_AT = 10_000
"""Checkpoints, the newest, that are looked at for stamps they lack: a week of minutes. Whatever is older is covered by a later one."""
_STAMPS_LOCK = 0x7374616D  # "stam"
OF_STAMPS = "checkpoint stamped"
"""The kind of entry that a stamp is logged as: it is no news of its own, or each stamp would call for the next checkpoint."""
UNSTAMPED_LETTER = "letter unstamped"
"""A letter went without an authority's time: the next checkpoint dates it."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it stands in the database."""

    size: int
    root: bytes
    note: bytes
    public: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the log and its statement about the one before it."""

    public: bytes
    name: str
    statement: bytes


@dataclass(frozen=True, slots=True)
class KeptStamp:
    """A stamp with the checkpoint it is of."""

    id: int
    size: int
    authority: str
    algorithm: str
    response: bytes
    certificates: bytes
    revocation: bytes | None
    stamped_at: datetime
    expires: datetime


def newest(rows: Rows) -> Signed | None:
    found = rows.execute(text("SELECT size, root, note, public, at FROM evidence_checkpoint ORDER BY size DESC LIMIT 1")).one_or_none()
    return Signed(*found) if found else None


@dataclass(frozen=True, slots=True)
class LogState:
    """How far the log came: entries with a place, those `waiting` for one and `since` when (real time), letters that lately went without
    an authority's time, and the newest checkpoint."""

    size: int
    waiting: int
    since: datetime | None
    unstamped_letters: int
    signed: Signed | None


def state(rows: Rows, letters_since: datetime) -> LogState:
    """In one query. Letters count from `letters_since` (real time)."""
    found = rows.execute(_STATE, {"since": letters_since}).one()
    signed = Signed(found.signed, found.root, found.note, found.public, found.at) if found.signed is not None else None
    return LogState(found.size, found.waiting, found.since, found.letters, signed)


_STATE = text("""
    SELECT (SELECT COALESCE(max(index) + 1, 0) FROM evidence_position) AS size, queue.waiting, queue.since,
           (SELECT count(*) FROM evidence_entry WHERE kind = 'letter unstamped' AND at_wall >= :since) AS letters,
           c.size AS signed, c.root, c.note, c.public, c.at
      FROM (SELECT count(*) AS waiting, min(e.at_wall) AS since
              FROM evidence_unsealed u JOIN evidence_entry e ON e.id = u.entry_id) AS queue
      LEFT JOIN (SELECT * FROM evidence_checkpoint ORDER BY size DESC LIMIT 1) AS c ON true
""")


def after(rows: Rows, size: int, limit: int | None = None) -> list[Signed]:
    """The checkpoints above a size, the smallest first."""
    found = rows.execute(
        text("SELECT size, root, note, public, at FROM evidence_checkpoint WHERE size > :size ORDER BY size LIMIT :limit"),
        {"size": size, "limit": limit},
    )
    return [Signed(*row) for row in found]


def has_news(rows: Rows, size: int) -> bool:
    """Whether anything but the stamps of checkpoints was logged after the first `size` entries."""
    news: bool = rows.execute(
        text("""
            SELECT EXISTS (SELECT FROM evidence_position p JOIN evidence_entry e ON e.id = p.entry_id
                            WHERE p.index >= :size AND e.kind <> :stamps)
        """),
        {"size": size, "stamps": OF_STAMPS},
    ).scalar_one()
    return news


def renewal(rows: Rows, size: int) -> datetime | None:
    """When the stamps of a checkpoint must be under a later one's: half of the time is over that the first of their certificates had left.
    None where nobody has stamped it.
    """
    due: datetime | None = rows.execute(
        text("SELECT min(stamped_at + (expires - stamped_at) / 2) FROM evidence_stamp WHERE size = :size"), {"size": size}
    ).scalar_one()
    return due


def add(rows: Rows, size: int, root: bytes, note: bytes, public: bytes, now: datetime, wall: datetime) -> None:
    rows.execute(insert(EvidenceCheckpoint), {"size": size, "root": root, "note": note, "public": public, "at": now, "at_wall": wall})


def keys(rows: Rows) -> list[Key]:
    """The newest first."""
    return [Key(*row) for row in rows.execute(text("SELECT public, name, statement FROM evidence_key ORDER BY since DESC"))]


def introduce(rows: Rows, key: Key, now: datetime) -> None:
    rows.execute(insert(EvidenceKey), {"public": key.public, "name": key.name, "statement": key.statement, "since": now})


def unstamped(rows: Rows, authority: str, limit: int) -> list[Signed]:
    """Checkpoints that an authority has not stamped, the newest first: it holds all that the older ones hold."""
    found = rows.execute(
        text("""
            SELECT c.size, c.root, c.note, c.public, c.at
              FROM (SELECT * FROM evidence_checkpoint ORDER BY size DESC LIMIT :newest) AS c
             WHERE NOT EXISTS (SELECT FROM evidence_stamp s WHERE s.size = c.size AND s.authority = :authority)
             ORDER BY c.size DESC LIMIT :limit
        """),
        {"authority": authority, "limit": limit, "newest": LOOKED_AT},
    )
    return [Signed(*row) for row in found]


@dataclass(frozen=True, slots=True)
class Standing:
    """How an authority keeps up: `lacking` checkpoints it has not stamped, the real time of the `oldest` of them, and when the certificate
    behind its newest stamp `ends`."""

    lacking: int
    oldest: datetime | None
    ends: datetime | None


def standing(rows: Rows, authorities: Sequence[str]) -> dict[str, Standing]:
    """By authority, in one query."""
    found = rows.execute(
        text("""
            SELECT a.name, count(c.size) AS lacking, min(c.at_wall) AS oldest,
                   (SELECT s.expires FROM evidence_stamp s WHERE s.authority = a.name ORDER BY s.id DESC LIMIT 1) AS ends
              FROM unnest(CAST(:authorities AS text[])) AS a(name)
              LEFT JOIN (SELECT * FROM evidence_checkpoint ORDER BY size DESC LIMIT :newest) AS c
                ON NOT EXISTS (SELECT FROM evidence_stamp s WHERE s.size = c.size AND s.authority = a.name)
             GROUP BY a.name
        """),
        {"authorities": list(authorities), "newest": LOOKED_AT},
    )
    return {row.name: Standing(row.lacking, row.oldest, row.ends) for row in found}


def keep_stamp(rows: Rows, size: int, authority: str, stamp: Stamp, revocation: bytes | None, wall: datetime) -> bool:
    """Whether it is the first of this authority for that checkpoint: another process may have asked at the same time.

    Stamps are kept one after the other, so that whoever reads them by number (`stamps_after`) misses none that is committed late.
    """
    rows.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _STAMPS_LOCK})
    record = {
        "size": size,
        "authority": authority,
        "algorithm": stamp.algorithm,
        "response": stamp.response,
        "certificates": b"".join(stamp.certificates),
        "revocation": revocation,
        "stamped_at": stamp.at,
        "expires": stamp.expires,
        "at_wall": wall,
    }
    kept = postgresql.insert(EvidenceStamp).on_conflict_do_nothing(index_elements=["size", "authority"])
    return rows.execute(kept.returning(cast(Any, EvidenceStamp.id)), record).scalar() is not None


def stamps_after(rows: Rows, number: int, limit: int | None = None) -> list[KeptStamp]:
    """The stamps kept after one, in the order they came."""
    found = rows.execute(
        text("""
            SELECT id, size, authority, algorithm, response, certificates, revocation, stamped_at, expires
              FROM evidence_stamp WHERE id > :id ORDER BY id LIMIT :limit
        """),
        {"id": number, "limit": limit},
    )
    return [KeptStamp(*row) for row in found]
