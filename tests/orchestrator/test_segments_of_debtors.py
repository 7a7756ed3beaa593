"""Who is worked by which sequence: chosen when a campaign is proposed, and again when a member of staff understands the cause."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, text

from orchestrator import campaigns, casework, models
from orchestrator.runtime import Runtime
from orchestrator.store import pages_work, recomputing
from tests.world import Home, World, month


@pytest.fixture
def home(world: World) -> Home:
    return world.home("3-1-1201", "王芳", "+8619900000001", charges=[month(2026, 5), month(2026, 6)])


def sequences(runtime: Runtime, world: World) -> dict[str, tuple[str, str | None]]:
    """By debtor: the sequence a proposal gives them, and why it is not the usual one."""
    summary = campaigns.propose(runtime, world.community_name, "2026-11", "supervisor")
    with runtime.store.begin() as rows:
        found = pages_work.candidates(rows, summary.campaign_id, left_out=False)
    return {each.debtor: (each.sequence, each.remark) for each in found}


def test_a_proposal_gives_each_debtor_the_sequence_of_their_segment_and_says_why(runtime: Runtime, world: World, home: Home) -> None:
    sold = world.home("3-1-1202", "李强", charges=[month(2026, 6)])
    shop = world.home("S-101", "云栖便利店", charges=[month(2026, 6)])
    promised = world.home("3-1-1203", "赵敏", charges=[month(2026, 1)])
    with runtime.store.begin() as rows:
        rows.execute(text("UPDATE account SET closed_on = '2026-08-01' WHERE debtor_id = :id"), {"id": sold.debtor_id})
        rows.execute(text("UPDATE unit SET use = 'commercial' WHERE label = 'S-101'"))
        for days in (60, 30):
            rows.execute(
                insert(models.Promise).values(
                    community_id=world.community_id,
                    debtor_id=promised.debtor_id,
                    on=(world.now - timedelta(days=days)).date(),
                    amount=Decimal(400),
                    made_at=world.now - timedelta(days=days + 5),
                    by="collector",
                )
            )
    assert sequences(runtime, world) == {
        "王芳": ("standard", None),
        "李强": ("ownership-change", "sold"),
        "云栖便利店": ("commercial", "commercial"),
        "赵敏": ("chronic", "broken-promises"),
    }
    assert shop.debtor_id


def test_a_case_whose_cause_is_understood_goes_on_by_the_sequence_it_calls_for(runtime: Runtime, home: Home) -> None:
    home.open_case(cursor=2)
    home.attempt("sms", "delivered", outcome="delivered")
    choice = casework.understand(runtime, home.case_id, "cash", "collector", "分两次付")
    assert choice.sequence == "hardship"
    with runtime.store.begin() as rows:
        case = rows.execute(text('SELECT sequence, sequence_digest, cursor FROM "case" WHERE id = :id'), {"id": home.case_id}).one()
        told = rows.execute(text("SELECT kind FROM evidence_entry ORDER BY id")).scalars().all()
        assert not recomputing.recompute(rows).faults
    assert case == ("hardship", runtime.packs.sequence("hardship").digest, 0)  # the plan is offered before anything that was done
    assert told == ["cause of arrears", "policy version", "moved"]


def test_a_cause_that_changes_nothing_leaves_the_case_where_it_stands(runtime: Runtime, home: Home) -> None:
    home.open_case(cursor=2)
    assert casework.understand(runtime, home.case_id, "refuses", "collector").sequence == "standard"
    with runtime.store.begin() as rows:
        assert rows.execute(text('SELECT cursor FROM "case" WHERE id = :id'), {"id": home.case_id}).scalar() == 2


def test_the_latest_cause_is_the_one_that_counts_and_the_earlier_one_is_kept(runtime: Runtime, home: Home, world: World) -> None:
    home.open_case(cursor=0)
    casework.understand(runtime, home.case_id, "cash", "collector")
    casework.understand(runtime, home.case_id, "service", "supervisor")
    with runtime.store.begin() as rows:
        codes = rows.execute(text("SELECT code, ended_by FROM cause_of_arrears ORDER BY id")).all()
    assert codes == [("cash", "supervisor"), ("service", None)]
