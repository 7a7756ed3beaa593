"""A company adds its own sequence without a fork: a distribution that offers it under the entry-point group `xianli.policies`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = """
from dataclasses import replace

from policies.sequences import Sequence
from policies.sequences.standard import FORMAL_DEMAND, NOTICE_SMS, SERVED_DEMAND

GENTLE = Sequence(
    name="gentle",
    reason="the board wants letters only",
    steps=(replace(NOTICE_SMS, gap_days=0), replace(FORMAL_DEMAND, gap_days=30)),
    demand=SERVED_DEMAND,
)
BROKEN = Sequence(name="broken", reason="", steps=(replace(NOTICE_SMS, wording=""), FORMAL_DEMAND), demand=SERVED_DEMAND)
"""
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
    (tmp_path / "our_policies.py").write_text(MODULE, encoding="utf-8")
    metadata = tmp_path / "our_policies-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: our-policies\nVersion: 1.0\n")
    points = "[xianli.policies]\ngentle = our_policies:GENTLE\nbroken = our_policies:BROKEN\n"
    (metadata / "entry_points.txt").write_text(points)
    return tmp_path


def decided(installed: Path, sequence: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "orchestrator", "decide", "--lang", "en"],
        input=json.dumps(FACTS | {"sequence": sequence}),
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_a_sequence_of_another_distribution_is_found_by_its_name_and_decided_by(installed: Path) -> None:
    answer = decided(installed, "gentle")
    assert (answer["action"], answer["step"]) == ("send", "notice-sms")


def test_a_sequence_that_cannot_be_honoured_is_refused_wherever_it_comes_from(installed: Path) -> None:
    assert "no wording" in str(decided(installed, "broken")["error"])


def test_a_name_that_nobody_offers_is_answered_by_those_there_are(installed: Path) -> None:
    assert "gentle" in str(decided(installed, "gentel")["error"])
