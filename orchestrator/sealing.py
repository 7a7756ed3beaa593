"""Sealing the log: places in the tree, signed checkpoints, copies outside the database, and the word of time-stamping authorities.

    seal -> entries that wait get their places     (batches, one transaction each; nobody who appends waits for it)
         -> a checkpoint is signed and marked      (each minute with news, and daily; the mark lies in the state folder)
         -> what is new is copied outside          (so that a tail cut off with its checkpoints is missed)
         -> every authority stamps what it lacks   (the newest first; one that fails is asked again next time)

Whatever fails leaves the steps before it done, and the next sealing goes on there. Outreach never waits for any of it.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from orchestrator import authorities, logs
from orchestrator.authorities import Authority
from orchestrator.evidence.checkpoints import Checkpoint, LogKey, NotACheckpoint, VerifyingKey
from orchestrator.evidence.timestamps import StampRefused
from orchestrator.runtime import Runtime
from orchestrator.settings import Settings
from orchestrator.store import Rows, checkpoints, log, tree
from orchestrator.store.checkpoints import OF_STAMPS, KeptStamp, Key, Signed
from orchestrator.store.log import Entry

BATCH = 5_000
LEAST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)
"""Between checkpoints: with news, and without."""
STAMPS_AT_ONCE = 20
COPIED = "copied.json"
"""In the folder of copies: how far the copying came."""
COPIES_AT_ONCE = 1_000
MARK = "signed.checkpoint"
"""In the state folder: the newest checkpoint that the key signed. It lies neither in the database nor among the copies."""
TOLERATED = timedelta(minutes=15)
"""Sealing runs every few seconds: what has waited so long waits for a person."""
RENEW_AHEAD = timedelta(days=30)
LETTERS_SINCE = timedelta(days=7)


def seal(runtime: Runtime, *, at_once: bool = False) -> None:
    """All four steps; safe to run twice at once. `at_once`: somebody waits for the proof of what was logged this minute."""
    _give_places(runtime)
    _sign(runtime, at_once=at_once)
    copy_out(runtime)
    for authority in runtime.authorities:
        _stamp(authority, runtime)


def _give_places(runtime: Runtime) -> None:
    while True:
        with runtime.store.begin() as rows:
            if not tree.become_sealer(rows) or tree.give_places(rows, BATCH) < BATCH:
                return


def _sign(runtime: Runtime, *, at_once: bool) -> None:
    key, now = runtime.log_key, runtime.now()
    with runtime.store.begin() as rows:
        if not tree.become_sealer(rows):
            return
        last, size = checkpoints.newest(rows), tree.size(rows)
        if not _is_due(rows, last, size, now, timedelta() if at_once else LEAST_PAUSE):
            return
        if departed := _departure(rows, size, last, _outside(runtime.settings)):
            logs.logger.error("nothing is signed", why=departed.says, entries=size)
            return
        root, mark = tree.root(rows, size), mark_of(runtime.settings)
        note = key.sign(size, root)
        try:
            _write(mark, note)
        except OSError as failed:
            logs.logger.error("nothing is signed", why="the mark cannot be written", mark=str(mark), of=failed.strerror)
            return
        _introduce(rows, key, now)
        checkpoints.add(rows, size, root, note, key.verifying.public, now, runtime.wall())


def mark_of(settings: Settings) -> Path:
    """Written before the checkpoint is committed: a mark may be ahead of the checkpoints by one, never of the tree."""
    return settings.state_dir / MARK


def _is_due(rows: Rows, last: Signed | None, size: int, now: datetime, least: timedelta) -> bool:
    if last is None:
        return size > 0
    if size == last.size:
        return False
    passed = abs(now - last.at)  # a clock that was set back must not silence the log
    if passed >= LONGEST_PAUSE or (passed >= least and checkpoints.has_news(rows, last.size)):
        return True
    renewal = checkpoints.renewal(rows, last.size)
    return renewal is not None and now >= renewal and passed >= LEAST_PAUSE


@dataclass(frozen=True, slots=True)
class Departure:
    """What was signed before and the tree does not go on from: where that is written, and its size; None where it cannot be read."""

    place: str
    size: int | None

    @property
    def says(self) -> str:
        if self.size is None:
            return f"{self.place} cannot be read"
        return f"the log does not go on from the one signed at {self.size} entries, as {self.place} has it"


def _departure(rows: Rows, size: int, last: Signed | None, outside: Mapping[str, Checkpoint | None]) -> Departure | None:
    """The first of what was signed, by the database and outside it, that the tree does not go on from.

    A log that was written anew must never be signed by the key that signed the other one.
    """
    known = {"the database": (last.size, last.root)} if last is not None else {}
    for place, signed in outside.items():
        if signed is None:
            return Departure(place, None)
        known[place] = signed.size, signed.root
    roots = {old: tree.root(rows, old) for old in {old for old, _ in known.values()} if old <= size}
    return next((Departure(place, old) for place, (old, root) in known.items() if roots.get(old) != root), None)


def _outside(settings: Settings) -> dict[str, Checkpoint | None]:
    """The newest copy and the mark, by path; None for one that is there and cannot be read. Whoever forges has to silence both, and the
    mark lies with the key. A share that is down stops nothing, for the mark is there.
    """
    found: dict[str, Checkpoint | None] = {}
    for path, absent in (
        (settings.checkpoints / _named(copied(settings.checkpoints)[0]), OSError),
        (mark_of(settings), FileNotFoundError),
    ):
        try:
            found[str(path)] = Checkpoint.parse(path.read_bytes())
        except absent:
            continue
        except (OSError, NotACheckpoint):
            found[str(path)] = None
    return found


def _introduce(rows: Rows, key: LogKey, now: datetime) -> None:
    """A key that is used for the first time signs which one it follows."""
    known = checkpoints.keys(rows)
    if any(each.public == key.verifying.public for each in known):
        return
    before = "".join(f"follows {VerifyingKey(each.name, each.public).vkey}\n" for each in known[:1])
    statement = key.signed(f"{key.verifying.name}\nkey {key.verifying.vkey}\n{before}".encode())
    checkpoints.introduce(rows, Key(key.verifying.public, key.verifying.name, statement), now)


def trusted_keys(current: VerifyingKey, keys: Iterable[Key]) -> list[VerifyingKey]:
    """The current key, the one it says it follows, and so on back; a key that no trusted one names is not among them."""
    rows = {each.public: each for each in keys}
    trusted = [current]
    while (row := rows.pop(trusted[-1].public, None)) is not None:
        try:
            text = trusted[-1].read(row.statement).decode()
        except NotACheckpoint:
            break
        named = [line.removeprefix("follows ") for line in text.splitlines() if line.startswith("follows ")]
        followed = [each for each in (VerifyingKey(row.name, row.public) for row in rows.values()) if each.vkey in named]
        if not followed:
            break
        trusted.append(followed[0])
    return trusted


def _stamp(authority: Authority, runtime: Runtime) -> None:
    """The authority's word on each checkpoint it has not seen. Its failure is said, and it is asked again at the next sealing."""
    with runtime.store.begin() as rows:
        lacking = checkpoints.unstamped(rows, authority.name, STAMPS_AT_ONCE)
    for signed in lacking:
        try:
            stamped = authorities.stamp(authority, signed.note)
        except StampRefused as refused:
            logs.logger.warning("no timestamp", authority=authority.name, why=str(refused))
            return
        revocation, lacks = authorities.revocation_lists(stamped)
        if lacks:
            logs.logger.warning("revocation lists of a timestamp are missing", authority=authority.name, why=lacks)
        fact = {
            "authority": authority.name,
            "size": signed.size,
            "stamped_at": stamped.at,
            "response_sha256": hashlib.sha256(stamped.response).digest(),
            "certificates_sha256": hashlib.sha256(b"".join(stamped.certificates)).digest(),
        }
        with runtime.store.begin() as rows:
            if not checkpoints.keep_stamp(rows, signed.size, authority.name, stamped, revocation, runtime.wall()):
                continue
            log.append(rows, [Entry(OF_STAMPS, fact)], runtime.now(), runtime.wall())


def copy_out(runtime: Runtime) -> None:
    """Copy checkpoints and stamps that came since the last copying. A folder that was emptied is filled again."""
    folder = runtime.settings.checkpoints
    size, number = copied(folder)
    with runtime.store.begin() as rows:
        signed, stamps = checkpoints.after(rows, size, COPIES_AT_ONCE), checkpoints.stamps_after(rows, number, COPIES_AT_ONCE)
    if not signed and not stamps:
        return
    try:
        for name, content in _copies(signed, stamps):
            _write(folder / name, content)
        reached = {"size": signed[-1].size if signed else size, "stamp": stamps[-1].id if stamps else number}
        _write(folder / COPIED, json.dumps(reached).encode())
    except OSError as failed:
        logs.logger.error("checkpoints are not copied", folder=str(folder), why=failed.strerror)


def _copies(signed: Iterable[Signed], stamps: Iterable[KeptStamp]) -> Iterator[tuple[Path, bytes]]:
    """A folder for each million entries keeps listings short."""
    for each in signed:
        yield _named(each.size), each.note
    for stamp in stamps:
        folder = Path(f"{stamp.size // 1_000_000:06d}")
        yield folder / f"{stamp.size}.{stamp.id}.tsr", stamp.response
        yield folder / f"{stamp.size}.{stamp.id}.pem", stamp.certificates
        if stamp.revocation:
            yield folder / f"{stamp.size}.{stamp.id}.crl.pem", stamp.revocation


def _named(size: int) -> Path:
    return Path(f"{size // 1_000_000:06d}", f"{size}.checkpoint")


def copied(folder: Path) -> tuple[int, int]:
    """How far the copying came: the size of the last checkpoint, and the number of the last stamp."""
    try:
        reached = json.loads((folder / COPIED).read_bytes())
        return int(reached["size"]), int(reached["stamp"])
    except (OSError, ValueError, KeyError):
        return 0, 0


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk before it is said to be there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


@dataclass(frozen=True, slots=True)
class Lack:
    """Something of sealing that a person should see to; `says` tells what, and the cure, `zh` the same in Chinese."""

    what: Literal["evidence", "checkpoints", "timestamps"]
    says: str
    zh: str


def lacks(rows: Rows, runtime: Runtime) -> Iterator[Lack]:
    """What of the log is not sealed, copied or stamped as it grows."""
    wall, folder = runtime.wall(), runtime.settings.checkpoints
    outside = _outside(runtime.settings)
    stands = checkpoints.state(rows, wall - LETTERS_SINCE)  # after these were read: another process may be sealing
    reached, _ = copied(folder)
    if stands.since is not None and wall - stands.since > TOLERATED:
        yield Lack(
            "evidence",
            f"{stands.waiting} entries wait for their place since {stands.since.isoformat()}: do a worker of the queue `evidence` and beat"
            " run?",
            f"{stands.waiting} 条记录自 {stands.since:%Y-%m-%d %H:%M} UTC 起未封存：请检查 evidence 队列的工作进程和 beat 是否在运行。",
        )
    if departed := _departure(rows, stands.size, stands.signed, outside):
        mark = mark_of(runtime.settings)
        yield Lack(
            "evidence",
            f"nothing is signed, for {departed.says}: run `xianli evidence audit` and change nothing; only after a restore from a backup"
            f" move {folder} and {mark} aside and keep them",
            f"已停止签名：{departed.place} 无法读取，或日志与其中已签名的检查点不相接。请运行 xianli evidence audit，不要改动现场；"
            f"仅在从备份恢复之后，将 {folder} 和 {mark} 移出并保存。",
        )
    if stands.signed is not None and reached < stands.signed.size:
        yield Lack(
            "checkpoints",
            f"copied up to {reached} of {stands.signed.size} entries: is {folder} there, and may we write to it?",
            f"库外副本只到第 {reached} 条，共 {stands.signed.size} 条：请检查目录 {folder} 是否存在、可写。",
        )
    if not runtime.authorities:
        yield Lack(
            "timestamps",
            "nobody outside says when the log was written: name authorities in XIANLI_TSA_URLS",
            "没有外部机构证明日志的时间：请在 XIANLI_TSA_URLS 中填写时间戳服务机构的地址。",
        )
        return
    standing = checkpoints.standing(rows, [each.name for each in runtime.authorities])
    for name, each in standing.items():
        if each.oldest is not None and wall - each.oldest > TOLERATED:
            yield Lack(
                "timestamps",
                f"{name} has not stamped {each.lacking} checkpoints, the oldest of {each.oldest.isoformat()}",
                f"{name} 还有 {each.lacking} 个检查点未盖时间戳，最早的在 {each.oldest:%Y-%m-%d %H:%M} UTC：请检查网络，恢复后自动补盖。",
            )
    if letters := stands.unstamped_letters:
        yield Lack(
            "timestamps",
            f"{letters} letters of the last {LETTERS_SINCE.days} days were signed without an authority's time: only checkpoints date them",
            f"最近 {LETTERS_SINCE.days} 天有 {letters} 封函件未能加盖时间戳，其时间仅由检查点证明：请检查时间戳服务。",
        )
    for name, each in standing.items():
        if each.ends is not None and each.ends - runtime.now() < RENEW_AHEAD:
            yield Lack(
                "timestamps",
                f"the certificate of {name} ends at {each.ends.isoformat()}: name another authority beside it before that day",
                f"{name} 的证书于 {each.ends:%Y-%m-%d} 到期：请在此之前增加另一家时间戳服务机构。",
            )
