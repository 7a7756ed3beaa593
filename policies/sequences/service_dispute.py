"""The debtor withholds because of the service: fix it, answer in writing, show it at the door; only then demand."""

from dataclasses import replace

from policies.sequences import Sequence, Step
from policies.sequences.standard import FORMAL_DEMAND, LAWYER_LETTER, SECOND_CALL, SERVED_DEMAND, SETTLEMENT_OFFER, SUIT, VISIT, WARM_LETTER

SEQUENCE = Sequence(
    name="service-dispute",
    reason="service",
    steps=(
        Step("listening-call", ("call",), "listening-call", gap_days=0, floor_days=3, by="supervisor", purpose="reminder"),
        replace(WARM_LETTER, name="answer-letter", gap_days=7, floor_days=15),
        replace(VISIT, name="repair-visit", gap_days=10, floor_days=30),
        replace(SECOND_CALL, gap_days=10, floor_days=45),
        replace(FORMAL_DEMAND, gap_days=10, floor_days=75),
        replace(SETTLEMENT_OFFER, floor_days=95),
        replace(LAWYER_LETTER, gap_days=15, floor_days=150),
        replace(SUIT, gap_days=30, floor_days=210),
    ),
    demand=SERVED_DEMAND,
)
