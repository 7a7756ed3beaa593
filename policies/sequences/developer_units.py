"""Unsold or undelivered units: the developer pays. One statement a month by letter to its office, no SMS, no automated voice."""

from dataclasses import replace

from policies.sequences import Sequence, Step
from policies.sequences.standard import FORMAL_DEMAND, LAWYER_LETTER, SUIT, WARM_LETTER

FIRST_STATEMENT = Step("first-statement", ("letter",), "statement", gap_days=0, floor_days=3, purpose="reminder")

SEQUENCE = Sequence(
    name="developer-units",
    reason="developer",
    steps=(
        FIRST_STATEMENT,
        replace(WARM_LETTER, name="second-statement", gap_days=30, floor_days=33),
        replace(FORMAL_DEMAND, gap_days=30, floor_days=63),
        replace(LAWYER_LETTER, floor_days=120),
        SUIT,
    ),
    demand=FORMAL_DEMAND,
)
