"""What a court would believe: who was reached, and what a debtor's money and words do to the clocks of the charges they name."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from orchestrator import models
from orchestrator.store import Rows, proofs
from policies.facts import Acknowledgement, Charge
from tests.world import Home, World, month, put


@pytest.fixture
def home(world: World) -> Home:
    """Two months overdue, a case, and a text message of three days ago that names only the first."""
    return world.home("3-1-1201", "王建国", "+8613800138000", charges=[month(2026, 5), month(2026, 6)]).open_case()


def reply(rows: Rows, attempt_id: int, kind: str, world: World, *, as_key: bool = False) -> None:
    put(
        rows,
        models.Receipt,
        digest=f"{attempt_id}{kind}{as_key}".encode(),
        provider="twilio",
        provider_id=f"in-{attempt_id}-{kind}",
        attempt_id=attempt_id,
        kind="keys" if as_key else "reply",
        status="received",
        detail={"meaning": kind} if as_key else {"reply": kind, "on": None},
        raw=b"raw",
        received_at=world.now,
        received_at_wall=world.now,
    )


def pay(rows: Rows, home: Home, charge_id: int, amount: str, state: str = "matched") -> None:
    payment = put(
        rows,
        models.Payment,
        community_id=home.world.community_id,
        source_ref=f"b-{state}",
        at=home.world.now,
        amount=Decimal(amount),
        state=state,
        debtor_id=home.debtor_id,
        created_at=home.world.now,
    )
    rows.execute(insert(models.Allocation).values(payment_id=payment, charge_id=charge_id, amount=Decimal(amount), at=home.world.now))


def acknowledged(rows: Rows, home: Home) -> list[list[Acknowledgement]]:
    found = proofs.acknowledgements(rows, home.charge_ids)
    return [list(found.get(charge_id, ())) for charge_id in home.charge_ids]


def test_money_on_the_bank_statement_restarts_the_clock_of_what_it_paid_in_court_too(home: Home) -> None:
    with home.world.store.begin() as rows:
        pay(rows, home, home.charge_ids[0], "100.00")
        assert acknowledged(rows, home) == [[Acknowledgement(home.world.now, True, "part_payment")], []]


def test_a_payment_taken_back_restarts_nothing(home: Home) -> None:
    with home.world.store.begin() as rows:
        pay(rows, home, home.charge_ids[0], "100.00", "reversed")
        assert acknowledged(rows, home) == [[], []]


def test_what_the_billing_system_counts_as_paid_has_no_day_a_court_would_believe(home: Home) -> None:
    first, _ = home.charge_ids
    with home.world.store.begin() as rows:
        version = {"amount": Decimal(400), "provisional": Decimal(0), "due_on": date(2026, 5, 31), "at": home.world.now}
        put(rows, models.ChargeVersion, charge_id=first, paid=Decimal(0), **version)
        put(rows, models.ChargeVersion, charge_id=first, paid=Decimal(50), **version)
        rows.execute(models.Charge.__table__.update().values(paid=Decimal(50)))  # type: ignore[attr-defined]
        assert acknowledged(rows, home) == [[Acknowledgement(home.world.now, False, "part_payment")], []]


@pytest.mark.parametrize(
    ("channel", "answer", "as_key", "court_safe"), [("sms", "promise", False, True), ("voice", "will_pay", True, False)]
)
def test_a_promise_restarts_the_charges_that_were_named_and_in_court_only_in_writing(
    home: Home, channel: str, answer: str, as_key: bool, court_safe: bool
) -> None:
    attempt = home.attempt(channel, "delivered", names=home.charge_ids[:1])
    with home.world.store.begin() as rows:
        reply(rows, attempt, answer, home.world, as_key=as_key)
        assert acknowledged(rows, home) == [[Acknowledgement(home.world.now, court_safe, "promise")], []]


def test_a_promise_that_staff_wrote_down_moves_the_optimistic_clock_alone(home: Home) -> None:
    attempt = home.attempt("call", "delivered", outcome="conversation", names=home.charge_ids[:1])
    task = home.task("call", attempt)
    report = {"outcome": "conversation", "promised_on": "2026-12-01"}
    with home.world.store.begin() as rows:
        done = {"state": "done", "done_by": "collector", "done_at": home.world.now, "report": report}
        rows.execute(models.Task.__table__.update().where(models.Task.id == task).values(**done))  # type: ignore[attr-defined]
        assert acknowledged(rows, home) == [[Acknowledgement(home.world.now, False, "promise")], []]


@pytest.mark.parametrize(("answer", "grade"), [("promise", "A"), ("dispute", "A"), ("wrong_person", "B"), ("other", "B")])
def test_a_text_message_proves_alone_once_the_debtor_answers_about_the_debt(home: Home, answer: str, grade: str) -> None:
    attempt = home.attempt("sms", "delivered")
    with home.world.store.begin() as rows:
        reply(rows, attempt, answer, home.world)
        assert [demand.grade for demand in proofs.demands(rows, home.charge_ids)[home.charge_ids[0]]] == [grade]


def test_a_text_message_proves_alone_for_the_charge_that_was_paid_on_after_it(home: Home) -> None:
    home.attempt("sms", "delivered", sent=timedelta(days=-3))
    with home.world.store.begin() as rows:
        pay(rows, home, home.charge_ids[0], "100.00")
        found = proofs.demands(rows, home.charge_ids)
        assert [[demand.grade for demand in found[charge_id]] for charge_id in home.charge_ids] == [["A"], ["B"]]


def test_the_late_charge_is_counted_on_what_was_unpaid_on_each_local_day(home: Home) -> None:
    first, second = home.charge_ids
    with home.world.store.begin() as rows:
        pay(rows, home, first, "100.00")
        pay(rows, home, second, "50.00", "reversed")
        paid = proofs.payments(rows, home.charge_ids)
    charge = Charge(str(first), "3-1-1201", "物业费", "2026-05", date(2026, 5, 31), Decimal(400), Decimal(150))
    counted = proofs.late_charge(charge, Decimal("0.000500"), paid[first], "Asia/Shanghai", date(2026, 11, 30))
    assert second not in paid
    assert [line.formula.zh for line in counted.agreed] == ["350.00 × 0.5‰ × 177日 = 30.98", "250.00 × 0.5‰ × 6日 = 0.75"]
    assert (counted.late_charge, counted.court_likely) == (Decimal("31.73"), ())


def test_where_no_late_charge_was_agreed_none_is_counted_but_a_court_may_allow_the_loss(home: Home) -> None:
    charge = Charge("1", "3-1-1201", "物业费", "2026-05", date(2025, 6, 30), Decimal(2400))
    counted = proofs.late_charge(charge, Decimal(0), (), "Asia/Shanghai", date(2026, 6, 30), [(date(2025, 5, 20), Decimal("0.03"))])
    assert (counted.late_charge, counted.court_likely_late_charge) == (Decimal("0.00"), Decimal("93.60"))


def test_a_message_that_came_in_at_night_counts_from_the_morning_where_the_contract_says_so(home: Home) -> None:
    home.attempt("sms", "delivered", sent=timedelta(hours=-15))  # 19:00 the evening before, an hour on its way
    with home.world.store.begin() as rows:
        rows.execute(models.Community.__table__.update().values(notice_hours="09:00-18:00"))  # type: ignore[attr-defined]
        (demand,) = proofs.demands(rows, home.charge_ids[:1])[home.charge_ids[0]]
    assert demand.arrived_at == datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.mark.parametrize(("after", "confirmed", "grade"), [(9, True, "B"), (11, True, "C"), (9, False, "C")])
def test_a_call_is_raised_by_the_text_that_says_it_again_within_ten_minutes(home: Home, after: int, confirmed: bool, grade: str) -> None:
    call = home.attempt("voice", "delivered", outcome="answered", step="call")
    recap = home.attempt("sms", "delivered", step="recap")
    with home.world.store.begin() as rows:
        reply(rows, call, "confirmed" if confirmed else "will_pay", home.world, as_key=True)
        table = models.Attempt.__table__  # type: ignore[attr-defined]
        concluded = rows.execute(table.select().where(table.c.id == call)).one().concluded_at
        said_again = {"purpose": "recap", "occasion": str(call), "concluded_at": concluded + timedelta(minutes=after)}
        rows.execute(table.update().where(table.c.id == recap).values(**said_again))
        (served,) = proofs.served(rows, home.charge_ids[:1])[home.charge_ids[0]]
    assert served.demand.grade == grade
    assert bool(served.raised_by) == (grade == "C")
