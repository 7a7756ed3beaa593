"""What a clerk's note means: some must be looked at by a person before anybody is contacted."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Literal, cast

ReviewReason = Literal[
    "represented",
    "transferred",
    "deceased",
    "insolvent",
    "incapacity",
    "no_contact",
    "dispute",
    "repair",
    "paid_already",
    "hardship",
    "plan",
]


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[str, tuple[str, ...]], ...]:
    table = tomllib.loads(files("orchestrator.intake").joinpath("notes.toml").read_text("utf-8"))
    return tuple((entry["reason"], tuple(entry["words"])) for entry in table["review"] if not entry.get("remark", False))


@lru_cache(maxsize=4096)
def review_reason(note: str) -> ReviewReason | None:
    """Why a person must look before anybody is contacted; None where the note is only a remark (`notes.toml`).

    >>> review_reason("房屋已过户"), review_reason("长期出租")
    ('transferred', None)
    """
    said = note.casefold()
    for reason, words in _table():
        if any(word in said for word in words):
            return cast(ReviewReason, reason)
    return None
