"""`xianli decide`: facts as JSON lines in, decisions as JSON lines out. Touches no database."""

import io
import json
import sys
from typing import Annotated

import typer

from orchestrator import packs
from orchestrator.deciding import Language, answer_line


def decide(
    pack: Annotated[str | None, typer.Option(help="Answer under this rule pack, whatever each line names.")] = None,
    lang: Annotated[Language, typer.Option(help="Language of the reasons.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", hidden=True, help="The answer is JSON in any case.")] = True,
) -> None:
    """Read facts as JSON lines from stdin and answer what happens next, one JSON line each.

    A bad line is answered by its error in its place; the exit status is then 2.
    """
    known = packs.load()
    if pack is not None:
        known.pack(pack)
    _speak_utf8()
    any_bad = False
    for line in sys.stdin:
        if line.strip():
            answer = answer_line(line, known, lang, pack)
            any_bad = any_bad or "error" in answer
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    if any_bad:
        raise typer.Exit(2)


def _speak_utf8() -> None:
    """Whatever the locale says. A byte order mark is skipped; what cannot be read or written is shown, and stops no other line."""
    for stream, encoding, errors in ((sys.stdin, "utf-8-sig", "surrogateescape"), (sys.stdout, "utf-8", "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=encoding, errors=errors)
