"""The rejects file: every reason, and never a formula."""

import csv

import pytest
from openpyxl import load_workbook

from orchestrator.intake.rejects import HEADINGS, rejects_file
from orchestrator.intake.rows import Reject

HOSTILE = ["=1+1", "+1", "-120", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1"]


@pytest.mark.parametrize("value", HOSTILE)
def test_no_cell_of_a_csv_begins_like_a_formula(tmp_path, value):
    path = tmp_path / "rejects.csv"
    with rejects_file(path) as add:
        add(Reject("=s", 7, "+列", value, "@reason", "-cure"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        headings, row = csv.reader(file)
    assert tuple(headings) == HEADINGS
    assert row == ["'=s", "7", "'+列", f"'{value}", "'@reason", "'-cure"]


def test_no_cell_of_a_workbook_is_a_formula(tmp_path):
    path = tmp_path / "rejects.xlsx"
    with rejects_file(path) as add:
        for line, value in enumerate(HOSTILE[:4], 2):
            add(Reject("", line, "列", value, "reason", "cure"))
    sheet = load_workbook(path).active
    assert [cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row if cell.value].count("f") == 0
    assert [row[3].value for row in sheet.iter_rows(min_row=2)] == [f"'{value}" for value in HOSTILE[:4]]
