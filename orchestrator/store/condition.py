"""What `xianli doctor` asks the database: what it is, and what waits in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from channels.lines import LineName
from orchestrator.store import Rows


@dataclass(frozen=True, slots=True)
class Server:
    """`at` is the server's own clock; `revision` that of our schema, None where it has none."""

    version: str
    at: datetime
    revision: str | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is due, or waits for somebody. `oldest` is since when the longest waiting case is due."""

    due_cases: int
    due_attempts: int
    oldest: datetime | None
    unknown: int
    parked: int
    receipts: int


def server(rows: Rows) -> Server:
    version, at = rows.execute(text("SELECT current_setting('server_version'), clock_timestamp()")).one()
    if rows.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return Server(version, at, None)
    return Server(version, at, rows.execute(text("SELECT version_num FROM alembic_version")).scalar())


def backlog(rows: Rows, now: datetime) -> Backlog:
    return Backlog(*rows.execute(_BACKLOG, {"now": now}).one())


_BACKLOG = text("""
    SELECT count(*) FILTER (WHERE state = 'open' AND parked IS NULL AND ask_at <= :now),
           (SELECT count(*) FROM attempt WHERE state = 'planned' AND planned_at <= :now),
           min(ask_at) FILTER (WHERE state = 'open' AND parked IS NULL AND ask_at <= :now),
           (SELECT count(*) FROM attempt WHERE state = 'unknown'),
           count(*) FILTER (WHERE parked IS NOT NULL),
           (SELECT count(*) FROM receipt WHERE applied_at IS NULL)
      FROM "case"
""")


def unknown_by_line(rows: Rows) -> dict[LineName, int]:
    """How many attempts have an unknown outcome, by the line they left by."""
    found = rows.execute(
        text("""
            SELECT channel, provider, sender, count(*) FROM attempt
             WHERE state = 'unknown' AND provider IS NOT NULL AND sender IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """)
    )
    return {LineName(channel, provider, sender): count for channel, provider, sender, count in found}


def numbers_of(rows: Rows, country: str) -> int:
    """Usable telephone numbers of a country (ISO 3166 alpha-2)."""
    found: int = rows.execute(
        text("SELECT count(*) FROM contact_point WHERE country = :country AND unusable_reason IS NULL AND kind <> 'address'"),
        {"country": country},
    ).scalar_one()
    return found
