"""propose, approve and launch: who enters which sequence, who is left out and why; then the frozen list."""

import re
from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

import typer

from orchestrator import campaigns
from orchestrator.commands import shared
from orchestrator.store.campaigns import Summary
from orchestrator.strict import Malformed


def _month(cycle: str) -> str:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", cycle):
        raise Malformed(f"--cycle: {cycle!r} is no billing cycle: write 2026-11")
    return cycle


Community = Annotated[str, typer.Option(help="name of the community (小区)")]
Cycle = Annotated[str, typer.Option(help="billing cycle, YYYY-MM", callback=_month)]
By = Annotated[str, typer.Option("--as", help="who does it: a user's name")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]


def propose(community: Community, cycle: Cycle, by: By = campaigns.BY_ITSELF, as_json: Json = False) -> None:
    """Propose a campaign for a billing cycle; proposing again computes an open proposal anew."""
    with shared.runtime() as runtime:
        _show(campaigns.propose(runtime, community, cycle, by), as_json)


def approve(campaign: Annotated[int, typer.Argument(help="number of the proposal")], by: By, as_json: Json = False) -> None:
    """Approve a proposal: its list is frozen and its cases are opened."""
    with shared.runtime() as runtime:
        _show(campaigns.approve(runtime, campaign, by), as_json)


def launch(community: Community, cycle: Cycle, by: By, as_json: Json = False) -> None:
    """Propose and approve in one act."""
    with shared.runtime() as runtime:
        proposed = campaigns.propose(runtime, community, cycle, by)
        _show(campaigns.approve(runtime, proposed.campaign_id, by), as_json)


def _show(summary: Summary, as_json: bool) -> None:
    shared.show({"campaign": summary.campaign_id, **{k: v for k, v in asdict(summary).items() if k != "campaign_id"}}, as_json, _plain)


def _plain(line: dict[str, Any]) -> str:
    by_sequence = ", ".join(f"{count} {name}" for name, count in line["by_sequence"].items()) or "nobody"
    totals: Counter[str] = Counter()
    for by_channel in line["expected"].values():
        totals.update(by_channel)
    expected = ", ".join(f"{count} {channel}" for channel, count in totals.most_common()) or "none"
    left_out = ", ".join(f"{count} {reason}" for reason, count in line["left_out"].items()) or "nobody"
    return (
        f"campaign {line['campaign']} of {line['community']} for {line['cycle']}: {line['state']}\n"
        f"  enter: {line['cases']} cases, {line['charges']} charges, {line['arrears']} in arrears ({by_sequence})\n"
        f"  left out: {left_out}\n"
        f"  expected contacts in the first {len(line['expected'])} days with any: {expected}\n"
        f"  cost of them at the lines' prices: {'; '.join(_spent(each) for each in line['spending']) or 'nothing'}"
        + "".join(f"\n  cannot be approved: {lack}" for lack in line["lacking"])
    )


def _spent(each: dict[str, Any]) -> str:
    unpriced = f", {each['unpriced']} parts without a known price" if each["unpriced"] else ""
    unsayable = f", {each['unsayable']} that lack something and would not leave" if each["unsayable"] else ""
    return f"{each['channel']} {each['messages']} in {each['parts']} parts, {each['cost']} {each['currency']}{unpriced}{unsayable}"
