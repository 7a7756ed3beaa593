"""Promises were broken before: the same courtesy, fewer steps, shorter gaps."""

from dataclasses import replace

from policies.sequences import Sequence
from policies.sequences.standard import (
    COURTESY_CALL,
    FORMAL_DEMAND,
    LAWYER_LETTER,
    NOTICE_SMS,
    SECOND_CALL,
    SERVED_DEMAND,
    SETTLEMENT_OFFER,
    SUIT,
    VISIT,
)

SEQUENCE = Sequence(
    name="chronic",
    reason="broken promises",
    steps=(
        COURTESY_CALL,
        replace(NOTICE_SMS, gap_days=2, floor_days=5),
        replace(SECOND_CALL, gap_days=3, floor_days=8),
        replace(VISIT, gap_days=5, floor_days=15),
        replace(FORMAL_DEMAND, floor_days=30),
        replace(SETTLEMENT_OFFER, floor_days=50),
        replace(LAWYER_LETTER, floor_days=90),
        replace(SUIT, floor_days=120),
    ),
    demand=SERVED_DEMAND,
)
