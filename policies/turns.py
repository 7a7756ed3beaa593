"""Instants at which the passing of time alone may change an answer: a clock begins to speak, a charge falls due, a dispute ends, a letter
counts as lost. A wait that reaches past one is asked about there (see `decide`)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from policies.limitation import FILE_BELOW_DAYS, FORMAL_DEMAND_BELOW_DAYS, expiry
from policies.localtime import midnight
from policies.out_of_turn import open_letter
from policies.question import UNCLOUDED, Question

SPEAKING_DAYS_LEFT = (FORMAL_DEMAND_BELOW_DAYS - 1, FILE_BELOW_DAYS - 1, 0)
"""Days left on which the court-safe clock begins to say something else."""


def turns(question: Question, until: datetime) -> list[datetime]:
    """Those later than now and before `until`, in order."""
    zone_name = question.facts.timezone
    disputes = [charge.disputed_until for charge in question.unpaid if charge.disputed_until is not None]
    mornings = [midnight(day, zone_name) for day in _days(question, question.day(until))]
    return sorted({turn for turn in disputes + mornings if question.now < turn < until})


def _days(question: Question, last: date) -> Iterator[date]:
    oldest = last - UNCLOUDED
    for charge in question.unpaid:
        if question.today <= charge.due_on < last:
            yield charge.due_on + timedelta(days=1)
        if charge.due_on <= oldest:
            end = expiry(charge, question.facts.timezone).court_safe
            yield from (end - timedelta(days=days) for days in SPEAKING_DAYS_LEFT)
    posted = open_letter(question)
    if posted is not None:
        yield question.given_up_on(posted)
