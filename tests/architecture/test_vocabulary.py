"""The words of the glossary, and not those that other programs use for the same things."""

import ast
import re

import pytest

from tests.architecture.source import nodes, place

INSTEAD = {
    "case": ("ticket", "dunning_job"),
    "campaign": ("blast",),
    "sequence": ("workflow",),
    "debtor": ("customer", "defaulter"),
    "charge": ("invoice",),
    "promise": ("ptp",),
    "no-contact": ("dnc",),
    "visit": ("field_visit",),
}


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
            return [name]
        case ast.Import(names=imported) | ast.ImportFrom(names=imported):
            return [alias.asname for alias in imported if alias.asname]
    return []


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize(("word", "not_these"), INSTEAD.items())
def test_a_thing_has_one_name(word, not_these):
    forbidden = re.compile(rf"(^|_)({'|'.join(not_these)})s?(_|$)")
    found = [
        f"{place(file, node)} {name}"
        for file, node in nodes(ast.Name, ast.FunctionDef, ast.ClassDef, ast.arg, ast.Attribute, ast.Import, ast.ImportFrom)
        for name in _names(node)
        if forbidden.search(_snake(name))
    ]

    assert found == [], f"the word is {word}"
