"""What a contact proves is decided in one place and from what is held: clocks, gates and pages read grades and nothing else."""

import ast
import re

from tests.architecture.source import nodes, place

GRADING = {"grade_of", "Arrival"}
GRADERS = {"policies/arrival.py", "orchestrator/store/proofs.py", "policies/forecast/life.py"}
"""A forecast grades what has not happened yet."""
READERS = ("policies/gates.py", "policies/limitation.py", "policies/limitation_story.py")


def test_rows_become_grades_in_one_module_of_the_store():
    grading = {
        file for file, node in nodes(ast.ImportFrom) if node.module == "policies.arrival" and GRADING & {each.name for each in node.names}
    }

    assert grading == GRADERS - {"policies/arrival.py"}


def test_clocks_and_gates_read_the_grades_of_demands_and_no_outcome_of_a_contact():
    looked_at = {
        (file, node.attr) for file, node in nodes(ast.Attribute) if file in READERS and node.attr in ("outcome", "signer", "contacts")
    }
    graded = {file for file, node in nodes(ast.Attribute) if file in READERS and node.attr == "grade"}

    assert looked_at == set()
    assert graded >= {"policies/gates.py", "policies/limitation.py"}


def test_no_query_but_that_of_the_grades_says_when_a_demand_arrived():
    """Whether something arrived follows from its grade: a query that reads it off an outcome would be a second opinion."""
    saying = {
        place(file, node)
        for file, node in nodes(ast.Constant)
        if isinstance(node.value, str)
        and re.search(r"\bAS\s+arrived_at\b", node.value, re.IGNORECASE)
        and file.startswith("orchestrator/store/")
    }

    assert saying == set()
