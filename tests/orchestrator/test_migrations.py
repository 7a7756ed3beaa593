"""The schema's history leads to the tables the program describes, from the first version as from any later one."""

from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url

from orchestrator.embedded import Postgres
from orchestrator.migrations import upgrade
from orchestrator.models import metadata
from orchestrator.store import psycopg as with_driver

SHIPPED = ("0002", "0005", "0007", "0009")
"""Revisions that databases in the world may stand at."""


@pytest.fixture
def urls(server: Postgres) -> tuple[str, str]:
    """A new database without a table: its owner's URL and the application's."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER {make_url(server.owner_url).username}")
    owner, application = (make_url(url).set(database=name).render_as_string(hide_password=False) for url in (server.owner_url, server.url))
    return owner, application


def test_the_migrations_make_exactly_the_tables_that_the_models_describe(urls: tuple[str, str]) -> None:
    upgrade(*urls)
    engine = create_engine(with_driver(urls[0]))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": False}), metadata) == []
    engine.dispose()


@pytest.mark.parametrize("shipped", SHIPPED)
def test_a_database_of_a_shipped_version_is_brought_to_the_newest_with_its_rows_and_its_grants(urls: tuple[str, str], shipped: str) -> None:
    upgrade(*urls, revision=shipped)
    with psycopg.connect(urls[1], autocommit=True) as application:
        application.execute(
            "INSERT INTO creditor (name, payee, payee_account, phone, address, signatory) VALUES ('清苑物业', '', '', '', '', '')"
        )
    upgrade(*urls)
    with psycopg.connect(urls[1], autocommit=True) as application:
        assert application.execute("SELECT name FROM creditor").fetchall() == [("清苑物业",)]
        for history in ("evidence_entry", "decision", "charge_version", "policy_version", "exhibit", "consent"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(f"DELETE FROM {history}")
