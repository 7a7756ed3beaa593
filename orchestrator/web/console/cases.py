"""案件 Cases: the list, and one case from its opening to its next question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from orchestrator import casework, packs
from orchestrator.models.casework import STOP_STATES
from orchestrator.reports.charge_details import Counting, details
from orchestrator.reports.proof_matrix import OPEN, Cell, judge
from orchestrator.store import consents, exhibits, pages, pages_cases, pages_matrix, proofs, segments
from orchestrator.store.pages_cases import FILTERS, PAGE, Wanted
from orchestrator.versions import Pin
from orchestrator.web.console.page import Page, Visit, endpoint
from orchestrator.web.console.today import read_matrix
from orchestrator.web.console.words import masked, word
from orchestrator.web.console.words_proof import PLACES
from policies.limitation import FORMAL_DEMAND_BELOW_DAYS
from policies.localtime import local_day, midnight
from policies.rules import Rules
from policies.segments import REASON_CODES, Traits, choose
from policies.sequences import Step

LONGEST_HOLD_DAYS = 30

_prime_rates = cache(packs.prime_rates)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: `kind` decision, attempt or act, `by` system, staff or debtor."""

    at: datetime
    kind: str
    by: str
    row: Any


@dataclass(frozen=True, slots=True)
class Reachable:
    """A contact point as it may be shown."""

    id: int
    kind: str
    name: str
    value: str
    designated: bool
    unusable: str | None
    opted_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentSaid:
    """A word about a number, as it may be shown on the timeline."""

    at: datetime
    channel: str
    given: bool
    source: str
    by: str
    number: str
    kind: str = "consent"


class Cases(Page):
    path = "/cases"
    label = ("案件", "Cases")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        state = visit.asked("state", "open")
        state = state if state in FILTERS else "open"
        now = self.now()
        today = local_day(now, self.runtime.settings.home_timezone)
        with self.runtime.store.begin() as rows:
            only = None
            if state == "limitation":
                communities = pages.communities(rows, visit.scope)
                wanted = visit.number("community", 0)
                only = frozenset[int]().union(
                    *(
                        read_matrix(rows, each, self.runtime, today).cases_below(FORMAL_DEMAND_BELOW_DAYS)
                        for each in communities
                        if wanted in (0, each.id)
                    )
                )
            page = visit.number("page", 1)
            listed = pages_cases.listing(rows, Wanted(visit.scope, state, visit.asked("q")[:100], page, only), now, today)
        context = {"state": state, "states": FILTERS, "listed": listed, "search": visit.asked("q"), "number": page, "per_page": PAGE}
        return self.draw(visit, "cases.html", context | {"now": now})

    @endpoint("/{case:int}")
    def one(self, visit: Visit) -> Response:
        now = self.now()
        case_id = visit.request.path_params["case"]
        with self.runtime.store.begin() as rows:
            case = pages_cases.one(rows, case_id, visit.scope)
            if case is None:
                raise HTTPException(404, visit.say("没有这个案件。", "There is no such case."))
            owed = pages_matrix.read(rows, case.community_id, case.debtor_id)
            paid = proofs.payments(rows, [each.charge_id for each in owed])
            decisions = pages_cases.decisions(rows, case_id)
            attempts = pages_cases.attempts(rows, case_id)
            acts = [*pages_cases.acts(rows, case_id), *(self._consent(said) for said in consents.story(rows, case_id))]
            points = pages_cases.contact_points(rows, case_id)
            cause = segments.cause(rows, case.community_id, case.debtor_id)
            kept = exhibits.of_case(rows, case_id) if visit.person.may("read_evidence") else []
        today = local_day(now, case.timezone)
        rules = self.runtime.pinned(Pin(case.pack, case.pack_digest), Pin(case.sequence, case.sequence_digest))
        cells = sorted(
            (judge(each, rules, case.timezone, today) for each in owed), key=lambda cell: (cell.proof not in OPEN, cell.charge.due_on)
        )
        due = [cell for cell in cells if cell.proof in OPEN]
        counting = Counting(case.late_rate, case.timezone, _prime_rates() if case.country == "CN" else ())
        told = {cell.owed.charge_id: details(cell.charge, paid.get(cell.owed.charge_id, ()), counting, rules, today) for cell in due}
        last = next((each for each in reversed(decisions) if each.attempt_id is None), None)
        context = {
            "case": case,
            "cells": cells,
            "details": told,
            "unpaid": sum((cell.charge.unpaid for cell in due), Decimal("0.00")),
            "late_total": sum((each.late.late_charge for each in told.values()), Decimal("0.00")),
            "court_likely": sum((each.late.court_likely_late_charge for each in told.values()), Decimal("0.00")),
            "nearest": min((cell.days_left for cell in due if cell.days_left is not None), default=None),
            "events": list(_timeline(decisions, attempts, acts)),
            "last": last,
            "planned": self._planned(case, rules, due, last),
            "points": [self._reachable(point) for point in points],
            "now": now,
            "today": today,
            "hold_days": LONGEST_HOLD_DAYS,
            "cause": cause,
            "exhibits": kept,
            "places": PLACES,
            "causes": {code: choose(Traits(reason=code), case.standard).sequence for code in REASON_CODES},
            "stops": [each.what for each in acts if each.kind == "state" and each.until is None],
            "stop_states": STOP_STATES,
            "held": any(each.kind == "hold" and each.until > now for each in acts),
        }
        return self.draw(visit, "case.html", context)

    @endpoint("/{case:int}/hold", act="hold_case")
    def hold(self, visit: Visit) -> Response:
        """Leave the debtor in peace for some days, for a reason."""
        case = self._case(visit)
        days = int(visit.field("days")) if visit.field("days").isdigit() else 0
        until = midnight(local_day(self.now(), case.timezone) + timedelta(days=min(days, LONGEST_HOLD_DAYS)), case.timezone)

        def hold() -> None:
            if not visit.field("reason"):
                raise ValueError(visit.say("请写明暂缓原因。", "Say why."))
            casework.hold(self.runtime, case.id, visit.field("reason"), until, visit.person.name)

        return self.done(visit, f"/cases/{case.id}", hold, "已暂缓，到期自动继续。", "On hold; it goes on by itself afterwards.")

    @endpoint("/{case:int}/lift", act="hold_case")
    def lift(self, visit: Visit) -> Response:
        case = self._case(visit)
        return self.done(
            visit,
            f"/cases/{case.id}",
            lambda: casework.lift(self.runtime, case.id, visit.person.name),
            "已解除暂缓。",
            "The hold is lifted.",
        )

    @endpoint("/{case:int}/promise", act="hold_case")
    def promise(self, visit: Visit) -> Response:
        """The debtor told a member of staff on which day they will pay, and how much."""
        case = self._case(visit)

        def note() -> None:
            try:
                on, amount = date.fromisoformat(visit.field("on")), Decimal(visit.field("amount"))
            except (ValueError, InvalidOperation):
                raise ValueError(visit.say("请填写日期和金额。", "Say the day and the amount.")) from None
            if not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
                raise ValueError(visit.say("金额最多两位小数。", "An amount has two decimals at most."))
            casework.promise(self.runtime, case.id, on, amount, visit.person.name)

        return self.done(visit, f"/cases/{case.id}", note, "已记录承诺，到期前不再催缴。", "Noted; nobody is reminded before that day.")

    @endpoint("/{case:int}/stop", act="hold_case")
    def stop(self, visit: Visit) -> Response:
        """Nobody contacts this debtor any more, and why: until a person ends it."""
        case = self._case(visit)

        def stop() -> None:
            if visit.field("state") not in STOP_STATES or not visit.field("note"):
                raise ValueError(visit.say("请选择原因并写明依据。", "Choose why, and say what it rests on."))
            casework.enter_state(self.runtime, case.id, visit.field("state"), visit.person.name, visit.field("note"))

        return self.done(visit, f"/cases/{case.id}", stop, "已停止联系。", "Contact has ended.")

    @endpoint("/{case:int}/resume", act="hold_case")
    def resume(self, visit: Visit) -> Response:
        """What ended contact is over: the case goes on where it stood."""
        case = self._case(visit)
        state = visit.field("state")
        if state not in STOP_STATES:
            raise HTTPException(404)
        return self.done(
            visit,
            f"/cases/{case.id}",
            lambda: casework.leave_state(self.runtime, case.id, state, visit.person.name),
            "已解除，案件继续。",
            "It is over; the case goes on.",
        )

    @endpoint("/{case:int}/cause", act="hold_case")
    def cause(self, visit: Visit) -> Response:
        """Say why the debtor does not pay; the sequence follows from it."""
        case = self._case(visit)

        def understand() -> None:
            code = next((code for code in REASON_CODES if code == visit.field("code")), None)
            choice = casework.understand(self.runtime, case.id, code, visit.person.name, visit.field("note"))
            chosen = word("sequence", choice.sequence, visit.language)
            visit.tell(visit.say(f"已记录。本案按“{chosen}”继续。", f"Noted. The case goes on under: {chosen}."))

        return self.done(visit, f"/cases/{case.id}", understand)

    @endpoint("/{case:int}/consent", act="hold_case")
    def consent(self, visit: Visit) -> Response:
        """Note that a number may, or may not, be reached on a channel: the debtor said so to a member of staff."""
        case = self._case(visit)
        point, _, channel = visit.field("number").partition("/")

        def note() -> None:
            given = visit.field("wish") == "give"
            casework.note_consent(self.runtime, case.id, int(point), channel, given, visit.person.name, visit.field("said"))

        return self.done(visit, f"/cases/{case.id}", note, "已记录。", "Noted.")

    @endpoint("/{case:int}/designate", act="hold_case")
    def designate(self, visit: Visit) -> Response:
        """Note that the contract names a number or an address for notices, or that it does not."""
        case = self._case(visit)

        def note() -> None:
            named = visit.field("named") == "yes"
            casework.designate(self.runtime, case.id, int(visit.field("point")), named, visit.person.name, visit.field("clause"))

        return self.done(visit, f"/cases/{case.id}", note, "已记录；举证等级随之重算。", "Noted; the grades are counted anew.")

    def _case(self, visit: Visit) -> Any:
        with self.runtime.store.begin() as rows:
            case = pages_cases.one(rows, visit.request.path_params["case"], visit.scope)
        if case is None:
            raise HTTPException(404)
        return case

    def _planned(self, case: Any, rules: Rules, due: Sequence[Cell], last: Any) -> list[tuple[Step, date]]:
        """The steps still ahead, from the one the last answer spoke of, each with the first day its floor allows."""
        if case.state != "open" or not due:
            return []
        steps = rules.sequence.steps
        oldest = min(cell.charge.due_on for cell in due)
        start = next((place for place, step in enumerate(steps) if last is not None and step.name == last.step), case.cursor)
        return [(step, oldest + timedelta(days=step.floor_days)) for step in steps[start:]]

    def _consent(self, said: Any) -> ConsentSaid:
        number = masked(self.runtime.store.vault.open(said.value))
        return ConsentSaid(said.at, said.channel, said.given, said.source, said.by, number)

    def _reachable(self, point: Any) -> Reachable:
        value = self.runtime.store.vault.open(point.value)
        return Reachable(
            id=point.id,
            kind=point.kind,
            name=point.name,
            value=masked(value),
            designated=point.designated,
            unusable=point.unusable_reason,
            opted_out=tuple(point.opted_out or ()),
        )


class Letters(Page):
    """The PDF of an attempt, byte for byte what was hashed and sent."""

    path = "/letters/{attempt:int}.pdf"
    add_to_menu = False

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        attempt_id = visit.request.path_params["attempt"]
        with self.runtime.store.begin() as rows:
            document = pages_cases.document(rows, attempt_id, visit.scope)
        return self.pdf(visit, document, str(attempt_id))


def _timeline(decisions: Sequence[Any], attempts: Sequence[Any], acts: Sequence[Any]) -> Iterator[Event]:
    """Newest first. What was sent speaks for the decision to send it, so that decision is left out."""
    told = [Event(each.at, "decision", "system", each) for each in decisions if each.rule != "send" or each.attempt_id is not None]
    told += [Event(each.at, "attempt", "system", each) for each in attempts]
    told += [Event(each.at, "act", _by(each), each) for each in acts]
    yield from sorted(told, key=lambda event: event.at, reverse=True)


def _by(act: Any) -> str:
    if act.kind == "consent":
        return "staff" if act.by else "debtor"
    return "debtor" if act.kind == "payment" or act.by == "debtor" else "staff"
