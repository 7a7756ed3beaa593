"""Whatever the rules may say has its words on the console, in Chinese and English."""

from typing import get_args

import pytest

from channels.replies import ReplyKind
from orchestrator import packs
from orchestrator.web.console.words import CAUSES, REPLIES, RULES, SEQUENCES, STEPS
from policies.decide import PRECEDENCE
from policies.segments import REASON_CODES, SEGMENTS

PACKS = packs.load()


@pytest.mark.parametrize("name", packs.sequence_names())
def test_a_sequence_and_each_of_its_steps_has_its_words(name: str) -> None:
    assert name in SEQUENCES
    assert {step.name for step in PACKS.sequence(name).steps} <= STEPS.keys()


def test_every_answer_of_the_rules_has_its_words() -> None:
    assert {name for names in PRECEDENCE.values() for name in names} <= RULES.keys()


def test_every_kind_of_reply_has_its_words() -> None:
    assert REPLIES.keys() == set(get_args(ReplyKind))


def test_every_reason_code_has_its_words_and_every_segment_its_sentence() -> None:
    assert CAUSES.keys() == set(REASON_CODES)
    assert all(segment.because.zh and segment.because.en for segment in SEGMENTS)
