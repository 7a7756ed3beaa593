"""What the evidence log holds, opened: payloads are encrypted at rest."""

import json
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, vault_of


def facts(rows: Rows, kind: str | None = None) -> list[dict[str, Any]]:
    """The facts of the log (of one kind), oldest first."""
    found = rows.execute(
        text("""
            SELECT e.leaf, p.payload FROM evidence_entry e JOIN evidence_payload p ON p.entry_id = e.id
             WHERE CAST(:kind AS text) IS NULL OR e.kind = :kind ORDER BY e.id
        """),
        {"kind": kind},
    )
    return [json.loads(vault_of(rows).open_payload(row.payload, row.leaf))["fact"] for row in found]
