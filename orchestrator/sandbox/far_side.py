"""python -m orchestrator.sandbox.far_side: the sandbox's carrier as a process of its own, with a clock of its own as Twilio has."""

import argparse
from datetime import datetime

from channels.carrier.callbacks import Identity
from channels.carrier.server import carrier_app, carrier_server
from channels.carrier.world import World
from orchestrator import pushing
from orchestrator.clock import wall_now
from orchestrator.settings import Settings

HOST = "127.0.0.1"
JOURNAL = "carrier.jsonl"
"""In the state folder: started again, the carrier goes on where it was."""


def main() -> None:
    options = _options()
    settings = Settings.load(sandbox=True)
    world = World(options.seed, options.now, wall_now, settings.state_dir / JOURNAL)
    app = carrier_app(world, identity(settings), f"{settings.public_url}/webhooks/twilio/sms")
    carrier_server(app, HOST, options.port).run()


def identity(settings: Settings) -> Identity:
    """The customer whom the far side knows by these settings."""
    return Identity(
        str(settings.twilio_account_sid),
        str(settings.twilio_auth_token),
        str(settings.post_token),
        settings.alibaba_cloud_access_key_id or "",
        settings.alibaba_cloud_access_key_secret or "",
        pushing.address(settings, "alibaba", "{channel}"),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m orchestrator.sandbox.far_side", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True, help="of the people at the other end")
    parser.add_argument("--now", type=datetime.fromisoformat, required=True, help="sandbox time until it is told")
    return parser.parse_args()


if __name__ == "__main__":
    main()
