"""Situations answered by hand from the documents, before anyone looked at how the program answers.

Each line of `situations/*.jsonl` holds what is `given` (or a raw `line`), what to `expect`, and `why`: the passage it follows from. An
expected field may be a list of answers that the documents allow alike; a field they leave open is absent. Beside the fields of the answer,
`until_not_after` bounds a wait and `pack_name` names the pack whatever its digest; `error` marks a line that must be refused.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from situations import PACKS

from orchestrator.deciding import answer_line

FOLDER = Path(__file__).with_name("situations")
INSTANTS = {"until", "next_opening"}


def situations(*names: str) -> list[Any]:
    files = [(name, FOLDER / f"{name}.jsonl") for name in names]
    read = [(name, json.loads(line)) for name, file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [pytest.param(situation, id=f"{name}/{situation['id']}") for name, situation in read]


DECIDED = sorted(path.stem for path in FOLDER.glob("*.jsonl") if path.stem not in ("bad_lines", "window_next"))


@pytest.mark.parametrize("situation", situations(*DECIDED))
def test_the_decision_is_the_one_derived_by_hand(situation):
    answer = answer_line(json.dumps(situation["given"]), PACKS)
    assert differences(situation, answer) == {}, situation["why"]


@pytest.mark.filterwarnings("ignore:'click.utils:DeprecationWarning")  # Typer imports what Click gives up
@pytest.mark.parametrize("situation", situations("window_next"))
def test_the_window_is_the_one_derived_by_hand(situation, capsys):
    from orchestrator.commands.window import next_window

    next_window(**{"unit_use": "residential", **situation["given"]})
    assert differences(situation, json.loads(capsys.readouterr().out)) == {}, situation["why"]


@pytest.mark.parametrize("situation", situations("bad_lines"))
def test_a_bad_line_is_answered_by_an_error_and_nothing_else(situation):
    line = situation["line"] if "line" in situation else json.dumps(situation["given"])
    answer = answer_line(line, PACKS)
    assert answer.keys() == {"id", "error"}, situation["why"]
    assert answer["id"] == situation.get("given", {}).get("id")


def differences(situation: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """What was expected of each field that is answered otherwise, beside the answer."""
    missed = {field: expected for field, expected in situation["expect"].items() if not agrees(field, expected, answer)}
    return {**missed, "answer": answer} if missed else {}


def agrees(field: str, expected: Any, answer: dict[str, Any]) -> bool:
    if "error" in answer:
        return False
    if field == "pack_name":
        return bool(answer["pack"].startswith(f"{expected}@"))
    if field == "until_not_after":
        return answer["until"] is not None and datetime.fromisoformat(answer["until"]) <= datetime.fromisoformat(expected)
    allowed = expected if isinstance(expected, list) else [expected]
    if field in INSTANTS and answer[field] is not None:
        return datetime.fromisoformat(answer[field]) in [datetime.fromisoformat(each) for each in allowed if each is not None]
    return answer[field] in allowed
