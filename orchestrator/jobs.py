"""Files that take longer than a page may: asked for, made by a worker, fetched by whoever may, and gone after a day.

A job is a row (store/jobs.py); losing the message that woke a worker costs nothing, the next one finds the row. What a kind of job makes
stands in WORK.
"""

import shutil
import zipfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from orchestrator import auditing, bundling, logs
from orchestrator.bundling import Choice
from orchestrator.filing import packets
from orchestrator.filing.packets import HOUSE
from orchestrator.runtime import Runtime
from orchestrator.store import casefiles, filing, jobs, log
from orchestrator.store.jobs import Job
from orchestrator.store.log import Entry
from policies.actions import Sentence

LEASE = timedelta(minutes=10)
"""Real time without a word after which a worker is taken to be lost."""
LEASE_OF_AUDIT = timedelta(minutes=45)
"""An audit says no word before it ends."""
KEPT = timedelta(days=1)
FOLDER = "jobs"
MOST_SAID = 200
"""Reasons shown on the page of a job; all of them stand in its file."""
_UNIX, _READABLE = 3, 0o644 << 16

Report = Callable[[int, int], None]
"""How much is done, of how much."""
Work = Callable[[Runtime, Job, Path, Report], Path]
"""Makes the file of a job in an empty folder and says where it lies. Raises ValueError or LookupError, in words for whoever asked, where
trying again would not help."""


def request(runtime: Runtime, kind: str, arguments: Mapping[str, Any], by: str, community_id: int | None = None) -> int:
    """Ask for a file; the job's id. `arguments`: ids and options, no personal data."""
    with runtime.store.begin() as rows:
        return jobs.request(rows, kind, arguments, community_id, by, runtime.wall())


def work(runtime: Runtime, makers: Mapping[str, Work] | None = None, lease: timedelta = LEASE) -> bool:
    """Do the oldest job that waits, of the kinds that `makers` (WORK) make; False where none does."""
    makers = WORK if makers is None else makers
    with runtime.store.begin() as rows:
        job = jobs.take(rows, runtime.wall(), runtime.wall() + lease, makers)
    if job is None:
        return False
    folder = _folder(runtime, job.id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)

    def report(done: int, total: int) -> None:
        with runtime.store.begin() as rows:
            jobs.report(rows, job, done, total, runtime.wall() + lease)

    try:
        made = makers[job.kind](runtime, job, folder, report)
    except (ValueError, LookupError) as refused:
        with runtime.store.begin() as rows:
            jobs.fail(rows, job, str(refused), runtime.wall())
    except Exception as failed:
        logs.report_job(job.id, failed)
        with runtime.store.begin() as rows:
            jobs.give_back(rows, job, f"{type(failed).__name__} while it was made", runtime.wall())
    else:
        with runtime.store.begin() as rows:
            jobs.finish(rows, job, made.name, runtime.wall())
    return True


def tidy(runtime: Runtime) -> None:
    """Delete the files of jobs finished a day ago."""
    with runtime.store.begin() as rows:
        gone = jobs.outlived(rows, runtime.wall() - KEPT)
    for job_id in gone:
        shutil.rmtree(_folder(runtime, job_id), ignore_errors=True)


def file_of(runtime: Runtime, job: Job) -> Path | None:
    """Where a finished job's file lies; None where there is none, or none any more."""
    path = _folder(runtime, job.id) / job.result if job.result else None
    return path if path is not None and path.is_file() else None


def zipped(folder: Path, to: Path) -> Path:
    """A folder as a ZIP file in which its name stands before each path. The same files give the same bytes: no times, no owners."""
    with zipfile.ZipFile(to, "x", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix())
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, _UNIX, _READABLE
            archive.writestr(entry, path.read_bytes())
    return to


def _folder(runtime: Runtime, job_id: int) -> Path:
    return runtime.settings.exhibits / FOLDER / str(job_id)


def _bundle(runtime: Runtime, job: Job, folder: Path, report: Report) -> Path:
    case_id = int(job.arguments["case"])
    made = folder / f"case-{case_id}"
    report(0, 2)
    bundling.export(runtime, case_id, made, choice=Choice(entry=_choice(job.arguments)), by=job.requested_by)
    report(1, 2)
    return zipped(made, folder / f"case-{case_id}.zip")


def _choice(arguments: Mapping[str, Any]) -> bundling.Chosen:
    """Kinds of entries, and the attempts that counsel left out; without a choice everything that may be shown."""
    kinds, without = arguments.get("kinds"), frozenset(arguments.get("without", ()))
    return lambda entry: (kinds is None or entry.kind in kinds) and entry.attempt_id not in without


def taken(runtime: Runtime, job: Job, path: Path, by: str) -> None:
    """Write down that a bundle left the house: who took it, up to which checkpoint it goes, and which bytes it was."""
    case_id = int(job.arguments["case"])
    with zipfile.ZipFile(path) as archive:
        tags = archive.read(f"{path.stem}/bag-info.txt").decode().splitlines()
    checkpoint = next(int(tag.partition(": ")[2]) for tag in tags if tag.startswith("Xianli-Checkpoint: "))
    fact = {"by": by, "job": job.id, "checkpoint": checkpoint, "sha256": sha256(path.read_bytes()).digest()}
    with runtime.store.begin() as rows:
        casefiles.lock_any(rows, case_id)
        log.append(rows, [Entry("bundle taken", fact, case_id)], runtime.now(), runtime.wall())


def _audit(runtime: Runtime, job: Job, folder: Path, report: Report) -> Path:
    """All that was found, place by place; the entry in the log names the first hundred."""
    found = auditing.audit(runtime, by=job.requested_by)
    logs.report_audit(found.entries, found.faults)
    counted = f"{found.entries} entries, {found.checkpoints} checkpoints, {found.copies} copies, {found.stamps} stamps"
    made = folder / f"audit-{job.id}.txt"
    made.write_text("\n".join((counted, *(found.faults or ("verified",)), "")), encoding="utf-8")
    return made


def _filing(runtime: Runtime, job: Job, folder: Path, report: Report) -> Path:
    """Packets of the cases named, or of all open cases of the job's community; why others have none stands beside them."""
    cases = job.arguments.get("cases")
    if cases is None:
        assert job.community_id is not None
        with runtime.store.begin() as rows:
            cases = filing.of_community(rows, job.community_id)
    made = packets.make(runtime, cases, folder / f"filing-{job.id}", job.requested_by, report=report)
    refused = [Sentence(f"案件 {each.case_id}　{why.zh}", f"case {each.case_id}  {why.en}") for each in made for why in each.refused]
    with runtime.store.begin() as rows:
        jobs.say(rows, job, refused[:MOST_SAID])
    if not any(each.folder for each in made):
        raise ValueError("没有可以立案的案件 / no case can be filed")
    note = "\n".join(f"{why.zh}\n{why.en}" for why in refused) or "无 / none"
    (folder / f"filing-{job.id}" / HOUSE / "未生成.txt").write_text(f"{note}\n", encoding="utf-8")
    return zipped(folder / f"filing-{job.id}", folder / f"filing-{job.id}.zip")


WORK: Mapping[str, Work] = {"bundle": _bundle, "filing": _filing}
AUDITS: Mapping[str, Work] = {"audit": _audit}
