"""A payment that did not come in after all: what it paid is owed again, and the case it settled goes on where it stood."""

from datetime import timedelta
from decimal import Decimal

from orchestrator import models
from orchestrator.store import banking
from orchestrator.store.banking import Match, Transfer
from tests.orchestrator.conftest import River
from tests.world import Home, put


def paid(river: River, home: Home, amount: str = "800.00", ref: str = "r1") -> int:
    """The bank says that the home paid; its case is asked."""
    at = river.clock.at
    transfer = Transfer(ref, at, at.date(), "王芳", "", Decimal(amount), "")
    with river.runtime.store.begin() as rows:
        payment = banking.book(rows, home.world.community_id, transfer, Match(home.debtor_id, None, "unit"), _statement(river), at, at)
    assert payment is not None
    river.flow()
    return payment


def _statement(river: River) -> int:
    with river.runtime.store.begin() as rows:
        return put(rows, models.ImportRun, kind="payments", file_name="", file_digest=b"", at=river.clock.at)


def taken_back(river: River, *payments: int) -> int:
    river.clock.at += timedelta(hours=2)
    with river.runtime.store.begin() as rows:
        return banking.reverse(rows, payments, "退票", "陈静", river.clock.at, river.clock.at)


def case(river: River, home: Home) -> tuple[object, ...]:
    found = river.value("""SELECT array[state, COALESCE(rest, ''), CAST(cursor AS text)] FROM "case" WHERE id = :id""", id=home.case_id)
    return tuple(found)  # type: ignore[arg-type]


def test_a_case_that_was_settled_by_it_goes_on_at_its_cursor(river: River, home: Home) -> None:
    river.ask(home)
    river.flow()
    river.said(1, "delivered")
    river.flow()
    before = case(river, home)
    payment = paid(river, home)
    assert case(river, home) == ("closed", "settled", before[2])
    assert taken_back(river, payment) == 1
    assert case(river, home) == before
    river.execute("UPDATE community SET payments_as_of = :then", then=river.clock.at + timedelta(days=30))
    river.clock.at += timedelta(days=9)
    river.flow()
    assert river.value("SELECT array_agg(step ORDER BY id) FROM attempt") == ["notice-sms", "warm-letter"]


def test_it_is_said_in_the_log_of_the_case(river: River, home: Home) -> None:
    taken_back(river, paid(river, home))
    assert river.value("SELECT case_id FROM evidence_entry WHERE kind = 'payment reversed'") == home.case_id


def test_it_is_taken_back_once(river: River, home: Home) -> None:
    payment = paid(river, home)
    assert [taken_back(river, payment), taken_back(river, payment)] == [1, 0]
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'payment reversed'") == 1


def test_what_the_billing_system_has_confirmed_meanwhile_stays_paid(river: River, home: Home) -> None:
    payment = paid(river, home)
    river.execute("UPDATE allocation SET superseded_at = now()")
    river.execute("UPDATE charge SET paid = amount, provisional = 0")
    taken_back(river, payment)
    assert case(river, home)[0] == "closed"


def test_a_case_that_was_settled_before_it_came_stays_closed(river: River, home: Home) -> None:
    paid(river, home)
    river.clock.at += timedelta(days=1)
    river.execute("UPDATE charge SET amount = amount + 100")
    assert taken_back(river, paid(river, home, "200.00", "r2")) == 1
    assert case(river, home)[0] == "closed"


def test_what_is_owed_again_is_a_later_cases_where_there_is_one(river: River, home: Home) -> None:
    payment, settled = paid(river, home), home.case_id
    home.open_case()
    taken_back(river, payment)
    assert river.value("""SELECT array_agg(id) FROM "case" WHERE state = 'open'""") == [home.case_id]
    assert river.value("SELECT case_id FROM evidence_entry WHERE kind = 'payment reversed'") == home.case_id != settled
