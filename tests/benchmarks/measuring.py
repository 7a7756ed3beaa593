"""How the benchmarks measure: processor time of one core, in turns with a yardstick, so that busy hours and other machines compare."""

import time
import zlib
from collections.abc import Callable

_BYTES = bytes((index * index >> 7) & 0xFF for index in range(1 << 20))


def yardstick() -> None:
    """Deflating 1 MiB of fixed bytes."""
    zlib.compress(_BYTES, 6)


def processor_seconds(act: Callable[[], object], times: int = 1) -> float:
    """Processor seconds of one act, as the mean of so many in a row."""
    started = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - started) / times
