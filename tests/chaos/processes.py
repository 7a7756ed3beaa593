"""The processes below one process, as Linux lists them. A pid is looked up at the moment it is wanted, never remembered."""

import contextlib
from collections.abc import Iterator
from pathlib import Path


def children(parent: int) -> list[int]:
    """Children of a process, oldest first; those that ended and were not reaped are left out."""
    return sorted(pid for pid, state, its_parent in _all() if its_parent == parent and state != "Z")


def words(pid: int) -> list[str]:
    """What a process was started with; empty once it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    return []


def _all() -> Iterator[tuple[int, str, int]]:
    """(pid, state, pid of the parent)"""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()[:2]
            yield int(stat.parent.name), state, int(parent)
