"""Alembic's entry: runs on the connection it is given, so that schema and grants commit together."""

from typing import Any, Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from orchestrator.models import metadata
from orchestrator.models.base import Money

# A migration outlives the code it was written beside, so it names the database's types, never ours.
PLAIN_TYPES = {Money: "sa.Numeric(14, 2)", AutoString: "sa.Text()", UTCDateTime: "sa.DateTime(timezone=True)"}


def in_plain_types(kind: str, item: Any, _: Any) -> str | Literal[False]:
    return PLAIN_TYPES.get(type(item), False) if kind == "type" else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, compare_type=True, render_item=in_plain_types, transaction_per_migration=False
)
context.run_migrations()
