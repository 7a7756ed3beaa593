"""What becomes of a consignment, step by step, and what the person behind it does then. Pure: every delay follows from a hash.

sms     queued - sent (+1 s) - delivered or undelivered (+20 s) - a reply minutes later, a payment days later
voice   queued - ringing (+2 s) - answered (+8 s) - completed when the dialogue is over; or busy (+6 s), or no-answer after the ring time
letter  accepted - collected (18:00) - in_transit - signed or returned (registered); ordinary post is read two days later, unseen
"""

from datetime import datetime, time, timedelta
from decimal import Decimal

from channels.carrier.bank import ZONE, invented_name, memo
from channels.carrier.consignments import FINAL_STATES, Consignment, ConsignmentKind, Event, Memory
from channels.carrier.personas import MailHabit, Persona, Trigger, share
from channels.carrier.reading import Demand, read_demand, read_name

REPORTED = "reported"
"""A carrier of the mainland tells Alibaba Cloud what became of a text or call: mostly in seconds, now and then days later."""
_REPORT_DELAYS = ((0.85, timedelta(seconds=5)), (0.97, timedelta(minutes=40)), (1.0, timedelta(hours=70)))

SENT_AFTER = timedelta(seconds=1)
DELIVERED_AFTER = timedelta(seconds=20)

_STATUS: dict[ConsignmentKind, dict[str, str]] = {
    "sms": {name: name for name in ("sent", "delivered", "undelivered", "failed", "canceled")},
    "voice": {
        "initiated": "queued",
        "ringing": "ringing",
        "answered": "in-progress",
        **{name: name for name in ("completed", "busy", "no-answer", "failed", "canceled")},
    },
    "letter": {
        name: name
        for name in (
            "collected",
            "in_transit",
            "out_for_delivery",
            "signed_self",
            "signed_family",
            "signed_locker",
            "signed_guard",
            "returned_refused",
            "returned_unknown",
            "return_delivered",
        )
    },
    "inbound": {},
}

STOPS_AT_THE_CARRIER = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"})
"""Words after which Twilio itself takes nothing more for a number. Others, such as 退订, only their reader understands."""

_AT_THE_LETTER_BOX: dict[MailHabit, str] = {
    "self": "signed_self",
    "family": "signed_family",
    "locker": "signed_locker",
    "guard": "signed_guard",
    "refuses": "returned_refused",
    "moved": "returned_unknown",
}


def status_after(kind: ConsignmentKind, event: str) -> str | None:
    """The status the carrier shows once this has happened; None for what it does not know of (a payment, a letter read)."""
    return _STATUS[kind].get(event)


def beginnings(taken: Consignment, who: Persona) -> list[Event]:
    """What is bound to happen to what was just taken."""
    match taken.kind:
        case "sms":
            return _way_of_a_text(taken, who)
        case "voice":
            return _way_of_a_call(taken, who)
        case "letter":
            return _way_of_a_letter(taken, who)
        case "inbound":
            return []


def demand_heard(event: Event, consignment: Consignment) -> Demand | None:
    """What the person learns to owe from this event."""
    if _trigger(event, consignment) is None:
        return None
    return read_demand(event.detail.get("spoken", "") if consignment.kind == "voice" else consignment.body)


def what_follows(event: Event, consignment: Consignment, who: Persona, memory: Memory, seed: int) -> list[Event]:
    """What the event leads to: the end of a call, a letter's way back, a reply, a payment, a carrier's report."""
    return [*_what_a_person_does(event, consignment, who, memory, seed), *_report(event, consignment, seed)]


def _report(event: Event, consignment: Consignment, seed: int) -> list[Event]:
    status = status_after(consignment.kind, event.name)
    if not speaks_alibaba(consignment) or status not in FINAL_STATES:
        return []
    chance = share(seed, consignment.sid, "report")
    delay = next(delay for limit, delay in _REPORT_DELAYS if chance < limit)
    return [Event(event.at + delay, event.sid, REPORTED)]


def speaks_alibaba(consignment: Consignment) -> bool:
    """Whether it was handed in by Alibaba Cloud's API: nobody can write back to it."""
    return "OutId" in consignment.asked


def _what_a_person_does(event: Event, consignment: Consignment, who: Persona, memory: Memory, seed: int) -> list[Event]:
    match event.name:
        case "answered":
            ending = Event(event.at + timedelta(seconds=event.detail.get("seconds", 5)), event.sid, "completed")
            return [ending, *_moved_to_act(event, consignment, who, memory, seed)]
        case "returned_refused" | "returned_unknown":
            return [Event(event.at + timedelta(days=4), event.sid, "return_delivered")]
        case "reply":
            memory.opted_out |= event.detail["body"].strip().casefold() in STOPS_AT_THE_CARRIER
            return []
        case _:
            return _moved_to_act(event, consignment, who, memory, seed)


def _way_of_a_text(taken: Consignment, who: Persona) -> list[Event]:
    sent = Event(taken.at + SENT_AFTER, taken.sid, "sent")
    validity = timedelta(seconds=int(taken.asked.get("ValidityPeriod") or 36_000))
    if validity < DELIVERED_AFTER:
        return [sent, Event(taken.at + max(validity, SENT_AFTER), taken.sid, "failed", {"error_code": "30036"})]
    if fault := taken.doomed or who.sms_fault:
        return [sent, Event(taken.at + DELIVERED_AFTER, taken.sid, "undelivered", {"error_code": fault})]
    return [sent, Event(taken.at + DELIVERED_AFTER, taken.sid, "delivered")]


def _way_of_a_call(taken: Consignment, who: Persona) -> list[Event]:
    ringing = [Event(taken.at + SENT_AFTER, taken.sid, "initiated"), Event(taken.at + timedelta(seconds=2), taken.sid, "ringing")]
    if taken.doomed:
        return [*ringing, Event(taken.at + timedelta(seconds=4), taken.sid, "failed", {"error_code": taken.doomed})]
    match who.phone:
        case "busy":
            end = Event(taken.at + timedelta(seconds=6), taken.sid, "busy")
        case "no_answer":
            end = Event(taken.at + timedelta(seconds=2 + int(taken.asked.get("Timeout") or 60)), taken.sid, "no-answer")
        case "answers" | "hangs_up" | "machine":
            end = Event(taken.at + timedelta(seconds=8), taken.sid, "answered")
    return [*ringing, end]


def _way_of_a_letter(taken: Consignment, who: Persona) -> list[Event]:
    """EMS is collected at 18:00, and delivered two or three days later between 10:00 and 17:00."""
    local = taken.at.astimezone(ZONE)
    collected_on = local.date() if local.time() < time(18) else local.date() + timedelta(days=1)
    collected = datetime.combine(collected_on, time(18), ZONE)
    if not taken.asked["registered"]:
        if who.mail == "moved":
            return [_post(collected, taken, "collected"), _post(_later(collected, 6, 11), taken, "returned_unknown")]
        return [_post(collected, taken, "collected"), _post(_later(collected, 2, 18), taken, "read")]
    days = 2 + (who.pace >= 0.5)
    return [
        _post(collected, taken, "collected"),
        _post(_later(collected, 1, 9), taken, "in_transit"),
        _post(_later(collected, days, 8), taken, "out_for_delivery"),
        _post(_later(collected, days, 10) + who.pace * timedelta(hours=7), taken, _AT_THE_LETTER_BOX[who.mail]),
    ]


def _moved_to_act(event: Event, consignment: Consignment, who: Persona, memory: Memory, seed: int) -> list[Event]:
    trigger = _trigger(event, consignment)
    demand = demand_heard(event, consignment)
    if trigger is None or demand is None:
        return []
    acts = [_reply(event, consignment, who, memory, seed), _payment(event, consignment, trigger, demand, who, memory, seed)]
    return [act for act in acts if act is not None]


def _trigger(event: Event, consignment: Consignment) -> Trigger | None:
    match consignment.kind, event.name:
        case "sms", "delivered":
            return "sms"
        case "voice", "answered":
            return "call" if event.detail.get("spoken") else None
        case "letter", "read":
            return "letter"
        case "letter", "signed_self" | "signed_family" | "signed_locker":
            return "demand"
        case _:
            return None


def _reply(event: Event, consignment: Consignment, who: Persona, memory: Memory, seed: int) -> Event | None:
    """A person writes back once, within an hour and a half."""
    if consignment.kind != "sms" or speaks_alibaba(consignment) or who.reply is None or memory.replied:
        return None
    memory.replied = True
    at = event.at + timedelta(minutes=3 + int(share(seed, who.key, "reply") * 87))
    promised = (at.astimezone(ZONE) + timedelta(days=6)).date()
    return Event(at, event.sid, "reply", {"body": who.reply.format(month=promised.month, day=promised.day)})


def _payment(
    event: Event, consignment: Consignment, trigger: Trigger, demand: Demand, who: Persona, memory: Memory, seed: int
) -> Event | None:
    """The whole sum, or a part of it, by bank transfer; nobody pays for the same home twice."""
    days = who.days_to_pay(trigger)
    total = demand.total or next((known.total for known in reversed(memory.demands) if known.units == demand.units), None)
    if days is None or total is None or memory.paying.intersection(demand.units):
        return None
    memory.paying.update(demand.units)
    unit = demand.units[0]
    name = demand.name or read_name(consignment.to) or next((known.name for known in memory.demands if known.name), None)
    detail = {
        "unit": unit,
        "amount": f"{_part_of(total) if who.pays_in_part else total:.2f}",
        "payer": name or invented_name(seed, who.key),
        "memo": memo(seed, unit, name),
    }
    return Event(_bank_hour(event.at, days, share(seed, unit, "hour")), event.sid, "payment", detail)


def _part_of(total: Decimal) -> Decimal:
    return Decimal("500.00") if total >= 800 else (total * Decimal("0.4")).quantize(Decimal("0.01"))


def _bank_hour(after: datetime, days: int, chance: float) -> datetime:
    """On a day that many days later, between 08:00 and 21:00; never before what moved the person."""
    day = after.astimezone(ZONE).date() + timedelta(days=days)
    at = datetime.combine(day, time(8), ZONE) + timedelta(seconds=int(chance * 13 * 3600))
    return (at if at > after else at + timedelta(days=1)).astimezone(after.tzinfo)


def _later(collected: datetime, days: int, hour: int) -> datetime:
    return datetime.combine(collected.date() + timedelta(days=days), time(hour), ZONE)


def _post(at: datetime, taken: Consignment, name: str) -> Event:
    return Event(at.replace(microsecond=0).astimezone(taken.at.tzinfo), taken.sid, name)
