"""现金 Cash: what was taken at doors, with its receipts, and its way to the till, counted by another."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from orchestrator.store import cash as till
from orchestrator.store import routes as doors
from orchestrator.visiting import cash, routes
from orchestrator.web.console.page import Page, Visit, endpoint


class Cash(Page):
    path = "/cash"
    label = ("现金", "Cash")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        """A collector sees their own; the others all of their community."""
        own = visit.person.name if visit.person.role == "collector" else None
        with self.runtime.store.begin() as rows:
            context = {
                "in_hand": till.in_hand(rows, visit.person.name),
                "receipts": till.receipts(rows, visit.scope, own),
                "handovers": till.handovers(rows, visit.scope, own),
                "number": till.number,
            }
        return self.draw(visit, "cash.html", context)

    @endpoint("/receipts/{receipt:int}")
    def receipt(self, visit: Visit) -> Response:
        """A receipt to show, print or have photographed."""
        receipt = self._receipt(visit)
        return self.draw(visit, "cash_receipt.html", {"receipt": receipt, "number": till.number(receipt)})

    @endpoint("/stops/{task:int}", act="report_task")
    def take(self, visit: Visit) -> Response:
        """Cash taken at a stop of one's own route."""
        walker = visit.person.name if visit.person.role == "collector" else None
        with self.runtime.store.begin() as rows:
            stop = doors.stop(rows, visit.request.path_params["task"], visit.scope, walker)
        if stop is None or stop.started_at is None:
            raise HTTPException(404)
        taken: list[Any] = []

        def take() -> None:
            units = "、".join(sorted((unit["label"] for unit in stop.units), key=routes.in_natural_order))
            taken.append(cash.take(self.runtime, stop, units, cash.amount(visit.field("amount")), visit.field("key"), visit.person.name))

        answer = self.done(visit, f"/visits/{stop.task_id}", take)
        return RedirectResponse(f"{self.path}/receipts/{taken[0].id}", status_code=303) if taken else answer

    @endpoint("/receipts/{receipt:int}/void", act="report_task")
    def void(self, visit: Visit) -> Response:
        receipt = self._receipt(visit)
        return self.done(
            visit,
            self.path,
            lambda: cash.void(self.runtime, receipt, visit.person.name, visit.field("because")),
            "收据已作废。",
            "The receipt is void.",
        )

    @endpoint("/handover", act="report_task")
    def offer(self, visit: Visit) -> Response:
        return self.done(
            visit,
            self.path,
            lambda: cash.offer(self.runtime, visit.person.name),
            "已提交，等待清点。",
            "Handed over: it is to be counted.",
        )

    @endpoint("/handovers/{handover:int}/receive", act="receive_cash")
    def receive(self, visit: Visit) -> Response:
        handover_id = visit.request.path_params["handover"]
        with self.runtime.store.begin() as rows:
            if handover_id not in {each.id for each in till.handovers(rows, visit.scope, None)}:
                raise HTTPException(404)
        return self.done(
            visit,
            self.path,
            lambda: cash.receive(self.runtime, handover_id, cash.amount(visit.field("counted")), visit.person.name, visit.field("because")),
            "已清点入账。",
            "Counted and received.",
        )

    def _receipt(self, visit: Visit) -> Any:
        with self.runtime.store.begin() as rows:
            found = till.receipt(rows, visit.request.path_params["receipt"], visit.scope)
        if found is None or (visit.person.role == "collector" and found.collector != visit.person.name):
            raise HTTPException(404)
        return found
