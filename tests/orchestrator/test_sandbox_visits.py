"""The sandbox's people report visits by the act of real staff, with all that makes them provable."""

from sqlalchemy import text

from orchestrator import people
from orchestrator.runtime import Runtime
from orchestrator.sandbox import staff
from orchestrator.sandbox.carrier import Carrier
from orchestrator.store import proofs
from tests.world import World, month

GRADES = {"handed_over": "A", "affixed": "C", "no_answer": "0"}


def test_what_is_handed_over_or_affixed_in_the_sandbox_is_held_as_well_as_reported(runtime: Runtime, world: World) -> None:
    homes = [world.home(f"3-1-{number}01", f"王{number}", charges=[month(2026, 5)]).open_case(cursor=4) for number in range(1, 21)]
    for home in homes:
        home.task("visit", home.attempt("visit", "accepted", step="visit"))
    for name, role in ((staff.COLLECTOR, "collector"), (staff.COMPANION, "administrator")):
        people.add(runtime, name, role)
    staff.work(runtime, Carrier("http://127.0.0.1:9"), seed=7)
    with runtime.store.begin() as rows:
        outcomes = dict(rows.execute(text("SELECT n.charge_id, a.outcome FROM named_charge n JOIN attempt a ON a.id = n.attempt_id")).all())
        demands = proofs.demands(rows, list(outcomes))
        assert rows.execute(text("SELECT count(DISTINCT route_id), count(*) FROM visit_stop")).one() == (1, len(homes))
    assert {charge: demands[charge][0].grade for charge in outcomes} == {charge: GRADES[outcome] for charge, outcome in outcomes.items()}
    assert set(outcomes.values()) == GRADES.keys()
