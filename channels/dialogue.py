"""What an automated call says and asks, as TwiML, and what the keys mean.

    start -> greeting: automated, recorded, are you the owner?   (names no debt)
    identity, key 1 -> the statement, to its end
    heard -> menu: will pay, paid already, wrong person, staff, repeat
    menu, key 1 -> when? by a key or the day of the month, at most so many days ahead
    when, a day -> the day is said back
    agreed, key 1 -> it is noted
    menu, key 4 -> the service desk within its hours (desk: how that ended), else closing words

The statement is followed by a redirect, so the request for stage `heard` proves that it was spoken to its end; only who confirmed to be
the owner is given that link (channels.call_links). Who says nothing is asked once more, then left in peace.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse  # type: ignore[import-untyped]

from channels.call_links import CallLinks
from channels.receipts import Receipt
from channels.spoken import LOCALES, LONGEST_KEY, Phrase, day, in_breaths, phrase

Stage = Literal["start", "identity", "heard", "menu", "when", "agreed", "desk", "sorry"]

Meaning = Literal[
    "started",
    "machine",
    "confirmed",
    "heard",
    "will_pay",
    "day_named",
    "too_far",
    "another_day",
    "promised",
    "promised_soon",
    "paid_already",
    "wrong_person",
    "connecting",
    "staff",
    "spoke_with_staff",
    "repeat",
    "unclear",
    "silence",
    "sorry",
]

_KEYS: dict[Stage, dict[str, Meaning]] = {
    "identity": {"1": "confirmed", "3": "wrong_person", "9": "repeat"},
    "menu": {"1": "will_pay", "2": "paid_already", "3": "wrong_person", "4": "staff", "9": "repeat"},
    "agreed": {"1": "promised", "2": "another_day", "9": "repeat"},
}
_DAYS_AHEAD = {"1": 3, "2": 7, "3": 14}
"""The keys of `when` that are no day of the month."""

SECONDS_TO_PRESS = 6
SECONDS_AT_THE_DESK = 25
LONGEST_AT_THE_DESK = 900
SECONDS_OF_WAITING = 2
MOST_WAITS = 2


@dataclass(frozen=True, slots=True)
class VoiceScript:
    """The pieces of one call, composed elsewhere. `body` names amount and periods and is spoken only to who confirmed to be the owner.

    `desk` is the number of the staff who take calls now, None outside their hours; `promise_days` how far ahead a day may be noted.
    """

    language: Literal["zh", "en"]
    company: str
    unit_label: str
    body: str
    desk: str | None = None
    caller_id: str | None = None
    promise_days: int = 14


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """One request of the running call for its next words.

    `asked_again`: silence at this place was answered once already. `on`: the day that was said back. `dialled`: how the provider says
    that connecting with the desk ended. `waits`: how often the caller was asked to hold on for this answer.
    """

    provider: str
    provider_id: str
    attempt_id: int | None
    stage: Stage
    key: str
    machine: bool = False
    asked_again: bool = False
    on: date | None = None
    dialled: str = ""
    waits: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """What a request meant, and the TwiML that answers it. `on` is the day that was named or noted."""

    meaning: Meaning
    twiml: str
    on: date | None = None

    def receipt(self, pressed: KeyPressed) -> Receipt:
        """The same as one more word about the call: it moves no call to its end, and is kept as evidence."""
        return Receipt(
            provider=pressed.provider,
            provider_id=pressed.provider_id,
            attempt_id=pressed.attempt_id,
            status=":".join(filter(None, (pressed.stage, pressed.key or pressed.dialled, "again" if pressed.asked_again else ""))),
            delivery="sent",
            outcome=self.meaning,
            reply=pressed.key or None,
        )


def stage_named(name: str | None) -> Stage:
    """A place in the dialogue; its start where the name is none."""
    return next((stage for stage in get_args(Stage) if stage == name), "start")


def take_turn(script: VoiceScript, pressed: KeyPressed, links: CallLinks, today: date) -> Turn:
    """What a request of the running call means, and what is said next. `today` is the local day of who is called."""
    meaning, on = _understood(script, pressed, today)
    if meaning == "repeat" or (meaning in ("silence", "unclear") and not pressed.asked_again):
        return Turn(meaning, _ask_again(script, pressed, links, heard_nothing=meaning != "repeat"), on)
    match meaning:
        case "machine":
            twiml = voicemail(script)
        case "started":
            twiml = greeting(script, links)
        case "confirmed":
            twiml = statement(script, links)
        case "heard":
            twiml = menu(script, links)
        case "will_pay" | "another_day":
            twiml = when(script, links)
        case "too_far":
            twiml = when(script, links, _say(script, "too_far", days=str(script.promise_days)))
        case "day_named":
            assert on is not None
            twiml = agreed(script, links, on)
        case "connecting":
            twiml = desk(script, links)
        case "unclear":
            twiml = closing(script, "silence")
        case _:
            twiml = closing(script, meaning, on)
    return Turn(meaning, twiml, on)


def _understood(script: VoiceScript, pressed: KeyPressed, today: date) -> tuple[Meaning, date | None]:
    match pressed.stage:
        case "start":
            return ("machine" if pressed.machine else "started"), None
        case "heard":
            return "heard", None
        case "sorry":
            return "sorry", None
        case "desk":
            return ("spoke_with_staff" if pressed.dialled == "completed" else "staff"), None
        case "when":
            return _day_keyed(pressed, today, script.promise_days)
        case "identity" | "menu" | "agreed":
            meaning: Meaning = _KEYS[pressed.stage].get(pressed.key, "unclear") if pressed.key else "silence"
            return ("connecting" if meaning == "staff" and script.desk else meaning), pressed.on


def _day_keyed(pressed: KeyPressed, today: date, longest: int) -> tuple[Meaning, date | None]:
    """`pressed` one key for a span, or two for the next such day of the month; who named none twice pays within seven days."""
    key = pressed.key
    if key == "9":
        return "repeat", None
    if (ahead := _DAYS_AHEAD.get(key)) is not None and ahead <= longest:
        return "day_named", today + timedelta(days=ahead)
    if not key.isdigit() or not 1 <= int(key) <= 31:
        silence: Meaning = "silence" if not key else "unclear"
        return ("promised_soon" if pressed.asked_again else silence), None
    days = (today + timedelta(days=ahead) for ahead in range(longest + 1))
    on = next((each for each in days if each.day == int(key)), None)
    return ("day_named", on) if on else ("too_far", None)


def _ask_again(script: VoiceScript, pressed: KeyPressed, links: CallLinks, *, heard_nothing: bool) -> str:
    """The same question; after silence, for the last time."""
    again = {"again": "1"} if heard_nothing else {}
    match pressed.stage:
        case "when":
            return when(script, links, **again)
        case "agreed" if pressed.on is not None:
            return agreed(script, links, pressed.on, **again)
        case "menu" if heard_nothing:
            return menu(script, links, **again)
        case "menu":
            return statement(script, links)
        case _:
            return greeting(script, links, **again)


def greeting(script: VoiceScript, links: CallLinks, **carried: str) -> str:
    """Who calls, that it is a machine and recorded, and whether the owner is on the line. Names no debt."""
    return _ask(script, _say(script, "greeting"), links.to("identity", **carried))


def statement(script: VoiceScript, links: CallLinks) -> str:
    """Amount and periods, spoken to the end; the redirect that follows reports it."""
    response = VoiceResponse()
    for part in in_breaths(script.body):
        response.say(part, language=LOCALES[script.language])
    response.redirect(links.to("heard"), method="POST")
    return str(response)


def menu(script: VoiceScript, links: CallLinks, **carried: str) -> str:
    return _ask(script, _say(script, "menu"), links.to("menu", **carried))


def when(script: VoiceScript, links: CallLinks, first: str = "", **carried: str) -> str:
    """On which day they will pay. One key may be a whole answer, so a second is waited for only a while."""
    longest = LONGEST_KEY[script.language] if script.promise_days >= _DAYS_AHEAD["3"] else ""
    return _ask(script, first + _say(script, "when", longest=longest), links.to("when", **carried), digits=2)


def agreed(script: VoiceScript, links: CallLinks, on: date, **carried: str) -> str:
    """The day, said back, to be confirmed."""
    return _ask(script, _say(script, "agreed", day=day(script.language, on)), links.to("agreed", on=on.isoformat(), **carried))


def desk(script: VoiceScript, links: CallLinks) -> str:
    """The caller is put through to the people at the service desk; how that ended is told at stage `desk`."""
    response = VoiceResponse()
    response.say(_say(script, "connecting"), language=LOCALES[script.language])
    dial = Dial(
        action=links.to("desk"), method="POST", timeout=SECONDS_AT_THE_DESK, time_limit=LONGEST_AT_THE_DESK, caller_id=script.caller_id
    )
    dial.number(script.desk)
    response.append(dial)
    return str(response)


def closing(script: VoiceScript, meaning: Meaning, on: date | None = None) -> str:
    named = day(script.language, on) if on else ""
    return _last_words(script, _say(script, _CLOSING.get(meaning, "silence"), day=named))


_CLOSING: dict[Meaning, Phrase] = {
    "promised": "promised",
    "promised_soon": "promised_soon",
    "paid_already": "paid_already",
    "wrong_person": "wrong_person",
    "staff": "staff",
    "spoke_with_staff": "spoke_with_staff",
    "sorry": "sorry",
}


def voicemail(script: VoiceScript) -> str:
    """For a machine: anybody may listen to it later, so it asks for a call back and names no debt."""
    return _last_words(script, _say(script, "voicemail"))


def apology(language: Literal["zh", "en"]) -> str:
    """Courteous last words for when we cannot go on; they need to know nothing of the call."""
    return closing(VoiceScript(language, "", "", ""), "sorry")


def hold_on(pressed: KeyPressed, links: CallLinks) -> str:
    """Our answer takes long: a moment's silence, and the same request once more; after some of these, courteous last words."""
    if pressed.waits >= MOST_WAITS:
        return apology("en" if links.language == "en" else "zh")
    carried = {"key": pressed.key, "dialled": pressed.dialled, "on": pressed.on.isoformat() if pressed.on else ""}
    kept = {name: value for name, value in carried.items() if value} | ({"again": "1"} if pressed.asked_again else {})
    response = VoiceResponse()
    response.pause(length=SECONDS_OF_WAITING)
    response.redirect(links.to(pressed.stage, waits=str(pressed.waits + 1), **kept), method="POST")
    return str(response)


def _ask(script: VoiceScript, words: str, action: str, digits: int = 1) -> str:
    response = VoiceResponse()
    gather = Gather(
        input="dtmf",
        num_digits=digits,
        timeout=SECONDS_TO_PRESS,
        finish_on_key="#",
        action=action,
        method="POST",
        action_on_empty_result=True,
    )
    gather.say(words, language=LOCALES[script.language])
    response.append(gather)
    return str(response)


def _last_words(script: VoiceScript, words: str) -> str:
    response = VoiceResponse()
    response.say(words, language=LOCALES[script.language])
    response.hangup()
    return str(response)


def _say(script: VoiceScript, name: Phrase, **blanks: str) -> str:
    return phrase(script.language, name, company=script.company, unit=script.unit_label, **blanks)
