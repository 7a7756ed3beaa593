"""Flower is a convenience: where it does not run, the console says so and goes on."""

from collections.abc import Callable

from tests.orchestrator.web.conftest import Client


def test_where_flower_does_not_run_the_page_says_so_kindly(staff: Callable[[str], Client]) -> None:
    answer = staff("administrator").get("/flower/")
    assert answer.status_code == 503
    assert "Flower 没有运行" in answer.text
