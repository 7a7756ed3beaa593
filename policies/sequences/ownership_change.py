"""The unit was sold: the old owner stays the debtor of the old charges and is asked by post and phone, not at a door that they sold."""

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
    name="ownership-change",
    reason="ownership change",
    steps=(
        replace(COURTESY_CALL, channels=("call",)),
        NOTICE_SMS,
        replace(WARM_LETTER, name="transfer-letter"),
        SECOND_CALL,
        replace(FORMAL_DEMAND, gap_days=7, floor_days=50),
        SETTLEMENT_OFFER,
        LAWYER_LETTER,
        SUIT,
    ),
    demand=FORMAL_DEMAND,
)
