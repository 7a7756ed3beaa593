"""How a rule answers: the decision with its versions, a wait, a step carried out if no cap and no window forbids it."""

from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from policies import reasons
from policies.actions import Action, Decision, Send, Sentence, Stop, Wait
from policies.limits import reached
from policies.localtime import midnight_after
from policies.question import NextStep, Question
from policies.rules import Rules
from policies.windows import is_silent_day, next_opening

HELD_BACK = ("wait_for_cap", "wait_for_blackout", "wait_for_window")
"""What may hold back a step that every rule before would let go."""


def answer(question: Question, action: Action, rule: str, *because: Sentence, at: NextStep | None = None) -> Decision:
    """The decision. In a year whose holidays are not published it says so, unless the case is at rest."""
    versions = _versions(question.rules, question.today.year)
    if versions.doubts and not isinstance(action, Stop):
        because = tuple(dict.fromkeys(because + versions.doubts))
    passed_over, cursor = (at.passed_over, at.cursor) if at is not None else ((), question.facts.cursor)
    return Decision(action, rule, because, question.now, versions.pack, versions.calendar, passed_over, cursor)


class _Versions(NamedTuple):
    pack: str
    calendar: str
    doubts: tuple[Sentence, ...]
    """What is to be said of a year whose holidays are not published."""


@lru_cache(maxsize=1024)
def _versions(rules: Rules, year: int) -> _Versions:
    doubts = () if rules.calendar.is_known(year) else (reasons.calendar_unknown(year),)
    return _Versions(rules.pack.version, rules.calendar.version(year), doubts)


def wait(question: Question, until: datetime, rule: str, *because: Sentence, at: NextStep | None = None) -> Decision:
    action = Wait(until, at.step.name, at.channel) if at is not None else Wait(until)
    return answer(question, action, rule, *because, at=at)


def day_start(question: Question, day: date, days: int) -> datetime:
    """00:00 of the `days`-th local day after `day`."""
    return midnight_after(day, days, question.facts.timezone)


def carry_out(question: Question, what: NextStep, rule: str, *because: Sentence) -> Decision:
    """Send it now; or wait for the cap, the day of silence or the window that forbids it."""
    channel = what.channel
    assert channel is not None, "a step without a channel is nobody's to send"
    full = reached(question.rules.pack, question.facts.past, channel, question.facts.timezone, question.now)
    if full is not None:
        return wait(question, full.free_at, "wait_for_cap", reasons.cap(full.cap), *because, at=what)
    opens = next_opening(question.rules, channel, question.place, question.now)
    assert opens is not None, "a channel whose zones never meet is passed over before"
    if opens <= question.now:
        return answer(question, Send(what.step.name, channel), rule, *because, at=what)
    if is_silent_day(question.rules, channel, question.place, question.now):
        return wait(question, opens, "wait_for_blackout", _why_silent(question), *because, at=what)
    return wait(question, opens, "wait_for_window", reasons.window(channel), *because, at=what)


@lru_cache(maxsize=4096)
def _silent_names(rules: Rules, day: date) -> tuple[str, ...]:
    return tuple(name for name in rules.calendar.names(day) if name in rules.pack.blackout)


def _why_silent(question: Question) -> Sentence:
    today = question.today
    site_day = next((each for each in question.facts.site_days if each.day == today), None)
    named = _silent_names(question.rules, today)
    return reasons.site_day(site_day) if site_day and not named else reasons.silent_day(today, named)
