"""A complaint names the creditor as it is registered, the contract, the fee standard and the court."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

CREDITOR = ("credit_code", "legal_representative", "legal_title", "agent", "service_address", "electronic_service")
COMMUNITY = (
    "contract_title",
    "contract_number",
    "contract_signed_with",
    "contract_filing",
    "fee_standard",
    "payment_terms",
    "jurisdiction_clause",
    "court",
)
DAYS = ("contract_signed_on", "contract_from", "contract_until")


def upgrade() -> None:
    for table, names in (("creditor", CREDITOR), ("community", COMMUNITY)):
        for name in names:
            op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in DAYS:
        op.add_column("community", sa.Column(name, sa.Date(), nullable=True))


def downgrade() -> None:
    for table, names in (("creditor", CREDITOR), ("community", (*COMMUNITY, *DAYS))):
        for name in names:
            op.drop_column(table, name)
