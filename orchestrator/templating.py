"""Templates that providers approved, taken over by staff."""

from datetime import datetime

from orchestrator import wording
from orchestrator.runtime import Runtime
from orchestrator.store import templates
from orchestrator.store.templates import Key
from orchestrator.wordings import approved
from orchestrator.wordings.approved import Approved


def put(runtime: Runtime, made: Approved, approved_at: datetime, by: str) -> None:
    """Take a template over. Raises WordingError where it may not be said, or cannot be what the provider approved."""
    approved.check(made, wording.wording(made.wording))
    with runtime.store.begin() as rows:
        templates.put(rows, made, approved_at, by, runtime.now(), runtime.wall())


def retire(runtime: Runtime, key: Key, by: str) -> bool:
    """Take a template out of force; whether there was one."""
    with runtime.store.begin() as rows:
        return templates.retire(rows, key, by, runtime.now(), runtime.wall())
