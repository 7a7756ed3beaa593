"""The report of a call: when, how much, how (point 19), and what else was said, checked before it moves anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from orchestrator import casework
from orchestrator.casework import NotAllowed
from orchestrator.conversation import Said
from orchestrator.runtime import Runtime
from orchestrator.store import calls
from policies.localtime import local_day

WAYS: Final = ("qr", "card", "cash", "desk", "home")
"""How they will pay: by code, by card, in cash, at the desk, collected at home."""
SAID: Final = ("promise", "paid", "dispute")
FURTHEST_APPOINTMENT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class CallReport:
    """What the form says. `on` and `amount` go with `said` promise; `amount` None: all that is owed. `supervisor`: asks for one."""

    outcome: str
    said: str | None = None
    on: date | None = None
    amount: Decimal | None = None
    how: str | None = None
    appointment: datetime | None = None
    supervisor: bool = False
    note: str = ""


def send(runtime: Runtime, task_id: int, timezone: str, report: CallReport, by: str, details: Mapping[str, object] | None = None) -> None:
    """Write it down and move the case. Raises NotAllowed, with what to mend, and NoSuchThing where the task is done or another's.

    `timezone` is the community's; `details` what is known of the call besides.
    """
    now = runtime.now()
    if report.outcome == "not_this_person":
        _refuse_if(_says_something(report), "对方不是业主：不登记缴费内容 / it was not the debtor: nothing they say about paying counts")
    elif report.outcome != "conversation":
        _refuse_if(_says_something(report), "没有通话：请清空其余各项 / nobody was spoken to: leave the rest empty")
    else:
        _check_words(runtime, task_id, report, now, timezone)
    more = [Said("appointment", meets_at=report.appointment)] if report.appointment else []
    if report.supervisor:
        more.append(Said("staff"))
    known = {"amount": report.amount, "how": report.how, "appointment": report.appointment, "supervisor": report.supervisor}
    casework.complete_call(
        runtime,
        task_id,
        by,
        report.outcome,
        said="wrong_person" if report.outcome == "not_this_person" else report.said,
        promised_on=report.on if report.said == "promise" else None,
        amount=report.amount,
        more=more,
        note=report.note,
        details={**(details or {}), **{name: value for name, value in known.items() if value}},
    )


def _says_something(report: CallReport) -> bool:
    return any((report.said, report.on, report.amount, report.how, report.appointment, report.supervisor))


def _check_words(runtime: Runtime, task_id: int, report: CallReport, now: datetime, timezone: str) -> None:
    _refuse_if(report.said not in (None, *SAID), f"they said {', '.join(SAID)}, or nothing of these")
    _refuse_if(report.how not in (None, *WAYS), f"a way to pay is {', '.join(WAYS)}")
    _refuse_if(report.said == "promise" and report.on is None, "请填承诺缴费的日期 / say on which day they will pay")
    _refuse_if(
        report.said != "promise" and bool(report.on or report.amount),
        "日期和金额属于承诺：请选“承诺缴费” / a day and an amount belong to a promise: choose “will pay”",
    )
    if report.appointment is not None:
        _refuse_if(report.appointment <= now, "预约时间已过 / an appointment lies ahead")
        _refuse_if(report.appointment > now + FURTHEST_APPOINTMENT, "预约最多提前14天 / an appointment is at most 14 days ahead")
    if report.said == "promise" and report.on is not None:
        _check_promise(runtime, task_id, report.on, report.amount, now, local_day(now, timezone))


def _check_promise(runtime: Runtime, task_id: int, on: date, amount: Decimal | None, now: datetime, today: date) -> None:
    with runtime.store.begin() as rows:
        known = calls.background(rows, task_id, now, today)
    furthest = today + timedelta(days=known.promise_days)
    _refuse_if(
        not today <= on <= furthest,
        f"承诺日期应在{today}至{furthest}之间 / a promise is for a day from {today} to {furthest}",
    )
    _refuse_if(
        amount is not None and not 0 < amount <= known.arrears,
        f"金额应大于0，不超过欠款{known.arrears} / the amount is above 0 and at most the {known.arrears} that is owed",
    )


def _refuse_if(wrong: bool, why: str) -> None:
    if wrong:
        raise NotAllowed(why)
