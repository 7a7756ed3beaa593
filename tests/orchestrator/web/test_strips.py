"""The proof matrix as drawn: however many years it spans, a strip fits beside its unit on a phone."""

from datetime import date

import pytest

from orchestrator.reports.proof_matrix import Matrix
from orchestrator.web.console.strips import WIDTH, scale


@pytest.mark.parametrize("months", [1, 12, 63, 84, 240])
def test_a_strip_is_as_wide_as_there_is_room(months):
    drawn = scale(Matrix((), date(2020, 3, 1), months, {}, {}))
    assert drawn.width <= WIDTH
    assert all(x <= drawn.width for _, x in drawn.years)
