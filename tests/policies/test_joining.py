"""A company adds its own sequences and packs without a fork: as the guide shows it, word for word, in a distribution of its own."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "policy-authoring.md"
BROKEN = 'BROKEN = replace(GENTLE, name="broken", steps=(replace(FORMAL_DEMAND, wording=""),))'
FACTS = {
    "id": "c1",
    "now": "2026-11-24T10:00:00+08:00",
    "pack": "cn-property",
    "timezone": "Asia/Shanghai",
    "cursor": 0,
    "charges": [{"period": "2026-06", "due_on": "2026-06-30", "amount": "400.00", "paid": "0.00"}],
}


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder as an installer leaves it: the module, and the metadata that names its entry points."""
    project, module, pack = (shown(name) for name in ("pyproject.toml", "our_policies.py", "our-city.toml"))
    (tmp_path / "our_policies.py").write_text(f"{module}{BROKEN}\n", encoding="utf-8")
    (tmp_path / "our-city.toml").write_text(pack, encoding="utf-8")
    metadata = tmp_path / "our_policies-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: our-policies\nVersion: 1.0\n")
    groups = tomllib.loads(project)["project"]["entry-points"]
    groups["xianli.policies"]["broken"] = "our_policies:BROKEN"
    lines = [line for group, points in groups.items() for line in (f"[{group}]", *(f"{name} = {at}" for name, at in points.items()))]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    return tmp_path


def shown(file: str) -> str:
    """A file of the guide's worked example: the block whose first line names it."""
    (block,) = re.findall(rf"```\w+\n(# {re.escape(file)}.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(block)


def decided(installed: Path, sequence: str = "standard", **more: object) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "orchestrator", "decide", "--lang", "en"],
        input=json.dumps(FACTS | {"sequence": sequence} | more),
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_a_sequence_of_another_distribution_is_found_by_its_name_and_decided_by(installed: Path) -> None:
    answer = decided(installed, "gentle")
    assert (answer["action"], answer["step"]) == ("send", "statement")


def test_a_sequence_that_cannot_be_honoured_is_refused_wherever_it_comes_from(installed: Path) -> None:
    assert "no wording" in str(decided(installed, "broken")["error"])


def test_a_name_that_nobody_offers_is_answered_by_those_there_are(installed: Path) -> None:
    assert "gentle" in str(decided(installed, "gentel")["error"])


def test_a_pack_of_another_distribution_is_found_by_its_name_and_decided_by(installed: Path) -> None:
    answer = decided(installed, pack="our-city", cursor=4)
    assert (answer["step"], answer["rule"], answer["until"]) == ("visit", "wait_for_window", "2026-11-24T14:00:00+08:00")
    assert str(answer["pack"]).startswith("our-city@")


def test_a_name_of_a_pack_never_leads_out_of_the_folder_of_packs(installed: Path) -> None:
    assert "unknown pack" in str(decided(installed, pack="../packs/cn-property")["error"])
