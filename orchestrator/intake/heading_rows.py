"""The rows of headings above a table -> what stands over each column: its heading, under the heading of its group."""

from collections.abc import Sequence

from orchestrator.intake.cells import Cell, text
from orchestrator.intake.headings import Vocabulary, across
from orchestrator.intake.rows import RawRow

DEEPEST = 3
"""So many rows may make up the headings: year over month over kind of amount."""

AMOUNTS = ("amount", "unpaid", "paid", "late_fee", "waived")
"""The fields that hold money."""

Label = tuple[Cell, Cell]
"""A column's group (blank where it has none) and heading."""


def labels_of(rows: Sequence[RawRow], deep: int, known: Vocabulary) -> list[Label] | None:
    """Each column's group and heading out of the first `deep` rows; None where these are not all of the heading rows, or not only they."""
    labels: list[Label] = [("", cell) for cell in rows[0].cells]
    for number, below in enumerate(rows[1:], 1):
        paired = _paired([joined(pair) if text(pair[0]) else pair[1] for pair in labels], below, known)
        if number == deep:
            return labels if paired is None or deep == DEEPEST else None
        if paired is None:
            return None
        labels = paired
    return labels if len(rows) >= deep else None


def joined(pair: Label) -> str:
    group, heading = text(pair[0]).replace("\n", ""), text(pair[1]).replace("\n", "")
    return heading if not group or group == heading else f"{group}{heading}"


def _paired(top: Sequence[Cell], below: RawRow, known: Vocabulary) -> list[Label] | None:
    """Each column's group and heading, where the row below is another row of headings."""
    width = max(len(top), len(below.cells))
    upper = [top[number] if number < len(top) else "" for number in range(width)]
    lower = ["" if number >= len(below.cells) or number in below.spanned else below.cells[number] for number in range(width)]
    own = [(above, cell) for above, cell in zip(upper, lower, strict=True) if text(cell)]
    telling = [cell for above, cell in own if known.field(text(cell)) or (across(0, cell, 2000) and not _holds_words(above, known))]
    if len(telling) < 2 or len(telling) * 2 < len(own) or any(_is_number(cell) for _, cell in own):
        return None
    pairs: list[Label] = []
    group: Cell = ""
    for above, under in zip(upper, lower, strict=True):
        if not text(under):
            group = "" if text(above) else group
            pairs.append(("", above))
        else:
            group = above if text(above) else group
            pairs.append((group, under))
    return pairs


def _holds_words(heading: Cell, known: Vocabulary) -> bool:
    """Whether a heading is a field's whose values may look like headings: 物业费 under 收费项目, 2026-01 under 账期."""
    meant = known.field(text(heading))
    return meant is not None and meant[0] not in AMOUNTS


def _is_number(cell: Cell) -> bool:
    """Whether a cell is a number that cannot be a month: headings hold none."""
    return text(cell).replace(",", "").replace(".", "", 1).isdecimal() and across(0, cell, 2000) is None
