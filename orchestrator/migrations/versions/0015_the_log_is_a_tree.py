"""The log becomes a tree: places, hashes of complete subtrees, signed checkpoints and their stamps. What is appended is queued for it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

WRITTEN_ONCE = ("evidence_position", "evidence_tile", "evidence_key", "evidence_checkpoint", "evidence_stamp")


def upgrade() -> None:
    op.add_column("evidence_entry", sa.Column("payload_digest", sa.LargeBinary(), nullable=True))
    op.create_table(
        "evidence_unsealed",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["evidence_entry.id"], name=op.f("fk_evidence_unsealed_entry_id_evidence_entry"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_evidence_unsealed")),
    )
    op.create_table(
        "evidence_position",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["evidence_entry.id"], name=op.f("fk_evidence_position_entry_id_evidence_entry"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_evidence_position")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_evidence_position_entry_id")),
    )
    op.create_table(
        "evidence_tile",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_evidence_tile")),
    )
    op.create_table(
        "evidence_key",
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("public", name=op.f("pk_evidence_key")),
    )
    op.create_table(
        "evidence_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_wall", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["public"], ["evidence_key.public"], name=op.f("fk_evidence_checkpoint_public_evidence_key"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_evidence_checkpoint")),
    )
    op.create_table(
        "evidence_stamp",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("certificates", sa.LargeBinary(), nullable=False),
        sa.Column("revocation", sa.LargeBinary(), nullable=True),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_wall", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("algorithm IN ('sha256', 'sm3')", name=op.f("ck_evidence_stamp_algorithm_known")),
        sa.CheckConstraint("expires > stamped_at", name=op.f("ck_evidence_stamp_stamped_by_a_certificate_in_force")),
        sa.ForeignKeyConstraint(
            ["size"], ["evidence_checkpoint.size"], name=op.f("fk_evidence_stamp_size_evidence_checkpoint"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_stamp")),
        sa.UniqueConstraint("size", "authority", name=op.f("uq_evidence_stamp_size_authority")),
    )
    for table in WRITTEN_ONCE:
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
    op.execute("""
        CREATE FUNCTION wait_for_a_place() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO evidence_unsealed (entry_id) SELECT id FROM appended;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER wait_for_a_place AFTER INSERT ON evidence_entry REFERENCING NEW TABLE AS appended
        FOR EACH STATEMENT EXECUTE FUNCTION wait_for_a_place()
    """)
    op.execute("INSERT INTO evidence_unsealed (entry_id) SELECT id FROM evidence_entry")


def downgrade() -> None:
    op.execute("DROP TRIGGER wait_for_a_place ON evidence_entry")
    op.execute("DROP FUNCTION wait_for_a_place()")
    for table in (*reversed(WRITTEN_ONCE), "evidence_unsealed"):
        op.drop_table(table)
    op.drop_column("evidence_entry", "payload_digest")
