"""Reading tables from outside key by key: a missing key, a wrong type or a key nobody asked for is a clear error that names its place."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

_REQUIRED: Any = object()


class Malformed(ValueError):
    """What was given cannot be read; the message names the place, the reason and what is expected."""


class Table:
    """One table (a JSON object or TOML table) being read. Take every key you know, then `close` it."""

    def __init__(self, content: Any, place: str = "") -> None:
        if not isinstance(content, Mapping):
            raise Malformed(f"{place or 'input'}: expected a table of named values, got {_shown(content)}")
        self._left = dict(content)
        self._place = place

    def place(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key

    def take(self, key: str, read: Callable[[Any, str], T], default: T = _REQUIRED) -> T:
        """The key's value through `read(value, place)`. Without a default a missing key is an error; null counts as missing."""
        value = self._left.pop(key, None)
        if value is not None:
            return read(value, self.place(key))
        if default is _REQUIRED:
            raise Malformed(f"{self.place(key)} is missing")
        return default

    def names(self) -> tuple[str, ...]:
        return tuple(self._left)

    def close(self) -> None:
        if self._left:
            names = ", ".join(self.place(str(key)) for key in self._left)
            raise Malformed(f"unknown key: {names}")


def toml(source: bytes, place: str) -> dict[str, Any]:
    """The tables of a file."""
    try:
        return tomllib.loads(source.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise Malformed(f"{place}: {wrong}") from wrong


def text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Malformed(f"{place}: expected text, got {_shown(value)}")
    return value


def whole(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Malformed(f"{place}: expected a whole number of 0 or more, got {_shown(value)}")
    return value


def truth(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise Malformed(f"{place}: expected true or false, got {_shown(value)}")
    return value


def one_of(words: tuple[T, ...]) -> Callable[[Any, str], T]:
    def read(value: Any, place: str) -> T:
        for word in words:
            if value == word:
                return word
        raise Malformed(f"{place}: {_shown(value)} is none of {', '.join(map(str, words))}")

    return read


def list_of(read: Callable[[Any, str], T]) -> Callable[[Any, str], tuple[T, ...]]:
    def read_all(value: Any, place: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise Malformed(f"{place}: expected a list, got {_shown(value)}")
        return tuple(read(item, f"{place}[{index}]") for index, item in enumerate(value))

    return read_all


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
