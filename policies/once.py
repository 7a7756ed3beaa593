"""A value worked out when first asked for, and then kept on its owner."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Worked = TypeVar("Worked")


class once(Generic[Worked]):  # noqa: N801 - read as a decorator, like `property`
    """As functools.cached_property, without the lock that Python 3.11 takes for each: a question is asked by one thread."""

    def __init__(self, work_out: Callable[[Any], Worked]) -> None:
        self.work_out = work_out
        self.name = work_out.__name__

    def __get__(self, owner: Any, kind: type | None = None) -> Worked:
        value = owner.__dict__[self.name] = self.work_out(owner)
        return value
