"""The sandbox's staff: they make the calls and visits, look at what is put before them, and decide on approvals.

They ask the question once more before they dial or ring, as the console makes real staff do, and work only while the channel's window is
open. What the people they meet do comes from the carrier's personas, so that one person behaves alike on every channel.
"""

from datetime import datetime, time, timedelta
from typing import Any

from channels.carrier.personas import at_the_door, on_the_phone, share
from orchestrator import casework
from orchestrator.runtime import Runtime
from orchestrator.sandbox.carrier import Carrier
from orchestrator.sandbox.door import brought
from orchestrator.store import sandbox
from orchestrator.store.casefiles import NoSuchThing
from orchestrator.store.sandbox import Errand
from orchestrator.visiting import code, reports, routes
from orchestrator.visiting.reports import Report
from policies.localtime import local_day, zone
from policies.windows import Place, is_open

COLLECTOR = "collector"
COMPANION = "admin"
SUPERVISOR = "supervisor"
COUNSEL = "counsel"
DESK_OPENS, DESK_CLOSES = time(9), time(18)
ANSWER_DISPUTES_AFTER = timedelta(days=3)
DECIDE_AFTER = timedelta(hours=20)
"""A supervisor sleeps over an approval."""


def work(runtime: Runtime, carrier: Carrier, seed: int) -> int:
    """Do what can be done at this hour; how much was."""
    now = runtime.now()
    with runtime.store.begin() as rows:
        errands, approvals = sandbox.errands(rows, now), sandbox.pending_approvals(rows, now - DECIDE_AFTER)
    if any(errand.kind == "visit" for errand in errands):
        _approve_routes(runtime)
    done = sum(_run(errand, runtime, carrier, seed, now) for errand in errands)
    return done + sum(_decide(approval, runtime, seed) for approval in approvals if _desk_is_open(now, runtime))


def clear_reviews(runtime: Runtime, seed: int) -> int:
    """On day 0 most review holds are looked into and lifted; one in eight stays for a closer look."""
    with runtime.store.begin() as rows:
        held = sandbox.held(rows, runtime.now())
    cleared = 0
    for community_id, debtor_id in held:
        if share(seed, f"review-{debtor_id}", "clear") < 7 / 8:
            casework.lift_review(runtime, community_id, debtor_id, COLLECTOR)
            cleared += 1
    return cleared


def _run(errand: Errand, runtime: Runtime, carrier: Carrier, seed: int, now: datetime) -> bool:
    match errand.kind:
        case "check":
            return _look_into(errand, runtime, now)
        case "alarm":
            return _answer(errand, runtime, now)
        case kind:
            place = Place(errand.timezone, "commercial" if errand.commercial else "residential", frozenset(errand.site_days))
            if not is_open(runtime.packs.rules(errand.pack), "visit" if kind == "visit" else "call", place, now):
                return False
            if not casework.still_to_do(runtime, errand.id):
                return True
            return _visit(errand, runtime, seed) if kind == "visit" else _call(errand, runtime, carrier, seed, now)


def _approve_routes(runtime: Runtime) -> None:
    """The supervisor approves what waits for a route today, as soon as it does; where nobody of the sandbox has an account, it waits."""
    if not {COLLECTOR, COMPANION} <= {walker["name"] for walker in routes.walkers(runtime)}:
        return
    today = routes.today(runtime)
    for each in routes.proposals(runtime, None, today):
        tasks = [stop.task_id for stop in each.stops]
        routes.approve(runtime, each.community_id, each.building, today, tasks, COLLECTOR, SUPERVISOR, companion=COMPANION)


def _visit(errand: Errand, runtime: Runtime, seed: int) -> bool:
    """Two go: what is affixed counts only by two, and the photos are looked at by a third."""
    door = at_the_door(seed, _key(errand, runtime))
    outcome = "no_answer" if door.outcome == "no_one" else door.outcome
    day = local_day(runtime.now(), errand.timezone)
    shown = code.of_day(runtime.settings.secret_key, errand.community_id, day)
    for kind, data in brought(outcome, shown, errand.name):
        reports.bring(runtime, errand.id, data, kind, COLLECTOR)
    report = Report(f"sandbox-{errand.id}", outcome, signer=door.signer, signer_name=errand.name, companion=COMPANION)
    reports.send(runtime, errand.id, errand.community_id, day, report, COLLECTOR)
    if outcome == "affixed":
        reports.look(runtime, errand.id, SUPERVISOR, code_seen=True)
    return True


def _call(errand: Errand, runtime: Runtime, carrier: Carrier, seed: int, now: datetime) -> bool:
    talk = on_the_phone(seed, _key(errand, runtime))
    promised_on = local_day(now, errand.timezone) + timedelta(days=talk.promise_days) if talk.promise_days else None
    said = {"paid_already": "paid", "dispute": "dispute", "wrong_person": "wrong_person"}.get(talk.reason or "")
    casework.complete_call(runtime, errand.id, COLLECTOR, talk.outcome, said=said, promised_on=promised_on)
    if promised_on is not None and talk.keeps and errand.arrears > 0:
        carrier.will_pay(errand.unit, str(errand.arrears), errand.name, datetime.combine(promised_on, time(11), zone(errand.timezone)))
    return True


def _look_into(errand: Errand, runtime: Runtime, now: datetime) -> bool:
    """Answer a dispute in writing, correct a wrong number, ring back: at the desk, within office hours."""
    if not _desk_is_open(now, runtime, errand.timezone):
        return False
    if errand.about == "dispute" and now - errand.due_at < ANSWER_DISPUTES_AFTER:
        return False
    casework.complete_check(runtime, errand.id, COLLECTOR, "")
    if errand.case_id is not None and errand.case_state != "closed":
        try:
            if errand.about == "dispute":
                casework.leave_state(runtime, errand.case_id, "disputed", SUPERVISOR)
            elif errand.about == "wrong_person":
                casework.correct_number(runtime, errand.case_id, COLLECTOR)
        except NoSuchThing:
            return True  # paid and closed in the meantime
    return True


def _answer(errand: Errand, runtime: Runtime, now: datetime) -> bool:
    if not _desk_is_open(now, runtime, errand.timezone):
        return False
    casework.answer_alarm(runtime, errand.id, COUNSEL, "已核对证据，由法务跟进 / evidence looked at, counsel follows it up")
    return True


def _decide(approval: Any, runtime: Runtime, seed: int) -> bool:
    try:
        if share(seed, f"approval-{approval.case_id}", approval.step) < 0.9:
            casework.approve(runtime, approval.id, SUPERVISOR)
        else:
            casework.refuse(runtime, approval.id, SUPERVISOR, "先再协商一次 / try once more to agree")
    except NoSuchThing:
        return False
    return True


def _key(errand: Errand, runtime: Runtime) -> str:
    return runtime.store.vault.open(errand.sealed) if errand.sealed else errand.unit


def _desk_is_open(now: datetime, runtime: Runtime, timezone: str | None = None) -> bool:
    local = now.astimezone(zone(timezone or runtime.settings.home_timezone)).time()
    return DESK_OPENS <= local < DESK_CLOSES
