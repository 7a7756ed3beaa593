"""Addresses that fail: a letter names the address it goes to, one that comes back sets the address aside, and the next of the same debtor
is tried by the same step; never two letters for one step unless the first certainly came back."""

from datetime import timedelta

import pytest

from orchestrator import outreach
from orchestrator.packs import load
from orchestrator.posting import batches, scanning
from orchestrator.posting.printed import reference
from orchestrator.store import proofs
from orchestrator.store.concluding import BAD_FOR
from tests.orchestrator.conftest import River
from tests.orchestrator.test_failover import next_days
from tests.world import Home, World, month

STEPS = [step.name for step in load().sequence("standard").steps]
AT_HOME = "杭州市云栖路1号3-1-1201"
ELSEWHERE = "浙江省宁波市海曙区月湖街道12号"


@pytest.fixture
def home(world: World) -> Home:
    """A home at the step of the formal demand by registered letter."""
    return world.home("3-1-1201", "王芳", "+8619900000001", charges=[month(2026, 5), month(2026, 6)]).open_case(cursor=5)


@pytest.fixture
def elsewhere(home: Home) -> int:
    """Where its owner lives, as the billing system has it."""
    return home.another_address(ELSEWHERE)


def written_to(river: River) -> list[str]:
    return [message.to for message in river.lines["letter"].sent]


def post(river: River, home: Home) -> int:
    """Its letter, on its way."""
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    batches.gather(river.runtime)
    return attempt


def comes_back(river: River, attempt_id: int, because: str) -> None:
    scanning.came_back(river.runtime, reference(attempt_id), because, "张三", None)
    river.flow()


def address_of(river: River, attempt_id: int) -> str:
    sealed = river.value(
        "SELECT cp.value FROM attempt a JOIN contact_point cp ON cp.id = a.contact_point_id WHERE a.id = :id", id=attempt_id
    )
    return river.runtime.store.vault.open(bytes(sealed))  # type: ignore[call-overload]


def set_aside(river: River, attempt_id: int) -> object:
    return river.value(
        """SELECT cp.unusable_reason || ' ' || (date(cp.unusable_until) - date(a.concluded_at))
             FROM attempt a JOIN contact_point cp ON cp.id = a.contact_point_id WHERE a.id = :id""",
        id=attempt_id,
    )


def grades(river: River, home: Home) -> list[str]:
    with river.runtime.store.begin() as rows:
        return [demand.grade for demand in proofs.demands(rows, home.charge_ids)[home.charge_ids[0]]]


def designate(river: River, attempt_id: int) -> None:
    river.execute(
        "UPDATE party_contact SET designated = true WHERE contact_point_id = (SELECT contact_point_id FROM attempt WHERE id = :id)",
        id=attempt_id,
    )


def test_a_letter_carries_the_home_it_goes_to_as_its_contact_point(river: River, home: Home) -> None:
    attempt = post(river, home)
    assert written_to(river) == [AT_HOME] == [address_of(river, attempt)]


@pytest.mark.usefixtures("elsewhere")
def test_a_letter_goes_to_the_address_that_the_debtor_gave(river: River, home: Home) -> None:
    attempt = post(river, home)
    assert written_to(river) == [ELSEWHERE] == [address_of(river, attempt)]


def test_the_address_that_the_contract_names_comes_before_any_other(river: River, home: Home, elsewhere: int) -> None:
    home.another_address("浙江省绍兴市越城区1号", rank=0)
    river.execute("UPDATE party_contact SET designated = true, rank = 5 WHERE contact_point_id = :id", id=elsewhere)
    post(river, home)
    assert written_to(river) == [ELSEWHERE]


def test_who_gave_their_home_as_their_address_has_one_address(river: River, home: Home) -> None:
    given = home.another_address(AT_HOME)
    attempt = post(river, home)
    assert river.value("SELECT contact_point_id FROM attempt WHERE id = :id", id=attempt) == given
    assert river.value("SELECT count(*) FROM contact_point WHERE kind = 'address'") == 1


@pytest.mark.parametrize("because", ["unknown", "moved"])
def test_a_letter_nobody_could_be_given_sets_its_address_aside_for_a_while(river: River, home: Home, because: str) -> None:
    attempt = post(river, home)
    comes_back(river, attempt, because)
    assert set_aside(river, attempt) == f"returned {BAD_FOR.days}"


@pytest.mark.parametrize("because", ["refused", "unclaimed"])
def test_who_refused_a_letter_or_did_not_fetch_it_still_has_that_address(river: River, home: Home, because: str) -> None:
    attempt = post(river, home)
    comes_back(river, attempt, because)
    assert set_aside(river, attempt) is None


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("because", ["unknown", "moved", "unclaimed"])
def test_a_letter_that_came_back_unread_goes_to_the_next_address_by_the_same_step(river: River, home: Home, because: str) -> None:
    comes_back(river, post(river, home), because)
    next_days(river)
    assert written_to(river) == [ELSEWHERE, AT_HOME]
    assert river.value("SELECT array_agg(step || ' ' || round ORDER BY id) FROM attempt") == ["formal-demand 1", "formal-demand 2"]


@pytest.mark.usefixtures("elsewhere")
def test_who_refused_a_letter_is_not_written_to_elsewhere(river: River, home: Home) -> None:
    comes_back(river, post(river, home), "refused")
    next_days(river, 4)
    assert written_to(river) == [ELSEWHERE]


@pytest.mark.usefixtures("elsewhere")
def test_while_a_letter_is_on_its_way_nothing_goes_to_the_other_address(river: River, home: Home) -> None:
    post(river, home)
    next_days(river, 10)
    assert written_to(river) == [ELSEWHERE]


@pytest.mark.usefixtures("elsewhere")
def test_when_no_address_is_left_the_step_is_over(river: River, home: Home) -> None:
    comes_back(river, post(river, home), "moved")
    next_days(river)
    river.execute("UPDATE community SET payments_as_of = :now", now=river.clock.at)
    batches.gather(river.runtime)
    comes_back(river, river.lines["letter"].sent[-1].attempt_id, "moved")
    next_days(river, 3)
    assert written_to(river) == [ELSEWHERE, AT_HOME]


def test_the_posts_own_word_moves_on_to_the_next_address_too(river: River, home: Home, elsewhere: int) -> None:
    attempt = post(river, home)
    river.said(attempt, "undelivered", outcome="returned_unknown", error_class="contact_bad")
    river.flow()
    next_days(river)
    assert written_to(river) == [ELSEWHERE, AT_HOME]


def test_refusing_a_letter_at_the_address_that_the_contract_names_is_having_received_it(river: River, home: Home) -> None:
    attempt = post(river, home)
    comes_back(river, attempt, "refused")
    assert grades(river, home) == ["B"]
    designate(river, attempt)
    assert grades(river, home) == ["A"]


def test_refusing_a_letter_where_an_earlier_one_was_signed_for_is_having_received_it(river: River, home: Home) -> None:
    earlier = home.attempt(
        "letter", "delivered", outcome="handed_over", signer="self", step="warm-letter", sent=timedelta(days=-30), names=[]
    )
    comes_back(river, post(river, home), "refused")
    assert grades(river, home) == ["B"], "it was signed for elsewhere"
    river.execute('UPDATE attempt SET contact_point_id = (SELECT home_id FROM "case") WHERE id = :id', id=earlier)
    assert grades(river, home) == ["A"]
    river.execute("UPDATE attempt SET signer = 'guard' WHERE id = :id", id=earlier)
    assert grades(river, home) == ["B"]


def test_a_home_that_is_written_otherwise_is_a_new_address_and_the_old_one_stays_with_its_letter(river: River, home: Home) -> None:
    attempt = post(river, home)
    river.execute("UPDATE community SET address = '杭州市云栖路2号'")
    comes_back(river, attempt, "moved")
    next_days(river)
    assert written_to(river) == [AT_HOME, "杭州市云栖路2号3-1-1201"]
    assert address_of(river, attempt) == AT_HOME


def test_what_the_post_says_of_one_owner_says_nothing_of_the_next(river: River, home: Home, world: World) -> None:
    attempt = post(river, home)
    comes_back(river, attempt, "moved")
    nextdoor = world.home("3-1-1201B", "李雷", charges=[month(2026, 5)]).open_case(cursor=5)
    river.execute("UPDATE unit SET source_label = '3-1-1201'")
    another = post(river, nextdoor)
    assert address_of(river, another) == AT_HOME
    assert set_aside(river, another) is None


def test_letters_to_one_address_are_counted_by_debtor_and_not_by_address(river: River, home: Home, elsewhere: int, world: World) -> None:
    """Who writes to a company's many owners at its office writes to each of them; a family's number is counted by number."""
    for label in ("3-1-1202", "3-1-1203", "3-1-1204", "3-1-1205"):
        neighbour = world.home(label, f"业主{label}", charges=[month(2026, 5)]).open_case(cursor=5)
        river.execute(
            "INSERT INTO party_contact SELECT party_id, :point, 0, false FROM debtor_party WHERE debtor_id = :id",
            point=elsewhere,
            id=neighbour.debtor_id,
        )
        post(river, neighbour)
    post(river, home)
    assert written_to(river) == [ELSEWHERE] * 5


def test_a_grave_letter_that_came_back_is_approved_anew_for_the_next_address(river: River, world: World) -> None:
    ripe = world.home("3-1-1206", "韩梅", charges=[month(2026, 4), month(2026, 5), month(2026, 6)])
    ripe.open_case(cursor=STEPS.index("lawyer-letter"))
    ripe.attempt("letter", "delivered", outcome="handed_over", signer="self", step="formal-demand", sent=timedelta(days=-60))
    ripe.another_address(ELSEWHERE)
    seen = []
    for _ in range(2):
        river.ask(ripe)
        outreach.advance([ripe.case_id], river.runtime)
        seen.append(river.value("SELECT snapshot -> 'recipients' ->> 1 FROM approval WHERE state = 'pending'"))
        river.execute("UPDATE approval SET state = 'approved', decided_by = '陈静' WHERE state = 'pending'")
        batches.gather(river.runtime)
        comes_back(river, post(river, ripe), "moved")
        river.clock.at += timedelta(days=1)
        river.execute("UPDATE community SET payments_as_of = :now", now=river.clock.at)
    assert written_to(river) == [ELSEWHERE, "杭州市云栖路1号3-1-1206"]
    assert seen == [ELSEWHERE, "杭州市云栖路1号 3-1-1206"]
