"""Logs: one JSON object per line, ids and names of rules only, never a person's name, number or words."""

import logging
import sys
from collections.abc import Sequence

import structlog

logger = structlog.get_logger()


def configure(level: int = logging.INFO) -> None:
    """Everything to stderr, ours as JSON; libraries from warnings up."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s", force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def report_audit(entries: int, faults: Sequence[str]) -> None:
    """A sound log is a line; a broken one is an error for each place that does not fit."""
    logger.info("evidence audited", entries=entries, verified=not faults)
    for fault in faults:
        logger.error("evidence does not verify", fault=fault)


def report_parked(case_id: int, failed: Exception) -> None:
    logger.error("case parked", case=case_id, error=type(failed).__name__, place=_place(failed))


def report_job(job_id: int, failed: Exception) -> None:
    logger.error("job failed", job=job_id, error=type(failed).__name__, place=_place(failed))


def _place(failed: Exception) -> str:
    """Where the failure happened, without its message: that could hold what a debtor said."""
    where = failed.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    return f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else ""
