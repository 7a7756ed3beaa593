"""The command line `xianli`: a thin root that imports a command only when it is asked for.

Each command is a function, or a `typer.Typer` with subcommands, in `orchestrator/commands/`. Register it in COMMANDS; nothing else.
Bad input exits with 2 and a message on stderr: raise `orchestrator.strict.Malformed` (or `typer.BadParameter`). Failure exits with 1.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from orchestrator.strict import Malformed

COMMANDS = {
    "up": "orchestrator.commands.up:up",
    "import": "orchestrator.commands.importing:import_file",
    "community": "orchestrator.commands.community:app",
    "user": "orchestrator.commands.user:app",
    "propose": "orchestrator.commands.campaigns:propose",
    "approve": "orchestrator.commands.campaigns:approve",
    "launch": "orchestrator.commands.campaigns:launch",
    "forecast": "orchestrator.commands.forecast:forecast",
    "case": "orchestrator.commands.cases:app",
    "attempts": "orchestrator.commands.cases:attempts",
    "charge": "orchestrator.commands.ledger:charge",
    "payment": "orchestrator.commands.ledger:payment",
    "sender": "orchestrator.commands.senders:app",
    "wording": "orchestrator.commands.wordings:app",
    "letters": "orchestrator.commands.letters:app",
    "evidence": "orchestrator.commands.evidence:app",
    "filing": "orchestrator.commands.filing:app",
    "originals": "orchestrator.commands.originals:app",
    "doctor": "orchestrator.commands.doctor:doctor",
    "migrate": "orchestrator.commands.migrate:migrate",
    "decide": "orchestrator.commands.decide:decide",
    "window": "orchestrator.commands.window:app",
    "policy": "orchestrator.commands.policy:app",
}
"""Command to where it lives, in the order of the help page."""


class LazyCommands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        place = COMMANDS.get(cmd_name)
        return _command(place, cmd_name) if place else None


def _command(place: str, name: str) -> TyperCommand | TyperGroup:
    module, _, attribute = place.partition(":")
    found: typer.Typer | Callable[..., Any] = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command(name)(found)
        found = single
    command = cast(TyperCommand | TyperGroup, get_command(found))
    command.name = name
    return command


app = typer.Typer(cls=LazyCommands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def xianli() -> None:
    """Xianli (先礼): collect overdue property fees courteously, lawfully and provably."""


def main() -> None:
    try:
        app()
    except Malformed as wrong:
        typer.echo(f"xianli: {wrong}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
