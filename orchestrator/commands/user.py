"""user add, user reset, user set: who works with the program. A password is printed once and kept nowhere."""

from typing import Annotated

import typer

from orchestrator import people
from orchestrator.commands import shared
from orchestrator.models.people import ROLES

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
app = typer.Typer(no_args_is_help=True, add_completion=False, help="Users (用户): staff of the console, and the billing system's key.")


@app.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="how they log in, and how their acts are signed")],
    role: Annotated[str, typer.Option(help=", ".join(ROLES))],
    community: Annotated[str | None, typer.Option(help="works for this community (小区) only; left out: for all")] = None,
    as_json: Json = False,
) -> None:
    """Create a user and print their password, or the integration's key: now and never again."""
    with shared.runtime() as runtime:
        secret = people.add(runtime, name, role, community=community)
        shared.show({"user": name, "role": role, "community": community, "password": secret}, as_json)


@app.command("reset")
def reset_password(name: Annotated[str, typer.Argument(help="whose")], as_json: Json = False) -> None:
    """Give a user a new password, or the integration a new key; sessions begun with the old one end."""
    with shared.runtime() as runtime:
        shared.show({"user": name, "password": people.reset(runtime, name)}, as_json)


@app.command("set")
def set_user(
    name: Annotated[str, typer.Argument(help="whose")],
    phone: Annotated[str, typer.Option(help="their own number, +86…: a call put through by the provider rings there first; empty: none")],
) -> None:
    """Change what is known of a user. The number is encrypted at rest and never shown."""
    with shared.runtime() as runtime:
        people.set_phone(runtime, name, phone)
