"""The formal demand out of turn: when limitation is near, and when a gate finds a charge that no demand has named.

It goes by registered letter; where that did not arrive within 15 days, or proved too little, it is handed over by a visit.
"""

from collections.abc import Iterable
from datetime import timedelta

from policies.facts import Channel, Charge, Contact
from policies.limitation import FORMAL_DEMAND_BELOW_DAYS
from policies.question import REGISTERED_ARRIVES_WITHIN_DAYS, NextStep, Question

RETURNED = ("returned_refused", "returned_unknown")


def open_letter(question: Question) -> Contact | None:
    """A demand mailed less than 15 days ago of which nothing was heard: it may still arrive. A letter of no known step counts."""
    since = question.now - _MAY_STILL_ARRIVE
    for contact in reversed(question.facts.own_past):
        if contact.at < since:
            return None
        if contact.outcome != "mailed" or not (contact.step is None or question.is_registered(contact)):
            continue
        if not question.arrived(contact) and question.today < question.given_up_on(contact):
            return contact
    return None


def demand_step(question: Question, charges: Iterable[Charge]) -> NextStep | None:
    """The demand on the best channel there is for these charges; None where the debtor can be reached by none."""
    demand = question.rules.sequence.demand
    channels = [channel for channel in demand.channels if channel in question.usable]
    if not channels:
        return None
    spent = _spent(question, charges)
    channel = next((channel for channel in channels if channel not in spent), channels[0])
    here = question.next_step
    return NextStep(demand, channel, here.cursor if here else question.facts.cursor, ())


def _spent(question: Question, charges: Iterable[Charge]) -> set[Channel]:
    """Channels on which the demand was tried in vain, or already proved what it can."""
    spent: set[Channel] = {
        demand.channel
        for charge in charges
        for demand in charge.demands
        if demand.arrived_at is not None and demand.grade == "B" and question.now - demand.arrived_at < _RECENT
    }
    for contact in reversed(question.facts.own_past):
        if question.now - contact.at > _RECENT or (contact.channel == "visit" and contact.step == question.rules.sequence.demand.name):
            break
        if contact.channel == "letter" and question.is_registered(contact) and _in_vain(question, contact):
            return spent | {"letter"}
    return spent


def _in_vain(question: Question, letter: Contact) -> bool:
    return (letter.outcome in RETURNED and not letter.another_address) or not question.arrived(letter)


_MAY_STILL_ARRIVE = timedelta(days=REGISTERED_ARRIVES_WITHIN_DAYS + 2)
"""Longer than those local days can ever be."""
_RECENT = timedelta(days=FORMAL_DEMAND_BELOW_DAYS)
