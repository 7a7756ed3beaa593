"""The channels: each speaks with one provider and knows nothing of cases, rows or policies (channels.contract)."""

from collections.abc import Callable
from datetime import datetime
from importlib.metadata import entry_points
from typing import Protocol

from channels.call import CallChannel
from channels.contract import Adapter
from channels.letter import LetterChannel, LetterSettings
from channels.sms import SmsChannel
from channels.twilio_line import TwilioAccount, TwilioSettings
from channels.visit import VisitChannel
from channels.voice import VoiceChannel

ENTRY_POINTS = "xianli.channels"


class ChannelSettings(TwilioSettings, LetterSettings, Protocol):
    """What the channels must be told; `None` where a provider is not used. `home_timezone` names the day of a print batch."""


def open_channels(settings: ChannelSettings, now: Callable[[], datetime]) -> dict[str, Adapter]:
    """Every channel that these settings can open, by name.

    SMS and voice need a Twilio account; voice needs a number to call from. An installed package joins by the entry-point group
    `xianli.channels`: each entry is a factory (settings, now) -> Adapter, and takes the place of a built-in channel of its name.
    `now` is the program's clock: the sandbox's in a sandbox. Raises ValueError where a channel is configured by half.
    """
    channels: dict[str, Adapter] = {
        "letter": LetterChannel(settings),
        "visit": VisitChannel(),
        "call": CallChannel(),
    }
    if settings.twilio_account_sid:
        account = TwilioAccount(settings)
        channels["sms"] = SmsChannel(settings, account, now)
        if settings.twilio_from:
            channels["voice"] = VoiceChannel(settings, account, now)
    for entry in entry_points(group=ENTRY_POINTS):
        channels[entry.name] = entry.load()(settings, now)
    return channels
