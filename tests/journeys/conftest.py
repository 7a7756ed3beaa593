"""Journeys are lived on the same river as the tests of the job."""

from tests.orchestrator.conftest import home, river

__all__ = ["home", "river"]
