"""Shops and offices: a notice to the mail desk early, a visit in business hours, shorter gaps (a going concern has a bookkeeper)."""

from dataclasses import replace

from policies.sequences import Sequence
from policies.sequences.standard import (
    COURTESY_CALL,
    FORMAL_DEMAND,
    LAWYER_LETTER,
    NOTICE_SMS,
    SERVED_DEMAND,
    SETTLEMENT_OFFER,
    SUIT,
    VISIT,
    WARM_LETTER,
)

SEQUENCE = Sequence(
    name="commercial",
    reason="commercial unit",
    steps=(
        replace(COURTESY_CALL, channels=("call",)),
        NOTICE_SMS,
        replace(WARM_LETTER, name="notice-letter", gap_days=5, floor_days=12),
        replace(VISIT, gap_days=5, floor_days=20),
        replace(FORMAL_DEMAND, floor_days=40),
        replace(SETTLEMENT_OFFER, floor_days=60),
        replace(LAWYER_LETTER, floor_days=90),
        replace(SUIT, floor_days=120),
    ),
    demand=SERVED_DEMAND,
)
