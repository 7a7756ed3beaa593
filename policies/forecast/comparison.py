"""Two forecasts of the same cases side by side, under another sequence, pack or behaviour: who would get what, when, instead of what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from policies.forecast.life import Act, Lived
from policies.forecast.outlook import Totals, totals


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two lives of a case part: what it gets in the one and in the other; None where that one gets nothing more.

    Where all acts are alike and only the ends differ, both are None.
    """

    case: str
    before: Act | None
    after: Act | None
    end_before: str
    end_after: str

    @property
    def day(self) -> date | None:
        """The first local day on which something is otherwise."""
        return min((act.day for act in (self.before, self.after) if act is not None), default=None)

    def as_json(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "day": self.day.isoformat() if self.day else None,
            "before": _shown(self.before),
            "after": _shown(self.after),
            "end_before": self.end_before,
            "end_after": self.end_after,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differences`: one per case that fares otherwise, earliest first. `alike`: how many cases fare the same."""

    before: Totals
    after: Totals
    alike: int
    differences: tuple[Difference, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "alike": self.alike,
            "differences": [each.as_json() for each in self.differences],
        }


def compare(before: Mapping[str, Lived], after: Mapping[str, Lived]) -> Comparison:
    """Lives by case id. Raises ValueError where they are not lives of the same cases."""
    if before.keys() != after.keys():
        strangers = sorted(before.keys() ^ after.keys())
        raise ValueError(f"the forecasts are not of the same cases: {', '.join(strangers[:5])} stand in one only")
    found = [difference for case in before if (difference := _difference(case, before[case], after[case])) is not None]
    found.sort(key=lambda each: (each.day or date.max, each.case))
    return Comparison(totals(before.values()), totals(after.values()), len(before) - len(found), tuple(found))


def _difference(case: str, before: Lived, after: Lived) -> Difference | None:
    parted = next(((ours, theirs) for ours, theirs in zip_longest(before.acts, after.acts) if ours != theirs), None)
    if parted is None and before.end == after.end:
        return None
    ours, theirs = parted or (None, None)
    return Difference(case, ours, theirs, before.end, after.end)


def _shown(act: Act | None) -> dict[str, Any] | None:
    return {"day": act.day.isoformat(), "kind": act.kind, "step": act.step, "channel": act.channel} if act else None
