"""Sealing: every entry gets its place, checkpoints are signed and copied, authorities say when they saw them, and tampering is found."""

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import make_url, text
from structlog.testing import capture_logs

from orchestrator import auditing, authorities, sealing
from orchestrator.authorities import SandboxAuthority
from orchestrator.embedded import Postgres
from orchestrator.evidence import merkle, sandbox_certificates, timestamps
from orchestrator.evidence.checkpoints import LogKey
from orchestrator.evidence.timestamps import StampRefused
from orchestrator.runtime import Runtime
from orchestrator.store import checkpoints, log, pages_evidence, tree
from orchestrator.store.checkpoints import OF_STAMPS
from orchestrator.store.log import Entry
from tests.conftest import Clock
from tests.logged import facts


@dataclass
class Moody:
    """An authority that does not always answer."""

    behind: SandboxAuthority
    name: str = "https://time.example"
    silent: bool = False
    asked: list[bytes] = field(default_factory=list)

    def answer(self, request: bytes) -> bytes:
        self.asked.append(request)
        if self.silent:
            raise StampRefused("https://time.example does not answer (ConnectTimeout)")
        return self.behind.answer(request)


class House:
    """A log that is written to, sealed and audited on a hand-moved clock."""

    def __init__(self, runtime: Runtime, clock: Clock, folder: Path, server: Postgres) -> None:
        self.authority = Moody(SandboxAuthority(folder / "time.p12", "p" * 32, clock))
        settings = runtime.settings.model_copy(update={"checkpoints": folder / "copies"})
        self.runtime = replace(runtime, settings=settings, authorities=(self.authority,))
        self.clock, self.server = clock, server

    def happen(self, count: int = 1, kind: str = "something") -> None:
        with self.runtime.store.begin() as rows:
            log.append(rows, [Entry(kind, {"number": each}) for each in range(count)], self.clock.at, self.clock.at)

    def seal(self, later: timedelta = timedelta(minutes=1)) -> None:
        self.clock.at += later
        sealing.seal(self.runtime)

    @property
    def faults(self) -> tuple[str, ...]:
        return auditing.audit(self.runtime).faults

    @property
    def checkpoints(self) -> list[int]:
        with self.runtime.store.begin() as rows:
            return [each.size for each in checkpoints.after(rows, 0)]

    def tamper(self, *changes: str) -> None:
        """As somebody who has the owner's password, and puts the triggers to sleep."""
        database = make_url(self.server.admin_url).set(database=self.runtime.store.engine.url.database)
        with psycopg.connect(database.render_as_string(hide_password=False), autocommit=True) as intruder:
            intruder.execute("SET session_replication_role = replica")
            for change in changes:
                intruder.execute(change)

    @property
    def copies(self) -> list[Path]:
        return sorted((self.runtime.settings.checkpoints).glob("*/*"))


@pytest.fixture
def house(runtime: Runtime, clock: Clock, tmp_path: Path, server: Postgres) -> House:
    return House(runtime, clock, tmp_path, server)


def test_every_entry_gets_a_place_and_is_proven_to_be_in_the_signed_tree(house: House) -> None:
    house.happen(700)
    house.seal()
    with house.runtime.store.begin() as rows:
        signed = checkpoints.newest(rows)
        assert signed is not None
        assert signed.size == 700
        stated = house.runtime.log_key.verifying.open(signed.note)
        assert (stated.size, stated.root) == (700, signed.root)
        leaves = list(
            rows.execute(
                text("SELECT e.leaf FROM evidence_position p JOIN evidence_entry e ON e.id = p.entry_id ORDER BY p.index")
            ).scalars()
        )
        assert merkle.root_of(leaves) == stated.root
        for index in (0, 255, 256, 511, 512, 699):
            path = tree.inclusion(rows, index, 700)
            assert merkle.root_by_inclusion(leaves[index], index, 700, path) == stated.root


def test_a_tree_grown_in_batches_has_whole_tiles_and_the_same_proofs(house: House) -> None:
    for count in (100, 200, 300, 67_000):
        house.happen(count)
        house.seal()
    with house.runtime.store.begin() as rows:
        size = tree.size(rows)
        leaves = list(
            rows.execute(
                text("SELECT e.leaf FROM evidence_position p JOIN evidence_entry e ON e.id = p.entry_id ORDER BY p.index")
            ).scalars()
        )
        assert rows.execute(
            text("SELECT count(*) FILTER (WHERE level = 0), count(*) FILTER (WHERE level = 1) FROM evidence_tile")
        ).one() == (
            size // 256,
            size // 65_536,
        )
        for index in (0, 65_535, 65_536, size - 1):
            path = tree.inclusion(rows, index, size)
            assert merkle.root_by_inclusion(leaves[index], index, size, path) == merkle.root_of(leaves)
        old = merkle.root_of(leaves[:300])
        assert merkle.is_consistent(300, size, old, merkle.root_of(leaves), tree.consistency(rows, 300, size))
    assert house.faults == ()


def test_entries_are_counted_by_kind_as_they_are_placed_and_those_that_wait_are_told_with_them(house: House) -> None:
    def told() -> list[tuple[str, int, datetime]]:
        with house.runtime.store.begin() as rows:
            return [tuple(row) for row in pages_evidence.kinds(rows)]

    began = house.clock.at
    house.happen(3, "receipt")
    house.happen(1, "hold")
    assert told() == [("receipt", 3, began), ("hold", 1, began)]
    house.seal()
    house.happen(2, "hold")
    later = house.clock.at
    stamped = [(OF_STAMPS, 1, later)]
    assert told() == [("hold", 3, later), ("receipt", 3, began), *stamped]
    house.seal()
    with house.runtime.store.begin() as rows:
        counted = rows.execute(text("SELECT kind, count(*) FROM evidence_entry GROUP BY kind ORDER BY 2 DESC, 1"))
        assert [row[:2] for row in told()] == [tuple(row) for row in counted]


def test_a_checkpoint_is_signed_each_minute_with_news_and_each_day_without(house: House) -> None:
    house.happen()
    house.seal()
    house.happen()
    house.seal(timedelta(seconds=30))
    assert house.checkpoints == [1]
    house.seal(timedelta(seconds=30))
    first, second = house.checkpoints
    assert first == 1
    for _ in range(5):
        house.seal()  # only the stamps of checkpoints were logged since
    assert house.checkpoints == [first, second]
    house.seal(timedelta(days=1))
    assert len(house.checkpoints) == 3


def test_each_checkpoint_is_stamped_and_what_was_missed_is_caught_up(house: House) -> None:
    house.authority.silent = True
    for _ in range(2):
        house.happen()
        house.seal()
    assert len(house.authority.asked) == 2  # once a sealing, not once a checkpoint, while it is silent
    with house.runtime.store.begin() as rows:
        assert checkpoints.standing(rows, [house.authority.name])[house.authority.name].lacking == 2
    house.authority.silent = False
    house.seal()
    with house.runtime.store.begin() as rows:
        stamps = checkpoints.stamps_after(rows, 0)
        notes = {each.size: each.note for each in checkpoints.after(rows, 0)}
        assert sorted(stamp.size for stamp in stamps) == sorted(notes)
        assert {fact["size"] for fact in facts(rows, OF_STAMPS)} == set(notes)
        for stamp in stamps:
            held, at = timestamps.imprint(stamp.response)
            assert at == house.clock.at.replace(microsecond=0)
            assert timestamps.ask(notes[stamp.size]).imprint == held


def test_a_stamp_is_renewed_while_its_certificate_is_in_force_and_judged_at_its_own_time_afterwards(house: House, tmp_path: Path) -> None:
    begins = house.clock.at
    ends = begins + timedelta(hours=1)
    house.runtime = replace(house.runtime, authorities=(_short_lived(tmp_path / "hour.p12", house.clock, begins, ends),))
    house.happen()
    house.seal()
    house.seal(timedelta(minutes=5))
    assert house.checkpoints == [1], "a stamp is no news"
    house.seal(timedelta(minutes=26))
    first, renewed = house.checkpoints
    with house.runtime.store.begin() as rows:
        assert [fact["size"] for fact in facts(rows, OF_STAMPS)] == [first, renewed]
        kept = zip(checkpoints.stamps_after(rows, 0), checkpoints.after(rows, 0), strict=True)
        for stamp, signed in kept:
            at = timestamps.time_of(stamp.response, signed.note, [timestamps.each_pem(stamp.certificates)[-1]])
            assert begins < at < ends == stamp.expires
    house.happen()
    house.clock.at = ends
    with capture_logs() as told:
        house.seal()
    assert [line["event"] for line in told] == ["no timestamp"], "what a certificate signs after its end is not believed"
    assert len(house.checkpoints) == 3
    assert house.faults == ()


def _short_lived(path: Path, clock: Clock, begins: datetime, ends: datetime) -> SandboxAuthority:
    key = rsa.generate_private_key(65537, 2048)
    sandbox_certificates.make(path, "p" * 32, key, root="Root", name="Authority", stamps_time=True, in_force=(begins, ends))
    return SandboxAuthority(path, "p" * 32, clock)


def test_two_processes_that_have_a_checkpoint_stamped_at_once_keep_one_stamp(house: House) -> None:
    """While the authority answers the one, the other has its answer already."""

    class Meanwhile(Moody):
        def answer(self, request: bytes) -> bytes:
            sealing.seal(house.runtime)
            return super().answer(request)

    house.happen()
    other = replace(house.runtime, authorities=(Meanwhile(house.authority.behind),))
    house.clock.at += timedelta(minutes=1)
    sealing.seal(other)
    with house.runtime.store.begin() as rows:
        stamps = checkpoints.stamps_after(rows, 0)
        assert [stamp.size for stamp in stamps] == [each.size for each in checkpoints.after(rows, 0)]
        assert len(facts(rows, OF_STAMPS)) == len(stamps)
    assert house.faults == ()


def test_a_stamp_that_is_committed_late_is_copied_outside_with_those_that_came_after_it(house: House) -> None:
    house.authority.silent = True
    house.happen()
    house.seal()
    note = house.runtime.settings.checkpoints.joinpath("000000", "1.checkpoint").read_bytes()
    stamp = authorities.stamp(house.authority.behind, note)

    def keep(name: str) -> None:
        with house.runtime.store.begin() as rows:
            checkpoints.keep_stamp(rows, 1, name, stamp, None, house.clock.at)
        sealing.copy_out(house.runtime)

    with house.runtime.store.begin() as late:
        checkpoints.keep_stamp(late, 1, "https://late.example", stamp, None, house.clock.at)
        meanwhile = threading.Thread(target=keep, args=["https://early.example"])
        meanwhile.start()
        meanwhile.join(timeout=0.5)
    meanwhile.join()
    sealing.copy_out(house.runtime)
    assert len([path for path in house.copies if path.suffix == ".tsr"]) == 2


def test_checkpoints_and_stamps_are_copied_outside_and_an_emptied_folder_is_filled_again(house: House) -> None:
    house.happen()
    house.seal()
    house.seal()
    kept = house.copies
    assert {path.suffix for path in kept} == {".checkpoint", ".tsr", ".pem"}
    for path in house.runtime.settings.checkpoints.rglob("*"):
        if path.is_file():
            path.unlink()
    house.seal()
    assert house.copies == kept


def test_a_folder_that_cannot_be_written_to_stops_neither_sealing_nor_stamping(house: House) -> None:
    house.runtime.settings.checkpoints.write_text("a file stands where the folder should be")
    house.happen()
    with capture_logs() as told:
        house.seal()
    assert [(line["log_level"], line["event"]) for line in told] == [("error", "checkpoints are not copied")]
    assert house.checkpoints == [1]
    with house.runtime.store.begin() as rows:
        assert [stamp.size for stamp in checkpoints.stamps_after(rows, 0)] == [1]


def test_a_log_that_nobody_touched_is_sound_and_the_audit_is_itself_an_entry(house: House) -> None:
    house.happen(300)
    house.seal()
    found = auditing.audit(house.runtime)
    assert (found.faults, found.checkpoints, found.copies) == ((), 1, 1)
    with house.runtime.store.begin() as rows:
        assert facts(rows, "audit")[-1]["faults_in_all"] == 0


def test_the_log_is_computed_anew_once_a_day_however_often_it_is_asked_whether_that_is_due(house: House) -> None:
    house.happen()
    house.seal()
    assert auditing.audit_of_the_day(house.runtime) is not None
    house.clock.at += timedelta(hours=23)
    assert auditing.audit_of_the_day(house.runtime) is None
    house.clock.at += timedelta(hours=1)
    assert auditing.audit_of_the_day(house.runtime) is not None
    with house.runtime.store.begin() as rows:
        assert len(facts(rows, "audit")) == 2


def test_a_key_that_follows_another_is_trusted_with_what_the_other_signed(house: House) -> None:
    house.happen()
    house.seal()
    settings = house.runtime.settings.model_copy(update={"secret_key": "n" * 32})
    house.runtime = replace(house.runtime, settings=settings)
    house.happen()
    house.seal()
    assert len(house.checkpoints) == 2
    assert house.faults == ()


SECOND = "(SELECT id FROM evidence_entry ORDER BY id OFFSET 1 LIMIT 1)"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ([f"UPDATE evidence_payload SET payload = payload || '\\x00' WHERE entry_id = {SECOND}"], "entry 2: its payload is not what"),
        ([f"UPDATE evidence_entry SET kind = 'other' WHERE id = {SECOND}"], "entry 2: it is filed as another kind than was logged"),
        ([f"UPDATE evidence_entry SET at = at - interval '1 day' WHERE id = {SECOND}"], "entry 2: what it says of itself"),
        (
            [
                f"DELETE FROM evidence_payload WHERE entry_id = {SECOND}",
                f"DELETE FROM evidence_position WHERE entry_id = {SECOND}",
                f"DELETE FROM evidence_entry WHERE id = {SECOND}",
            ],
            "entry 3: the entry before it in the log is missing or changed",
        ),
        (
            [
                "UPDATE evidence_position SET index = -1 - index",
                "UPDATE evidence_position SET index = CASE index WHEN -1 THEN 1 WHEN -2 THEN 0 ELSE -1 - index END",
            ],
            "checkpoint 300: the entries at places 0 to 299 are not those that were signed",
        ),
        (["UPDATE evidence_tile SET root = sha256('x')"], "tile 0/0 over places 0 to 255 of the tree is missing or changed"),
        (["UPDATE evidence_checkpoint SET root = sha256('x')"], "checkpoint 300: the row does not say what was signed"),
        (["DELETE FROM evidence_unsealed"], "has no place in the tree and waits for none"),
        (
            ["DELETE FROM evidence_stamp", "DELETE FROM evidence_checkpoint", "DELETE FROM evidence_position WHERE index >= 200"],
            "copy of checkpoint 300: the log ends at 200, what came after was cut off",
        ),
    ],
)
def test_what_somebody_with_the_database_password_does_is_found_and_named(house: House, changes: list[str], named: str) -> None:
    house.happen(300)
    house.seal()
    house.happen()
    house.tamper(*changes)
    assert any(named in fault for fault in house.faults), house.faults


def test_a_later_tree_computed_anew_and_signed_by_another_key_is_found(house: House) -> None:
    house.happen(10)
    house.seal()
    forger = LogKey.derived("public.example/evidence", "the forger's secret, long enough")
    house.tamper(
        "DELETE FROM evidence_stamp",
        "DELETE FROM evidence_checkpoint",
        "DELETE FROM evidence_key",
        "DELETE FROM evidence_position",
        "INSERT INTO evidence_position (index, entry_id)"
        " SELECT row_number() OVER (ORDER BY id DESC) - 1, id FROM evidence_entry WHERE id <= 10",
    )
    with house.runtime.store.begin() as rows:
        root = tree.root(rows, 10)
        checkpoints.introduce(rows, checkpoints.Key(forger.verifying.public, forger.verifying.name, b"x"), house.clock.at)
        checkpoints.add(rows, 10, root, forger.sign(10, root), forger.verifying.public, house.clock.at, house.clock.at)
    assert any("checkpoint 10: no signature by" in fault or "signature does not hold" in fault for fault in house.faults)
    assert "copy of checkpoint 10: the log is another than the one that was signed" in house.faults


def test_the_operator_is_told_what_of_the_log_is_not_sealed_copied_or_stamped(house: House) -> None:
    def said() -> dict[str, str]:
        with house.runtime.store.begin() as rows:
            return {lack.what: lack.says for lack in sealing.lacks(rows, house.runtime)}

    house.happen()
    house.seal()
    house.seal()
    assert said() == {}
    house.authority.silent = True
    house.runtime = replace(house.runtime, wall=house.clock)
    house.happen()
    house.seal()
    house.happen()
    (house.runtime.settings.checkpoints / "copied.json").unlink()
    house.clock.at += timedelta(hours=1)
    assert set(said()) == {"evidence", "checkpoints", "timestamps"}
    assert "https://time.example has not stamped 1 checkpoints" in said()["timestamps"]
    house.runtime = replace(house.runtime, authorities=())
    assert "XIANLI_TSA_URLS" in said()["timestamps"]
