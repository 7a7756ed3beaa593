"""Whatever order a provider's words come in, and however often: what is known of a message never goes backwards, and ends the same."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels import open_channels
from channels.receipts import FINAL, Delivery, Receipt, fold
from orchestrator import outreach
from orchestrator.store import hearing
from orchestrator.store.hearing import Heard
from tests.channels.conftest import MORNING, POST_TOKEN
from tests.channels.conftest import Settings as ChannelSettings
from tests.channels.test_conformance import CALLBACKS
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

CHANNELS = ("sms", "voice", "letter")
RANK: dict[str, int] = {"accepted": 0, "sent": 1, "failed": 2, "undelivered": 2, "delivered": 3}
NAMES = count()

with_a_database = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
batches = st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=4), min_size=1, max_size=5)
"""Which words come, and which of them are heard in one go."""


@pytest.fixture(scope="module", params=CHANNELS)
def words(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Receipt]:
    """All that the provider of a channel can say of one message, as its adapter understands it."""
    configured = ChannelSettings(tmp_path_factory.mktemp("exhibits"), post_url="https://post.example", post_token=POST_TOKEN)
    adapter = open_channels(configured, lambda: MORNING).of(request.param)
    assert adapter is not None
    said = CALLBACKS[request.param]
    return [receipt for word in said.words for receipt in adapter.parse_receipt(said.say(41, "a-name-of-it", word))]


@given(chosen=st.lists(st.integers(0, 20), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_an_adapter_hears_never_goes_backwards(words: list[Receipt], chosen: Sequence[int]) -> None:
    known: Delivery = "accepted"
    for place in chosen:
        after = fold(known, words[place % len(words)].delivery)
        assert RANK[after] >= RANK[known]
        assert after in FINAL or known not in FINAL
        known = after


@pytest.mark.parametrize("begins", ["accepted", "unknown", "absent"])
@given(heard=batches)
@with_a_database
def test_what_is_kept_of_it_never_goes_backwards_either(
    river: River, world: World, words: list[Receipt], begins: str, heard: list[list[int]]
) -> None:
    name, attempt = f"name-{next(NAMES)}", _attempt(river, world, words[0], begins)
    if begins == "accepted":
        river.execute("UPDATE attempt SET provider_id = :name WHERE id = :id", name=name, id=attempt)
    came = [[replace(words[place % len(words)], provider_id=name, attempt_id=attempt) for place in batch] for batch in heard]
    known: Delivery | None = "accepted" if begins == "accepted" else None
    for batch in came:
        with river.runtime.store.begin() as rows:
            hearing.keep(rows, [Heard.of(word, b"raw") for word in batch], river.clock.at, river.clock.at)
        due = outreach.sweep(river.runtime).receipts
        outreach.hear(due, river.runtime)
        state = river.state(attempt)
        assert known is None or RANK[state] >= RANK[known]
        known = state  # type: ignore[assignment]
    said: list[Delivery] = [word.delivery for batch in came for word in batch]
    assert known == reduce(fold, said, "accepted")
    assert river.value("SELECT count(*) FROM receipt WHERE applied_at IS NULL") == 0


def _attempt(river: River, world: World, word: Receipt, begins: str) -> int:
    """One attempt for all examples, as if nothing had been heard of it yet."""
    channel = {"twilio": "sms"}.get(word.provider, "letter")
    found = river.value("SELECT id FROM attempt LIMIT 1")
    if found is None:
        home = world.home("3-1-1201", "王芳", "+8619900000001", charges=[month(2026, 5, "400.00")])
        Home.open_case(home, cursor=1)
        found = home.attempt(channel, "accepted", provider_id="none yet")
    state, code = {"accepted": ("accepted", None), "unknown": ("unknown", None), "absent": ("failed", "absent")}[begins]
    river.execute(
        """
        UPDATE attempt SET state = :state, outcome = NULL, error_code = :code, error_class = NULL, provider = :provider,
                           provider_id = CASE :state WHEN 'accepted' THEN 'none yet' END,
                           concluded_at = CASE :state WHEN 'failed' THEN CAST(:now AS timestamptz) END
         WHERE id = :id
        """,
        state=state,
        code=code,
        provider=word.provider,
        now=river.clock.at,
        id=found,
    )
    return int(str(found))
