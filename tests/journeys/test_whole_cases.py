"""Whole cases, lived from their first question to their end on the hand-moved clock."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from channels.contract import Message
from orchestrator import campaigns, casework
from policies.windows import Place, is_open
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

SHANGHAI = Place("Asia/Shanghai")


def live(river: River, home: Home, until: timedelta) -> list[tuple[str, str]]:
    """Live until then, waking whenever the case is to be asked; what was sent."""
    ends = river.clock.at + until
    river.ask(home)
    while True:
        river.flow()
        hear_what_became_of_it(river)
        river.flow()
        asks = river.value("SELECT ask_at FROM \"case\" WHERE id = :id AND state = 'open'", id=home.case_id)
        if asks is None or asks > ends:  # type: ignore[operator]
            river.clock.at = ends
            return sent(river)
        river.clock.at = max(asks, river.clock.at + timedelta(minutes=1))  # type: ignore[type-var]


def hear_what_became_of_it(river: River) -> None:
    """Texts arrive, calls are taken by a machine, letters are signed for, staff do their calls and visits at once."""
    with river.runtime.store.begin() as rows:
        under_way = rows.execute(
            text("SELECT a.id, a.channel, t.id AS task FROM attempt a LEFT JOIN task t ON t.attempt_id = a.id WHERE a.state = 'accepted'")
        ).all()
    for attempt in under_way:
        match attempt.channel:
            case "sms":
                river.said(attempt.id, "delivered")
            case "voice":
                river.said(attempt.id, "delivered", outcome="answered")
            case "letter":
                river.said(attempt.id, "delivered", outcome="handed_over", signer="self", at=river.clock.at)
            case "call":
                casework.complete_call(river.runtime, attempt.task, "collector", "conversation")
            case "visit":
                casework.complete_visit(river.runtime, attempt.task, "collector", "handed_over", signer="self")


def sent(river: River) -> list[tuple[str, str]]:
    """(step, channel) of everything that went out, in order."""
    with river.runtime.store.begin() as rows:
        found = rows.execute(text("SELECT step, channel FROM attempt WHERE sent_at IS NOT NULL ORDER BY sent_at, id"))
        return [(row.step, row.channel) for row in found]


@pytest.fixture
def case(world: World) -> Home:
    owed = [month(2026, 1, "400.00"), month(2026, 2, "400.00"), month(2026, 3, "400.00")]
    return world.home("3-1-1201", "王芳", "+8619900000001", charges=owed).open_case(cursor=0)


def test_who_ignores_everything_is_led_courteously_to_a_persons_decision_and_nothing_else_was_sent(river: River, case: Home) -> None:
    for line in river.lines.values():
        line.answer = inside_its_window(river, line.answer)
    keep_payment_data_fresh(river)
    assert live(river, case, timedelta(days=75)) == [
        ("courtesy-call", "voice"),
        ("notice-sms", "sms"),
        ("warm-letter", "letter"),
        ("second-call", "call"),
        ("visit", "visit"),
        ("formal-demand", "letter"),
        ("settlement-offer", "call"),
    ]
    assert river.value("SELECT step FROM approval WHERE case_id = :id AND state = 'pending'", id=case.case_id) == "lawyer-letter"


def test_who_pays_after_the_text_gets_thanks_and_nothing_else_was_sent(river: River, case: Home) -> None:
    keep_payment_data_fresh(river)
    live(river, case, timedelta(days=4))
    river.execute(
        "INSERT INTO payment (community_id, source_ref, at, payer, memo, amount, state, matched_by, debtor_id, created_at)"
        " SELECT community_id, 'bank-1', :now, '', '', 1200, 'matched', 'unit', debtor_id, :now FROM \"case\" WHERE id = :id",
        now=river.clock.at,
        id=case.case_id,
    )
    river.execute(
        "INSERT INTO allocation (payment_id, charge_id, amount, at) SELECT p.id, c.id, c.amount, :now FROM payment p, charge c",
        now=river.clock.at,
    )
    river.pay(case)
    campaigns.announce(river.runtime)
    assert live(river, case, timedelta(days=40)) == [("courtesy-call", "voice"), ("notice-sms", "sms"), ("thank-you", "sms")]
    assert river.value('SELECT rest FROM "case" WHERE id = :id', id=case.case_id) == "settled"


def test_who_promises_is_left_alone_through_the_day_and_two_working_days_and_nothing_else_was_sent(river: River, case: Home) -> None:
    keep_payment_data_fresh(river)
    live(river, case, timedelta(days=4))
    before = sent(river)
    today = river.clock.at.date()
    casework.promise(river.runtime, case.case_id, today + timedelta(days=6), Decimal(1200), "collector")
    assert live(river, case, timedelta(days=7)) == before
    assert river.value("SELECT rule FROM decision WHERE case_id = :id ORDER BY id DESC LIMIT 1", id=case.case_id) == "wait_for_promise"


def inside_its_window(river: River, answer: object) -> object:
    """Every handover is checked against the pack as it happens."""

    def checked(message: Message) -> object:
        rules = river.runtime.packs.rules("cn-property", "standard")
        assert is_open(rules, message.channel, SHANGHAI, river.clock.at), f"{message.channel} at {river.clock.at}"  # type: ignore[arg-type]
        return answer(message)  # type: ignore[operator]

    return checked


def keep_payment_data_fresh(river: River) -> None:
    river.execute("UPDATE community SET payments_as_of = '2027-06-01T00:00:00Z'")
