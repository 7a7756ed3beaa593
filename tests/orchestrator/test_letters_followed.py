"""A letter after it left: numbered, answered for, signed for, sent back; and the post's record of it while it can be asked."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import typst
from PIL import Image

from channels.contract import Exchange, LookupFailed
from channels.letter import Tracked
from channels.lines import Lines
from channels.print_house import PrintHouse
from channels.receipts import Receipt
from orchestrator.posting import batches, scanning, snapshots
from orchestrator.posting.printed import reference
from orchestrator.posting.scanning import Misread
from orchestrator.store import letter_batches, letters, proofs
from orchestrator.store.casefiles import NoSuchThing
from tests.lines import Line
from tests.orchestrator.conftest import River, waits_for_a_lock
from tests.orchestrator.test_letter_batches import CUT_OFF, closed, homes, posted
from tests.world import Home, World, month

__all__ = ["homes"]
NUMBERS = ("EA473124829CN", "1012345678901", "EA473124832CN")


@pytest.fixture
def batch(river: River, homes: list[Home]) -> list[int]:
    """A closed batch of two registered letters."""
    attempts = posted(river, homes)
    closed(river)
    return attempts


@pytest.fixture
def photo(tmp_path: Path) -> bytes:
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpg")
    return (tmp_path / "photo.jpg").read_bytes()


def number(river: River, attempt_id: int, scanned: str) -> str:
    return scanning.number(river.runtime, 1, reference(attempt_id), scanned, "张三", None)


def grades(river: River, home: Home) -> set[str]:
    with river.runtime.store.begin() as rows:
        return {demand.grade for found in proofs.demands(rows, list(home.charge_ids)).values() for demand in found}


def test_each_letter_gets_the_number_on_its_label_and_the_batch_is_answered_for(river, batch):
    assert number(river, batch[0], " ea473124829cn ") == NUMBERS[0]
    batches.hand_over(river.runtime, 1, "张三")
    assert river.value("SELECT state FROM letter_batch") == "handed_over"
    number(river, batch[1], NUMBERS[1])
    assert river.value("SELECT state FROM letter_batch") == "acknowledged"
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'waybill'") == 2


def test_a_wrong_scan_changes_nothing_and_says_why(river, batch):
    number(river, batch[0], NUMBERS[0])
    for attempt_id, scanned, why in (
        (batch[0], NUMBERS[1], NUMBERS[0]),
        (batch[1], NUMBERS[0], reference(batch[0])),
        (batch[1], "EA473124828CN", "check digit"),
        (batch[1], reference(batch[1]), "no waybill"),
        (999, NUMBERS[1], "none of ours"),
    ):
        with pytest.raises(Misread, match=why):
            number(river, attempt_id, scanned)
    assert river.value("SELECT count(*) FROM letter WHERE waybill IS NOT NULL") == 1


def test_the_letter_of_another_batch_is_not_numbered_here(river, batch):
    with pytest.raises(Misread, match="XB00000001"):
        scanning.number(river.runtime, 2, reference(batch[0]), NUMBERS[0], "张三", None)


def test_a_letter_whose_batch_is_still_open_is_not_numbered(river, homes):
    (attempt_id,) = posted(river, homes[:1])
    with pytest.raises(Misread, match="still open"):
        number(river, attempt_id, NUMBERS[0])


def test_the_last_scan_can_be_taken_back_by_who_made_it(river, batch):
    number(river, batch[0], NUMBERS[0])
    with pytest.raises(Misread):
        scanning.undo(river.runtime, 1, "李四")
    assert scanning.undo(river.runtime, 1, "张三") == reference(batch[0])
    assert number(river, batch[1], NUMBERS[0]) == NUMBERS[0]
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'waybill taken back'") == 1


def test_a_letter_approved_before_it_was_an_attempt_is_found_by_its_cases_reference(river, homes, batch):
    assert scanning.find(river.runtime, f"xlc{homes[0].case_id:08d}", None).attempt_id == batch[0]
    with pytest.raises(Misread):
        scanning.find(river.runtime, reference(batch[0]), 999_999)


@pytest.mark.parametrize(
    ("signer", "grade"),
    [("self", "A"), ("family", "A"), ("mail_desk", "A"), ("locker", "C"), ("station", "C"), ("guard", "C"), ("own_desk", "0")],
)
def test_what_a_signed_return_proves_depends_on_who_signed(river, homes, batch, photo, signer, grade):
    batches.hand_over(river.runtime, 1, "张三")
    river.clock.at += timedelta(days=2)
    scanning.signed_for(river.runtime, reference(batch[0]), signer, date(2026, 11, 25), "张三", None, photo)
    river.flow()
    assert grades(river, homes[0]) == {grade}
    assert river.value("SELECT concluded_at FROM attempt WHERE id = :id", id=batch[0]) == datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
    assert river.value("SELECT count(*) FROM exhibit WHERE attempt_id = :id", id=batch[0]) == 1


def test_nobody_signed_before_the_letter_was_posted_or_tomorrow(river, batch):
    batches.hand_over(river.runtime, 1, "张三")
    for day in (date(2026, 11, 23), date(2026, 11, 25)):
        with pytest.raises(Misread, match="between posting and today"):
            scanning.signed_for(river.runtime, reference(batch[0]), "self", day, "张三", None)


@pytest.mark.parametrize("paper_first", [True, False])
def test_what_stands_on_the_signed_return_outranks_the_posts_feed(river, homes, batch, paper_first):
    def paper() -> None:
        scanning.signed_for(river.runtime, reference(batch[0]), "self", date(2026, 11, 24), "张三", None)

    def feed() -> None:
        river.said(batch[0], "delivered", outcome="handed_over", signer="station")

    for say in (paper, feed) if paper_first else (feed, paper):
        say()
        river.flow()
    assert grades(river, homes[0]) == {"A"}


@pytest.mark.parametrize(("because", "grade"), [("refused", "B"), ("unknown", "C"), ("moved", "C"), ("unclaimed", "C")])
def test_an_envelope_that_came_back_counts_by_its_reason_and_makes_a_task(river, homes, batch, photo, because, grade):
    batches.hand_over(river.runtime, 1, "张三")
    scanning.came_back(river.runtime, reference(batch[0]), because, "张三", None, photo)
    river.flow()
    assert river.state(batch[0]) == "undelivered"
    assert grades(river, homes[0]) == {grade}
    assert river.value("SELECT count(*) FROM task WHERE about = 'returned' AND case_id = :id", id=homes[0].case_id) == 1


def test_with_a_clause_on_service_an_unknown_addressee_counts_as_served(river, homes, batch):
    river.execute("UPDATE community SET deemed_service_clause = true")
    scanning.came_back(river.runtime, reference(batch[0]), "moved", "张三", None)
    river.flow()
    assert grades(river, homes[0]) == {"B"}


@pytest.fixture
def with_house(river: River, tmp_path: Path) -> Path:
    """The river with a print house in a folder."""
    place = tmp_path / "house"
    place.mkdir()
    river.runtime = replace(river.runtime, settings=river.runtime.settings.model_copy(update={"print_house_url": f"file://{place}"}))
    return place


def test_a_print_house_gets_the_batch_and_answers_for_each_letter(river, homes, with_house):
    first, second = posted(river, homes)
    river.clock.at = CUT_OFF
    batches.tend(river.runtime)
    assert {each.name for each in (with_house / "XB00000001").iterdir()} == {
        *(f"{reference(each)}.pdf" for each in (first, second)),
        *("letters.pdf", "ems.csv", "manifest.json"),
    }
    assert river.value("SELECT state FROM letter_batch") == "handed_over"
    (with_house / "acknowledgements").mkdir()
    said = [
        {"file": f"{reference(first)}.pdf", "state": "accepted", "waybill": NUMBERS[0], "posted_at": "2026-11-24T18:00:00+08:00"},
        {"file": f"{reference(second)}.pdf", "state": "rejected", "reason": "字体缺失"},
    ]
    (with_house / "acknowledgements/1.json").write_text(json.dumps({"batch": "XB00000001", "files": said}), encoding="utf-8")
    batches.tend(river.runtime)
    batches.tend(river.runtime)
    river.flow()
    assert (river.state(first), river.state(second)) == ("sent", "failed")
    assert river.value("SELECT waybill FROM letter WHERE attempt_id = :id", id=first) == NUMBERS[0]
    assert river.value("SELECT count(*) FROM task WHERE about = 'letter_rejected'") == 1
    assert river.value("SELECT state FROM letter_batch") == "acknowledged"
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'print house answer'") == 1


def test_a_batch_the_house_has_already_counts_as_brought(river, homes, with_house):
    posted(river, homes)
    (with_house / "XB00000001").mkdir()
    river.clock.at = CUT_OFF
    batches.tend(river.runtime)
    assert river.value("SELECT state FROM letter_batch") == "handed_over"
    assert list((with_house / "XB00000001").iterdir()) == []


def test_a_house_that_is_away_gets_its_batch_when_it_is_back(river, homes, with_house):
    posted(river, homes)
    with_house.rmdir()
    river.clock.at = CUT_OFF
    batches.tend(river.runtime)
    assert river.value("SELECT state FROM letter_batch") == "closed"
    with_house.mkdir()
    batches.tend(river.runtime)
    assert river.value("SELECT state FROM letter_batch") == "handed_over"


def test_what_a_print_house_takes_is_not_posted_by_staff_as_well(river, homes, with_house):
    posted(river, homes)
    with_house.rmdir()
    river.clock.at = CUT_OFF
    batches.tend(river.runtime)
    with pytest.raises(NoSuchThing, match="印厂"):
        batches.hand_over(river.runtime, 1, "张三")
    assert river.value("SELECT count(*) FROM letter WHERE posted_at IS NOT NULL") == 0


def test_an_unknown_handover_is_looked_up_before_anything_is_brought_again(river, homes, with_house):
    posted(river, homes)
    closed(river)
    river.execute("UPDATE letter_batch SET uncertain_since = :at", at=river.clock.at)
    (with_house / "XB00000001").mkdir()
    batches.tend(river.runtime)
    assert river.value("SELECT state FROM letter_batch") == "handed_over"
    assert list((with_house / "XB00000001").iterdir()) == []


def brought(house: Path) -> list[str]:
    return [each["file"] for each in json.loads((house / "XB00000001/manifest.json").read_text(encoding="utf-8"))["letters"]]


def test_a_letter_pulled_before_the_house_has_its_batch_is_neither_brought_nor_in_its_files(river, homes, with_house):
    pulled, other = posted(river, homes)
    with_house.rmdir()
    river.clock.at = CUT_OFF
    batches.tend(river.runtime)
    batches.pulled(river.runtime, pulled, "张三")
    with_house.mkdir()
    batches.tend(river.runtime)
    assert {each.name for each in (with_house / "XB00000001").iterdir()} == {
        f"{reference(other)}.pdf",
        *("letters.pdf", "ems.csv", "manifest.json"),
    }
    assert brought(with_house) == [f"{reference(other)}.pdf"]
    assert reference(pulled) not in (with_house / "XB00000001/ems.csv").read_text(encoding="utf-8-sig")


def test_a_letter_pulled_while_its_files_are_made_is_not_in_what_is_brought(river, homes, with_house):
    pulled, other = posted(river, homes)
    river.clock.at = CUT_OFF
    batches.close_due(river.runtime)
    pages = {pulled: 1, other: 1}
    batches.pulled(river.runtime, pulled, "张三")
    with river.runtime.store.begin() as rows:
        assert not letter_batches.made(rows, 1, "{}", pages, river.clock.at, river.clock.at, b"")
    batches.tend(river.runtime)
    assert brought(with_house) == [f"{reference(other)}.pdf"]


def test_what_the_house_may_have_already_is_not_pulled_unheard(river, homes, with_house):
    letter, _ = posted(river, homes)
    closed(river)
    river.execute("UPDATE letter_batch SET uncertain_since = :at", at=river.clock.at)
    with pytest.raises(NoSuchThing, match="印厂"):
        batches.pulled(river.runtime, letter, "张三")
    assert river.state(letter) == "accepted"


def test_the_houses_answer_and_a_person_who_pulls_its_letter_wait_for_one_another(river, homes, with_house):
    """Both lock case, letter and batch; in two orders one of them would be lost to a deadlock."""
    (letter,) = posted(river, homes[:1])
    closed(river)
    (with_house / "acknowledgements").mkdir()
    said = [{"file": f"{reference(letter)}.pdf", "state": "accepted", "posted_at": "2026-11-24T18:00:00+08:00"}]
    (with_house / "acknowledgements/1.json").write_text(json.dumps({"batch": "XB00000001", "files": said}), encoding="utf-8")
    with ThreadPoolExecutor(1) as worker:
        with river.runtime.store.begin() as rows:
            letters.lock(rows, letter)
            heard = worker.submit(batches.hear_from, PrintHouse.of(river.runtime.settings), river.runtime)
            while not waits_for_a_lock(river):
                assert not heard.done()
            letter_batches.withdraw(rows, {letter: "pulled"}, river.clock.at, river.clock.at)
            letter_batches.acknowledge_if_whole(rows, 1, river.clock.at)
        heard.result()
    assert river.state(letter) == "cancelled"
    assert river.value("SELECT posted_at FROM letter WHERE attempt_id = :id", id=letter) is None


def due(river: River) -> list[tuple[int, int]]:
    with river.runtime.store.begin() as rows:
        return [(each.attempt_id, each.day) for each in letters.due_snapshots(rows, river.clock.at)]


def test_the_posts_record_is_due_on_five_days_until_the_query_ends(river, batch):
    number(river, batch[0], NUMBERS[0])
    batches.hand_over(river.runtime, 1, "张三")
    start, seen = river.clock.at, {}
    for day in (0, 1, 2, 3, 6, 7, 30, 299, 300, 365, 366):
        river.clock.at = start + timedelta(days=day)
        seen[day] = [day for _, day in due(river)]
    assert seen == {0: [], 1: [1], 2: [1], 3: [3], 6: [3], 7: [7], 30: [30], 299: [30], 300: [300], 365: [300], 366: []}


def test_staff_find_one_task_while_letters_are_due(river, batch):
    for attempt_id, scanned in zip(batch, NUMBERS[:2], strict=True):
        number(river, attempt_id, scanned)
    batches.hand_over(river.runtime, 1, "张三")
    river.clock.at += timedelta(days=1)
    snapshots.tend(river.runtime)
    snapshots.tend(river.runtime)
    assert river.value("SELECT count(*) FROM task WHERE about = 'tracking' AND state = 'open'") == 1
    assert len(due(river)) == 2


class Desk(Line):
    """A post's desk that answers when it is asked, or is shut."""

    open = True

    def track(self, provider_id: str, attempt_id: int) -> Tracked:
        if not self.open:
            raise LookupFailed("shut")
        at = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
        word = Receipt("post", provider_id, attempt_id, "signed_self", "delivered", outcome="handed_over", at=at, signer="self")
        return Tracked(word, Exchange(b"GET", b"signed_self"))


@pytest.fixture
def taken_by_the_desk(river: River, world: World) -> int:
    """A registered letter that the desk took and mailed."""
    home = world.home("3-1-1205", "韩梅", charges=[month(2026, 5)]).open_case(cursor=5, until=timedelta(days=90))
    page = typst.compile(b"Letter")
    letter = home.attempt("letter", "sent", outcome="mailed", step="formal-demand", sent=timedelta(0), provider_id="EX1", document=page)
    river.execute("UPDATE message SET registered = true")
    batches.gather(river.runtime)
    return letter


def test_where_the_desk_answers_its_record_is_fetched_sealed_and_heard(river, taken_by_the_desk):
    desk = river.lines["letter"] = Desk("letter", "post")
    river.runtime = replace(river.runtime, lines=Lines(tuple(river.lines.values())))
    desk.open = False
    river.clock.at += timedelta(days=1)
    snapshots.tend(river.runtime)
    assert due(river) == [(taken_by_the_desk, 1)]
    desk.open = True
    snapshots.tend(river.runtime)
    river.flow()
    assert due(river) == []
    assert river.state(taken_by_the_desk) == "delivered"
    assert (
        river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'tracking snapshot' AND attempt_id = :id", id=taken_by_the_desk) == 1
    )
    river.clock.at += timedelta(days=2)
    assert due(river) == [(taken_by_the_desk, 3)]
    snapshots.tend(river.runtime)
    assert due(river) == [], "the same words fetched again are the record of another day"


def test_what_the_desk_took_needs_nobody_to_answer_for_it(river, taken_by_the_desk):
    closed(river)
    assert river.value("SELECT state FROM letter_batch") == "acknowledged"
    assert river.value("SELECT waybill FROM letter") == "EX1"
