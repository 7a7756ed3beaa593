"""Who may import whom: the contracts of pyproject.toml, kept."""

import os
import subprocess
import sys
import tomllib

from tests.architecture.source import ROOT


def test_every_room_imports_only_what_lies_below_it():
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_contract_makes_an_exception():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

    assert {contract["type"] for contract in contracts} == {"forbidden", "layers", "acyclic_siblings"}
    assert not [contract["name"] for contract in contracts if contract.get("ignore_imports")]
