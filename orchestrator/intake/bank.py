"""The bank statement as it is fetched from the bank itself, every morning."""

from pathlib import Path
from tempfile import TemporaryDirectory

from orchestrator.intake.importing import ImportResult, Order, import_file
from orchestrator.runtime import Runtime


def take_statement(runtime: Runtime, statement: str, community: str = "") -> ImportResult:
    """Book a statement (CSV). What was booked before is left alone; payments are known up to now even if nothing is new."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "statement.csv"
        path.write_text(statement, encoding="utf-8")
        return import_file(runtime, Order(path, "payments", community, fresh=True, by="bank"))
