"""Words about one message, folded: late, doubled and out of order they end the same."""

from functools import reduce
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from channels.receipts import FINAL, Delivery, fold

words = st.sampled_from(get_args(Delivery))


@given(st.lists(words), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(news, shuffler):
    shuffled = list(news)
    shuffler.shuffle(shuffled)
    assert reduce(fold, news, "accepted") == reduce(fold, shuffled, "accepted")


@given(st.lists(words))
def test_words_repeated_change_nothing(news):
    once = reduce(fold, news, "accepted")
    assert reduce(fold, [word for word in news for _ in range(2)], "accepted") == once
    assert reduce(fold, news, once) == once


@given(words, words)
def test_a_message_never_goes_backwards(known, late):
    after = fold(known, late)
    assert after in (known, late)
    if known in FINAL:
        assert after in FINAL
    if known == "delivered":
        assert after == "delivered"
    if known == "sent":
        assert after != "accepted"
