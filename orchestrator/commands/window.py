"""`xianli window`: when may a debtor be contacted? Touches no database."""

import json
from typing import Annotated

import typer

from orchestrator import packs
from orchestrator.deciding import BEYOND, instant, local_iso, zone_name
from orchestrator.deciding import channel as read_channel
from orchestrator.deciding import unit_use as read_unit_use
from orchestrator.strict import Malformed
from policies.windows import Place, is_open, is_silent_day, next_opening

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Contact windows.")


@app.callback()
def window() -> None:
    """Contact windows."""


@app.command("next")
def next_window(
    channel: Annotated[str, typer.Option(help="sms, voice, call, letter or visit.")],
    timezone: Annotated[str, typer.Option(help="The debtor's IANA time zone.")],
    at: Annotated[str, typer.Option(help="An instant with its offset: 2026-09-24T10:00:00+08:00.")],
    pack: Annotated[str, typer.Option(help="The rule pack.")] = packs.DEFAULT_PACK,
    unit_use: Annotated[str, typer.Option(help="residential or commercial.")] = "residential",
    as_json: Annotated[bool, typer.Option("--json", hidden=True, help="The answer is JSON in any case.")] = True,
) -> None:
    """Say whether the window is open at an instant and when it next opens, in the debtor's offset.

    Open: next_opening is that instant. null: home and the debtor's zone never share an open minute.
    """
    rules = packs.load().rules(pack)
    place = Place(zone_name(timezone, "--timezone"), read_unit_use(unit_use, "--unit-use"))
    by, moment = read_channel(channel, "--channel"), instant(at, "--at")
    try:
        opens = next_opening(rules, by, place, moment)
        open_now = is_open(rules, by, place, moment)
        closed_by = "wait_for_blackout" if is_silent_day(rules, by, place, moment) else "wait_for_window"
        answer = {
            "open": open_now,
            "next_opening": local_iso(opens, place.timezone) if opens else None,
            "rule": "send" if open_now else closed_by,
        }
    except OverflowError:
        raise Malformed(f"--at: {BEYOND}") from None
    typer.echo(json.dumps(answer))
