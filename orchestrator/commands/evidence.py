"""evidence audit: the whole log re-computed."""

from typing import Annotated

import typer

from orchestrator.commands import shared
from orchestrator.store import log

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Evidence: check the append-only log.")


@app.callback()
def evidence() -> None:
    """Evidence: check the append-only log."""


@app.command()
def audit(as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False) -> None:
    """Re-compute every entry and every link of the log; exits 1 and names the place where something does not fit."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        audited = log.audit(rows)
    shared.show({"entries": audited.entries, "verified": audited.verified, "faults": list(audited.faults)}, as_json)
    if not audited.verified:
        raise typer.Exit(1)
