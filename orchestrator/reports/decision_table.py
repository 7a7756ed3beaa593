"""The rules as a page for lawyers and supervisors: which rule speaks first, what each pack allows, what each sequence does. Markdown.

Made from the rules themselves, so it cannot say anything else than they do.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from orchestrator.packs import Packs
from policies.decide import PRECEDENCE
from policies.facts import CHANNELS, Channel
from policies.names import CHANNELS as CHANNEL_NAMES
from policies.rules import Cap, Hours, Preferred, RulePack
from policies.segments import SEGMENTS
from policies.sequences import Sequence as StepSequence
from policies.sequences import Step

TITLE = """# The decision table

What `xianli decide` and the workers go by, written out from the rules themselves: `make docs` makes this page again, and a test fails
while it is out of date. Days are local calendar days of the debtor; the day of an event is day 0, and N days are over at 00:00 of day N.
"""


def page(packs: Packs, pack_names: Sequence[str], sequence_names: Sequence[str]) -> str:
    """The whole page for these packs and sequences."""
    parts = chain(
        [TITLE],
        _precedence(),
        ["## What each rule pack allows\n"],
        *(_pack(packs.pack(name)) for name in pack_names),
        ["## What each sequence does\n"],
        *(_sequence(packs.sequence(name)) for name in sequence_names),
        _segments(),
    )
    return "\n".join(parts)


def _precedence() -> Iterator[str]:
    yield "## Which rule speaks\n\nRead from the top; the first rule that speaks decides.\n"
    rows = [
        [str(place), _said(rule.__doc__), " ".join(f"`{name}`" for name in names)]
        for place, (rule, names) in enumerate(PRECEDENCE.items(), 1)
    ]
    yield _table(["", "What it says", "Answers as"], rows)


def _pack(pack: RulePack) -> Iterator[str]:
    sources = {each.value: (each.binding, each.source) for each in pack.provenance}
    home = f"home zone {pack.home_zone}" if pack.home_zone else "the debtor's zone is home"
    yield f"### `{pack.name}`\n\n{home[0].upper()}{home[1:]}; calendar `{pack.calendar}`; version `{pack.version}`.\n"
    rows = [[f"window: {_channel(name)}", _windows(pack.hours[name]), *sources[f"windows.{name}"]] for name in CHANNELS]
    rows += [[f"cap: {cap.name}", _cap(cap), *sources[f"caps.{cap.name}"]] for cap in pack.caps]
    rows += [[f"preferred: {_channel(name)}", _wish(wish), *sources[f"preferred.{name}"]] for name, wish in pack.preferred.items()]
    rows.append(["days of silence", "、".join(sorted(pack.blackout)) or "none", *sources["blackout"]])
    rows.append(["commercial units", f"not before {_clock(pack.commercial_from)}", *sources["commercial"]])
    period = f"{pack.reasonable_days} days from arrival, or the printed pay-by date; {pack.posting_days} more for the post"
    rows.append(["reasonable period", period, *sources["reasonable_period"]])
    rows.append(["suit", "needs a written demand" if pack.suit_needs_written else "any demand counts", *sources["suit"]])
    if "visits" in sources:
        rows.append(["persons at a door", f"{pack.visit_persons}; {pack.formal_visit_persons} to serve a demand", *sources["visits"]])
    yield _table(["Value", "Rule", "Binds as", "Source"], rows)


def _sequence(sequence: StepSequence) -> Iterator[str]:
    period = f" Reasonable period: {sequence.reasonable_days} days." if sequence.reasonable_days else ""
    yield f"### `{sequence.name}`\n\nReason for non-payment: {sequence.reason}.{period} Version `{sequence.version}`.\n"
    rows = [
        [str(place), f"`{step.name}`", _by(step), str(step.gap_days), _floor(step), _needs(step)]
        for place, step in enumerate(sequence.steps)
    ]
    yield _table(["", "Step", "Channel", "Gap, days", "Floor", "Needs"], rows)


def _segments() -> Iterator[str]:
    yield "## Which sequence a debtor enters\n\nThe first that fits; else the community's own.\n"
    yield _table(
        ["Segment", "Sequence", "Why"], [[each.name, f"`{each.sequence}`", f"{each.because.zh}<br>{each.because.en}"] for each in SEGMENTS]
    )


def _by(step: Step) -> str:
    channels = ", then ".join(map(_channel, step.channels)) or "no contact"
    return f"{channels}, registered" if step.registered else channels


def _floor(step: Step) -> str:
    size = f"; {step.minimum.periods} periods or {step.minimum.amount}" if step.minimum else ""
    return f"{step.floor_days} days{size}"


def _needs(step: Step) -> str:
    return "; ".join([*(GATES[gate] for gate in step.gates), *([f"approval by {step.by}"] if step.approval else [])])


GATES = {
    "period_over": "the period of the demand is over",
    "demanded": "every charge demanded with grade A or B, and the period over",
    "provable": "every charge with one A, or two Bs on different channels, and the period over",
}


def _cap(cap: Cap) -> str:
    days = "a day" if cap.days == 1 else f"in {cap.days} days"
    which = (
        "all channels" if len(cap.channels) == len(CHANNELS) else " and ".join(_channel(name) for name in CHANNELS if name in cap.channels)
    )
    return f"{cap.limit} {cap.counts} {days}, {which}" + (", per debt" if cap.scope == "debt" else "")


def _windows(windows: Iterable[Hours]) -> str:
    return ", ".join(f"{_clock(each.opens)}-{_clock(each.closes)}" for each in windows)


def _wish(wish: Preferred) -> str:
    days = " on workdays" if wish.workdays_only else ""
    return f"{_windows(wish.hours)}{days}{', homes first' if wish.residential_only else ''}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _channel(name: Channel) -> str:
    return f"{name} {CHANNEL_NAMES[name].zh}"


def _said(docstring: str | None) -> str:
    return " ".join((docstring or "").split())


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines) + "\n"
