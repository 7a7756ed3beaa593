"""The day before a promised day, the debtor is reminded: a message of its own purpose."""

from alembic import op

revision = "0006"
down_revision = "0005"

BEFORE = ("demand", "reminder", "offer", "bill_notice", "thank_you", "recap")
CAMPAIGN_BEFORE = ("bill_notice", "thank_you")


def upgrade() -> None:
    _allow((*BEFORE, "promise_reminder"), (*CAMPAIGN_BEFORE, "promise_reminder"))


def downgrade() -> None:
    _allow(BEFORE, CAMPAIGN_BEFORE)


def _allow(purposes: tuple[str, ...], without_case: tuple[str, ...]) -> None:
    op.drop_constraint("ck_attempt_purpose_known", "attempt")
    op.drop_constraint("ck_attempt_a_demand_has_its_case", "attempt")
    op.create_check_constraint(op.f("ck_attempt_purpose_known"), "attempt", f"purpose IN {purposes}")
    op.create_check_constraint(op.f("ck_attempt_a_demand_has_its_case"), "attempt", f"purpose IN {without_case} OR case_id IS NOT NULL")
