"""letters list, letters track: the batches of letters, and the post's tracking of those on their way."""

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.commands import shared
from orchestrator.intake.tracking import import_tracking
from orchestrator.posting.printed import batch_name
from orchestrator.store import pages_letters

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
app = typer.Typer(no_args_is_help=True, add_completion=False, help="Letters (信件): batches of a working day, and their way by post.")


@app.command("list")
def list_batches(as_json: Json = False) -> None:
    """The batches, the newest first: how many letters, which state, when it closes or closed."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        for batch in pages_letters.batches(rows, None):
            shared.show(
                {
                    "batch": batch_name(batch.id),
                    "community": batch.community,
                    "day": batch.day,
                    "state": batch.state,
                    "letters": batch.letters,
                    "numbered": batch.numbered,
                    "cut_off": batch.cut_off_at,
                },
                as_json,
            )


@app.command("track")
def track(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the post's query or export: CSV or workbook")],
    by: Annotated[str, typer.Option("--as", help="who does it: a user's name")] = "operator",
    as_json: Json = False,
) -> None:
    """Keep the post's record of each letter in a file, and hear what became of it. Bad rows are rejected alone."""
    with shared.runtime() as runtime:
        result = import_tracking(runtime, file, by)
    for reject in result.rejected:
        typer.echo(f"rejected line {reject.line}, {reject.value!r}: {reject.reason}; {reject.cure}", err=True)
    shared.show(
        {
            "rows": result.rows,
            "accepted": result.accepted,
            "rejected": len(result.rejected),
            "letters": result.letters,
            "snapshots": result.snapshots,
            "delivered": result.delivered,
            "returned": result.returned,
            "unknown": dict(result.unknown),
        },
        as_json,
    )
