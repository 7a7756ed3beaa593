"""Who lives at the other end of a number: what they do about a demand, seeded by a hash, the same in every run.

A key is the E.164 number where there is one, else the unit's label. Everything else about a person follows from (seed, key).
"""

from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from typing import Literal, TypeVar

T = TypeVar("T")

Kind = Literal[
    "prompt",
    "caller",
    "postal",
    "formal",
    "part",
    "keeps_word",
    "breaks_word",
    "claims_paid",
    "disputes",
    "stranger",
    "unsubscribes",
    "asks",
    "silent",
]
PhoneHabit = Literal["answers", "no_answer", "busy", "machine", "hangs_up"]
MailHabit = Literal["self", "family", "locker", "guard", "refuses", "moved"]

KINDS: tuple[tuple[Kind, int], ...] = (
    ("prompt", 100),
    ("caller", 60),
    ("postal", 70),
    ("formal", 60),
    ("part", 60),
    ("keeps_word", 50),
    ("breaks_word", 50),
    ("claims_paid", 30),
    ("disputes", 30),
    ("stranger", 20),
    ("unsubscribes", 20),
    ("asks", 30),
    ("silent", 420),
)
"""Per mille. About 57 % never pay anything, so that every later step is reached."""

PHONE_HABITS: tuple[tuple[PhoneHabit, int], ...] = (("answers", 450), ("no_answer", 250), ("busy", 80), ("machine", 100), ("hangs_up", 120))
MAIL_HABITS: tuple[tuple[MailHabit, int], ...] = (
    ("self", 500),
    ("family", 170),
    ("locker", 120),
    ("guard", 50),
    ("refuses", 80),
    ("moved", 80),
)
SMS_FAULTS: tuple[tuple[str | None, int], ...] = ((None, 920), ("30003", 40), ("30005", 20), ("30006", 20))

Trigger = Literal["sms", "call", "letter", "demand"]
"""What reached the person: a text, a call heard to its end, ordinary post, registered post."""

_PAYS: dict[Kind, dict[Trigger, tuple[int, int]]] = {
    "prompt": {"sms": (1, 3), "call": (1, 3), "letter": (1, 3), "demand": (1, 3)},
    "caller": {"call": (2, 6)},
    "postal": {"letter": (2, 5), "demand": (1, 4)},
    "formal": {"demand": (3, 8)},
    "part": {"sms": (2, 5), "call": (2, 5), "letter": (2, 5), "demand": (2, 5)},
    "keeps_word": {"sms": (6, 6), "call": (6, 6)},
    "claims_paid": {"sms": (0, 1), "call": (0, 1)},
    "asks": {"sms": (3, 5)},
}
"""Days from being reached to paying, least and most."""

_HALF_ONLY: frozenset[Kind] = frozenset({"claims_paid", "asks"})
"""Of these every second one does pay."""


@dataclass(frozen=True, slots=True)
class Persona:
    """`sms_fault` is the carrier's code if no text ever arrives there; `pace`, 0 to 1, is how long they take within the
    range of their kind; `word_holds` tells those of a kind who do what they say."""

    key: str
    kind: Kind
    phone: PhoneHabit
    mail: MailHabit
    sms_fault: str | None
    pace: float
    word_holds: bool

    def days_to_pay(self, trigger: Trigger) -> int | None:
        """None: not moved to pay by this."""
        span = _PAYS.get(self.kind, {}).get(trigger)
        if span is None or (self.kind in _HALF_ONLY and not self.word_holds):
            return None
        least, most = span
        return least + int(self.pace * (most - least + 1))

    @property
    def pays_in_part(self) -> bool:
        return self.kind == "part"

    @property
    def keys(self) -> tuple[str, ...]:
        """What is pressed at each question of an automated call, in turn; where the keys end, the person hangs up."""
        if self.phone == "hangs_up":
            return ()
        match self.kind:
            case "stranger":
                return ("3",)
            case "claims_paid":
                return ("1", "2")
            case "disputes":
                return ("1", "4")
            case "caller" | "keeps_word" | "breaks_word" | "prompt":
                return ("1", "1", "2", "1")
            case "asks":
                return ("1", "9", "4")
            case _:
                return ("1",) if self.pace < 0.5 else ()

    @property
    def reply(self) -> str | None:
        """What is texted back to a demand; `{month}` and `{day}` are those of the day promised."""
        match self.kind:
            case "keeps_word" | "breaks_word":
                return "{month}月{day}日交" if self.pace < 0.7 else "promise {month}-{day}"
            case "claims_paid":
                return "已缴" if self.pace < 0.7 else "上周已经交过了，请查一下"
            case "disputes":
                return "对金额有异议，楼道灯一直没修"
            case "stranger":
                return "打错了，我不是业主"
            case "unsubscribes":
                return "STOP" if self.pace < 0.2 else "TD" if self.pace < 0.5 else "退订"
            case "asks":
                return "什么时候可以缴？在哪里交"
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Door:
    """A visit: the notice handed over (to whom), affixed to the door, or nobody there and nothing left."""

    outcome: Literal["handed_over", "affixed", "no_one"]
    signer: Literal["self", "family"] | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A call by an agent. `keeps` tells whether the promised payment will come; `reason` is the cause of non-payment they give."""

    outcome: Literal["conversation", "no_answer", "busy"]
    promise_days: int | None = None
    keeps: bool = False
    reason: str | None = None


def persona(seed: int, key: str) -> Persona:
    kind: Kind = _pick(seed, key, "kind", KINDS)
    willing_to_talk = kind in ("caller", "stranger", "claims_paid")
    return Persona(
        key=key,
        kind=kind,
        phone="answers" if willing_to_talk else _pick(seed, key, "phone", PHONE_HABITS),
        mail=_pick(seed, key, "mail", MAIL_HABITS),
        sms_fault=_sms_fault(seed, key, kind),
        pace=share(seed, key, "pace"),
        word_holds=share(seed, key, "word") < 0.5,
    )


def member_of_staff(number: str) -> Persona:
    """Who is rung to be put through to somebody: they answer, press 1, and are moved to nothing."""
    return Persona(number, "silent", "answers", "self", None, 0.0, word_holds=True)


def at_the_door(seed: int, key: str) -> Door:
    chance = share(seed, key, "door")
    if chance < 0.45:
        return Door("handed_over", "self")
    if chance < 0.62:
        return Door("handed_over", "family")
    return Door("affixed") if chance < 0.9 else Door("no_one")


def on_the_phone(seed: int, key: str) -> Talk:
    who = persona(seed, key)
    if who.phone in ("no_answer", "machine"):
        return Talk("no_answer")
    if who.phone == "busy":
        return Talk("busy")
    match who.kind:
        case "prompt" | "caller" | "keeps_word":
            return Talk("conversation", promise_days=3 + int(who.pace * 5), keeps=True)
        case "breaks_word":
            return Talk("conversation", promise_days=5 + int(who.pace * 5), keeps=False, reason="cash")
        case "claims_paid":
            return Talk("conversation", reason="paid_already")
        case "disputes":
            return Talk("conversation", reason="dispute")
        case "stranger":
            return Talk("conversation", reason="wrong_person")
        case "part":
            return Talk("conversation", reason="cash")
        case _:
            return Talk("conversation", reason=_pick(seed, key, "reason", (("service", 400), ("vacancy", 300), ("refuses", 300))))


def share(seed: int, key: str, what: str) -> float:
    """A number in [0, 1) that is always the same for the same person and question."""
    digest = sha256(f"{seed}|{key}|{what}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _sms_fault(seed: int, key: str, kind: Kind) -> str | None:
    """A landline of the mainland takes no texts; who writes back has received one."""
    if key.startswith("+86") and not key.startswith("+861"):
        return "30006"
    return None if kind in ("keeps_word", "asks") else _pick(seed, key, "sms", SMS_FAULTS)


def _pick(seed: int, key: str, what: str, choices: tuple[tuple[T, int], ...]) -> T:
    limits = accumulate(weight for _, weight in choices)
    point = share(seed, key, what) * 1000
    return next(choice for (choice, _), limit in zip(choices, limits, strict=True) if point < limit)
