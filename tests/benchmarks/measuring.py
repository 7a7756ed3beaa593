"""How the benchmarks measure: processor time of one core, in turns with a yardstick, so that busy hours and other machines compare."""

import time
import zlib
from collections.abc import Callable

_BYTES = bytes((index * index >> 7) & 0xFF for index in range(1 << 20))


def deflating() -> None:
    """The yardstick of work done in libraries: 1 MiB of fixed bytes deflated."""
    zlib.compress(_BYTES, 6)


def calling() -> None:
    """The yardstick of work done in Python: 100,000 calls of a function that does nothing."""
    for number in range(100_000):
        _same(number)


def processor_seconds(act: Callable[[], object], times: int = 1) -> float:
    """Processor seconds of one act, as the mean of so many in a row."""
    started = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - started) / times


def _same(number: int) -> int:
    return number
