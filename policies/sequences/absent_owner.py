"""The owner lives elsewhere: nobody visits an empty home; letters go to the contract address and get thirty days."""

from dataclasses import replace

from policies.sequences import Sequence
from policies.sequences.standard import (
    COURTESY_CALL,
    FORMAL_DEMAND,
    LAWYER_LETTER,
    NOTICE_SMS,
    SECOND_CALL,
    SETTLEMENT_OFFER,
    SUIT,
    WARM_LETTER,
)

SEQUENCE = Sequence(
    name="absent-owner",
    reason="vacancy",
    steps=(
        COURTESY_CALL,
        NOTICE_SMS,
        replace(WARM_LETTER, name="notice-letter"),
        SECOND_CALL,
        replace(FORMAL_DEMAND, gap_days=7),
        replace(SETTLEMENT_OFFER, floor_days=95),
        LAWYER_LETTER,
        SUIT,
    ),
    demand=FORMAL_DEMAND,
    reasonable_days=30,
)
