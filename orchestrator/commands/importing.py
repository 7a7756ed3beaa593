"""import: workbooks, CSV, statements and service records in; what the file states out, as one JSON object."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from orchestrator.commands import shared
from orchestrator.intake import importing
from orchestrator.intake.importing import ImportResult, Order
from orchestrator.intake.rows import Reject

_CHUNK = 1 << 20
_BINARY = (b"PK", b"\xd0\xcf")


class Kind(StrEnum):
    arrears = "arrears"
    payments = "payments"
    service_records = "service-records"


def import_file(
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="workbook, CSV or HTML export")] = None,
    community: Annotated[str, typer.Option(help="the community (小区), where the file does not name it")] = "",
    kind: Annotated[Kind, typer.Option(help="what the file lists")] = Kind.arrears,
    snapshot: Annotated[bool, typer.Option("--snapshot", help="a complete fresh arrears export: what it does not list is cleared")] = False,
    mapping: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help='TOML file naming headings: payer = "业主(客户)"')
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would happen, change nothing")] = False,
    rejects: Annotated[Path | None, typer.Option(dir_okay=False, help="where rejected rows go (.csv or .xlsx); else to stderr")] = None,
    undo: Annotated[int | None, typer.Option(help="take this import back")] = None,
    by: Annotated[str, typer.Option("--as", help="who does it: a user's name")] = "billing",
    as_json: Annotated[bool, typer.Option("--json", help="the answer is JSON either way")] = False,
) -> None:
    """Take a file in. Bad rows are rejected alone; the same file twice changes nothing."""
    if (file is None) == (undo is None):
        raise typer.BadParameter("give a file, or --undo with the number of an import")
    with shared.runtime() as runtime:
        if file is None:
            assert undo is not None
            shared.show({"undone": undo, "touched": importing.undo(runtime, undo, by)}, True)
            return
        order = Order(file, kind.value, community, snapshot, dry_run, mapping, rejects, by=by)
        with _progress(file) as progress:
            result = importing.import_file(runtime, order, progress, told=_complain if rejects is None else lambda reject: None)
        shared.show(_answer(result, dry_run), True)


def _answer(result: ImportResult, dry_run: bool) -> dict[str, Any]:
    """The stable keys first (contract section 2), then what the import did."""
    counts = result.counts
    return {
        "rows": counts.rows,
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "duplicates": counts.duplicates,
        "charges": counts.charges,
        "accounts": counts.accounts,
        "total": str(counts.total),
        "import": result.import_id,
        "dry_run": dry_run,
        "new": result.new,
        "corrected": result.corrected,
        "cleared_by_snapshot": [
            {"charge": gone.charge_id, "unit": gone.unit, "item": gone.item, "period": gone.period, "unpaid": str(gone.unpaid)}
            for gone in result.cleared
        ],
        "held_for_review": dict(Counter(held.reason for held in result.held)),
        "unmatched": list(result.unmatched),
        "warnings": dict(result.warnings),
    }


def _complain(reject: Reject) -> None:
    where = f"{reject.sheet} line {reject.line}" if reject.sheet else f"line {reject.line}"
    typer.echo(f"rejected {where}, {reject.column} {reject.value!r}: {reject.reason}; {reject.cure}", err=True)


@contextmanager
def _progress(file: Path) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing elsewhere. How long it is, is known beforehand only for text."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(file.name, total=_lines(file) if console.is_terminal else None)
        yield lambda done: bar.update(task, completed=done)


def _lines(file: Path) -> int | None:
    with file.open("rb") as opened:
        first = opened.read(_CHUNK)
        if first.startswith(_BINARY):
            return None
        return first.count(b"\n") + sum(chunk.count(b"\n") for chunk in iter(lambda: opened.read(_CHUNK), b""))
