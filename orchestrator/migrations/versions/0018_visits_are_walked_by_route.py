"""Visits are walked by route, their photos come in piece by piece, and somebody who was not there looks at them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

KINDS = ("photo", "signature", "recording", "scan", "tracking", "document")
SHOTS = ("door_number", "notice", "fixed", "other")


def upgrade() -> None:
    op.create_table(
        "visit_route",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("collector", sa.Text(), nullable=False),
        sa.Column("companion", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("companion <> collector", name=op.f("ck_visit_route_two_are_two_persons")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_visit_route_community_id_community"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_route")),
        sa.UniqueConstraint("community_id", "building", "day", name=op.f("uq_visit_route_community_id_building_day")),
    )
    op.create_index("ix_visit_route_day", "visit_route", ["day", "collector"])
    op.create_table(
        "visit_stop",
        sa.Column("route_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.Column("removed_because", sa.Text(), nullable=True),
        sa.CheckConstraint("persons BETWEEN 1 AND 3", name=op.f("ck_visit_stop_walked_by_somebody")),
        sa.CheckConstraint(
            "num_nonnulls(removed_at, removed_by, removed_because) IN (0, 3)", name=op.f("ck_visit_stop_removed_by_someone_for_a_reason")
        ),
        sa.ForeignKeyConstraint(["route_id"], ["visit_route.id"], name=op.f("fk_visit_stop_route_id_visit_route"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_visit_stop_task_id_task"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("route_id", "task_id", name=op.f("pk_visit_stop")),
    )
    op.create_index("uq_visit_stop_live", "visit_stop", ["task_id"], unique=True, postgresql_where=sa.text("removed_at IS NULL"))
    op.create_table(
        "upload",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("shot", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exhibit_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_upload_kind_known")),
        sa.CheckConstraint(f"shot IN {SHOTS}", name=op.f("ck_upload_shot_known")),
        sa.CheckConstraint("size > 0", name=op.f("ck_upload_not_empty")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_upload_task_id_task"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["exhibit_id"], ["exhibit.id"], name=op.f("fk_upload_exhibit_id_exhibit"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("task_id", "key", name=op.f("uq_upload_task_id_key")),
    )
    op.create_table(
        "visit_look",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("code_seen", sa.Boolean(), nullable=False),
        sa.Column("looked_by", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_visit_look_task_id_task"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_visit_look")),
    )


def downgrade() -> None:
    for table in ("visit_look", "upload", "visit_stop", "visit_route"):
        op.drop_table(table)
