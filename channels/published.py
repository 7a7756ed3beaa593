"""What each provider publishes about the templates it approves: asked before one is taken over, and again before it is filled."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from channels import alibaba_template


@dataclass(frozen=True, slots=True)
class TemplateRules:
    """`objections` to an approved text; values that are `unfit` to fill it on a channel; of how many texts a call consists."""

    objections: Callable[[str], Iterator[str]]
    unfit: Callable[[Mapping[str, str], str], Iterator[str]]
    call_parts: int


PUBLISHED: Mapping[str, TemplateRules] = {
    "alibaba": TemplateRules(alibaba_template.objections, alibaba_template.unfit, alibaba_template.CALL_PARTS)
}
"""By provider."""
