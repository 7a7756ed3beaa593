"""The channels: each speaks with one provider and knows nothing of cases, rows or policies (channels.contract)."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import entry_points
from typing import Protocol

from channels import twilio_senders
from channels.call import CallChannel
from channels.contract import Adapter
from channels.letter import LetterChannel, LetterSettings
from channels.lines import Lines
from channels.sms import SmsChannel
from channels.twilio_line import TwilioAccount, TwilioSettings
from channels.visit import VisitChannel
from channels.voice import VoiceChannel

ENTRY_POINTS = "xianli.channels"

Kept = tuple[str | None, Adapter]
"""A line with the country whose numbers alone it is kept for; None: whichever it can serve."""


class ChannelSettings(TwilioSettings, LetterSettings, Protocol):
    """What the channels must be told; `None` where a provider is not used. `home_timezone` names the day of a print batch."""

    @property
    def alibaba_cloud_access_key_id(self) -> str | None: ...

    @property
    def alibaba_cloud_access_key_secret(self) -> str | None: ...

    @property
    def alibaba_cloud_api_url(self) -> str | None: ...


def open_channels(settings: ChannelSettings, now: Callable[[], datetime]) -> Lines:
    """Every line that these settings can open, by preference.

    Twilio's senders text and call, each for a country of its own or for whoever has none; Alibaba Cloud's for mainland China. An
    installed package joins by the entry-point group `xianli.channels`: each entry is a factory (settings, now) -> Adapter, named by its
    channel, and goes before the lines that are built in. `now` is the program's clock: the sandbox's in a sandbox.
    Raises ValueError where a channel is configured by half.
    """
    kept: list[Kept] = [(None, LetterChannel(settings)), (None, VisitChannel()), (None, CallChannel())]
    if settings.twilio_account_sid:
        kept += _twilio(settings, now)
    if settings.alibaba_cloud_access_key_id:
        kept += _alibaba(settings)
    by_country: defaultdict[str, list[Adapter]] = defaultdict(list)
    for country, line in kept:
        if country is not None:
            by_country[country].append(line)
    return Lines(
        general=tuple(line for country, line in kept if country is None),
        by_country={country: tuple(lines) for country, lines in by_country.items()},
        installed=tuple(_installed(settings, now)),
    )


def _twilio(settings: ChannelSettings, now: Callable[[], datetime]) -> Iterator[Kept]:
    account = TwilioAccount(settings)
    texting = twilio_senders.texting(settings.twilio_from, settings.twilio_messaging_service_sid)
    if not texting:
        raise ValueError("TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID is needed to send text messages")
    for sender in texting:
        yield sender.country, SmsChannel(sender, account, now, sandbox=settings.sandbox)
    for sender in twilio_senders.calling(settings.twilio_from):
        yield sender.country, VoiceChannel(sender, account, settings, now)


def _alibaba(settings: ChannelSettings) -> Iterator[Kept]:
    """For mainland China alone. Its SDK takes seconds to load: whoever does not use it does not wait for it."""
    from channels.alibaba_line import AlibabaAccount
    from channels.alibaba_sms import AlibabaSmsChannel
    from channels.alibaba_voice import AlibabaVoiceChannel

    account = AlibabaAccount(settings)
    yield "CN", AlibabaSmsChannel(account)
    yield "CN", AlibabaVoiceChannel(account)


def _installed(settings: ChannelSettings, now: Callable[[], datetime]) -> Iterator[Adapter]:
    for entry in entry_points(group=ENTRY_POINTS):
        adapter: Adapter = entry.load()(settings, now)
        if adapter.channel != entry.name or not getattr(adapter, "sender", ""):
            raise ValueError(f"the adapter {entry.value} must say that its channel is {entry.name}, and name its sender")
        yield adapter
