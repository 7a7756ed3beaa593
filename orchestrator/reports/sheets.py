"""Sheets: what a court, counsel or an auditor reads on paper. Headings, paragraphs and tables in, a PDF with its fonts in it out.

The layout is Typst source beside this file; what a sheet says goes in as JSON and is set as text, never read as markup. The same sheet
gives the same bytes. PDF/A-2a refuses what no font can draw: of a name from a strange file the character is printed by its code.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from orchestrator.wordings.typesetting import Undrawable, typeset

Language = Literal["zh", "en"]
Block = dict[str, Any]
Cell = str | Sequence[str]
"""What stands in a table: words, or several things of which none is broken in the middle."""
Say = Callable[[str, str], str]
"""The Chinese or the English of two, whichever the sheet is in."""

_LAYOUT = Path(__file__).parent / "layout" / "sheet.typ"
_PAGES = re.compile(rb"/Type/Pages/Count (\d+)")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`reference` and `dated` stand at the head, `issuer` and `foot` on every page. `internal` marks each page as ours alone."""

    title: str
    reference: str
    issuer: str
    dated: date
    language: Language
    blocks: Sequence[Block]
    foot: str = ""
    internal: bool = False
    wide: bool = False
    """Across the page, for tables of many columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """`width` as the layout takes it: 20mm, 1fr, auto."""

    name: str
    width: str = "1fr"
    figures: bool = False


def saying(language: Language) -> Say:
    return lambda zh, en: zh if language == "zh" else en


def heading(text: str) -> Block:
    return {"kind": "heading", "text": text}


def paragraph(text: str) -> Block:
    return {"kind": "paragraph", "text": text}


def note(text: str) -> Block:
    """Small print under what it is about."""
    return {"kind": "note", "text": text}


def quote(text: str) -> Block:
    """Words of others, or as they were sent."""
    return {"kind": "quote", "text": text}


def facts(rows: Iterable[tuple[str, str]]) -> Block:
    """Names and values; what has no value is left out."""
    return {"kind": "facts", "rows": [[name, value] for name, value in rows if value]}


def table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], totals: Sequence[str] = ()) -> Block:
    return {
        "kind": "table",
        "names": [column.name for column in columns],
        "widths": [column.width for column in columns],
        "figures": [column.figures for column in columns],
        "rows": [list(row) for row in rows],
        "totals": list(totals),
    }


def figure(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def draw(sheet: Sheet) -> bytes:
    """The sheet as PDF, its time noon UTC of its date."""
    said = _said(sheet)
    while True:
        try:
            return typeset(_LAYOUT, said, sheet.dated, name="sheet")
        except Undrawable as undrawn:
            if (cured := _by_code(said, undrawn.text)) == said:
                raise
            said = cured


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF of our typesetter has; 0 where it is another's and does not say so plainly."""
    found = _PAGES.search(pdf)
    return int(found[1]) if found else 0


def _said(sheet: Sheet) -> str:
    content = {
        "title": sheet.title,
        "reference": sheet.reference,
        "issuer": sheet.issuer,
        "dated": sheet.dated.isoformat(),
        "language": sheet.language,
        "blocks": list(sheet.blocks),
        "foot": sheet.foot,
        "internal": sheet.internal,
        "wide": sheet.wide,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def _by_code(said: str, undrawn: str) -> str:
    for character in undrawn:
        said = said.replace(character, f"[U+{ord(character):04X}]") if ord(character) > 127 else said
    return said
