"""evidence export, add, verify, matrix, forget, audit: what is held, what it proves, and that nobody changed it."""

from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestrator import auditing, bundling
from orchestrator.bundling import keeping
from orchestrator.bundling.choice import EVERYTHING, Choice
from orchestrator.bundling.keeping import PaperKind
from orchestrator.commands import shared
from orchestrator.evidence import timestamps
from orchestrator.evidence.bundle import verifying
from orchestrator.reports.sheets import Language
from orchestrator.store import Rows, communities, log, steering

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Evidence: export a case, check a bundle, audit the log.")


@app.callback()
def evidence() -> None:
    """Evidence: export a case, check a bundle, audit the log."""


@app.command()
def export(
    case: Annotated[int, typer.Argument(help="the case's number")],
    to: Annotated[Path, typer.Option("--to", help="a new folder")],
    at: Annotated[int | None, typer.Option("--at", help="the size of an earlier checkpoint; the same one gives the same bytes")] = None,
    without: Annotated[list[int] | None, typer.Option("--without", help="leave an exhibit out, by its number in the exhibit list")] = None,
    only: Annotated[list[int] | None, typer.Option("--only", help="take this exhibit, and no other that is not named")] = None,
    archive: Annotated[bool, typer.Option("--archive", help="the internal archive: everything; for counsel and administrators")] = False,
    lang: Annotated[Language, typer.Option("--lang", help="the language of its documents: zh or en")] = "zh",
    by: Annotated[str, typer.Option("--as", help="who does it: a user's name")] = "operator",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Write the court bundle of a case: what was sent, answered and brought, with its proofs; `sh verify.sh` in it checks it.

    Says what a complete one still lacks. What counsel leaves out is written down, and every proof holds without it.
    """
    choice = Choice(frozenset(without or ()), frozenset(only) if only else None)
    if archive and choice != EVERYTHING:
        raise typer.BadParameter("the internal archive holds everything: --without and --only are for the court bundle")
    with shared.runtime() as runtime:
        made = bundling.export(runtime, case, to, at=at, choice=choice, by=by, language=lang, internal=archive)
    shared.show(dict(made), as_json, _exported)


def _exported(made: dict[str, Any]) -> str:
    lines = [
        "  ".join(f"{name}={made[name]}" for name in ("case", "checkpoint", "files", "bytes", "later_entries", "left_out", "redacted"))
    ]
    return "\n".join([*lines, *(f"lacking 尚缺: {each['zh']} / {each['en']}" for each in made["lacking"])])


@app.command()
def add(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the document: PDF, picture or text")],
    kind: Annotated[PaperKind, typer.Option("--kind", help="what it is")],
    community: Annotated[str, typer.Option("--community", help="whose it is: it speaks for all its cases")],
    case: Annotated[int | None, typer.Option("--case", help="one case alone: its title, its hand-over form")] = None,
    title: Annotated[str | None, typer.Option("--title", help="as the exhibit list names it; without it, the file's name")] = None,
    by: Annotated[str, typer.Option("--as", help="who does it: a user's name")] = "operator",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Keep a document that proves standing, price, liability or service; every later bundle of its cases has it."""
    named = shared.said("--title", title if title is not None else file.stem)
    with shared.runtime() as runtime:
        number = keeping.keep(runtime, file.read_bytes(), kind, named, community, case, by)
    shared.show({"paper": number, "kind": kind, "community": community, "case": case, "title": named}, as_json)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="the folder of a bundle", exists=True, file_okay=False)],
    log_key: Annotated[Path | None, typer.Option("--log-key", help="the log's public key (PEM), from another source")] = None,
    roots: Annotated[Path | None, typer.Option("--roots", help="roots of the time-stamping authorities (PEM), from another source")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Check a bundle as its verify.sh does; exits 1 and names each place that does not hold. Needs no database."""
    pems = timestamps.each_pem(roots.read_bytes()) if roots else ()
    verdict = verifying.verify(folder, log_key.read_bytes() if log_key else None, pems)
    shared.show(dict(verifying.in_words(verdict)), as_json)
    if not verdict.verified:
        raise typer.Exit(1)


@app.command()
def matrix(
    community: Annotated[str | None, typer.Option(help="name of one community; all without it")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per charge")] = False,
) -> None:
    """What can still be collected in court: overdue charges with a demand of grade A or B and more than 180 days left to file."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        safe = steering.count(rows, runtime.now(), _id_of(rows, community))
    if as_json:
        for each in safe:
            shared.show(asdict(each), as_json)
    else:
        shared.show({"charges": len(safe), "unpaid": sum((each.unpaid for each in safe), Decimal("0.00"))}, as_json)


def _id_of(rows: Rows, community: str | None) -> int | None:
    if community is None:
        return None
    terms = communities.read(rows, community)
    if terms is None:
        raise LookupError(f"no community is called {community}: there are {', '.join(communities.names(rows)) or 'none'}")
    return int(terms["id"])


@app.command()
def forget(
    entry: Annotated[int, typer.Argument(help="the number of the entry, as `evidence audit` and the console name it")],
    reason: Annotated[str, typer.Option("--reason", help="on whose order and why; it is logged")],
    by: Annotated[str, typer.Option("--as", help="who you are; it is logged")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Delete what an entry says, for good, where the law orders it (PIPL 47); that something was there stays provable."""
    why, who = shared.said("--reason", reason), shared.said("--as", by)
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        log.forget(rows, entry, why, who, runtime.now(), runtime.wall())
        shared.show({"entry": entry, "forgotten": True, "by": who}, as_json)


@app.command()
def audit(as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False) -> None:
    """Compute the whole log anew, against its checkpoints, their copies and stamps; exits 1 and names each place that does not fit."""
    with shared.runtime() as runtime:
        audited = auditing.audit(runtime)
    found = {
        "entries": audited.entries,
        "checkpoints": audited.checkpoints,
        "copies": audited.copies,
        "stamps": audited.stamps,
        "verified": audited.verified,
        "faults": list(audited.faults),
    }
    shared.show(found, as_json)
    if not audited.verified:
        raise typer.Exit(1)
