"""What an automated call says and asks, as TwiML, and what the keys mean.

    start -> greeting: automated, recorded, are you the owner?   (names no debt)
    identity, key 1 -> the statement, to its end
    heard -> menu: pay within a week, paid already, wrong person, staff, repeat
    menu, a key -> closing words

The statement is followed by a redirect, so the request for stage `heard` proves that it was spoken to its end.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from twilio.twiml.voice_response import Gather, VoiceResponse  # type: ignore[import-untyped]

from channels.receipts import Receipt

Stage = Literal["start", "identity", "heard", "menu"]

Meaning = Literal[
    "started", "machine", "confirmed", "heard", "will_pay", "paid_already", "wrong_person", "staff", "repeat", "silence", "unclear"
]

_KEYS: dict[Stage, dict[str, Meaning]] = {
    "identity": {"1": "confirmed", "3": "wrong_person", "9": "repeat"},
    "menu": {"1": "will_pay", "2": "paid_already", "3": "wrong_person", "4": "staff", "9": "repeat"},
}

SECONDS_TO_PRESS = 6


@dataclass(frozen=True, slots=True)
class VoiceScript:
    """The pieces of one call, composed elsewhere. `body` names amount and periods and is spoken only to who confirmed to be the owner."""

    language: Literal["zh", "en"]
    company: str
    unit_label: str
    body: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """One request of the running call for its next words."""

    provider: str
    provider_id: str
    attempt_id: int | None
    stage: Stage
    key: str
    machine: bool = False

    @property
    def meaning(self) -> Meaning:
        if self.machine and self.stage == "start":
            return "machine"
        if self.stage == "start":
            return "started"
        if self.stage == "heard":
            return "heard"
        if not self.key:
            return "silence"
        return _KEYS[self.stage].get(self.key, "unclear")

    @property
    def receipt(self) -> Receipt:
        """The same as one more word about the call: it moves no call to its end, and is kept as evidence."""
        return Receipt(
            provider=self.provider,
            provider_id=self.provider_id,
            attempt_id=self.attempt_id,
            status=f"{self.stage}:{self.key}",
            delivery="sent",
            outcome=self.meaning,
            reply=self.key or None,
        )


def stage_of(url: str) -> Stage:
    """Where in the dialogue a request stands, by the URL this module gave it."""
    match parse_qs(urlsplit(url).query).get("stage"):
        case ["identity"]:
            return "identity"
        case ["heard"]:
            return "heard"
        case ["menu"]:
            return "menu"
        case _:
            return "start"


def next_words(script: VoiceScript, pressed: KeyPressed, url: str) -> str:
    """TwiML for a request of the running call. `url` is the call's own (VoiceChannel.url)."""
    match pressed.meaning:
        case "machine":
            return voicemail(script)
        case "started":
            return greeting(script, url)
        case "confirmed":
            return statement(script, url)
        case "heard":
            return menu(script, url)
        case "repeat" | "unclear":
            return greeting(script, url) if pressed.stage == "identity" else statement(script, url)
        case "will_pay" | "paid_already" | "wrong_person" | "staff" | "silence":
            return closing(script, pressed.meaning)


def greeting(script: VoiceScript, url: str) -> str:
    """Who calls, that it is a machine and recorded, and whether the owner is on the line. Names no debt."""
    return _ask(script, _say(script, "greeting"), f"{url}?stage=identity")


def statement(script: VoiceScript, url: str) -> str:
    """Amount and periods, spoken to the end; the redirect that follows reports it."""
    response = VoiceResponse()
    response.say(script.body, language=_locale(script))
    response.redirect(f"{url}?stage=heard", method="POST")
    return str(response)


def menu(script: VoiceScript, url: str) -> str:
    return _ask(script, _say(script, "menu"), f"{url}?stage=menu")


def closing(script: VoiceScript, meaning: Literal["will_pay", "paid_already", "wrong_person", "staff", "silence"]) -> str:
    return _last_words(script, _say(script, meaning))


def voicemail(script: VoiceScript) -> str:
    """For a machine: anybody may listen to it later, so it asks for a call back and names no debt."""
    return _last_words(script, _say(script, "voicemail"))


def _ask(script: VoiceScript, words: str, action: str) -> str:
    response = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, timeout=SECONDS_TO_PRESS, action=action, method="POST", action_on_empty_result=True)
    gather.say(words, language=_locale(script))
    response.append(gather)
    return str(response)


def _last_words(script: VoiceScript, words: str) -> str:
    response = VoiceResponse()
    response.say(words, language=_locale(script))
    response.hangup()
    return str(response)


def _say(script: VoiceScript, phrase: str) -> str:
    return _PHRASES[script.language][phrase].format(company=script.company, unit=script.unit_label)


def _locale(script: VoiceScript) -> str:
    return {"zh": "zh-CN", "en": "en-US"}[script.language]


_PHRASES: dict[str, dict[str, str]] = {
    "zh": {
        "greeting": "您好，这里是{company}的自动语音电话，通话将被录音。如果您是{unit}的业主，请按1；如果不是，请按3；重听请按9。",
        "menu": "七天内缴纳请按1；已经缴纳请按2；您不是业主请按3；需要工作人员联系您请按4；重听请按9。",
        "will_pay": "好的，已为您记录七天内缴纳。感谢您的支持，再见。",
        "paid_already": "好的，我们会核对缴费记录，核对期间不再打扰您。谢谢，再见。",
        "wrong_person": "抱歉打扰您，我们会更正联系方式。再见。",
        "staff": "好的，工作人员会在服务时间内与您联系。再见。",
        "silence": "没有收到您的按键。如有需要，请在服务时间联系物业服务中心。再见。",
        "voicemail": "您好，这里是{company}的自动语音电话。请您方便时联系物业服务中心。谢谢。",
    },
    "en": {
        "greeting": "Hello, this is an automated call from {company}, and it is recorded. If you are the owner of unit {unit}, press 1. "
        "If you are not, press 3. To hear this again, press 9.",
        "menu": "To pay within seven days, press 1. If you have paid already, press 2. If you are not the owner, press 3. "
        "To be called by our staff, press 4. To hear this again, press 9.",
        "will_pay": "Thank you. We have noted that you will pay within seven days. Goodbye.",
        "paid_already": "Thank you. We will check our records and will not disturb you meanwhile. Goodbye.",
        "wrong_person": "We apologise for the disturbance and will correct our records. Goodbye.",
        "staff": "Our staff will call you within service hours. Goodbye.",
        "silence": "We received no key. You can reach us at the service desk within service hours. Goodbye.",
        "voicemail": "Hello, this is an automated call from {company}. Please contact the service desk when it suits you. Thank you.",
    },
}
