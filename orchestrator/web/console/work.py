"""待办 What waits for people: approvals of grave steps, and the visits, calls and checks that only people can do."""

from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from orchestrator import casework
from orchestrator.runtime import Runtime
from orchestrator.store import pages_work
from orchestrator.web.console.page import Page, Visit, endpoint
from policies.localtime import local_day
from policies.windows import Place, is_open, next_opening

KINDS = ("visit", "call", "check")
SIGNERS = ("self", "family", "mail_desk")
SAID = ("promise", "paid", "dispute", "staff", "wrong_person")


class Approvals(Page):
    path = "/approvals"
    label = ("审批", "Approvals")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        now = self.now()
        with self.runtime.store.begin() as rows:
            pending = pages_work.approvals(rows, visit.scope, now, local_day(now, self.runtime.settings.home_timezone))
        return self.draw(visit, "approvals.html", {"pending": pending, "now": now})

    @endpoint("/{approval:int}/approve", act="decide_approval")
    def approve(self, visit: Visit) -> Response:
        approval_id = self._approval(visit)
        return self.done(
            visit,
            self.path,
            lambda: casework.approve(self.runtime, approval_id, visit.person.name, visit.field("reason")),
            "已批准。",
            "Approved.",
        )

    @endpoint("/{approval:int}/refuse", act="decide_approval")
    def refuse(self, visit: Visit) -> Response:
        approval_id = self._approval(visit)
        return self.done(
            visit,
            self.path,
            lambda: casework.refuse(self.runtime, approval_id, visit.person.name, visit.field("reason")),
            "已拒绝，案件停止。",
            "Refused: the case stops.",
        )

    def _approval(self, visit: Visit) -> int:
        approval_id: int = visit.request.path_params["approval"]
        with self.runtime.store.begin() as rows:
            if not pages_work.approval_in_scope(rows, approval_id, visit.scope):
                raise HTTPException(404)
        return approval_id


class Tasks(Page):
    path = "/tasks"
    label = ("任务", "Tasks")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        kind = visit.asked("kind")
        now = self.now()
        with self.runtime.store.begin() as rows:
            found = pages_work.tasks(rows, visit.scope, kind if kind in KINDS else None)
        opens = {task.id: _opens(self.runtime, task, now) for task in found}
        context = {"tasks": found, "kind": kind, "kinds": KINDS, "opens": opens, "now": now, "signers": SIGNERS, "said": SAID}
        return self.draw(visit, "tasks.html", context | {"visits": casework.VISIT_OUTCOMES, "calls": casework.CALL_OUTCOMES})

    @endpoint("/{task:int}/visit", act="report_task")
    def report_visit(self, visit: Visit) -> Response:
        task_id = self._task(visit)

        def report() -> None:
            casework.complete_visit(
                self.runtime,
                task_id,
                visit.person.name,
                visit.field("outcome"),
                signer=visit.field("signer") or None if visit.field("outcome") == "handed_over" else None,
                note=visit.field("note"),
            )

        return self.done(visit, self.path, report, "上门结果已记录。", "The visit is on record.")

    @endpoint("/{task:int}/call", act="report_task")
    def report_call(self, visit: Visit) -> Response:
        task_id = self._task(visit)

        def report() -> None:
            casework.complete_call(
                self.runtime,
                task_id,
                visit.person.name,
                visit.field("outcome"),
                said=visit.field("said") or None,
                promised_on=_date(visit),
                note=visit.field("note"),
            )

        return self.done(visit, self.path, report, "通话结果已记录。", "The call is on record.")

    @endpoint("/{task:int}/check", act="report_task")
    def report_check(self, visit: Visit) -> Response:
        task_id = self._task(visit)
        return self.done(
            visit,
            self.path,
            lambda: casework.complete_check(self.runtime, task_id, visit.person.name, visit.field("note")),
            "核对已完成。",
            "The check is done.",
        )

    def _task(self, visit: Visit) -> int:
        task_id: int = visit.request.path_params["task"]
        with self.runtime.store.begin() as rows:
            if not pages_work.task_in_scope(rows, task_id, visit.scope):
                raise HTTPException(404)
        return task_id


def _date(visit: Visit) -> date | None:
    stated = visit.field("promised_on")
    return date.fromisoformat(stated) if stated and visit.field("said") == "promise" else None


def _opens(runtime: Runtime, task: Any, now: Any) -> Any:
    """When this may be done: None where it may be done now."""
    if task.kind == "check" or task.pack is None:
        return None
    rules, place = runtime.packs.rules(task.pack), Place(task.timezone, "commercial" if task.commercial else "residential")
    return None if is_open(rules, task.kind, place, now) else next_opening(rules, task.kind, place, now)
