"""One bad row never stops a batch: what fails together is halved and tried again, until the row that cannot pass stands alone."""

from collections.abc import Callable, Iterator, Sequence

import structlog

logger = structlog.get_logger()


def chunks(ids: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])


def in_halves(ids: Sequence[int], work: Callable[[Sequence[int]], object], give_up: Callable[[int, Exception], None]) -> None:
    """Do the work for all ids in one batch, or in ever smaller ones where it fails; `give_up` gets the single id that cannot pass.

    The work must leave nothing behind when it fails: one transaction.
    """
    try:
        work(ids)
    except Exception as failed:
        if len(ids) == 1:
            give_up(ids[0], failed)
            return
        logger.warning("batch halved", size=len(ids), error=type(failed).__name__)
        middle = len(ids) // 2
        in_halves(ids[:middle], work, give_up)
        in_halves(ids[middle:], work, give_up)
