"""A community lived ahead: what would happen is shown, and nothing happens."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, text

from orchestrator import campaigns, models
from orchestrator.forecasting import PIECE, Ahead, as_worked, compared, live_ahead, of_community, otherwise
from orchestrator.packs import UnknownPolicy
from orchestrator.runtime import Runtime
from orchestrator.store import campaigns as campaign_rows
from orchestrator.store import outcomes
from policies.facts import CaseFacts, Charge
from policies.forecast import Behaviour, forecast
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

DAYS = 60


@pytest.fixture
def homes(world: World, river: River) -> list[Home]:
    """One case under way, and two debtors who would enter today."""
    owed = [month(2026, 8), month(2026, 9), month(2026, 10)]
    under_way = world.home("3-1-1201", "王芳", "+8619900000001", charges=owed).open_case(cursor=1)
    return [under_way, *(world.home(label, name, number, charges=owed) for label, name, number in OTHERS)]


OTHERS = (("3-1-1202", "李强", "+8619900000002"), ("3-1-1203", "赵敏", "+8619900000003"))


def ahead(runtime: Runtime, world: World) -> Ahead:
    with runtime.store.begin() as rows:
        home = campaign_rows.community(rows, world.community_name)
        assert home is not None
        return of_community(rows, runtime, home, runtime.now())


def counts(runtime: Runtime) -> dict[str, int]:
    with runtime.store.begin() as rows:
        return {
            name: rows.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in ("campaign", "candidate", "case", "decision", "attempt", "evidence_entry", "policy_version")
        }


def test_open_cases_and_those_who_would_enter_are_lived_and_nothing_is_written(river: River, world: World, homes: list[Home]) -> None:
    before = counts(river.runtime)
    looked = ahead(river.runtime, world)
    lived = looked.lived(as_worked(river.runtime), DAYS, seed=1)
    assert set(lived.lives) == {f"debtor-{home.debtor_id}" for home in homes}
    assert lived.totals.contacts["sms"] >= len(homes)
    assert counts(river.runtime) == before


def test_the_same_seed_gives_the_same_days_again(river: River, world: World, homes: list[Home]) -> None:
    first, second = (ahead(river.runtime, world).lived(as_worked(river.runtime), DAYS, seed=7) for _ in range(2))
    assert first == second


def test_another_sequence_is_compared_case_by_case_with_how_they_are_worked(river: River, world: World, homes: list[Home]) -> None:
    found = compared(ahead(river.runtime, world), as_worked(river.runtime), otherwise(river.runtime, sequence="developer-units"), DAYS, 1)
    assert len(found.differences) == len(homes)
    assert found.before.contacts["sms"] > 0
    assert found.after.contacts.get("sms", 0) == 0  # one statement a month, by letter


def test_the_installed_versions_compared_with_themselves_change_nothing(river: River, world: World, homes: list[Home]) -> None:
    found = compared(ahead(river.runtime, world), as_worked(river.runtime), otherwise(river.runtime), DAYS, 1)
    assert (found.alike, found.differences) == (len(homes), ())


def test_a_forecast_by_rules_nobody_has_is_refused_by_name(river: River) -> None:
    with pytest.raises(UnknownPolicy, match="standard"):
        otherwise(river.runtime, sequence="standart")


def test_a_proposal_shows_what_the_days_ahead_take_cost_and_bring(river: River, world: World, homes: list[Home]) -> None:
    with river.runtime.store.begin() as rows:
        rows.execute(insert(models.User).values(name="collector", role="collector", password_hash="", language="zh", active=True))
    proposed = campaigns.propose(river.runtime, world.community_name, "2026-11", "supervisor")
    assert proposed.forecast["cases"] == len(OTHERS)
    assert Decimal(proposed.forecast["cost"]) > 0
    assert sum(day["sms"] for day in proposed.expected.values() if "sms" in day) == proposed.forecast["contacts"]["sms"]
    with river.runtime.store.begin() as rows:
        days = rows.execute(text("SELECT forecast -> 'days' FROM campaign")).scalar_one()
    assert {day["capacity_hours"] for day in days} <= {6.0, 3.0}  # of one collector, half at the weekend


def test_what_became_of_past_contacts_is_learned(river: River, world: World, homes: list[Home]) -> None:
    home = homes[0]
    for days, step in ((20, "notice-sms"), (12, "supplement")):
        home.attempt("sms", "delivered", outcome="delivered", step=step, sent=timedelta(days=-days))
    home.attempt("letter", "delivered", outcome="handed_over", step="warm-letter", sent=timedelta(days=-30), signer="self")
    with river.runtime.store.begin() as rows:
        rows.execute(
            insert(models.Payment).values(
                community_id=world.community_id,
                source_ref="bank-1",
                at=world.now - timedelta(days=10),
                amount=Decimal("400.00"),
                state="matched",
                debtor_id=home.debtor_id,
                created_at=world.now,
            )
        )
        past = outcomes.past(rows, world.creditor_id, world.now)
    assert past.outcomes == {("sms", "delivered"): 2}
    assert past.heard == {("letter", 1): 1, ("sms", 2): 1, ("sms", 3): 1}
    assert past.paid == {("letter", 1): 0, ("sms", 2): 0, ("sms", 3): 1}  # the payment is owed to the last text before it
    assert (past.mailed, past.arrived) == (1, 1)


def test_a_forecast_in_pieces_on_all_cores_is_that_in_one_piece(river: River) -> None:
    rules = river.runtime.packs.rules()
    charge = Charge("k", "3-1-1201", "物业费", "2026-10", date(2026, 10, 31), Decimal("400.00"))
    facts = CaseFacts("c", "Asia/Shanghai", "residential", "standard", 0, (charge,))
    cases = [replace(facts, id=f"c{number}") for number in range(PIECE + 1)]
    start, behaviour = river.clock.at, Behaviour()
    assert live_ahead([(case, rules) for case in cases], start, 3, 1, behaviour) == forecast(cases, lambda _: rules, start, 3, 1, behaviour)


def test_no_collector_means_no_capacity(river: River, world: World, homes: list[Home]) -> None:
    assert set(ahead(river.runtime, world).means.week) == {0}
