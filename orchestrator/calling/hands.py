"""A call is in one person's hands: taken up, given back, or free again by itself after a quarter of an hour."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from orchestrator.calling import cards
from orchestrator.casework import NotAllowed
from orchestrator.runtime import Runtime
from orchestrator.store import calls, pages_work

_LAST = datetime.max.replace(tzinfo=UTC)


def take(runtime: Runtime, task_id: int, by: str) -> None:
    """Raises NotAllowed where another has it in hand, or it is not open any more."""
    with runtime.store.begin() as rows:
        if not calls.claim(rows, task_id, by, runtime.wall()):
            raise NotAllowed(f"任务 {task_id} 正由他人处理或已结束 / task {task_id} is in somebody else's hands, or done: take another")


def give_back(runtime: Runtime, task_id: int, by: str) -> None:
    with runtime.store.begin() as rows:
        calls.give_back(rows, task_id, by)


def holder(runtime: Runtime, task: Any) -> str | None:
    """Who has a task in hand now; None: it is free."""
    return task.claimed_by if task.claimed_until is not None and task.claimed_until > runtime.wall() else None


def next_call(runtime: Runtime, scope: int | None, by: str) -> int | None:
    """The open call whose window closes first, of those nobody else has in hand; None where no call can be made now."""
    with runtime.store.begin() as rows:
        open_calls = pages_work.tasks(rows, scope, "call")
    return next((task.id for _, task in sorted(_callable(runtime, open_calls, by), key=lambda each: each[0])), None)


def _callable(runtime: Runtime, tasks: Iterable[Any], by: str) -> Iterable[tuple[tuple[datetime, datetime, int], Any]]:
    for task in tasks:
        opens, closes = cards.window(runtime, task)
        if opens is None and holder(runtime, task) in (None, by):
            yield (closes or _LAST, task.due_at, task.id), task
