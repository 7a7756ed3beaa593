"""An answer to what a debtor wrote is a message of its own purpose."""

from alembic import op

revision = "0019"
down_revision = "0018"

BEFORE = ("demand", "reminder", "offer", "bill_notice", "thank_you", "promise_reminder", "recap")
WITHOUT_CASE = ("bill_notice", "thank_you", "promise_reminder")


def upgrade() -> None:
    _allow((*BEFORE, "answer"), (*WITHOUT_CASE, "answer"))


def downgrade() -> None:
    _allow(BEFORE, WITHOUT_CASE)


def _allow(purposes: tuple[str, ...], without_case: tuple[str, ...]) -> None:
    op.drop_constraint("ck_attempt_purpose_known", "attempt")
    op.drop_constraint("ck_attempt_a_demand_has_its_case", "attempt")
    op.create_check_constraint(op.f("ck_attempt_purpose_known"), "attempt", f"purpose IN {purposes}")
    op.create_check_constraint(op.f("ck_attempt_a_demand_has_its_case"), "attempt", f"purpose IN {without_case} OR case_id IS NOT NULL")
