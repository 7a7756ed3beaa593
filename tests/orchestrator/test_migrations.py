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
from orchestrator.store import Store, letter_batches
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


CREDITOR = "INSERT INTO creditor (name, payee, payee_account, phone, address, signatory) VALUES ('清苑物业', '', '', '', '', '')"
UNDER_WAY = "SELECT id, case_id, step, round, channel, state, provider, provider_id, sent_at FROM attempt ORDER BY id"
WORKED = """
    INSERT INTO community (creditor_id, name, address, pack, sequence, timezone, country, language, currency, billing_day, late_rate,
                           contract_clause, how_to_pay, how_to_object, deemed_service_clause, voice_opt_in, automatic, minimum,
                           suit_minimum)
    VALUES (1, '云栖花园', '', 'cn-property', 'standard', 'Asia/Shanghai', 'CN', 'zh', 'CNY', 1, 0, '', '', '', false, true, false, 0, 0);
    INSERT INTO debtor (creditor_id, key, name) VALUES (1, '1', '王芳');
    INSERT INTO contact_point (creditor_id, kind, value, digest, country) VALUES (1, 'mobile', 'sealed', 'digest', 'CN');
    INSERT INTO "case" (community_id, debtor_id, state, sequence, sequence_digest, pack, pack_digest, cursor, entered_at, ask_at)
    VALUES (1, 1, 'open', 'standard', '', 'cn-property', '', 5, '2026-09-01', '2026-09-01');
    INSERT INTO opt_out (contact_point_id, channel, source, at, ended_at)
    VALUES (1, 'sms', 'reply', '2026-09-02', NULL), (1, 'voice', 'staff', '2026-09-02', '2026-09-03');
"""
ATTEMPTS = """
    INSERT INTO attempt (case_id, community_id, debtor_id, purpose, step, round, occasion, channel, state, provider, provider_id,
                         planned_at, sent_at, sent_at_wall, sending_until {more})
    SELECT 1, 1, 1, 'demand', step, round, '', channel, state, provider, provider_id, at, at, at, at {value}
      FROM (VALUES ('notice-sms', 1, 'sms', 'delivered', 'twilio', 'SM1'), ('formal-demand', 1, 'letter', 'delivered', 'post', 'EX1'),
                   ('formal-demand', 2, 'letter', 'unknown', 'post', NULL), ('formal-demand', 3, 'letter', 'sending', NULL, NULL),
                   ('formal-demand', 4, 'letter', 'planned', NULL, NULL))
           AS n(step, round, channel, state, provider, provider_id), CAST('2026-09-02' AS timestamptz) AS at;
    INSERT INTO message (attempt_id, wording, language, body, document, summary, digest, valid_until, composed_at)
    SELECT id, step || '@1', 'zh', '', 'pdf', '', 'digest', '2026-09-02', '2026-09-02' FROM attempt;
"""


def worked(application: psycopg.Connection[tuple[object, ...]], shipped: str) -> None:
    """A community at work: a text and a letter that arrived, three letters under way, a number with a wish, a sender at rest."""
    looked_for = {"more": ", sought", "value": ", 0"} if shipped < "0008" else {"more": "", "value": ""}
    application.execute(WORKED)
    application.execute(ATTEMPTS.format(**looked_for))
    if shipped >= "0009":
        application.execute(
            "INSERT INTO sender_state (channel, provider, streak, resting_since, retry_at) VALUES ('sms', 'twilio', 5, now(), now())"
        )


@pytest.mark.parametrize("shipped", SHIPPED)
def test_what_was_under_way_in_a_shipped_version_goes_on_and_no_letter_is_printed_again(urls: tuple[str, str], shipped: str) -> None:
    upgrade(*urls, revision=shipped)
    with psycopg.connect(urls[1], autocommit=True) as application:
        application.execute(CREDITOR)
        worked(application, shipped)
        before = application.execute(UNDER_WAY).fetchall()
    upgrade(*urls)
    store = Store(urls[1], "e" * 32)
    with psycopg.connect(urls[1], autocommit=True) as application:
        assert application.execute(UNDER_WAY).fetchall() == before
        assert application.execute("SELECT contact_point_id, channel, source FROM opt_out").fetchall() == [(1, "sms", "reply")]
        assert application.execute("SELECT channel, given FROM consent ORDER BY id").fetchall() == [
            ("sms", False),
            ("voice", False),
            ("voice", True),
        ]
        assert application.execute("SELECT count(*) FROM message WHERE registered").fetchall() == [(4,)]
        assert application.execute("SELECT count(*) FROM sender_state").fetchall() == [(0,)], "found out anew"
        application.execute(
            "UPDATE attempt SET state = 'accepted', provider = 'post', provider_id = 'EX' || round WHERE provider_id IS NULL"
        )
    with store.begin() as rows:
        assert [each.attempt_id for each in letter_batches.loose(rows)] == [5]
    store.close()


@pytest.mark.parametrize("shipped", SHIPPED)
def test_a_database_of_a_shipped_version_is_brought_to_the_newest_with_its_rows_and_its_grants(urls: tuple[str, str], shipped: str) -> None:
    upgrade(*urls, revision=shipped)
    with psycopg.connect(urls[1], autocommit=True) as application:
        application.execute(CREDITOR)
    upgrade(*urls)
    with psycopg.connect(urls[1], autocommit=True) as application:
        assert application.execute("SELECT name FROM creditor").fetchall() == [("清苑物业",)]
        for history in ("evidence_entry", "decision", "charge_version", "policy_version", "exhibit", "consent"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(f"DELETE FROM {history}")
