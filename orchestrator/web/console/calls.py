"""The page of a call in hand: its card, the numbers that may be rung, and the form of what became of it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response
from starlette_admin import flash

from orchestrator import casework
from orchestrator.calling import bridging, cards, hands, reports
from orchestrator.calling.reports import SAID, WAYS, CallReport
from orchestrator.casework import CALL_OUTCOMES, NotAllowed
from orchestrator.store import bridges
from orchestrator.store.bridges import Bridge
from orchestrator.store.casefiles import NoSuchThing
from orchestrator.web.console.page import Page, Visit

FIELDS = ("outcome", "said", "on", "amount", "how", "appointment", "supervisor", "note")


def draw(page: Page, visit: Visit, task: Any, typed: Mapping[str, str] | None = None, *, refused: str | None = None) -> Response:
    """The page; with `refused` the form as it was filled in, and why it was not taken."""
    runtime = page.runtime
    opens, closes = cards.window(runtime, task)
    holder = hands.holder(runtime, task)
    card = cards.card(runtime, task, visit.language)
    bridge = _bridge(page, task.id)
    mine = holder == visit.person.name
    free = mine and (bridge is None or bridge.state in ("not_connected", "refused", "given_up"))
    prefilled = {"outcome": bridging.PREFILLED.get(bridge.outcome or "", "")} if bridge is not None else {}
    context = {
        "task": task,
        "now": page.now(),
        "opens": opens,
        "closes": closes,
        "holder": holder,
        "mine": mine,
        "call": card,
        "bridge": bridge,
        "connects": {n.point_id for n in card.numbers if free and bridging.ready(runtime, visit.person.name, n) is not None},
        "outcomes": CALL_OUTCOMES,
        "said": SAID,
        "ways": WAYS,
        "typed": {name: (prefilled if typed is None else typed).get(name, "") for name in FIELDS},
        "refused": refused,
    }
    return page.draw(visit, "call.html", context, status=422 if refused else 200)


def start(page: Page, visit: Visit, task_id: int) -> Response:
    """Take it in hand, then ask once more whether this is still to be done, before anybody dials."""
    here = f"{page.path}/{task_id}"
    try:
        hands.take(page.runtime, task_id, visit.person.name)
    except NotAllowed as taken:
        flash(visit.request, str(taken), "error")
        return RedirectResponse(here, status_code=303)
    if casework.still_to_do(page.runtime, task_id):
        return RedirectResponse(here, status_code=303)
    flash(visit.request, visit.say("情况已变化，这个任务已取消。", "Things have changed: this task is called off."), "info")
    return RedirectResponse(_onward(page, visit), status_code=303)


def give_back(page: Page, visit: Visit, task_id: int) -> Response:
    hands.give_back(page.runtime, task_id, visit.person.name)
    visit.tell(visit.say("已退回，他人可以处理。", "Given back: others may take it up."))
    return RedirectResponse(page.path, status_code=303)


def ring(page: Page, visit: Visit, task: Any) -> Response:
    """Have the provider ring the person's own phone, and then this number of the debtor."""
    here, chosen = f"{page.path}/{task.id}", visit.field("point")
    numbers = cards.card(page.runtime, task, visit.language).numbers
    number = next((each for each in numbers if str(each.point_id) == chosen), None)

    def ring() -> None:
        if number is None:
            raise NotAllowed("请选择号码 / choose a number of this debtor")
        bridging.ring(page.runtime, task.id, number, visit.person.name, visit.language)

    return page.done(visit, here, ring, "正在呼叫您的电话，接听后按1。", "Your own phone is ringing: answer it and press 1.")


def give_up(page: Page, visit: Visit, task_id: int) -> Response:
    """Somebody says that a call of which nothing is heard is over."""
    return page.done(
        visit,
        f"{page.path}/{task_id}",
        lambda: bridging.give_up(page.runtime, task_id, visit.person.name),
        "可以重新呼叫。",
        "It may be placed again.",
    )


def _bridge(page: Page, task_id: int) -> Bridge | None:
    with page.runtime.store.begin() as rows:
        return bridges.of_task(rows, task_id)


def report(page: Page, visit: Visit, task: Any) -> Response:
    """Write down what became of it and go on to the next call. What was refused comes back as it was filled in."""
    try:
        placed = _bridge(page, task.id)
        details = {"bridge": _of_bridge(placed)} if placed is not None and placed.outcome else None
        reports.send(page.runtime, task.id, task.timezone, _filled_in(visit, task.timezone), visit.person.name, details)
    except (ValueError, NoSuchThing) as refused:
        return draw(page, visit, task, {name: visit.field(name) for name in FIELDS}, refused=str(refused))
    visit.tell(visit.say("通话结果已记录。", "The call is on record."))
    return RedirectResponse(_onward(page, visit), status_code=303)


def _onward(page: Page, visit: Visit) -> str:
    """The call whose window closes first; the list where none can be made now."""
    following = hands.next_call(page.runtime, visit.scope, visit.person.name)
    return page.path if following is None else f"{page.path}/{following}"


def _of_bridge(placed: Bridge) -> Mapping[str, object]:
    """What the provider says of the call, beside what was reported; its recording comes as an exhibit of the task."""
    return {"id": placed.id, "provider_id": placed.provider_id, "outcome": placed.outcome, "seconds": placed.seconds}


def _filled_in(visit: Visit, timezone: str) -> CallReport:
    """What the form says. Raises NotAllowed."""
    appointment = visit.field("appointment")
    try:
        return CallReport(
            outcome=visit.field("outcome"),
            said=visit.field("said") or None,
            on=date.fromisoformat(visit.field("on")) if visit.field("on") else None,
            amount=_amount(visit.field("amount")) if visit.field("amount") else None,
            how=visit.field("how") or None,
            appointment=datetime.fromisoformat(appointment).replace(tzinfo=ZoneInfo(timezone)) if appointment else None,
            supervisor=visit.field("supervisor") == "yes",
            note=visit.field("note"),
        )
    except (ValueError, InvalidOperation) as wrong:
        raise NotAllowed("日期、时间或金额无法识别 / a day, a time or the amount cannot be read: write 2026-12-05 and 800.00") from wrong


def _amount(written: str) -> Decimal:
    stated = Decimal(written.replace(",", "").removeprefix("¥"))
    if not stated.is_finite() or stated != stated.quantize(Decimal("0.01")):
        raise InvalidOperation
    return stated
