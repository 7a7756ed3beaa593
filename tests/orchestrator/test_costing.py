"""Before a campaign is approved it is shown what its texts, calls and letters would cost, by the words they would really have."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from channels.contract import Capabilities
from channels.lines import Lines
from channels.segments import segments
from orchestrator import campaigns
from tests.lines import Line
from tests.orchestrator.conftest import River
from tests.world import World, month


class Priced(Line):
    """A line with a price list: a dime a part, none for a country it does not know."""

    def capabilities(self, country: str) -> Capabilities:
        return Capabilities(
            available=True, inbound=self.inbound, cost="0.10" if country == "CN" else None, currency="CNY" if country == "CN" else "USD"
        )


@pytest.fixture
def owing(river: River, world: World) -> World:
    """Two debtors who owe since long and have a number each."""
    river.lines |= {channel: Priced(channel) for channel in ("sms", "voice", "letter")}
    river.runtime = replace(river.runtime, lines=Lines(tuple(river.lines.values())))
    world.home("3-1-1301", "王芳", "+8619900000011", charges=[month(2026, 7), month(2026, 8)])
    world.home("3-1-1302", "赵六", "+8619900000012", charges=[month(2026, 8)])
    return world


def proposed(river: River, world: World) -> Mapping[str, Mapping[str, Any]]:
    """Its spending by channel."""
    summary = campaigns.propose(river.runtime, world.community_name, "2026-11", "supervisor")
    return {each["channel"]: each for each in summary.spending}


def test_a_proposal_shows_messages_parts_and_cost_of_what_its_first_cycle_would_say(river: River, owing: World) -> None:
    spent = proposed(river, owing)
    texts = spent["sms"]
    assert texts["messages"] == texts["ucs2"] >= 2
    assert Decimal(texts["cost"]) == Decimal("0.10") * texts["parts"]
    assert texts["currency"] == "CNY"


def test_the_parts_are_those_of_the_texts_that_then_leave(river: River, owing: World) -> None:
    expected = proposed(river, owing)["sms"]
    campaigns.approve(river.runtime, 1, "supervisor")
    river.execute("""UPDATE "case" SET cursor = 1""")
    river.flow()
    sent = [message for message in river.lines["sms"].sent if "合计" in message.body]
    assert len(sent) == 2
    counted = sum(segments(message.body).count for message in sent)
    assert expected["parts"] * 2 == counted * expected["messages"]


def test_the_way_out_that_a_pack_wants_named_is_counted_with_the_rest(river: River, owing: World) -> None:
    """A telephone number of 70 digits is a part of its own."""
    river.lines["sms"].inbound = False
    river.execute("UPDATE creditor SET phone = repeat('0', 70)")
    before = proposed(river, owing)["sms"]
    river.execute("UPDATE community SET pack = 'us-regf'")
    after = proposed(river, owing)["sms"]
    assert after["parts"] / after["messages"] >= before["parts"] / before["messages"] + 1


def test_what_no_line_has_a_price_for_is_said_to_have_none(river: River, owing: World) -> None:
    river.execute("UPDATE contact_point SET country = 'US'")
    texts = proposed(river, owing)["sms"]
    assert (texts["currency"], texts["cost"], texts["unpriced"]) == ("USD", "0.00", texts["parts"])


def test_a_text_that_lacks_something_is_seen_before_the_approval(river: River, owing: World) -> None:
    river.execute("UPDATE community SET how_to_object = ''")
    texts = proposed(river, owing)["sms"]
    assert (texts["messages"], texts["parts"]) == (0, 0)
    assert texts["unsayable"] >= 2
