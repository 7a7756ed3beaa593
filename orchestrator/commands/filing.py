"""filing packet: what counsel files, for one case, a community, or all that are ready for suit."""

from pathlib import Path
from typing import Annotated, Any

import typer

from orchestrator.commands import shared
from orchestrator.filing import packets
from orchestrator.store import communities, filing

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Filing packets (立案材料): complaint, claim, evidence list and bundle.")


@app.callback()
def root() -> None:
    """Filing packets (立案材料): complaint, claim, evidence list and bundle."""


@app.command()
def packet(
    to: Annotated[Path, typer.Option("--to", help="a new folder")],
    case: Annotated[list[int] | None, typer.Option("--case", help="the number of a case; may be repeated")] = None,
    community: Annotated[str | None, typer.Option(help="all open cases of a community")] = None,
    ready: Annotated[bool, typer.Option("--ready", help="the cases that are ready for suit; with --community, of that one")] = False,
    court: Annotated[str, typer.Option(help="the court's full name; without it, the one of the community's terms")] = "",
    by: Annotated[str, typer.Option("--as", help="who does it: a user's name")] = "operator",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Write the packets of green cases; a case that is not green is refused with what it lacks, and the others go on.

    Exits 1 where none could be made.
    """
    if bool(case) == bool(ready or community):
        raise typer.BadParameter("say which: --case ID, --ready, or --community NAME")
    with shared.runtime() as runtime:
        cases = list(case or ())
        if not cases:
            with runtime.store.begin() as rows:
                terms = communities.read(rows, community) if community else None
                if community and terms is None:
                    raise LookupError(f"no community is called {community}: there are {', '.join(communities.names(rows)) or 'none'}")
                cases = filing.of_community(rows, terms["id"]) if terms and not ready else filing.ready(rows, community)
        made = packets.make(runtime, cases, to, by, court_name=court)
    for each in made:
        line = {"case": each.case_id, "folder": each.folder or None, "principal": each.principal, "late_charge": each.late_charge}
        refused = [{"zh": why.zh, "en": why.en} for why in each.refused]
        shared.show(line | {"missing": list(each.missing), "refused": refused}, as_json, _made)
    if not any(each.folder for each in made):
        raise typer.Exit(1)


def _made(line: dict[str, Any]) -> str:
    if line["refused"]:
        return "\n".join(f"case={line['case']}  refused 未生成: {why['zh']} / {why['en']}" for why in line["refused"])
    told = "  ".join(f"{name}={line[name]}" for name in ("case", "folder", "principal", "late_charge"))
    return "\n".join([told, *(f"  to fill in 待填: {each}" for each in line["missing"])])
