"""A file tells one story: past 400 lines it has become two."""

from collections import Counter

from tests.architecture.source import ROOT, files, name

LONGEST = 400
MIGRATIONS = "orchestrator/migrations/versions/"


def test_no_file_passes_400_lines():
    lines = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files()}

    assert {file: count for file, count in lines.items() if count > LONGEST and not file.startswith(MIGRATIONS)} == {}


def test_no_file_is_a_drawer_for_odds_and_ends():
    assert not [name(path) for path in files() if path.stem in ("utils", "util", "helpers", "common", "misc", "manager")]


def test_no_two_test_files_share_a_name():
    """pytest imports them by their bare names."""
    counted = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in counted.items() if count > 1] == []
