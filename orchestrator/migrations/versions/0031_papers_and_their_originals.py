"""Documents that prove standing, price, liability and service; and a register of where the paper originals lie."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

PAPERS = ("contract", "filing", "renewal", "fee_standard", "title", "sale_contract", "hand_over_form", "service")
ORIGINALS = ("posting_stub", "signed_counterpart", "returned_envelope", "contract", "other")
PLACES = ("shelf", "court", "counsel", "other")


def _one_of(table: str, column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    quoted = f'"{column}"' if column == "to" else column
    return sa.CheckConstraint(f"{quoted} IN ({listed})", name=op.f(f"ck_{table}_{column}_known"))


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete="RESTRICT")


def upgrade() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        _one_of("paper", "kind", PAPERS),
        sa.CheckConstraint("length(sha256) = 32", name=op.f("ck_paper_named_by_its_digest")),
        _refers("paper", "community_id", "community"),
        _refers("paper", "case_id", "case"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    op.create_index("uq_paper", "paper", ["community_id", "case_id", "kind", "sha256"], unique=True, postgresql_nulls_not_distinct=True)
    op.create_index(op.f("ix_paper_case_id"), "paper", ["case_id"])
    op.create_table(
        "original",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shelf", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=True),
        sa.Column("exhibit_id", sa.BigInteger(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        _one_of("original", "what", ORIGINALS),
        sa.CheckConstraint("shelf <> ''", name=op.f("ck_original_lies_somewhere")),
        _refers("original", "case_id", "case"),
        _refers("original", "attempt_id", "attempt"),
        _refers("original", "exhibit_id", "exhibit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_original")),
        sa.UniqueConstraint("shelf", name=op.f("uq_original_shelf")),
    )
    op.create_index(op.f("ix_original_case_id"), "original", ["case_id"])
    op.create_table(
        "original_movement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("original_id", sa.BigInteger(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        _one_of("original_movement", "to", PLACES),
        sa.CheckConstraint("given_by <> taken_by", name=op.f("ck_original_movement_signed_by_two")),
        _refers("original_movement", "original_id", "original"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_original_movement")),
    )
    op.create_index(op.f("ix_original_movement_original_id"), "original_movement", ["original_id"])
    for table in ("original", "original_movement"):
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)


def downgrade() -> None:
    op.drop_table("original_movement")
    op.drop_table("original")
    op.drop_table("paper")
