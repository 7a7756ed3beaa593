"""originals add, move, list: where the paper originals of a case lie, and through whose hands they went."""

from typing import Annotated, Literal

import typer

from orchestrator.commands import shared
from orchestrator.store import papers

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
Shelf = Annotated[str, typer.Argument(help="the shelf number, such as A-03-117")]
app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Paper originals (原件): the custody register of stubs, counterparts, envelopes."
)


@app.command("add")
def add(
    shelf: Shelf,
    case: Annotated[int, typer.Option("--case", help="the case's number")],
    what: Annotated[Literal["posting_stub", "signed_counterpart", "returned_envelope", "contract", "other"], typer.Option("--what")],
    attempt: Annotated[int | None, typer.Option("--attempt", help="the contact it is of")] = None,
    scan: Annotated[int | None, typer.Option("--scan", help="the exhibit that is its scan")] = None,
    remark: Annotated[str, typer.Option("--remark")] = "",
    by: Annotated[str, typer.Option("--as", help="who received it: a user's name")] = "operator",
    as_json: Json = False,
) -> None:
    """Write down that an original was received and where it lies."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        lies, who = shared.said("SHELF", shelf), shared.said("--as", by)
        number = papers.receive(
            rows, lies, what, case, who, runtime.now(), runtime.wall(), attempt_id=attempt, exhibit_id=scan, remark=remark
        )
        shared.show({"original": number, "shelf": lies, "what": what, "case": case}, as_json)


@app.command("move")
def move(
    shelf: Shelf,
    to: Annotated[Literal["shelf", "court", "counsel", "other"], typer.Option("--to", help="where it goes")],
    given_by: Annotated[str, typer.Option("--given-by", help="who hands it over")],
    taken_by: Annotated[str, typer.Option("--taken-by", help="who takes it")],
    remark: Annotated[str, typer.Option("--remark", help="such as the court's receipt number")] = "",
    by: Annotated[str, typer.Option("--as", help="who writes it down: a user's name")] = "operator",
    as_json: Json = False,
) -> None:
    """Write down that an original went from hand to hand; two names, and nothing is ever taken back."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        given, taken = shared.said("--given-by", given_by), shared.said("--taken-by", taken_by)
        papers.move(rows, shelf, to, given, taken, shared.said("--as", by), runtime.now(), runtime.wall(), remark)
        shared.show({"shelf": shelf, "to": to, "given_by": given, "taken_by": taken}, as_json)


@app.command("list")
def list_originals(case: Annotated[int | None, typer.Option("--case", help="of one case")] = None, as_json: Json = False) -> None:
    """The register, by shelf, with where each original is now."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        for each in papers.originals(rows, case_id=case):
            shared.show(
                {
                    "shelf": each.shelf,
                    "what": each.what,
                    "case": each.case_id,
                    "attempt": each.attempt_id,
                    "scan": each.exhibit_id,
                    "received_at": each.received_at,
                    "received_by": each.received_by,
                    "at": each.at,
                    "since": each.since,
                    "holder": each.holder,
                },
                as_json,
            )
