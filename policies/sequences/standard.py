"""The default: courtesy first (先礼后兵). Phone, written notice, visit, formal demand, offer, lawyer letter, suit."""

from dataclasses import replace
from decimal import Decimal

from policies.sequences import Minimum, Sequence, Step

COURTESY_CALL = Step("courtesy-call", ("voice", "call"), "courtesy-call", gap_days=0, floor_days=3, purpose="reminder")
NOTICE_SMS = Step("notice-sms", ("sms",), "notice-sms", gap_days=3, floor_days=7)
WARM_LETTER = Step("warm-letter", ("letter",), "warm-letter", gap_days=7, floor_days=15)
SECOND_CALL = Step("second-call", ("call",), "second-call", gap_days=7, floor_days=25)
VISIT = Step("visit", ("visit",), "visit", gap_days=7, floor_days=35)
FORMAL_DEMAND = Step("formal-demand", ("letter",), "formal-demand", gap_days=5, floor_days=60, registered=True)
SETTLEMENT_OFFER = Step(
    "settlement-offer", ("call",), "settlement-offer", gap_days=0, floor_days=75, gates=("period_over",), by="supervisor", purpose="offer"
)
LAWYER_LETTER = Step(
    "lawyer-letter",
    ("letter",),
    "lawyer-letter",
    gap_days=7,
    floor_days=120,
    registered=True,
    approval=True,
    gates=("demanded",),
    minimum=Minimum(periods=2, amount=Decimal(1000)),
    by="counsel",
)
SUIT = Step("suit", (), "", gap_days=15, floor_days=180, approval=True, gates=("provable",), by="counsel")

SERVED_DEMAND = replace(FORMAL_DEMAND, channels=("letter", "visit"))
"""The formal demand out of turn: by registered letter, or by hand where the letter did not arrive."""

SEQUENCE = Sequence(
    name="standard",
    reason="no reason for non-payment is known",
    steps=(COURTESY_CALL, NOTICE_SMS, WARM_LETTER, SECOND_CALL, VISIT, FORMAL_DEMAND, SETTLEMENT_OFFER, LAWYER_LETTER, SUIT),
    demand=SERVED_DEMAND,
)
