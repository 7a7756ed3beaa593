"""policy: the rules written out for people. Touches no database."""

from typing import Annotated

import typer

from orchestrator import packs
from orchestrator.reports import decision_table

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The rules written out for people.")


@app.callback()
def policy() -> None:
    """The rules written out for people."""


@app.command("table")
def table(
    pack: Annotated[list[str] | None, typer.Option(help="this rule pack only; may be given several times")] = None,
    sequence: Annotated[list[str] | None, typer.Option(help="this sequence only; may be given several times")] = None,
) -> None:
    """Print the decision table as Markdown: which rule speaks first, what each pack allows, what each sequence does."""
    typer.echo(decision_table.page(packs.load(), pack or packs.pack_names(), sequence or packs.sequence_names()), nl=False)
