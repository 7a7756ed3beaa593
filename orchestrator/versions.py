"""A rule pack or sequence as plain content, known by its digest, so that a case stays under the version it entered by.

An edit makes another version. What was kept proves itself: its digest is that of its content.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal

from policies.sequences import Minimum, Sequence, Step

Kind = Literal["pack", "sequence"]
Content = Mapping[str, Any]
Kept = Callable[[Kind, str], Content | None]
"""The content kept under a digest, if any."""

DIGEST_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Pin:
    """A pack or sequence by name and version."""

    name: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name}@{self.digest}"


def digest_of(content: Content) -> str:
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:DIGEST_LENGTH]


def content_of(sequence: Sequence) -> Content:
    """A sequence as JSON-friendly content; money as text."""
    steps = [_step_content(step) for step in (*sequence.steps, sequence.demand)]
    return {
        "name": sequence.name,
        "reason": sequence.reason,
        "steps": steps[:-1],
        "demand": steps[-1],
        "reasonable_days": sequence.reasonable_days,
    }


def sequence_of(content: Content) -> Sequence:
    """The sequence that was written so."""
    return Sequence(
        name=content["name"],
        reason=content["reason"],
        steps=tuple(_step(step) for step in content["steps"]),
        demand=_step(content["demand"]),
        reasonable_days=content["reasonable_days"],
        digest=digest_of(content),
    )


def _step_content(step: Step) -> dict[str, Any]:
    content = asdict(step) | {"channels": list(step.channels), "gates": list(step.gates)}
    if step.minimum is not None:
        content["minimum"] = {"periods": step.minimum.periods, "amount": str(step.minimum.amount)}
    return content


def _step(content: Content) -> Step:
    minimum = content["minimum"]
    fields: dict[str, Any] = dict(content) | {
        "channels": tuple(content["channels"]),
        "gates": tuple(content["gates"]),
        "minimum": Minimum(minimum["periods"], Decimal(minimum["amount"])) if minimum else None,
    }
    return Step(**fields)
