"""The code of the three packages, as these tests read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("orchestrator", "channels", "policies")


def files() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Every node of these kinds, with the file it stands in."""
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, kinds):
                yield name(path), node


def place(file: str, node: ast.AST) -> str:
    return f"{file}:{getattr(node, 'lineno', '?')}"
