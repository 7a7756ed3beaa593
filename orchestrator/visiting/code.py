"""The code of the day: shown big, written or held up beside the door, so that a photo cannot be older than its day or of another place."""

import hmac
from datetime import date

_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""None of which is taken for another in a poor photo."""
LENGTH = 6


def of_day(secret: str, community_id: int, day: date) -> str:
    """Six letters and figures, the same for everybody in a community on one local day, unknown before it to whoever lacks the secret.

    >>> of_day("s" * 32, 1, date(2026, 11, 24))
    'PWFEYF'
    """
    made = hmac.digest(secret.encode(), f"code of the day {community_id} {day.isoformat()}".encode(), "sha256")
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in made[:LENGTH])
