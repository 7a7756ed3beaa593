"""Instants at which the passing of time alone may change an answer: a clock begins to speak, a charge falls due, a dispute ends, a letter
counts as lost. A wait that reaches past one is asked about there (see `decide`)."""

from datetime import date, datetime, timedelta

from policies.limitation import FILE_BELOW_DAYS, FORMAL_DEMAND_BELOW_DAYS, expiry
from policies.localtime import midnight
from policies.out_of_turn import open_letter
from policies.question import UNCLOUDED, Question

SPEAKING_DAYS_LEFT = (FORMAL_DEMAND_BELOW_DAYS - 1, FILE_BELOW_DAYS - 1, 0)
"""Days left on which the court-safe clock begins to say something else."""


def turns(question: Question, until: datetime) -> list[datetime]:
    """Those later than now and before `until`, in order."""
    ends = [charge.disputed_until for charge in question.unpaid if charge.disputed_until is not None]
    days = _days(question, question.day(until))
    if not ends and not days:
        return []
    mornings = [midnight(day, question.facts.timezone) for day in days]
    return sorted({turn for turn in ends + mornings if question.now < turn < until})


def _days(question: Question, last: date) -> list[date]:
    today, oldest = question.today, last - UNCLOUDED
    if last == today:
        return []
    days = [charge.due_on + timedelta(days=1) for charge in question.unpaid if today <= charge.due_on < last]
    for charge in question.unpaid:
        if charge.due_on <= oldest:
            end = expiry(charge, question.facts.timezone).court_safe
            days += [end - timedelta(days=left) for left in SPEAKING_DAYS_LEFT]
    posted = open_letter(question)
    if posted is not None:
        days.append(question.given_up_on(posted))
    return days
