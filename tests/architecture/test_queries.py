"""Queries live in one package. Whoever sets a server up, or pings it, asks no table."""

import ast
import re

from tests.architecture.source import nodes, place

HOMES = ("orchestrator/store/", "orchestrator/migrations/", "orchestrator/models/", "orchestrator/embedded/")
"""`embedded` makes roles and databases of servers that have no tables of ours yet."""
QUERY = re.compile(
    r"\b(SELECT\b[^;]{1,400}?\bFROM\s+\"?\w|INSERT INTO\s+\"?\w|UPDATE\s+\"?\w+\"?(\s+\w+)?\s+SET\s|DELETE FROM\s+\"?\w)", re.DOTALL
)


def test_only_the_store_speaks_sql():
    speaking = [
        place(file, node)
        for file, node in nodes(ast.Constant)
        if isinstance(node.value, str) and QUERY.search(node.value) and not file.startswith(HOMES)
    ]

    assert speaking == []


def test_the_test_knows_a_query_when_it_sees_one():
    assert QUERY.search('\n SELECT id\n FROM "case" WHERE id = 1')
    assert QUERY.search("UPDATE charge ch SET paid = 0")
    assert not QUERY.search("SELECT 1")
    assert not QUERY.search("Choose one and update it")


def test_only_the_store_builds_queries_of_expressions():
    building = [
        place(file, node)
        for file, node in nodes(ast.ImportFrom)
        if (node.module or "").split(".")[0] in ("sqlalchemy", "sqlmodel")
        and {alias.name for alias in node.names} & {"select", "insert", "update", "delete"}
        and not file.startswith(HOMES)
    ]

    assert building == []
