"""How things are called in sentences, in both languages."""

from policies.actions import Sentence
from policies.facts import Channel, Charge

CHANNELS: dict[Channel, Sentence] = {
    "sms": Sentence("短信", "text message"),
    "voice": Sentence("语音电话", "automated call"),
    "call": Sentence("电话", "call"),
    "letter": Sentence("信函", "letter"),
    "visit": Sentence("上门", "visit"),
}


def charge_name(charge: Charge) -> str:
    """Unit, item and period, as every notice names them."""
    return " ".join(part for part in (charge.unit, charge.item, charge.period) if part)
