"""Instants at which the passing of time alone may change an answer: a clock begins to speak, a charge falls due, a dispute ends, a letter
counts as lost. A wait that reaches past one is asked about there (see `decide`)."""

from datetime import date, datetime, timedelta

from policies.limitation import FILE_BELOW_DAYS, FORMAL_DEMAND_BELOW_DAYS, expiry
from policies.localtime import A_DAY, midnight
from policies.out_of_turn import open_letter
from policies.question import UNCLOUDED, Question

SPEAKING_DAYS_LEFT = (FORMAL_DEMAND_BELOW_DAYS - 1, FILE_BELOW_DAYS - 1, 0)
"""Days left on which the court-safe clock begins to say something else."""


def turns(question: Question, until: datetime) -> list[datetime]:
    """Those later than now and before `until`, in order."""
    ends, days = question.facts.disputes_end, _days(question, question.day(until))
    if not ends and not days:
        return []
    mornings = [midnight(day, question.facts.timezone) for day in days]
    return sorted({turn for turn in (*ends, *mornings) if question.now < turn < until})


def _days(question: Question, last: date) -> list[date]:
    if last == question.today:
        return []
    days: list[date] = []
    due_days = question.facts.due_days
    if due_days and due_days[-1] >= question.today:
        days += _fallen_due(question, last)
    if due_days and due_days[0] <= last - UNCLOUDED:
        days += _clocks(question, last - UNCLOUDED)
    posted = open_letter(question)
    if posted is not None:
        days.append(question.given_up_on(posted))
    return days


def _fallen_due(question: Question, last: date) -> list[date]:
    """The first days on which what is not due yet is overdue."""
    return [due_on + A_DAY for due_on in question.facts.due_days if question.today <= due_on < last]


def _clocks(question: Question, oldest: date) -> list[date]:
    """The days on which the clocks of charges due by `oldest` begin to speak."""
    ends = [expiry(charge, question.facts.timezone).court_safe for charge in question.unpaid if charge.due_on <= oldest]
    return [end - timedelta(days=left) for end in ends for left in SPEAKING_DAYS_LEFT]
