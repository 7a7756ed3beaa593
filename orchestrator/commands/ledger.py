"""charge void, payment reverse: what a person takes out of the ledger, with the reason."""

from typing import Annotated

import typer

from orchestrator.commands import shared
from orchestrator.store import banking, ledger

Reason = Annotated[str, typer.Option(help="why; kept for good")]
By = Annotated[str, typer.Option("--as", help="who does it: a user's name")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]

charge = typer.Typer(no_args_is_help=True, add_completion=False)
payment = typer.Typer(no_args_is_help=True, add_completion=False)


@charge.callback()
def charges() -> None:
    """Charges (应收): void one that is not owed."""


@payment.callback()
def payments() -> None:
    """Payments (收款): reverse one that did not come in, or was another's."""


@charge.command("void")
def void_charge(
    number: Annotated[int, typer.Argument(metavar="ID", help="number of the charge")], reason: Reason, by: By, as_json: Json = False
) -> None:
    """Void a charge: nobody is asked to pay it any more, and no later import brings it back."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        voided = ledger.void(rows, number, shared.said("--reason", reason), by, runtime.now(), runtime.wall())
        shared.show({"charge": number, "voided": True, "reason": reason, "demands_sent": voided.demands_sent}, as_json)


@payment.command("reverse")
def reverse_payment(
    number: Annotated[int, typer.Argument(metavar="ID", help="number of the payment")], reason: Reason, by: By, as_json: Json = False
) -> None:
    """Reverse a payment: what it paid until the next snapshot is owed again, and a case it settled goes on where it stood."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        if not banking.reverse(rows, [number], shared.said("--reason", reason), by, runtime.now(), runtime.wall()):
            raise LookupError(f"there is no payment {number}, or it was reversed before")
        shared.show({"payment": number, "reversed": True, "reason": reason}, as_json)
