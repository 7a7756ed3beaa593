"""case list, case show, attempts: what is being worked, and why it waits."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from orchestrator import casework, pinning
from orchestrator.commands import shared
from orchestrator.deciding import instant
from orchestrator.store import listing, reading
from policies.decide import decide
from policies.facts import Charge
from policies.gates import Lack, lacking
from policies.limitation_story import explain
from policies.localtime import local_day
from policies.question import Question
from policies.segments import REASON_CODES

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
app = typer.Typer(no_args_is_help=True, add_completion=False, help="Cases: list them, or show one from its opening to its next question.")


@app.command("list")
def list_cases(
    state: Annotated[str | None, typer.Option(help="open, stopped, closed, or why it is at rest (settled, disputed …)")] = None,
    as_json: Json = False,
) -> None:
    """One line per case."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        today = local_day(runtime.now(), runtime.settings.home_timezone)
        for line in listing.cases(rows, today, state):
            shared.show(line, as_json)


@app.command("unpark")
def unpark_case(
    case: Annotated[int, typer.Argument(help="number of the case")],
    by: Annotated[str, typer.Option("--as", help="who mended it: a user's name")],
) -> None:
    """Ask a parked case again, once what kept it from passing is mended."""
    with shared.runtime() as runtime:
        casework.unpark(runtime, case, by)


@app.command("renew")
def renew_cases(
    community: Annotated[str, typer.Option(help="name of the community")],
    by: Annotated[str, typer.Option("--as", help="who wants it: a user's name")],
    as_json: Json = False,
) -> None:
    """Work a community's cases by the installed versions of their pack and sequence; until then they keep those they entered under."""
    with shared.runtime() as runtime:
        shared.show({"community": community, "renewed": pinning.renew(runtime, community, by)}, as_json)


@app.command("cause")
def understand_case(
    case: Annotated[int, typer.Argument(help="number of the case")],
    code: Annotated[str, typer.Argument(help=f"{', '.join(REASON_CODES)}, or unknown")],
    by: Annotated[str, typer.Option("--as", help="who understood it: a user's name")],
    note: Annotated[str, typer.Option(help="a neutral note")] = "",
    as_json: Json = False,
) -> None:
    """Say why the debtor does not pay; the case goes on by the sequence that calls for."""
    known = next((each for each in REASON_CODES if each == code), None)
    with shared.runtime() as runtime:
        if known is None and code != "unknown":
            raise ValueError(f"{code} is no reason code: choose one of {', '.join(REASON_CODES)}, or unknown")
        choice = casework.understand(runtime, case, known, by, note)
        shared.show({"case": case, "code": known, "sequence": choice.sequence, "segment": choice.segment}, as_json)


@app.command("show")
def show_case(case: Annotated[int, typer.Argument(help="number of the case")], as_json: Json = False) -> None:
    """Timeline, limitation clocks with their story, what lacks before grave steps, and what would be answered to "what next?" now."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        now = runtime.now()
        past = listing.timeline(rows, case)
        if not past and not listing.exists(rows, case):
            raise LookupError(f"there is no case {case}; `xianli case list` shows those there are")
        for event in past:
            shared.show({"case": case, **event}, as_json)
        for asked in reading.read(rows, [case], now, runtime.known):
            for charge in asked.facts.charges:
                shared.show({"case": case, "kind": "charge", **_charge(charge, asked.facts.timezone)}, as_json)
            rules = runtime.rules(asked)
            for step, lack in _lacks(Question(asked.facts, rules, now)):
                said = {"step": step, "charge": lack.charge.id, "because": lack.because.zh, "cure": lack.cure.zh}
                shared.show({"case": case, "kind": "lack", **said}, as_json)
            answer = decide(asked.facts, rules, now)
            because = "；".join(sentence.zh for sentence in answer.because)
            shared.show({"case": case, "kind": "now", "rule": answer.rule, "because": because, "action": str(answer.action)}, as_json)


def _charge(charge: Charge, timezone: str) -> dict[str, Any]:
    """A charge with its two clocks and their story, line by line."""
    story = explain(charge, timezone)
    return {
        "id": charge.id,
        "unit": charge.unit,
        "item": charge.item,
        "period": charge.period,
        "unpaid": charge.unpaid,
        "due_on": charge.due_on,
        "demands": len(charge.demands),
        "optimistic_until": story[-1].optimistic,
        "court_safe_until": story[-1].court_safe,
        "clock": [f"{line.day} {line.said.zh}（{line.source.zh}）→ {line.court_safe}" for line in story],
    }


def _lacks(question: Question) -> Iterator[tuple[str, Lack]]:
    """What still lacks before each grave step of the sequence, charge by charge."""
    for step in question.rules.sequence.steps:
        for gate in step.gates:
            for lack in lacking(gate, question.claim_set, question.rules, question.facts.timezone, question.today):
                yield step.name, lack


def attempts(
    since: Annotated[str | None, typer.Option(help="planned at or after this instant: 2026-11-24T09:00:00+08:00")] = None,
    case: Annotated[int | None, typer.Option(help="of this case only")] = None,
    as_json: Json = False,
) -> None:
    """One line per attempt."""
    planned_since = instant(since, "--since") if since is not None else None
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        for line in listing.attempts(rows, planned_since, case):
            shared.show(line, as_json)
