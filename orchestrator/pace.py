"""How fast one sender speaks, over all workers: a moving window in the broker. Waiting costs no try.

Where the broker cannot be asked, a worker goes on at its own pace: the limit protects a sender's standing; the debtor is protected by caps.
"""

import time
from collections.abc import Callable
from typing import Protocol

from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

LOOK_EVERY = 0.02


class Pace(Protocol):
    def wait(self, sender: str) -> None:
        """Return when this sender may speak once more."""


class Unhurried:
    """No limit: one process that speaks to nobody, or a test."""

    def wait(self, sender: str) -> None:
        return


UNHURRIED = Unhurried()


class SharedPace:
    """At most `per_second` handovers of one sender in any second."""

    def __init__(self, redis_url: str, per_second: int, sleep: Callable[[float], None] = time.sleep) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(redis_url, wrap_exceptions=True))
        self._rate = RateLimitItemPerSecond(per_second, namespace="xianli")
        self._sleep = sleep

    def wait(self, sender: str) -> None:
        try:
            while not self._limiter.hit(self._rate, sender):
                self._sleep(LOOK_EVERY)
        except StorageError:
            return
