"""Records of services performed, kept as proof (Civil Code 944(1))."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import text

from orchestrator.store import Rows


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """What was done where on which day."""

    community_id: int
    place: str
    done_on: date
    kind: str
    description: str


def add(rows: Rows, import_id: int, records: Sequence[ServiceRecord]) -> int:
    """Keep the records that are not kept yet; how many those were."""
    return sum(rows.execute(_ADD, asdict(record) | {"import": import_id}).rowcount for record in records)


_ADD = text("""
    INSERT INTO service_record (community_id, place, done_on, kind, description, import_id)
    VALUES (:community_id, :place, :done_on, :kind, :description, :import)
    ON CONFLICT (community_id, place, done_on, kind, description) DO NOTHING
""")
