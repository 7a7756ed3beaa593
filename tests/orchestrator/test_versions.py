"""A case stays under the versions it entered by, whatever is edited or installed later, until a member of staff renews it."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from orchestrator import packs, pinning
from orchestrator.embedded import Postgres
from orchestrator.packs import UnknownPolicy, pack_content, pack_names, sequence_names
from orchestrator.store import versions
from orchestrator.versions import Pin, content_of, digest_of, sequence_of
from tests.orchestrator.conftest import River, as_owner
from tests.world import Home, World

PACKS = packs.load()


@pytest.mark.parametrize("name", sequence_names())
def test_a_sequence_is_written_down_and_read_again_without_loss(name: str) -> None:
    sequence = PACKS.sequence(name)
    again = sequence_of(content_of(sequence))
    assert (again.name, again.steps, again.demand, again.reasonable_days, again.digest) == (
        sequence.name,
        sequence.steps,
        sequence.demand,
        sequence.reasonable_days,
        sequence.digest,
    )


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_is_known_by_the_digest_of_its_content(name: str) -> None:
    assert PACKS.pack(name).digest == digest_of(pack_content(name))


def test_any_change_of_a_step_is_another_version() -> None:
    sequence = PACKS.sequence("standard")
    patient = packs.frozen(replace(sequence, steps=(replace(sequence.steps[0], gap_days=1), *sequence.steps[1:])))
    assert patient.digest != sequence.digest


def entered_under(river: River, home: Home, **changed: int) -> str:
    """Pin the case to a version of `standard` whose notice has another gap or floor; its digest."""
    sequence = PACKS.sequence("standard")
    older = content_of(replace(sequence, steps=(sequence.steps[0], replace(sequence.steps[1], **changed), *sequence.steps[2:])))  # type: ignore[arg-type]
    with river.runtime.store.begin() as rows:
        versions.keep(rows, [("sequence", older)], river.clock.at, river.clock.at)
    river.execute('UPDATE "case" SET sequence_digest = :digest WHERE id = :id', digest=digest_of(older), id=home.case_id)
    return digest_of(older)


def test_a_case_keeps_the_steps_it_entered_under_when_its_sequence_is_edited(river: River, home: Home) -> None:
    entered_under(river, home, floor_days=400)
    river.ask(home)
    river.flow()
    assert river.sent == []
    assert river.value("SELECT rule FROM decision WHERE case_id = :id ORDER BY id DESC LIMIT 1", id=home.case_id) == "too_young"


def test_a_member_of_staff_renews_the_cases_of_a_community_and_they_go_on(river: River, home: Home, world: World) -> None:
    entered_under(river, home, floor_days=400)
    assert pinning.renew(river.runtime, world.community_name, "supervisor") == 1
    assert pinning.renew(river.runtime, world.community_name, "supervisor") == 0
    river.flow()
    assert [channel for channel, _ in river.sent] == ["voice"]  # the courtesy call is not behind it


def test_what_was_kept_is_checked_by_its_digest_before_anything_is_decided_by_it(river: River, home: Home, server: Postgres) -> None:
    kept = entered_under(river, home, floor_days=400)
    with as_owner(river, server) as owner:
        owner.execute("ALTER TABLE policy_version DISABLE TRIGGER ALL")
        owner.execute("UPDATE policy_version SET content = jsonb_set(content, '{steps,1,floor_days}', '0')")
    with pytest.raises(UnknownPolicy, match="was not kept"):
        river.runtime.pinned(pin("pack", "cn-property"), Pin("standard", kept))


def test_a_version_that_was_never_kept_is_an_error_that_says_what_to_do(river: River) -> None:
    with pytest.raises(UnknownPolicy, match="`xianli case renew`"):
        river.runtime.pinned(pin("pack", "cn-property"), Pin("standard", "0" * 12))


def test_the_kept_versions_are_neither_changed_nor_deleted(river: River, home: Home) -> None:
    entered_under(river, home, floor_days=400)
    with pytest.raises(Exception, match="permission denied"), river.runtime.store.begin() as rows:
        rows.execute(text("DELETE FROM policy_version"))


def pin(kind: str, name: str) -> Pin:
    return Pin(name, (PACKS.pack if kind == "pack" else PACKS.sequence)(name).digest)
