"""python -m channels.carrier: the sandbox carrier as a process of its own. Its secrets come from the environment."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from channels.carrier.callbacks import Identity
from channels.carrier.server import carrier_app, carrier_server
from channels.carrier.world import World

SECRETS = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "XIANLI_POST_TOKEN")

ALIBABA = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "XIANLI_SANDBOX_PUSH")
"""Where they are given, it speaks Alibaba Cloud's API too, and pushes reports to the last one, with `{channel}` in it."""


def main() -> None:
    options = _options()
    missing = [name for name in SECRETS if not os.environ.get(name)]
    if missing:
        raise SystemExit(f"the sandbox carrier needs {', '.join(missing)} in its environment")
    alibaba = [os.environ.get(name, "") for name in ALIBABA]
    world = World(options.seed, options.now, _real_time, options.log)
    app = carrier_app(world, Identity(*(os.environ[name] for name in SECRETS), *alibaba), options.inbound_url)
    carrier_server(app, options.host, options.port).run()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m channels.carrier", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1, help="of the people at the other end")
    parser.add_argument("--log", type=Path, default=None, help="the journal; started again with the same file it goes on where it was")
    parser.add_argument("--inbound-url", default=None, help="where texts of people are posted to")
    parser.add_argument(
        "--now", type=datetime.fromisoformat, default=datetime(2026, 11, 21, tzinfo=UTC), help="sandbox time until it is told"
    )
    return parser.parse_args()


def _real_time() -> datetime:
    """The carrier is a stranger with a clock of its own, as Twilio has: its records show real time beside the sandbox's."""
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
