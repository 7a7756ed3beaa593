"""Facts and decisions as JSON: one line of `xianli decide`, one body of `POST /api/v1/decide`.

Strict: a key nobody knows is an error, so that a misspelt hold never goes unseen. Beyond the documented keys a contact may carry `step`,
`own`, `took_effect_at` and `another_address`, a charge `acknowledgements` and `disputed_until`, and the facts `payments_stale` and
`site_days` (each a date, or `{"day", "reason", "by"}`).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from orchestrator.packs import Packs
from orchestrator.strict import Malformed, Table, list_of, one_of, text, truth, whole
from policies.actions import AskApproval, Decision, Send, Stop, Wait
from policies.decide import decide
from policies.facts import (
    CHANNELS,
    Acknowledgement,
    Approval,
    ApprovalState,
    CaseFacts,
    Charge,
    Contact,
    Demand,
    Grade,
    Hold,
    Outcome,
    Promise,
    SiteDay,
    StopState,
)
from policies.localtime import UnknownZone, zone
from policies.windows import UNIT_USES

Language = Literal["zh", "en"]
DEFAULT_ITEM = "物业费"
BEYOND = "a date or an instant lies at the edge of the calendar, which has the years 1 to 9999"

channel = one_of(CHANNELS)
unit_use = one_of(UNIT_USES)


@dataclass(frozen=True, slots=True)
class Asked:
    """One line read: the facts, when it is asked, and under which pack."""

    facts: CaseFacts
    now: datetime
    pack: str


def answer_line(line: str, packs: Packs, language: Language = "en", pack: str | None = None) -> dict[str, Any]:
    """The answer to one JSON line, or `{"id": ..., "error": ...}`. `pack` replaces the one that the line names."""
    try:
        content = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError) as wrong:
        return {"id": None, "error": f"not JSON: {wrong}"}
    return answer_object(content, packs, language, pack)


def answer_object(content: Any, packs: Packs, language: Language = "en", pack: str | None = None) -> dict[str, Any]:
    """As `answer_line`, for facts that are parsed already (numbers with a point as Decimal or text, never float)."""
    try:
        asked = read_asked({**content, "pack": pack} if pack and isinstance(content, dict) else content)
        decision = decide(asked.facts, packs.rules(asked.pack, asked.facts.sequence), asked.now)
        return as_json(asked.facts, decision, language)
    except Malformed as wrong:
        return {"id": content.get("id") if isinstance(content, dict) else None, "error": str(wrong)}
    except OverflowError:
        return {"id": content["id"], "error": BEYOND}


def read_asked(content: Any) -> Asked:
    """Raises Malformed, which names the place and the reason."""
    table = Table(content)
    facts = CaseFacts(
        id=table.take("id", text),
        timezone=table.take("timezone", zone_name),
        unit_use=table.take("unit_use", unit_use, "residential"),
        sequence=table.take("sequence", text),
        cursor=table.take("cursor", whole),
        charges=table.take("charges", list_of(_charge)),
        entered_at=table.take("entered_at", instant, None),
        claim_set=table.take("claim_set", list_of(text), None),
        channels=table.take("channels", list_of(channel), CHANNELS),
        contacts=table.take("contacts", list_of(_contact), ()),
        holds=table.take("holds", list_of(_hold), ()),
        promises=table.take("promises", list_of(_promise), ()),
        states=table.take("states", list_of(one_of(get_args(StopState))), ()),
        opted_out=table.take("opted_out", list_of(channel), ()),
        approvals=table.take("approvals", list_of(_approval), ()),
        in_flight=table.take("in_flight", text, None),
        site_days=table.take("site_days", list_of(_site_day), ()),
        payments_stale=table.take("payments_stale", truth, False),
    )
    asked = Asked(facts, table.take("now", instant), table.take("pack", text))
    table.close()
    _check_claim_set(facts)
    return asked


def _check_claim_set(facts: CaseFacts) -> None:
    """What was frozen must be told apart: each name of the claim set stands for one charge."""
    ids = [charge.id for charge in facts.charges]
    for name in facts.claim_set or ():
        if ids.count(name) != 1:
            raise Malformed(
                f"claim_set: {'two charges are' if name in ids else 'no charge is'} called {name!r}; there are {', '.join(ids)}"
            )


def as_json(facts: CaseFacts, decision: Decision, language: Language) -> dict[str, Any]:
    """The decision in the documented shape; instants in the debtor's own offset."""
    action = decision.action
    return {
        "id": facts.id,
        "action": _ACTION_NAMES[type(action)],
        "step": getattr(action, "step", None),
        "channel": getattr(action, "channel", None),
        "until": local_iso(action.until, facts.timezone) if isinstance(action, Wait) else None,
        "reason": action.reason if isinstance(action, Stop) else None,
        "rule": decision.rule,
        "because": [getattr(sentence, language) for sentence in (*decision.because, *decision.passed_over)],
        "pack": decision.pack,
        "calendar": decision.calendar,
    }


def local_iso(at: datetime, timezone: str) -> str:
    return at.astimezone(zone(timezone)).isoformat()


_ACTION_NAMES: dict[type, str] = {Send: "send", AskApproval: "ask_approval", Wait: "wait", Stop: "stop"}


def _charge(value: Any, place: str) -> Charge:
    table = Table(value, place)
    item = table.take("item", text, DEFAULT_ITEM)
    period = table.take("period", text)
    charge = Charge(
        id=table.take("id", text, f"{item}/{period}"),
        unit=table.take("unit", text, ""),
        item=item,
        period=period,
        due_on=table.take("due_on", day),
        amount=table.take("amount", money),
        paid=table.take("paid", money),
        demands=table.take("demands", list_of(_demand), ()),
        acknowledgements=table.take("acknowledgements", list_of(_acknowledgement), ()),
        disputed_until=table.take("disputed_until", instant, None),
    )
    table.close()
    return charge


def _demand(value: Any, place: str) -> Demand:
    table = Table(value, place)
    demand = Demand(
        channel=table.take("channel", channel),
        grade=table.take("grade", one_of(get_args(Grade))),
        arrived_at=table.take("arrived_at", instant, None),
        pay_by=table.take("pay_by", day, None),
    )
    table.close()
    return demand


def _acknowledgement(value: Any, place: str) -> Acknowledgement:
    table = Table(value, place)
    acknowledgement = Acknowledgement(table.take("at", instant), table.take("court_safe", truth, False))
    table.close()
    return acknowledgement


def _contact(value: Any, place: str) -> Contact:
    table = Table(value, place)
    contact = Contact(
        at=table.take("at", instant),
        channel=table.take("channel", channel),
        outcome=table.take("outcome", one_of(get_args(Outcome))),
        step=table.take("step", text, None),
        own=table.take("own", truth, True),
        took_effect_at=table.take("took_effect_at", instant, None),
        another_address=table.take("another_address", truth, False),
    )
    table.close()
    return contact


def _hold(value: Any, place: str) -> Hold:
    table = Table(value, place)
    hold = Hold(table.take("until", instant), table.take("reason", text, "hold"))
    table.close()
    return hold


def _promise(value: Any, place: str) -> Promise:
    table = Table(value, place)
    promise = Promise(table.take("on", day), table.take("amount", money), table.take("made_at", instant))
    table.close()
    return promise


def _approval(value: Any, place: str) -> Approval:
    table = Table(value, place)
    approval = Approval(table.take("step", text), table.take("decided", one_of(get_args(ApprovalState))))
    table.close()
    return approval


def _site_day(value: Any, place: str) -> SiteDay:
    """A date, or a table with who chose it and why."""
    if isinstance(value, str):
        return SiteDay(day(value, place))
    table = Table(value, place)
    site_day = SiteDay(table.take("day", day), table.take("reason", text, ""), table.take("by", text, ""))
    table.close()
    return site_day


def instant(value: Any, place: str) -> datetime:
    try:
        at = datetime.fromisoformat(text(value, place))
    except ValueError as wrong:
        raise Malformed(f"{place}: {value!r} is no instant: write 2026-09-24T10:00:00+08:00") from wrong
    if at.tzinfo is None:
        raise Malformed(f"{place}: {value!r} has no offset: write 2026-09-24T10:00:00+08:00")
    return at


def day(value: Any, place: str) -> date:
    try:
        return date.fromisoformat(text(value, place))
    except ValueError as wrong:
        raise Malformed(f"{place}: {value!r} is no date: write 2026-09-24") from wrong


def money(value: Any, place: str) -> Decimal:
    """Text or a whole number; a float is refused, for it is rarely the sum it shows."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise Malformed(f'{place}: expected an amount as text such as "400.00", got {value!r}')
    try:
        amount = Decimal(value)
    except InvalidOperation as wrong:
        raise Malformed(f"{place}: {value!r} is no amount") from wrong
    if not amount.is_finite() or amount < 0:
        raise Malformed(f"{place}: an amount is 0 or more, got {value!r}")
    return amount


def zone_name(value: Any, place: str) -> str:
    name = text(value, place)
    try:
        zone(name)
    except UnknownZone as unknown:
        raise Malformed(f"{place}: {unknown}") from unknown
    return name
