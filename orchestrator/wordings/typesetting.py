"""Typst source and what is said as JSON become a PDF/A-2a: fonts embedded, no font of this machine, the same bytes every time."""

import re
import threading
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

_UNDRAWN = re.compile(r"the text `\"(.+?)\"` could not be displayed", re.DOTALL)
_compilers = threading.local()


class Undrawable(ValueError):
    """No font has the characters of `text`."""

    def __init__(self, text: str) -> None:
        code = " ".join(f"U+{ord(character):04X}" for character in text)
        super().__init__(f"no font can print {text} ({code})")
        self.text = text


def typeset(source: Path, said: str, dated: date, *, name: str = "said") -> bytes:
    """The PDF of a layout; `said` arrives there as the input of that name. Its creation time is noon UTC of `dated`. Raises Undrawable.

    One compiler per thread and layout: a compiler cannot serve two threads, and must be made after a worker has forked.
    """
    compilers: dict[Path, Any] = _compilers.__dict__.setdefault("of", {})
    if source not in compilers:
        compilers[source] = typst.Compiler(str(source), root=str(source.parent), font_paths=_fonts(), ignore_system_fonts=True)
    try:
        made: bytes = compilers[source].compile(
            format="pdf",
            sys_inputs={name: said},
            timestamp=datetime.combine(dated, time(12), tzinfo=UTC),
            pdf_standards="a-2a",
        )
    except typst.TypstError as error:
        if undrawn := _UNDRAWN.search(str(error)):
            raise Undrawable(undrawn[1]) from None
        raise
    return made


@cache
def _fonts() -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(pylopdf_fonts_zh_cn.serif_path().parent)])
