"""The schema's history, and what the application may do to each table."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect, make_url, text

from orchestrator.store import psycopg

APPEND_ONLY = (
    "evidence_entry",
    "evidence_position",
    "evidence_tile",
    "evidence_key",
    "evidence_checkpoint",
    "evidence_stamp",
    "decision",
    "charge_version",
    "policy_version",
    "exhibit",
    "consent",
    "original",
    "original_movement",
)
"""Tables whose rows are written once: no UPDATE, no DELETE."""
DELETABLE = ("evidence_payload", "evidence_unsealed")
"""What the law may order deleted (PIPL 47), whose leaf stays; and the queue of entries that wait for their place in the tree."""


def upgrade(owner_url: str, application_url: str, revision: str = "head") -> None:
    """Bring the schema to a revision as its owner, and grant the application role what it needs and no more."""
    engine = create_engine(psycopg(owner_url))
    try:
        with engine.begin() as owner, as_file(files(__package__)) as folder:
            config = Config()
            config.set_main_option("script_location", str(folder).replace("%", "%%"))
            config.attributes["connection"] = owner
            command.upgrade(config, revision)
            role = make_url(application_url).username
            if role and role != make_url(owner_url).username:
                _grant(owner, role)
    finally:
        engine.dispose()


def _grant(owner: Connection, role: str) -> None:
    """History is never deleted: the application has no DELETE but on payloads, no UPDATE on what is append-only."""
    name = owner.dialect.identifier_preparer.quote(role)
    owner.execute(text(f"GRANT USAGE ON SCHEMA public TO {name}"))
    owner.execute(text(f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {name}"))
    owner.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"))
    there = set(inspect(owner).get_table_names())
    for table in there.intersection(APPEND_ONLY):
        owner.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}"))
    for table in there.intersection(DELETABLE):
        owner.execute(text(f"REVOKE UPDATE ON {table} FROM {name}"))
        owner.execute(text(f"GRANT DELETE ON {table} TO {name}"))
