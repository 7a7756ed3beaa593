"""How a court wants its attachments named: courts.toml and the company's own file. A court nobody described gets the default."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.strict import Malformed

FORMATS: dict[str, frozenset[str]] = {
    "complaint": frozenset({"pdf"}),
    "claim": frozenset({"pdf", "xlsx"}),
    "evidence": frozenset({"pdf"}),
    "bundle": frozenset({"folder", "zip"}),
}
_OURS = Path(__file__).parent / "courts.toml"


@dataclass(frozen=True, slots=True)
class Attachment:
    document: str
    name: str
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Court:
    """`folder` is the pattern of a packet's folder; `files` in the court's order. `source` says where the court asks for it so."""

    name: str
    folder: str
    files: tuple[Attachment, ...]
    source: str


def court(name: str, theirs: Path | None = None) -> Court:
    """The court of that name. Raises Malformed where the company's file says what cannot be made."""
    known = _read(_OURS) | (_read(theirs) if theirs else {})
    return known.get(name, known["default"])


def _read(path: Path) -> dict[str, Court]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as unread:
        raise Malformed(f"{path} is no list of courts: {unread}") from None
    return {name: _court(name, table, path) for name, table in tables.items()}


def _court(name: str, table: Any, path: Path) -> Court:
    try:
        files = tuple(Attachment(each["document"], each["name"], tuple(each["formats"])) for each in table["files"])
        made = Court(name, table["folder"], files, table["source"])
        made.folder.format(case=1, debtor="")
    except (KeyError, TypeError, IndexError, ValueError) as wrong:
        raise Malformed(f"{path}, {name}: needs source, folder and files with document, name and formats ({wrong})") from None
    for each in files:
        if not set(each.formats) <= FORMATS.get(each.document, frozenset()):
            raise Malformed(f"{path}, {name}: {each.document} as {', '.join(each.formats)} cannot be made; there are {FORMATS}")
        if not each.name or "/" in each.name or each.name.startswith("."):
            raise Malformed(f"{path}, {name}: {each.name!r} is no name of a file")
    return made
