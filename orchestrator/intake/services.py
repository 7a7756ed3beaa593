"""Records of patrols, cleaning and repairs -> proof that the service was performed (Civil Code 944(1))."""

from collections.abc import Iterator
from pathlib import Path

from orchestrator.intake.cells import CellError, day, text
from orchestrator.intake.lines import data_rows
from orchestrator.intake.rows import Duplicate, Line, Options, Reject, ServiceRecordRow, Taken


def read_service_records(path: Path, options: Options) -> Iterator[Line[ServiceRecordRow]]:
    """Every record of the file, in order: taken, rejected, or a duplicate. Raises Unreadable."""
    seen: dict[int, int] = {}
    for row in data_rows(path, "service-records", options):
        sheet, line = row.raw.sheet, row.raw.line
        try:
            done_on = day(row.cell("done_on"), row.layout.month_first)
        except CellError as error:
            yield Reject(sheet, line, row.heading("done_on"), text(row.cell("done_on")), error.reason, error.cure)
            continue
        community = text(row.cell("community")) or options.community or row.layout.community
        kind, description = text(row.cell("kind")), text(row.cell("description"))
        if done_on is None:
            yield Reject(sheet, line, row.heading("done_on"), "", "the day is missing 缺少日期", "enter the day it was done")
        elif not community:
            yield Reject(
                sheet, line, row.heading("community"), "", "the community is missing 缺少小区", "enter it, or name it with --community"
            )
        elif not (kind or description):
            yield Reject(sheet, line, row.heading("kind"), "", "what was done is missing 缺少内容", "enter the kind of service")
        else:
            record = ServiceRecordRow(sheet, line, community, text(row.cell("place")), done_on, kind or description, description)
            content = hash((record.community, record.place, record.done_on, record.kind, record.description))
            first_line = seen.setdefault(content, line)
            yield Taken(sheet, line, (record,)) if first_line == line else Duplicate(sheet, line, first_line)
