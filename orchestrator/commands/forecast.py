"""forecast: a community's cases lived ahead. Nothing is sent, nothing is written."""

from typing import Annotated, Any

import typer

from orchestrator import forecasting
from orchestrator.commands import shared
from orchestrator.forecasting import Ahead
from orchestrator.store import campaigns
from policies.forecast import Difference, Forecast


def forecast(
    community: Annotated[str, typer.Option(help="name of the community (小区)")],
    days: Annotated[int, typer.Option(help="how many days ahead", min=1, max=1_000)] = 30,
    sequence: Annotated[str | None, typer.Option(help="as if every case were worked by this sequence")] = None,
    pack: Annotated[str | None, typer.Option(help="as if this rule pack held")] = None,
    compare: Annotated[bool, typer.Option("--compare", help="show where the days differ from how the cases are worked now")] = False,
    seed: Annotated[int, typer.Option(help="another seed is another throw of the same dice")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Who would be contacted when, what it takes of the staff, what it costs and brings, for open cases and those a campaign would open.

    Prints a line per day, a line per case, and the totals; with --compare a line per case that fares otherwise, and both totals.
    """
    with shared.runtime() as runtime:
        with runtime.store.begin() as rows:
            home = campaigns.community(rows, community)
            if home is None:
                raise LookupError(f"no community is called {community}")
            ahead = forecasting.of_community(rows, runtime, home, runtime.now())
        now_worked = forecasting.as_worked(runtime)
        rules_for = forecasting.otherwise(runtime, pack=pack, sequence=sequence) if pack or sequence or compare else now_worked
        if compare:
            found = forecasting.compared(ahead, now_worked, rules_for, days, seed)
            for each in found.differences:
                shared.show({"kind": "difference", **_named(ahead, each.case), **_told(each)}, as_json)
            shared.show({"kind": "before", **found.before.as_json()}, as_json)
            shared.show({"kind": "after", **found.after.as_json(), "alike": found.alike}, as_json)
        else:
            _show(ahead, ahead.lived(rules_for, days, seed), as_json)


def _show(ahead: Ahead, lived: Forecast, as_json: bool) -> None:
    for day in lived.days(ahead.means):
        shared.show({"kind": "day", **day.as_json()}, as_json)
    for name, life in lived.lives.items():
        contacts = [{"day": act.day.isoformat(), "kind": act.kind, "step": act.step, "channel": act.channel} for act in life.acts]
        paid = str(sum(amount for _, amount in life.paid))
        shared.show({"kind": "case", **_named(ahead, name), "end": life.end, "paid": paid, "acts": contacts}, as_json, _case_line)
    totals = lived.totals
    shared.show({"kind": "totals", **totals.as_json(), "cost": str(totals.cost(ahead.means))}, as_json)


def _named(ahead: Ahead, name: str) -> dict[str, Any]:
    facts = ahead.cases[name].facts
    return {"case": name, "units": sorted({charge.unit for charge in facts.charges}), "sequence": facts.sequence}


def _told(difference: Difference) -> dict[str, Any]:
    return {key: value for key, value in difference.as_json().items() if key != "case"}


def _case_line(line: dict[str, Any]) -> str:
    steps = ", ".join(f"{act['day'][5:]} {act['step']}" for act in line["acts"]) or "nothing"
    return f"{' '.join(line['units'])}  {line['sequence']}: {steps}; {line['end']}"
