"""待办 What waits for people: approvals of grave steps, and the visits, calls and checks that only people can do."""

from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette_admin import flash

from orchestrator import casework
from orchestrator.calling import cards, hands
from orchestrator.store import approvals, pages_work, reading
from orchestrator.web.console import calls
from orchestrator.web.console.page import Page, Visit, endpoint
from policies.localtime import local_day
from policies.preferred import is_preferred

KINDS = ("visit", "call", "check", "alarm")
VISITS = "/visits"
"""Where visits are made: by route, on a page of their own."""
_ALWAYS = datetime.min.replace(tzinfo=UTC)
"""What has no window stands before what closes: an alarm."""


class Approvals(Page):
    path = "/approvals"
    label = ("审批", "Approvals")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        now = self.now()
        with self.runtime.store.begin() as rows:
            pending = pages_work.approvals(rows, visit.scope, now, local_day(now, self.runtime.settings.home_timezone))
            seen = {each.id: snapshot for each in pending if (snapshot := approvals.snapshot_of(each.snapshot)) is not None}
            cases = {each.id: each.case_id for each in pending}
            changes = reading.changed_since(rows, {number: (cases[number], snapshot) for number, snapshot in seen.items()}, now)
            names = pages_work.names_of_charges(rows, [int(charge) for snapshot in seen.values() for charge in snapshot.principal])
        return self.draw(visit, "approvals.html", {"pending": pending, "seen": seen, "changes": changes, "names": names})

    @endpoint("/{approval:int}.pdf")
    def letter(self, visit: Visit) -> Response:
        """The very letter that a yes would send."""
        approval_id = visit.request.path_params["approval"]
        with self.runtime.store.begin() as rows:
            document = approvals.document(rows, approval_id, visit.scope)
        return self.pdf(visit, document, f"approval-{approval_id}")

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
        with self.runtime.store.begin() as rows:
            found = pages_work.tasks(rows, visit.scope, kind if kind in KINDS else None)
        if visit.person.role == "collector":
            found = [task for task in found if task.kind != "visit"]
        windows = {task.id: cards.window(self.runtime, task) for task in found}
        opens = {task_id: opening for task_id, (opening, _) in windows.items()}
        closes = {task_id: closing for task_id, (_, closing) in windows.items()}
        best = {task.id for task in found if self._is_best_now(task)}
        found.sort(key=lambda task: (task.id not in best, opens[task.id] is not None, closes[task.id] or opens[task.id] or _ALWAYS))
        context = {
            "tasks": found,
            "kind": kind,
            "kinds": KINDS,
            "opens": opens,
            "closes": closes,
            "best": best,
            "holders": {task.id: hands.holder(self.runtime, task) for task in found},
        }
        return self.draw(visit, "tasks.html", context)

    @endpoint("/{task:int}")
    def one(self, visit: Visit) -> Response:
        """The task in hand: its card or its charges, the number to ring, and the form of what became of it."""
        task_id = visit.request.path_params["task"]
        with self.runtime.store.begin() as rows:
            found = pages_work.tasks(rows, visit.scope, task_id=task_id)
            running_out = pages_work.charges_of_alarm(rows, task_id)
        if not found:
            raise HTTPException(404)
        (task,) = found
        if task.kind == "visit":
            return RedirectResponse(f"{VISITS}/{task_id}", status_code=303)
        if task.kind == "call":
            return calls.draw(self, visit, task)
        reveals = task.sealed is not None and visit.person.may("report_task")
        number = self.runtime.store.vault.open(task.sealed) if reveals else None
        return self.draw(visit, "task.html", {"task": task, "running_out": running_out, "number": number})

    @endpoint("/{task:int}/start", act="report_task")
    def start(self, visit: Visit) -> Response:
        """Ask once more whether this is still to be done, before anybody dials or rings."""
        task_id = self._task(visit)
        if self._open_task(visit).kind == "call":
            return calls.start(self, visit, task_id)
        if casework.still_to_do(self.runtime, task_id):
            return RedirectResponse(f"{self.path}/{task_id}", status_code=303)
        flash(visit.request, visit.say("情况已变化，这个任务已取消。", "Things have changed: this task is called off."), "info")
        return RedirectResponse(self.path, status_code=303)

    @endpoint("/{task:int}/back", act="report_task")
    def give_back(self, visit: Visit) -> Response:
        return calls.give_back(self, visit, self._task(visit))

    @endpoint("/{task:int}/ring", act="report_task")
    def ring(self, visit: Visit) -> Response:
        return calls.ring(self, visit, self._open_task(visit))

    @endpoint("/{task:int}/give-up", act="report_task")
    def give_up(self, visit: Visit) -> Response:
        return calls.give_up(self, visit, self._task(visit))

    @endpoint("/{task:int}/call", act="report_task")
    def report_call(self, visit: Visit) -> Response:
        return calls.report(self, visit, self._open_task(visit))

    @endpoint("/{task:int}/check", act="report_task")
    def report_check(self, visit: Visit) -> Response:
        task_id = self._task(visit)
        return self.done(
            visit,
            self.path,
            lambda: casework.complete_check(
                self.runtime, task_id, visit.person.name, visit.field("note"), went_out=visit.field("went_out") == "yes"
            ),
            "核对已完成。",
            "The check is done.",
            again=f"{self.path}/{task_id}",
        )

    @endpoint("/{task:int}/alarm", act="answer_alarm")
    def answer_alarm(self, visit: Visit) -> Response:
        task_id = self._task(visit)
        return self.done(
            visit,
            self.path,
            lambda: casework.answer_alarm(self.runtime, task_id, visit.person.name, visit.field("note")),
            "时效提醒已处理。",
            "The alarm is answered.",
            again=f"{self.path}/{task_id}",
        )

    def _task(self, visit: Visit) -> int:
        task_id: int = visit.request.path_params["task"]
        with self.runtime.store.begin() as rows:
            if not pages_work.task_in_scope(rows, task_id, visit.scope):
                raise HTTPException(404)
        return task_id

    def _open_task(self, visit: Visit) -> Any:
        with self.runtime.store.begin() as rows:
            found = pages_work.tasks(rows, visit.scope, task_id=visit.request.path_params["task"])
        if not found:
            raise HTTPException(404, visit.say("这个任务已经结束。", "This task is done."))
        return found[0]

    def _is_best_now(self, task: Any) -> bool:
        """Whether these are the hours in which such a home is best rung: it stands at the head of the list."""
        if task.kind not in ("call", "visit") or task.pack is None:
            return False
        return is_preferred(self.runtime.packs.rules(task.pack), task.kind, cards.place_of(task), self.now())
