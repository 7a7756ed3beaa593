"""Builders of situations: a case in October terms, with only what a test speaks of spelt out."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator import packs
from policies.actions import Decision
from policies.decide import decide
from policies.facts import CaseFacts, Channel, Charge, Contact, Demand, Grade, Outcome

PACKS = packs.load()
HOME = "Asia/Shanghai"
STEPS = {step.name: place for place, step in enumerate(PACKS.sequence("standard").steps)}


def at(wall: str, zone: str = HOME) -> datetime:
    """ "2026-09-24 10:00" on the wall of that zone."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))


def charge(due: str = "2026-06-30", amount: str = "600.00", name: str | None = None, **more: Any) -> Charge:
    return Charge(name or f"k{due}", "3-1-1201", "物业费", due[:7], date.fromisoformat(due), Decimal(amount), **more)


def demand(arrived: str | None, grade: Grade = "A", channel: Channel = "letter", pay_by: str | None = None) -> Demand:
    return Demand(channel, grade, at(arrived) if arrived else None, date.fromisoformat(pay_by) if pay_by else None)


def contact(wall: str, channel: Channel = "sms", outcome: Outcome = "delivered", **more: Any) -> Contact:
    return Contact(at(wall), channel, outcome, **more)


def case(step: str = "notice-sms", *charges: Charge, **more: Any) -> CaseFacts:
    """A case that stands at a step of `standard`, with one charge old enough for the first steps unless told."""
    given = {"timezone": HOME, "unit_use": "residential", "sequence": "standard", "cursor": STEPS.get(step, 0)}
    return CaseFacts(id="c1", charges=charges or (charge(),), **{**given, **more})


def ask(facts: CaseFacts, wall: str = "2026-09-24 10:00", pack: str = "cn-property", zone: str | None = None) -> Decision:
    return decide(facts, PACKS.rules(pack, facts.sequence), at(wall, zone or facts.timezone))


def told(decision: Decision, zone: str = HOME) -> str:
    """The decision as one line: `wait_for_gap until 2026-09-27 00:00`, `send notice-sms by sms`, `stop_settled`."""
    action = decision.action
    match type(action).__name__:
        case "Wait":
            return f"{decision.rule} until {action.until.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
        case "Send":
            spoken = "send" if decision.rule == "send" else f"{decision.rule}: send"
            return f"{spoken} {action.step} by {action.channel}"
        case "AskApproval":
            return f"ask_approval for {action.step}"
        case _:
            return decision.rule
