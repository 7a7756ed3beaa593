"""One sender speaks no faster than it may, however many workers speak for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator import embedded
from orchestrator.pace import SharedPace


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    state: Path = tmp_path_factory.mktemp("pace")
    with embedded.valkey(state) as valkey:
        yield valkey.url
    embedded.remove(state)


class Waiting(Exception):
    """The pace would wait now."""


def refuse_to_wait(_: float) -> None:
    raise Waiting


def test_two_workers_together_stay_within_the_rate_of_their_sender(broker: str) -> None:
    one, other = (SharedPace(broker, 3, sleep=refuse_to_wait) for _ in range(2))
    one.wait("sms")
    other.wait("sms")
    one.wait("sms")
    with pytest.raises(Waiting):
        other.wait("sms")


def test_another_sender_is_not_held_up(broker: str) -> None:
    pace = SharedPace(broker, 1, sleep=refuse_to_wait)
    pace.wait("voice")
    pace.wait("letter")


def test_a_broker_that_is_gone_holds_nobody_up() -> None:
    SharedPace("redis://127.0.0.1:1/0", 1, sleep=refuse_to_wait).wait("sms")
