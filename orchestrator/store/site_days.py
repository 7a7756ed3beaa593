"""A community's own days of silence: who left it in peace on which day, and why; and who took that back."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, log, writing
from orchestrator.store.log import Entry

OF_COMMUNITY = "ARRAY(SELECT s.day FROM site_day s WHERE s.community_id = m.id AND s.lifted_at IS NULL)"
"""The days of silence of the community that a query calls `m`."""


def add(rows: Rows, community: str, day: date, reason: str, author: str, now: datetime, wall: datetime) -> None:
    """Leave the community in peace on that day: nothing claimed before it leaves. Raises LookupError where it is silent already."""
    community_id, cases = _lock(rows, community)
    added = rows.execute(
        text("""
            INSERT INTO site_day AS s (community_id, day, reason, author) VALUES (:community, :day, :reason, :author)
            ON CONFLICT (community_id, day) DO UPDATE
               SET reason = excluded.reason, author = excluded.author, lifted_at = NULL, lifted_by = NULL, lifted_because = NULL
             WHERE s.lifted_at IS NOT NULL
        """),
        {"community": community_id, "day": day, "reason": reason, "author": author},
    ).rowcount
    if not added:
        raise LookupError(f"{community} is left in peace on {day} already")
    log.append(rows, [Entry("site day", {"community": community, "day": day, "reason": reason, "by": author})], now, wall)
    writing.touch(rows, cases, now)


def lift(rows: Rows, community: str, day: date, reason: str, by: str, now: datetime, wall: datetime) -> None:
    """Take a day of silence back. Raises LookupError where there is none."""
    community_id, cases = _lock(rows, community)
    lifted = rows.execute(
        text("""
            UPDATE site_day SET lifted_at = :now, lifted_by = :by, lifted_because = :reason
             WHERE community_id = :community AND day = :day AND lifted_at IS NULL
        """),
        {"community": community_id, "day": day, "reason": reason, "by": by, "now": now},
    ).rowcount
    if not lifted:
        raise LookupError(f"{community} has no day of silence of its own on {day}")
    log.append(rows, [Entry("site day lifted", {"community": community, "day": day, "reason": reason, "by": by})], now, wall)
    writing.touch(rows, cases, now)


def listed(rows: Rows, community: str) -> list[Mapping[str, Any]]:
    """The days of silence of a community that nobody took back, in order: day, reason, author. Raises LookupError."""
    found = rows.execute(
        text("SELECT day, reason, author FROM site_day WHERE community_id = :community AND lifted_at IS NULL ORDER BY day"),
        {"community": _named(rows, community)},
    )
    return [dict(row._mapping) for row in found]


def _lock(rows: Rows, community: str) -> tuple[int, list[int]]:
    """The community's id, and its open cases, locked in id order: the facts of each are about to change. Raises LookupError."""
    community_id = _named(rows, community)
    cases = rows.execute(
        text("""SELECT id FROM "case" WHERE community_id = :community AND state = 'open' ORDER BY id FOR NO KEY UPDATE"""),
        {"community": community_id},
    )
    return community_id, list(cases.scalars())


def _named(rows: Rows, community: str) -> int:
    found: int | None = rows.execute(text("SELECT id FROM community WHERE name = :name"), {"name": community}).scalar()
    if found is None:
        raise LookupError(f"no community is called {community}")
    return found
