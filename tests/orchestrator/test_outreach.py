"""The job: asked, carried out at most once, heard, and stopped the moment the facts change."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from channels.contract import Handover, Message, Refused, Unknown
from orchestrator import casework, outreach
from orchestrator.embedded import Postgres
from orchestrator.store import concluding, hearing, recomputing, writing
from orchestrator.store.hearing import Heard
from tests.lines import ANYTHING, RAW, taken
from tests.orchestrator.conftest import Meanwhile, River, as_owner, waits_for_a_lock
from tests.orchestrator.web.conftest import counted
from tests.world import NOW, Home, World, month


def test_what_is_delivered_twice_is_sent_once(river: River, home: Home) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    outreach.deliver([attempt], river.runtime)
    assert river.sent == [("sms", attempt)]
    assert river.state(attempt) == "accepted"


def test_two_workers_at_once_send_once(river: River, home: Home) -> None:
    attempt = river.plan(home)
    with ThreadPoolExecutor(2) as workers:
        for done in [workers.submit(outreach.deliver, [attempt], river.runtime) for _ in range(2)]:
            done.result()
    assert river.sent == [("sms", attempt)]


def test_who_delivers_while_another_hands_over_finds_nothing_to_do(river: River, home: Home) -> None:
    def handed_over_meanwhile(message: Message) -> Handover:
        if len(river.lines["sms"].sent) == 1:
            outreach.deliver([message.attempt_id], river.runtime)
        return taken(message)

    river.lines["sms"].answer = handed_over_meanwhile
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    assert river.sent == [("sms", attempt)]


def test_the_notice_names_every_period_and_the_amount(river: River, home: Home) -> None:
    outreach.deliver([river.plan(home)], river.runtime)
    (message,) = river.lines["sms"].sent
    assert "2026.05-2026.06" in message.body
    assert "800.00" in message.body
    assert message.valid_until.isoformat() == "2026-11-24T12:00:00+00:00"  # 20:00 in Shanghai


def test_a_payment_committed_before_the_claim_stops_the_demand(river: River, home: Home) -> None:
    attempt = river.plan(home)
    river.pay(home)
    outreach.deliver([attempt], river.runtime)
    assert river.sent == []
    assert river.state(attempt) == "cancelled"
    river.flow()
    assert river.value('SELECT rest FROM "case" WHERE id = :id', id=home.case_id) == "settled"


def test_a_line_that_lets_nothing_expire_takes_nothing_in_the_last_minutes_of_a_window(river: River, home: Home) -> None:
    river.lines["sms"].can = replace(ANYTHING, expires=False)
    attempt = river.plan(home)
    for at in (NOW.replace(hour=11, minute=52), NOW.replace(hour=12)):
        river.clock.at = at
        river.flow()
        assert river.sent == []
    assert river.value("SELECT outcome FROM attempt WHERE id = :id", id=attempt) == "wait_for_window"
    river.clock.at = NOW.replace(hour=1) + timedelta(days=1)
    river.flow()
    assert [channel for channel, _ in river.sent] == ["sms"]


def test_a_refusal_by_a_code_that_nobody_knows_is_put_before_staff(river: River, home: Home) -> None:
    river.lines["sms"].answer = lambda message: Refused("line", "permanent", "99999", RAW)
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    assert river.value("SELECT about FROM task WHERE attempt_id = :id", id=attempt) == "unexplained"


def unexplained(river: River, home: Home) -> int:
    """A text that its provider refused for good; what is sent after it is taken."""
    river.lines["sms"].answer = lambda message: Refused("line", "permanent", "99999", RAW)
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    river.lines["sms"].answer = taken
    return attempt


def test_a_case_waits_while_nobody_has_looked_at_a_refusal_for_good(river: River, home: Home) -> None:
    attempt = unexplained(river, home)
    river.execute("UPDATE community SET payments_as_of = :then", then=river.clock.at + timedelta(days=9))
    for _ in range(3):
        river.clock.at += timedelta(days=1)
        river.flow()
    assert river.sent == [("sms", attempt)]
    assert river.value("SELECT rule FROM decision WHERE case_id = :id ORDER BY id DESC LIMIT 1", id=home.case_id) == "wait_in_flight"
    casework.complete_check(river.runtime, int(str(river.value("SELECT id FROM task"))), "collector", "")
    river.flow()
    assert [message.attempt_id for message in river.lines["sms"].sent] == [attempt, attempt + 1]


@pytest.mark.parametrize(("word", "task"), [("delivered", "cancelled"), ("undelivered", "open")])
def test_a_later_word_of_the_provider_may_settle_what_nobody_could_explain(river: River, home: Home, word: str, task: str) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    river.said(attempt, "undelivered", error_class="permanent", error_code="99999")
    river.flow()
    assert river.value("SELECT state FROM task WHERE attempt_id = :id", id=attempt) == "open"
    river.said(attempt, word)
    river.flow()
    assert river.value("SELECT state FROM task WHERE attempt_id = :id", id=attempt) == task


def test_many_words_are_kept_in_as_many_questions_as_one_and_each_once(river: River, home: Home) -> None:
    attempt = home.attempt("sms", "accepted")
    words = [Heard("delivery", "line", f"SM{number}", attempt, "delivered", "delivered") for number in (1, 2, 3, 3)]
    with counted(river.runtime.store) as statements, river.runtime.store.begin() as rows:
        assert len(hearing.keep(rows, words, river.clock.at, river.clock.at)) == 3
        assert hearing.keep(rows, words[1:], river.clock.at, river.clock.at) == []
    assert len(statements) == 2


def claimed_by_a_worker_that_died(river: River, home: Home) -> int:
    attempt = river.plan(home)
    river.execute("UPDATE attempt SET state = 'claimed', claimed_until = :past", past=river.clock.at - timedelta(seconds=1))
    return attempt


def let_go(river: River, attempt: int) -> None:
    with river.runtime.store.begin() as rows:
        writing.let_go(rows, [attempt], river.clock.at)


@pytest.mark.parametrize("also", [lambda river, attempt: outreach.sweep(river.runtime), let_go])
def test_who_calls_an_attempt_off_waits_for_who_concludes_it(river: River, home: Home, also: Callable[[River, int], object]) -> None:
    """Both lock the case, then the attempt; in two orders one of them would be lost to a deadlock."""
    attempt = claimed_by_a_worker_that_died(river, home)
    with ThreadPoolExecutor(1) as worker:
        with river.runtime.store.begin() as rows:
            rows.execute(concluding.LOCK_CASE, {"id": home.case_id})
            called_off = worker.submit(also, river, attempt)
            while not waits_for_a_lock(river):
                assert not called_off.done()
            writing.drop(rows, {attempt: "concluded"}, river.clock.at)
        called_off.result()
    assert river.value("SELECT outcome FROM attempt WHERE id = :id", id=attempt) == "concluded"


def test_whatever_touches_the_case_after_the_claim_stops_what_has_not_left(river: River, home: Home) -> None:
    def touch() -> None:
        with river.runtime.store.begin() as rows:
            writing.touch(rows, [home.case_id], river.clock.at)  # whatever its clock says

    attempt = river.plan(home)
    outreach.deliver([attempt], replace(river.runtime, pace=Meanwhile(touch)))
    assert river.sent == []
    assert river.value("SELECT outcome FROM attempt WHERE id = :id", id=attempt) == "overtaken"


def test_what_waits_for_its_turn_until_the_window_closes_does_not_leave(river: River, home: Home) -> None:
    def until_eight() -> None:
        river.clock.at += timedelta(seconds=10)

    river.clock.at = NOW.replace(hour=11, minute=59, second=55)
    attempt = river.plan(home)
    outreach.deliver([attempt], replace(river.runtime, pace=Meanwhile(until_eight)))
    assert river.sent == []
    assert river.value("SELECT outcome FROM attempt WHERE id = :id", id=attempt) == "overtaken"
    river.flow()
    assert river.sent == []


def test_a_payment_between_the_claim_and_the_byte_calls_the_demand_off_at_once(river: River, home: Home) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], replace(river.runtime, pace=Meanwhile(lambda: river.pay(home))))
    assert river.sent == []
    assert river.value("SELECT outcome FROM attempt WHERE id = :id", id=attempt) == "overtaken"
    river.flow()
    assert river.value('SELECT rest FROM "case" WHERE id = :id', id=home.case_id) == "settled"


def test_no_byte_leaves_later_than_its_claim_allows_and_the_case_is_asked_again(river: River, home: Home) -> None:
    def too_long() -> None:
        river.clock.at += writing.CLAIM

    attempt = river.plan(home)
    outreach.deliver([attempt], replace(river.runtime, pace=Meanwhile(too_long)))
    assert river.sent == []
    assert river.state(attempt) == "cancelled"
    river.flow()
    assert [channel for channel, _ in river.sent] == ["sms"]


def test_a_hold_stops_what_was_planned(river: River, home: Home) -> None:
    attempt = river.plan(home)
    casework.hold(river.runtime, home.case_id, "repair", river.clock.at + timedelta(days=5), "collector")
    outreach.deliver([attempt], river.runtime)
    assert river.sent == []
    river.flow()
    assert river.value("SELECT rule FROM decision WHERE case_id = :id ORDER BY id DESC LIMIT 1", id=home.case_id) == "wait_for_hold"


def test_a_claim_that_lapsed_is_cancelled_and_asked_about_anew(river: River, home: Home) -> None:
    attempt = river.plan(home)
    with river.runtime.store.begin() as rows:
        writing.claim(rows, [attempt], river.clock.at - timedelta(minutes=5))
    river.flow()
    assert river.state(attempt) == "cancelled"
    (sent,) = river.lines["sms"].sent
    assert sent.attempt_id != attempt


def test_a_number_refused_as_bad_is_set_aside(river: River, home: Home) -> None:
    river.lines["sms"].answer = lambda message: Refused("line", "contact_bad", "21211", RAW)
    outreach.deliver([river.plan(home)], river.runtime)
    assert river.value("SELECT unusable_reason FROM contact_point WHERE id = :id", id=home.point_id) == "contact_bad"
    river.flow()
    assert len(river.lines["sms"].sent) == 1


def test_an_unknown_outcome_is_looked_up_and_never_sent_again(river: River, home: Home) -> None:
    sms = river.lines["sms"]

    def lost(message: Message) -> Handover:
        sms.known[message.attempt_id] = taken(message)  # type: ignore[assignment]
        return Unknown("line", "connection reset", RAW)

    sms.answer = lost
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    assert river.state(attempt) == "unknown"
    river.clock.at += timedelta(minutes=3)
    river.flow()
    assert river.state(attempt) == "accepted"
    assert river.sent == [("sms", attempt)]


def test_a_text_whose_callbacks_were_lost_is_asked_about_after_an_hour_and_heard_then(river: River, home: Home) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    river.lines["sms"].records[f"id-{attempt}"] = "delivered"
    outreach.catch_up(river.runtime)
    river.flow()
    assert river.state(attempt) == "accepted"  # its callbacks may still come
    river.clock.at += timedelta(hours=1, minutes=1)
    outreach.catch_up(river.runtime)
    river.flow()
    assert river.state(attempt) == "delivered"
    assert len(river.sent) == 1


def test_the_record_that_makes_up_for_a_lost_callback_is_kept_byte_for_byte(river: River, home: Home) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    river.lines["sms"].records[f"id-{attempt}"] = "delivered"
    outreach.catch_up(river.runtime, all_open=True)
    assert bytes(river.value("SELECT raw FROM receipt")) == RAW.response  # type: ignore[call-overload]


def test_all_that_is_open_is_asked_about_however_lately_it_left(river: River, home: Home) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    for state in ("sent", "delivered"):
        river.lines["sms"].records[f"id-{attempt}"] = state
        outreach.catch_up(river.runtime, all_open=True)
        outreach.hear(outreach.sweep(river.runtime).receipts, river.runtime)
        assert river.state(attempt) == state


def test_a_provider_that_cannot_be_asked_is_asked_again_later_and_not_at_once(river: River, home: Home) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    river.clock.at += timedelta(hours=2)
    outreach.catch_up(river.runtime)
    river.lines["sms"].records[f"id-{attempt}"] = "delivered"
    outreach.catch_up(river.runtime)
    river.flow()
    assert river.state(attempt) == "accepted"
    river.clock.at += timedelta(hours=1, minutes=1)
    outreach.catch_up(river.runtime)
    river.flow()
    assert river.state(attempt) == "delivered"


@pytest.mark.parametrize("order", sorted(set(permutations(["accepted", "sent", "delivered", "delivered"]))), ids="-".join)
def test_receipts_doubled_late_and_out_of_order_end_the_same(river: River, home: Home, order: tuple[str, ...]) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    for status in order:
        river.said(attempt, status)
        river.flow()
    assert river.state(attempt) == "delivered"
    assert river.value("SELECT count(*) FROM receipt WHERE attempt_id = :id", id=attempt) == 3


def test_a_word_that_moves_nothing_asks_nothing_anew(river: River, home: Home) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    river.flow()
    asked = river.value("SELECT count(*) FROM decision WHERE case_id = :id", id=home.case_id)
    river.said(attempt, "accepted")
    river.flow()
    assert river.value("SELECT count(*) FROM decision WHERE case_id = :id", id=home.case_id) == asked
    assert river.value("SELECT applied_at IS NOT NULL FROM receipt WHERE attempt_id = :id", id=attempt)


def test_a_word_that_comes_before_our_own_commit_is_heard_later(river: River, home: Home) -> None:
    def quick(message: Message) -> Handover:
        river.said(message.attempt_id, "delivered")
        outreach.hear(outreach.sweep(river.runtime).receipts, river.runtime)
        return taken(message)

    river.lines["sms"].answer = quick
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    assert river.state(attempt) == "accepted"
    river.flow()
    assert river.state(attempt) == "delivered"


def test_of_two_debtors_who_share_a_number_one_is_written_to_and_the_other_waits(river: River, home: Home, world: World) -> None:
    other = world.home("3-1-1202", "李强", charges=[month(2026, 5, "300.00")])
    river.execute(
        "INSERT INTO party_contact (party_id, contact_point_id, rank, designated)"
        " SELECT party_id, :point, 0, false FROM debtor_party WHERE debtor_id = :debtor",
        point=home.point_id,
        debtor=other.debtor_id,
    )
    other.open_case(cursor=1)
    outreach.deliver([river.plan(home), river.plan(other)], river.runtime)
    assert len(river.lines["sms"].sent) == 1
    river.flow()
    assert len(river.lines["sms"].sent) == 1
    assert river.value("SELECT rule FROM decision WHERE case_id = :id ORDER BY id DESC LIMIT 1", id=other.case_id) == "wait_for_cap"


def test_a_name_no_font_can_print_parks_its_case_and_holds_up_no_other(river: River, world: World) -> None:
    owed = [month(2026, 5, "300.00")]
    unprintable = world.home("3-1-1301", "\U00020bb7田", charges=owed).open_case(cursor=2)
    printable = world.home("3-1-1302", "赵敏", charges=owed).open_case(cursor=2)
    river.ask(unprintable)
    river.ask(printable)
    river.flow()
    assert river.value('SELECT parked IS NOT NULL FROM "case" WHERE id = :id', id=unprintable.case_id)
    assert len(river.lines["letter"].sent) == 1


def test_a_case_whose_cause_is_mended_goes_on_where_it_stood(river: River, world: World) -> None:
    home = world.home("3-1-1301", "\U00020bb7田", charges=[month(2026, 5, "300.00")]).open_case(cursor=2)
    river.ask(home)
    river.flow()
    river.execute("UPDATE party SET name = '吉田'")
    casework.unpark(river.runtime, home.case_id, "operator")
    river.flow()
    assert [message.attempt_id for message in river.lines["letter"].sent] == [2]


def test_the_log_verifies_and_names_the_entry_that_was_tampered_with(river: River, home: Home, server: Postgres) -> None:
    outreach.deliver([river.plan(home)], river.runtime)
    with river.runtime.store.begin() as rows:
        sound = recomputing.recompute(rows)
    assert not sound.faults
    assert sound.entries >= 3  # the decision, the composed message, the handover
    with as_owner(river, server) as owner:
        owner.execute("UPDATE evidence_payload SET payload = payload || ' ' WHERE entry_id = 2")
    with river.runtime.store.begin() as rows:
        assert recomputing.recompute(rows).faults == ("entry 2: its payload is not what was logged",)


def test_an_entry_changed_behind_the_triggers_back_breaks_the_chain_of_its_case(river: River, home: Home, server: Postgres) -> None:
    outreach.deliver([river.plan(home)], river.runtime)
    with as_owner(river, server) as owner:
        owner.execute("ALTER TABLE evidence_entry DISABLE TRIGGER ALL")
        owner.execute("UPDATE evidence_entry SET leaf = sha256('another') WHERE id = 1")
    with river.runtime.store.begin() as rows:
        assert recomputing.recompute(rows).faults[0] == "entry 1: what it says of itself is not what was logged"


@pytest.mark.parametrize(
    "change", ["UPDATE evidence_entry SET kind = 'x'", "DELETE FROM evidence_entry", "TRUNCATE evidence_entry CASCADE"]
)
def test_the_log_is_neither_changed_nor_deleted_by_its_owner_either(river: River, home: Home, server: Postgres, change: str) -> None:
    outreach.deliver([river.plan(home)], river.runtime)
    with as_owner(river, server) as owner, pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        owner.execute(change)


@pytest.mark.parametrize("change", ["UPDATE evidence_entry SET kind = 'x'", "DELETE FROM evidence_entry", "DELETE FROM attempt"])
def test_history_is_neither_changed_nor_deleted_by_the_application(river: River, home: Home, change: str) -> None:
    outreach.deliver([river.plan(home)], river.runtime)
    with pytest.raises(DBAPIError, match="permission denied"), river.runtime.store.begin() as rows:
        rows.execute(text(change))
