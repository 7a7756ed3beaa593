"""One clock: what time it is is an argument everywhere else. What only measures a span (`monotonic`) tells no time."""

import ast

from tests.architecture.source import nodes, place

CLOCK = "orchestrator/clock.py"
TELLS_TIME = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("pendulum", "now"),
    ("pendulum", "today"),
}


def _asks_the_time(node: ast.AST) -> bool:
    if not isinstance(node, ast.Attribute):
        return False
    of = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    return (of, node.attr) in TELLS_TIME


def test_only_the_clock_asks_what_time_it_is():
    asking = {file for file, node in nodes(ast.Attribute) if _asks_the_time(node)}

    assert asking == {CLOCK}


def _imports(module: str, package: str = "") -> list[str]:
    return [place(file, node) for file, node in nodes(ast.Import, ast.ImportFrom) if file.startswith(package) and module in _named(node)]


def _named(node: ast.AST) -> set[str | None]:
    return {node.module} if isinstance(node, ast.ImportFrom) else {alias.name for alias in getattr(node, "names", ())}


def test_nothing_is_left_to_chance():
    """Load is spread by a hash of the id; secrets come from `secrets`."""
    assert _imports("random") == []


def test_the_rules_do_not_even_hold_a_clock():
    assert _imports("time", "policies/") == []
