"""The debtor cannot pay at once: a plan is offered first, and again before anything grave."""

from dataclasses import replace

from policies.sequences import Sequence
from policies.sequences.standard import (
    FORMAL_DEMAND,
    LAWYER_LETTER,
    NOTICE_SMS,
    SECOND_CALL,
    SERVED_DEMAND,
    SETTLEMENT_OFFER,
    SUIT,
    VISIT,
    WARM_LETTER,
)

SEQUENCE = Sequence(
    name="hardship",
    reason="cash",
    steps=(
        replace(SETTLEMENT_OFFER, name="plan-offer", gap_days=0, floor_days=3, gates=()),
        replace(NOTICE_SMS, gap_days=7, floor_days=15),
        replace(WARM_LETTER, gap_days=10, floor_days=30),
        replace(SECOND_CALL, gap_days=10, floor_days=45),
        replace(VISIT, gap_days=10, floor_days=60),
        replace(FORMAL_DEMAND, gap_days=10, floor_days=90),
        replace(SETTLEMENT_OFFER, floor_days=110),
        replace(LAWYER_LETTER, gap_days=15, floor_days=180),
        replace(SUIT, gap_days=30, floor_days=240),
    ),
    demand=SERVED_DEMAND,
)
