"""The only clock. Everything else is given `now`."""

from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]


def wall_now() -> datetime:
    """Real time, aware UTC: leases, deadlines and what providers call now."""
    return datetime.now(UTC)
