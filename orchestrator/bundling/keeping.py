"""Keeping a document of a community or a case: its bytes beside the exhibits, its row and its entry in one transaction."""

from typing import Literal

from orchestrator.exhibits import content, files
from orchestrator.runtime import Runtime
from orchestrator.store import papers
from orchestrator.store.exhibits import Kept

PaperKind = Literal["contract", "filing", "renewal", "fee_standard", "title", "sale_contract", "hand_over_form", "service"]


def keep(runtime: Runtime, data: bytes, kind: PaperKind, title: str, community: str, case_id: int | None, by: str) -> int:
    """The number of the document. Raises NotAnExhibit, CannotKeep, or LookupError for a community or case that there is not."""
    found = content.examine(data, "document")
    kept = Kept(files.write(runtime.settings.exhibits, data), found.media_type, len(data), "document", found.claim)
    with runtime.store.begin() as rows:
        return papers.add(rows, kind, title, kept, community, case_id, by, runtime.now(), runtime.wall())
