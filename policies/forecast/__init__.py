"""A whole campaign before it begins: the same `decide` on a hand-moved clock, with debtors who answer and pay by seeded chance.

Chance is a digest of the seed, the case and the contact, so the same seed gives the same forecast on any machine, in any number of
pieces: `forecast` lives any part of the cases, and forecasts add up. Nothing is sent, and nothing is written.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from policies.facts import CaseFacts, Channel
from policies.forecast.behaviour import Behaviour, Past, learned
from policies.forecast.comparison import Comparison, Difference, compare
from policies.forecast.life import Act, Lived, live
from policies.forecast.outlook import Day, Means, Task, Totals, by_day, totals
from policies.rules import Rules

__all__ = [
    "Act",
    "Behaviour",
    "Comparison",
    "Day",
    "Difference",
    "Forecast",
    "Lived",
    "Means",
    "Past",
    "Task",
    "Totals",
    "by_day",
    "compare",
    "forecast",
    "learned",
    "totals",
]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The lives of all cases by case id; everything else follows from them."""

    lives: Mapping[str, Lived]

    def __add__(self, other: "Forecast") -> "Forecast":
        """Both together. No case may stand in both."""
        return Forecast({**self.lives, **other.lives})

    @property
    def contacts(self) -> Mapping[tuple[date, Channel], int]:
        """Contacts per local day and channel."""
        acts = (act for life in self.lives.values() for act in life.acts)
        return Counter((act.day, act.channel) for act in acts if act.kind == "contact" and act.channel is not None)

    @property
    def approvals(self) -> Mapping[date, int]:
        """Approvals asked for per local day."""
        return Counter(act.day for life in self.lives.values() for act in life.acts if act.kind == "approval")

    @property
    def ends(self) -> Mapping[str, str]:
        """How each case stands at the end: `open`, or why it stopped."""
        return {case: life.end for case, life in self.lives.items()}

    def days(self, means: Means) -> tuple[Day, ...]:
        return by_day(self.lives.values(), means)

    @property
    def totals(self) -> Totals:
        return totals(self.lives.values())


def forecast(
    cases: Iterable[CaseFacts],
    rules_for: Callable[[CaseFacts], Rules],
    start: datetime,
    days: int,
    seed: int = 1,
    behaviour: Behaviour | None = None,
) -> Forecast:
    """Lives every case from `start` (aware) for so many days."""
    behaviour, end = behaviour or Behaviour(), start + timedelta(days=days)
    return Forecast({facts.id: live(facts, rules_for(facts), start, end, seed, behaviour) for facts in cases})
