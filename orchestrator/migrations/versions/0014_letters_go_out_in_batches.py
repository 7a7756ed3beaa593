"""Letters are printed and posted in batches of a working day, numbered by the post, and followed.

Letters from before were posted from the day's folder: they are in no batch, so that none of them is printed a second time.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("community", sa.Column("post_cut_off", sa.String(), nullable=False, server_default="16:00"))
    op.create_check_constraint(
        op.f("ck_community_post_cut_off_is_a_time_of_day"), "community", "post_cut_off ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'"
    )
    op.add_column("message", sa.Column("registered", sa.Boolean(), nullable=False, server_default=sa.false()))
    _batches()
    _letters()
    _snapshots()
    op.execute("""
        UPDATE message g SET registered = true FROM attempt a
         WHERE a.id = g.attempt_id AND a.channel = 'letter' AND a.step IN ('formal-demand', 'lawyer-letter')
    """)
    op.execute("""
        INSERT INTO letter (attempt_id, waybill, waybill_at, posted_at)
        SELECT id, CASE provider WHEN 'post' THEN provider_id END, CASE provider WHEN 'post' THEN sent_at END, sent_at
          FROM attempt WHERE channel = 'letter' AND state IN ('accepted', 'sent', 'delivered', 'undelivered')
    """)


def _batches() -> None:
    op.create_table(
        "letter_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cut_off_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day_known", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("uncertain_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_by", sa.String(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed', 'handed_over', 'acknowledged')", name=op.f("ck_letter_batch_state_known")),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_letter_batch_closed_at_a_time")),
        sa.CheckConstraint("(handed_over_at IS NULL) = (handed_over_by IS NULL)", name=op.f("ck_letter_batch_handed_over_by_someone")),
        sa.CheckConstraint(
            "state NOT IN ('handed_over', 'acknowledged') OR manifest IS NOT NULL",
            name=op.f("ck_letter_batch_handed_over_with_its_manifest"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_letter_batch_community_id_community"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_batch")),
        sa.UniqueConstraint("community_id", "day", name=op.f("uq_letter_batch_community_id_day")),
    )
    op.create_index("ix_letter_batch_under_way", "letter_batch", ["cut_off_at"], postgresql_where=sa.text("state <> 'acknowledged'"))


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("waybill", sa.String(), nullable=True),
        sa.Column("waybill_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waybill_by", sa.String(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_because", sa.String(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_because", sa.String(), nullable=True),
        sa.Column("pull_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_because", sa.String(), nullable=True),
        sa.Column("signed_return_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_because IS NULL)", name=op.f("ck_letter_withdrawn_for_a_reason")),
        sa.CheckConstraint("waybill IS NULL OR waybill_at IS NOT NULL", name=op.f("ck_letter_waybill_at_a_time")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_letter_attempt_id_attempt"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["batch_id"], ["letter_batch.id"], name=op.f("fk_letter_batch_id_letter_batch"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_letter")),
        sa.UniqueConstraint("batch_id", "place", name=op.f("uq_letter_batch_id_place")),
        sa.UniqueConstraint("waybill", name=op.f("uq_letter_waybill")),
    )
    op.create_index(
        "ix_letter_followed", "letter", ["posted_at"], postgresql_where=sa.text("posted_at IS NOT NULL AND waybill IS NOT NULL")
    )


def _snapshots() -> None:
    op.create_table(
        "letter_snapshot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signer", sa.String(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("source IN ('import', 'desk')", name=op.f("ck_letter_snapshot_source_known")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_letter_snapshot_attempt_id_attempt"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_snapshot")),
    )
    op.create_index("ix_letter_snapshot_attempt", "letter_snapshot", ["attempt_id", "taken_at"])
    op.create_index(
        "uq_letter_snapshot_imported",
        "letter_snapshot",
        ["attempt_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("source = 'import'"),
    )


def downgrade() -> None:
    op.drop_table("letter_snapshot")
    op.drop_table("letter")
    op.drop_table("letter_batch")
    op.drop_column("message", "registered")
    op.drop_constraint(op.f("ck_community_post_cut_off_is_a_time_of_day"), "community")
    op.drop_column("community", "post_cut_off")
