"""sender list, sender reset: what rests because its provider refuses everything it sends."""

from collections.abc import Sequence
from typing import Annotated

import typer

from channels.lines import LineName
from orchestrator import pushing
from orchestrator.commands import shared
from orchestrator.store import senders

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Senders (发送通道): each channel through its providers, under the names it is known by.",
)


@app.command("list")
def list_senders(as_json: Json = False) -> None:
    """Each sender with its channel and provider, in order of preference, and which rests and why."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        at_rest = {each.line: each for each in senders.all_resting(rows)}
        for name in map(LineName.of, runtime.lines):
            resting = at_rest.get(name)
            shared.show(
                {
                    "channel": name.channel,
                    "provider": name.provider,
                    "sender": name.sender,
                    "state": "resting" if resting else "at work",
                    "error_class": resting.error_class if resting else None,
                    "error_code": resting.error_code if resting else None,
                    "since": resting.resting_since if resting else None,
                    "retry_at": resting.retry_at if resting else None,
                },
                as_json,
            )


@app.command("reset")
def reset_sender(
    channel: Annotated[str, typer.Argument(help="sms, voice, letter …")],
    by: Annotated[str, typer.Option("--as", help="who mended it: a user's name")],
    sender: Annotated[str | None, typer.Option(help="one of the channel's senders alone, as `sender list` names it")] = None,
    as_json: Json = False,
) -> None:
    """Put a channel's senders back to work, once what they were refused for is mended. What waits leaves with the next sweep."""
    with shared.runtime() as runtime:
        _check_there_is(channel, sender, [LineName.of(line) for line in runtime.lines])
        with runtime.store.begin() as rows:
            woken = senders.reset(rows, channel, sender, shared.said("--as", by), runtime.now(), runtime.wall())
        shared.show({"channel": channel, "put_to_work": [str(line) for line in woken]}, as_json)


def _check_there_is(channel: str, sender: str | None, open_lines: Sequence[LineName]) -> None:
    channels = list(dict.fromkeys(line.channel for line in open_lines))
    if channel not in channels:
        raise ValueError(f"there is no channel {channel}: {', '.join(channels)}")
    there = [line.sender for line in open_lines if line.channel == channel]
    if sender is not None and sender not in there:
        raise ValueError(f"the channel {channel} has no sender {sender}: {', '.join(there)}")


@app.command("addresses")
def show_addresses(as_json: Json = False) -> None:
    """Where a provider that signs nothing pushes its reports to: secret addresses, to be entered in its console."""
    with shared.runtime() as runtime:
        for provider, channels in pushing.PUSHERS.items():
            for channel in channels:
                address = pushing.address(runtime.settings, provider, channel)
                shared.show({"provider": provider, "channel": channel, "address": address}, as_json)
