"""sender list, sender reset: what rests because its provider refuses everything."""

from typing import Annotated

import typer

from orchestrator import pushing
from orchestrator.commands import shared
from orchestrator.store import senders

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
app = typer.Typer(no_args_is_help=True, add_completion=False, help="Senders (发送通道): each channel through its provider.")


@app.command("list")
def list_senders(as_json: Json = False) -> None:
    """Each channel with its provider, and which rests and why."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        at_rest = {(each.channel, each.provider): each for each in senders.all_resting(rows)}
        for channel, provider in runtime.senders.items():
            resting = at_rest.get((channel, provider))
            shared.show(
                {
                    "channel": channel,
                    "provider": provider,
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
    as_json: Json = False,
) -> None:
    """Put a channel's sender back to work, once what it was refused for is mended. What waits leaves with the next sweep."""
    with shared.runtime() as runtime:
        if channel not in runtime.senders:
            raise ValueError(f"there is no channel {channel}: {', '.join(runtime.senders)}")
        with runtime.store.begin() as rows:
            woken = senders.reset(rows, channel, shared.said("--as", by), runtime.now(), runtime.wall())
        shared.show({"channel": channel, "put_to_work": woken}, as_json)


@app.command("addresses")
def show_addresses(as_json: Json = False) -> None:
    """Where a provider that signs nothing pushes its reports to: secret addresses, to be entered in its console."""
    with shared.runtime() as runtime:
        for provider, channels in pushing.PUSHERS.items():
            for channel in channels:
                address = pushing.address(runtime.settings, provider, channel)
                shared.show({"provider": provider, "channel": channel, "address": address}, as_json)
