"""Answers that nobody writes: to a call for help, and one word that a wish, a payment, a promise or an objection has been noted.

Replies to the debtor count in no cap (domain section 3), and have limits of their own (answers.toml). They keep the contact window: the
caps are about being pressed, the window is about being left in peace. Where the pack says so, who asks for help or to be left alone at
night is answered at once; they are awake, and have asked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from orchestrator.preparing import Confirmed
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, announcements, answers, writing
from orchestrator.store.answers import CONFIRMS_A_STOP, Answer
from orchestrator.store.writing import Claimed
from orchestrator.strict import Table, text, toml, whole
from policies.rules import Rules
from policies.windows import Place, next_opening

AT_ANY_HOUR = CONFIRMS_A_STOP | {"answer-help"}


@dataclass(frozen=True, slots=True)
class Limits:
    """`stop_within` gives, by country, how soon a stop must be confirmed if at all."""

    of_a_kind: int
    of_all: int
    within: timedelta
    stop_within: Mapping[str, timedelta]

    def deadline(self, answer: Answer) -> datetime:
        soon = self.stop_within.get(answer.country) if answer.step in CONFIRMS_A_STOP else None
        return answer.said_at + (soon or self.within)


@cache
def limits() -> Limits:
    """As the file beside this module says. Raises Malformed."""
    place = Path(__file__).with_name("answers.toml")
    table = Table(toml(place.read_bytes(), place.name), place.name)
    daily, within = table.take("limits", Table), table.take("within_minutes", Table)
    stop = within.take("stop", Table)
    for each in (daily, within, stop):
        each.take("source", text)
    read = Limits(
        of_a_kind=daily.take("of_a_kind", whole),
        of_all=daily.take("of_all", whole),
        within=timedelta(minutes=within.take("any", whole)),
        stop_within={country: timedelta(minutes=stop.take(country, whole)) for country in stop.names()},
    )
    for each in (table, daily, within, stop):
        each.close()
    return read


def still_due(rows: Rows, claimed: Sequence[Claimed], runtime: Runtime, now: datetime) -> list[Confirmed]:
    """The claimed answers that may go now: in time, within their limits, and inside the window. The rest is dropped or waits for it."""
    attempts = {attempt.id: attempt for attempt in claimed if attempt.purpose == "answer"}
    confirmed: list[Confirmed] = []
    unsaid: dict[int, str] = {}
    later: dict[int, datetime] = {}
    kinds, numbers = Counter[tuple[int, str]](), Counter[int]()
    for answer in answers.judge(rows, sorted(attempts), now) if attempts else ():
        rules = runtime.packs.rules(answer.pack)
        opens = _opens(answer, rules, now)
        reason = _unsaid(answer, opens, kinds[answer.number, answer.step], numbers[answer.number])
        if reason is not None:
            unsaid[answer.attempt_id] = reason
        elif opens is not None and opens > now:
            later[answer.attempt_id] = opens
        else:
            confirmed.append(Confirmed(attempts[answer.attempt_id], None, rules))
            kinds[answer.number, answer.step] += 1
            numbers[answer.number] += 1
    writing.drop(rows, unsaid, now)
    announcements.postpone(rows, later)
    return confirmed


def _opens(answer: Answer, rules: Rules, now: datetime) -> datetime | None:
    if rules.pack.answers_at_night and answer.step in AT_ANY_HOUR:
        return now
    place = Place(answer.timezone, "commercial" if answer.commercial else "residential", frozenset(answer.site_days))
    return next_opening(rules, "sms", place, now)


def _unsaid(answer: Answer, opens: datetime | None, of_kind: int, of_all: int) -> str | None:
    """Why an answer is left unsaid, None where it is not. So many go to its number in this batch already."""
    allowed = limits()
    if answer.opted_out and answer.step not in CONFIRMS_A_STOP:
        return "opted_out"
    if answer.of_kind + of_kind >= allowed.of_a_kind or answer.of_all + of_all >= allowed.of_all:
        return "answered_enough"
    if opens is None or opens > allowed.deadline(answer):
        return "too_late"
    return None
