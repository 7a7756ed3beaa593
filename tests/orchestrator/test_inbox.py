"""A text that comes in finds the case it answers, or the people who can tell; a wish about contact holds for the number."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from channels.contract import CLOCK_SKEW, InboundMessage, LookupFailed, Received, Wish
from channels.lines import Lines
from orchestrator import casework, inbox, outreach
from orchestrator.store import hearing
from tests.lines import Line
from tests.orchestrator.conftest import River
from tests.world import NOW, Home, World, month

NUMBER, OURS = "+8619900000001", "+15005550006"


def write(river: River, body: str, *, said_at: datetime | None = None, sid: str = "SM1", to: str = OURS, wish: Wish | None = None) -> int:
    """Somebody writes from the number; the id of what was kept, already heard."""
    written = InboundMessage(sid, NUMBER, to, body, said_at, answered=wish is not None, wish=wish)
    with river.runtime.store.begin() as rows:
        heard = inbox.receive(rows, river.runtime, "twilio", [Received(written, body.encode())])
        (receipt_id,) = hearing.keep(rows, heard, river.clock.at, river.clock.at)
    outreach.hear([receipt_id], river.runtime)
    return receipt_id


def tasks(river: River, home: Home) -> Any:
    return river.value("SELECT array_agg(about ORDER BY id) FROM task WHERE case_id = :id", id=home.case_id)


def opted_out(river: River, home: Home) -> Any:
    return river.value("SELECT array_agg(channel ORDER BY channel) FROM opt_out WHERE contact_point_id = :id", id=home.point_id)


def words(river: River) -> Sequence[Any]:
    with river.runtime.store.begin() as rows:
        return rows.execute(text("SELECT channel, given, source, receipt_id FROM consent ORDER BY id")).all()


@pytest.fixture
def neighbour(world: World, home: Home) -> Home:
    """Another debtor who is reached at the same number."""
    other = world.home("3-1-1202", "李强", charges=[month(2026, 6)]).open_case()
    with world.store.begin() as rows:
        party = rows.execute(text("SELECT party_id FROM debtor_party WHERE debtor_id = :id"), {"id": other.debtor_id}).scalar_one()
        rows.execute(
            text("INSERT INTO party_contact (party_id, contact_point_id, rank, designated) VALUES (:party, :point, 0, false)"),
            {"party": party, "point": home.point_id},
        )
    other.point_id = home.point_id
    return other


def test_a_reply_answers_the_last_text_that_left_before_it_was_said(river: River, home: Home) -> None:
    earlier = home.attempt("sms", "delivered", sent=timedelta(days=-6))
    home.attempt("sms", "delivered", sent=timedelta(days=-1), step="recap")
    write(river, "多少钱?", said_at=NOW - timedelta(days=2))
    assert river.value("SELECT attempt_id FROM receipt") == earlier


@pytest.mark.parametrize(
    ("sender", "answers"), [(OURS, True), ("MG00112233", True), ("Yunqi", True), (None, True), ("+15005550099", False)]
)
def test_a_reply_answers_what_left_by_the_line_it_was_written_to(river: River, home: Home, sender: str | None, answers: bool) -> None:
    home.attempt("sms", "delivered", sent=timedelta(days=-6), step="recap")
    later = home.attempt("sms", "delivered", sent=timedelta(days=-1))
    river.execute("UPDATE attempt SET sender = :ours WHERE id <> :id", ours=OURS, id=later)
    river.execute("UPDATE attempt SET sender = :sender WHERE id = :id", sender=sender, id=later)
    write(river, "多少钱?")
    assert (river.value("SELECT attempt_id FROM receipt") == later) is answers


def test_a_call_to_the_number_is_not_what_a_text_answers(river: River, home: Home) -> None:
    texted = home.attempt("sms", "delivered", sent=timedelta(days=-6))
    home.attempt("voice", "delivered", step="courtesy-call", sent=timedelta(days=-1))
    write(river, "多少钱?")
    assert river.value("SELECT attempt_id FROM receipt") == texted


def test_of_two_debtors_with_one_number_the_one_written_to_last_is_meant(river: River, home: Home, neighbour: Home) -> None:
    home.attempt("sms", "delivered", sent=timedelta(days=-9))
    neighbour.attempt("sms", "delivered", sent=timedelta(days=-2))
    write(river, "对金额有异议")
    assert (tasks(river, home), tasks(river, neighbour)) == (None, ["dispute"])


def test_where_both_were_just_written_to_a_person_tells_whose_words_they_are(river: River, home: Home, neighbour: Home) -> None:
    home.attempt("sms", "delivered", sent=timedelta(days=-3))
    neighbour.attempt("sms", "delivered", sent=timedelta(days=-2))
    write(river, "对金额有异议")
    assert (tasks(river, home), tasks(river, neighbour)) == (["whose_reply"], ["whose_reply"])
    assert river.value("SELECT count(*) FROM stop_state") == 0


def test_a_stop_holds_for_the_number_whoever_shares_it_and_is_said_once(river: River, home: Home, neighbour: Home) -> None:
    home.attempt("sms", "delivered", sent=timedelta(days=-3))
    neighbour.attempt("sms", "delivered", sent=timedelta(days=-2))
    first = write(river, "退订")
    write(river, "退订!", sid="SM2")
    assert opted_out(river, home) == ["sms"]
    assert [tuple(each) for each in words(river)] == [("sms", False, "reply", first)]
    assert (tasks(river, home), tasks(river, neighbour)) == (None, None)


def test_a_stop_from_a_number_that_was_never_written_to_is_heeded(river: River, home: Home) -> None:
    write(river, "STOP")
    assert opted_out(river, home) == ["sms"]


def test_a_keyword_on_which_the_provider_blocks_the_number_is_a_stop_though_nobody_here_knows_the_word(river: River, home: Home) -> None:
    home.attempt("sms", "delivered")
    write(river, "ARRET", wish="stop")
    assert (opted_out(river, home), tasks(river, home)) == (["sms"], None)
    assert river.value("SELECT count(*) FROM attempt WHERE purpose = 'answer'") == 0
    write(river, "REPRISE", sid="SM2", wish="start")
    assert opted_out(river, home) is None


def test_who_wants_no_calls_either_is_neither_called_nor_texted_and_a_person_reads_the_rest(river: River, home: Home) -> None:
    home.attempt("sms", "delivered")
    write(river, "stop calling me")
    assert opted_out(river, home) == ["call", "sms", "voice"]
    assert tasks(river, home) == ["reply"]


def test_a_start_is_a_word_of_its_own_and_ends_what_was_withdrawn(river: River, home: Home) -> None:
    home.attempt("sms", "delivered")
    write(river, "TD")
    write(river, "START", sid="SM2")
    assert opted_out(river, home) is None
    assert [(each.given, each.source) for each in words(river)] == [(False, "reply"), (True, "reply")]
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'consent'") == 2


def test_a_yes_where_nothing_was_withdrawn_is_for_a_person_to_read(river: River, home: Home) -> None:
    home.attempt("sms", "delivered")
    write(river, "yes")
    assert (tasks(river, home), words(river)) == (["reply"], [])


def test_what_a_debtor_told_a_member_of_staff_about_contact_is_a_word_with_its_name_and_proof(river: River, home: Home) -> None:
    assert home.point_id is not None
    casework.note_consent(river.runtime, home.case_id, home.point_id, "voice", False, "collector", "上门时口头提出")
    casework.note_consent(river.runtime, home.case_id, home.point_id, "sms", True, "collector", "签约时同意接收短信")
    with river.runtime.store.begin() as rows:
        said = rows.execute(text("SELECT channel, given, source, by, proof FROM consent ORDER BY id")).all()
    assert [(each.channel, each.given, each.source, each.by) for each in said] == [
        ("voice", False, "staff", "collector"),
        ("sms", True, "staff", "collector"),
    ]
    assert bytes(said[0].proof).decode() == "上门时口头提出"
    assert opted_out(river, home) == ["voice"]


def test_a_number_of_somebody_else_or_a_word_without_its_story_is_not_noted(river: River, home: Home, world: World) -> None:
    other = world.home("3-1-1204", "钱七", "+8619900000044", charges=[month(2026, 6)])
    assert home.point_id is not None
    assert other.point_id is not None
    for point, channel, said in (
        (other.point_id, "sms", "电话里说的"),
        (home.point_id, "letter", "电话里说的"),
        (home.point_id, "sms", " "),
    ):
        with pytest.raises(casework.NotAllowed):
            casework.note_consent(river.runtime, home.case_id, point, channel, False, "collector", said)
    assert words(river) == []


def test_paid_is_a_hold_from_when_it_was_said(river: River, home: Home) -> None:
    home.attempt("sms", "delivered")
    write(river, "已付", said_at=NOW - timedelta(hours=2))
    assert river.value("SELECT until FROM hold") == NOW + timedelta(hours=70)


@pytest.mark.parametrize("late", [timedelta(hours=30), timedelta(hours=80)])
def test_paid_said_before_a_later_demand_or_long_ago_holds_nothing_and_is_checked_all_the_same(
    river: River, home: Home, late: timedelta
) -> None:
    home.attempt("sms", "delivered", sent=timedelta(days=-6))
    if late < timedelta(hours=72):
        home.attempt("sms", "delivered", sent=timedelta(days=-1), step="recap")
    write(river, "已付", said_at=NOW - late)
    assert (river.value("SELECT count(*) FROM hold"), tasks(river, home)) == (0, ["paid_already"])


def test_a_promise_is_of_the_day_it_was_made(river: River, home: Home) -> None:
    home.attempt("sms", "delivered", sent=timedelta(days=-6))
    write(river, "三天后交", said_at=NOW - timedelta(days=2))
    with river.runtime.store.begin() as rows:
        (promised,) = rows.execute(text('SELECT "on", made_at, amount FROM promise')).all()
    assert tuple(promised)[:2] == (date(2026, 11, 25), NOW - timedelta(days=2))
    assert promised.amount == 800


def test_a_promise_whose_day_is_past_goes_to_a_person(river: River, home: Home) -> None:
    home.attempt("sms", "delivered", sent=timedelta(days=-6))
    write(river, "明天交", said_at=NOW - timedelta(days=3))
    write(river, "承诺11月20日付", sid="SM2")
    assert (river.value("SELECT count(*) FROM promise"), tasks(river, home)) == (0, ["promise_past"])


def test_words_of_which_nothing_was_sent_reach_the_people_of_the_number_s_cases(river: River, home: Home) -> None:
    write(river, "你们是谁")
    assert tasks(river, home) == ["whose_reply"]


@dataclass
class Kept(Line):
    """A line whose provider keeps what was written to it."""

    written: list[Received] = field(default_factory=list)
    asked_since: list[datetime] = field(default_factory=list)
    is_down: bool = False

    def received(self, since: datetime) -> Sequence[Received]:
        if self.is_down:
            raise LookupFailed("nobody answers")
        self.asked_since.append(since)
        return [each for each in self.written if each.written.said_at is None or each.written.said_at >= since]


@pytest.fixture
def kept(river: River) -> Kept:
    line = river.lines["sms"] = Kept("sms", "twilio", OURS)
    river.runtime = replace(river.runtime, lines=Lines(tuple(river.lines.values())))
    return line


@contextmanager
def counted(river: River) -> Iterator[list[str]]:
    """Every statement that went to the database meanwhile."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(river.runtime.store.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(river.runtime.store.engine, "before_cursor_execute", note)


def said(body: str, at: datetime, sid: str = "SM7") -> Received:
    return Received(InboundMessage(sid, NUMBER, OURS, body, at), body.encode())


def test_what_was_written_while_we_were_down_is_taken_in_once_and_as_of_when_it_was_said(river: River, home: Home, kept: Kept) -> None:
    earlier = home.attempt("sms", "delivered", sent=timedelta(days=-2))
    home.attempt("sms", "delivered", sent=timedelta(hours=-1), step="warm-letter")
    kept.written = [said("退订", NOW - timedelta(hours=3)), said("3号前缴清", NOW - timedelta(hours=3), "SM8")]
    assert len(inbox.fetch(river.runtime)) == 2
    assert inbox.fetch(river.runtime) == []
    river.flow()
    assert river.value("SELECT array_agg(DISTINCT attempt_id) FROM receipt") == [earlier]
    assert opted_out(river, home) == ["sms"]
    assert river.value("SELECT count(*) FROM promise") == 1


def test_what_the_callback_brought_already_is_not_taken_in_again(river: River, home: Home, kept: Kept) -> None:
    home.attempt("sms", "delivered", sent=timedelta(days=-1))
    write(river, "对金额有异议", sid="SM7")
    kept.written = [said("对金额有异议", NOW)]
    assert inbox.fetch(river.runtime) == []
    assert tasks(river, home) == ["dispute"]


def test_it_is_asked_from_where_it_was_last_heard_and_a_provider_that_is_away_loses_nothing(river: River, kept: Kept) -> None:
    inbox.fetch(river.runtime)
    first = river.clock.at
    kept.is_down = True
    river.clock.at += timedelta(hours=5)
    assert inbox.fetch(river.runtime) == []
    kept.is_down = False
    inbox.fetch(river.runtime)
    assert kept.asked_since == [first - inbox.FIRST_LOOK - CLOCK_SKEW, first - CLOCK_SKEW]


def test_many_texts_are_taken_in_by_as_many_questions_to_the_database_as_one(river: River, home: Home, kept: Kept) -> None:
    home.attempt("sms", "delivered", sent=timedelta(days=-1))
    counts = []
    for many in (1, 30):
        kept.written = [said("多少钱?", NOW, f"SM{many}-{number}") for number in range(many)]
        with counted(river) as statements:
            assert len(inbox.fetch(river.runtime)) == many
        counts.append(len(statements))
    assert counts[0] == counts[1]
