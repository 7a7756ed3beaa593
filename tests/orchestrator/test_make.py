"""The two commands of the README, as far as they can be tried without setting everything up again."""

import re
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
MAKEFILE = (CHECKOUT / "Makefile").read_text(encoding="utf-8")


def test_make_alone_explains_every_target() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    told = subprocess.run(["make", "--no-print-directory"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert targets
    assert re.findall(r"^  make (\w+) +\S", told, re.MULTILINE) == targets[1].split()


def test_an_interpreter_too_old_is_refused_with_the_cure(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\nexec python3 -c "import sys; sys.version_info = (3, 9); exec(sys.argv[1])" "$2"\n', encoding="utf-8")
    old.chmod(0o755)
    for needed in ("Makefile", "uv.lock", "pyproject.toml"):
        (tmp_path / needed).write_bytes((CHECKOUT / needed).read_bytes())
    told = subprocess.run(["make", "lint", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode != 0
    assert "Python 3.11 or later is needed: make PYTHON=" in told.stderr
    assert not (tmp_path / ".venv").exists()


def test_cleaning_deletes_the_state_folder_where_nothing_was_set_up(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    (tmp_path / "var").mkdir()
    subprocess.run(["make", "clean"], cwd=tmp_path, capture_output=True, check=True)
    assert not (tmp_path / "var").exists()
