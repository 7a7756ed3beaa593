"""The Celery app: queues, limits, the beat, and tasks of one line. They carry ids only, and every one of them may run twice or never.

The broker is a courier, not a memory: dates are columns (no eta, no countdown), trying again is policy (no retry), and whatever is lost
here is offered again by the next sweep.
"""

from contextlib import ExitStack
from typing import Any

from celery import Celery, Task
from celery.signals import setup_logging, worker_process_init, worker_process_shutdown
from kombu.entity import Exchange, Queue

from orchestrator import auditing, campaigns, jobs, logs, outreach, recordings, sealing
from orchestrator.batches import chunks, in_halves
from orchestrator.posting import batches, snapshots
from orchestrator.runtime import Runtime, opened
from orchestrator.settings import Settings
from orchestrator.store import writing
from orchestrator.store.offering import Due

QUEUES = ("decide", "send.sms", "send.voice", "send.letter", "send.task", "receipts", "evidence", "intake", "periodic")
SEND_QUEUES = {"sms": "send.sms", "voice": "send.voice", "letter": "send.letter", "visit": "send.task", "call": "send.task"}

ASK_BATCH = 100
SEND_BATCH = 50
"""Small enough that a whole batch leaves well within the claim."""
HEAR_BATCH = 100

SWEEP_EVERY = 2.0
ANNOUNCE_EVERY = 900.0
POST_EVERY = 60.0
CATCH_UP_EVERY = 600.0
AUDIT_DUE_EVERY = 3_600.0
SEAL_EVERY = 20.0
WORK_EVERY = 3.0
AUDIT_ASKED_EVERY = 5.0
TIDY_EVERY = 3_600.0


class _Process:
    """What this process works with: a worker opens its runtime after the fork, the sandbox's own process lends the one it has."""

    def __init__(self) -> None:
        self._exits = ExitStack()
        self._runtime: Runtime | None = None

    def lend(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @property
    def settings(self) -> Settings:
        return self._runtime.settings if self._runtime is not None else Settings.load()

    @property
    def runtime(self) -> Runtime:
        if self._runtime is None:
            self._runtime = self._exits.enter_context(opened(Settings.load()))
        return self._runtime

    def close(self) -> None:
        self._exits.close()
        self._runtime = None


process = _Process()


def _configuration() -> dict[str, Any]:
    """Read when the app is first used, so that `--help` needs no secrets."""
    settings = process.settings
    return {
        "broker_url": settings.redis_url,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {
            "visibility_timeout": 900,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_timeout": 10,
            "socket_connect_timeout": 3,
            "socket_keepalive": True,
            "health_check_interval": 25,
            "queue_order_strategy": "priority",
        },
        "task_queues": [Queue(name, Exchange("xianli"), routing_key=name) for name in QUEUES],
        "task_default_queue": "periodic",
        "task_create_missing_queues": False,
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": False,
        "task_soft_time_limit": 90,
        "task_time_limit": 120,
        "task_serializer": "json",
        "accept_content": ["json"],
        "worker_prefetch_multiplier": 1,
        "worker_soft_shutdown_timeout": 25,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "beat_schedule_filename": str(settings.state_dir / "beat"),
        "beat_schedule": {
            "sweep": {"task": "xianli.sweep", "schedule": SWEEP_EVERY, "options": {"expires": SWEEP_EVERY}},
            "announce": {"task": "xianli.announce", "schedule": ANNOUNCE_EVERY, "options": {"expires": ANNOUNCE_EVERY}},
            "post": {"task": "xianli.post", "schedule": POST_EVERY, "options": {"expires": POST_EVERY}},
            "catch_up": {"task": "xianli.catch_up", "schedule": CATCH_UP_EVERY, "options": {"expires": CATCH_UP_EVERY}},
            "seal": {"task": "xianli.seal", "schedule": SEAL_EVERY, "options": {"expires": SEAL_EVERY}},
            "work": {"task": "xianli.work", "schedule": WORK_EVERY, "options": {"expires": WORK_EVERY}},
            "tidy": {"task": "xianli.tidy", "schedule": TIDY_EVERY, "options": {"expires": TIDY_EVERY}},
            "audit_asked": {"task": "xianli.audit_asked", "schedule": AUDIT_ASKED_EVERY, "options": {"expires": AUDIT_ASKED_EVERY}},
            "audit": {"task": "xianli.audit", "schedule": AUDIT_DUE_EVERY, "options": {"expires": AUDIT_DUE_EVERY}},
        },
    }


class Errand(Task):
    """A task whose arguments, ids though they are, appear in no log and on no page."""

    abstract = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        return super().apply_async(args, kwargs, **{"argsrepr": "…", "kwargsrepr": "…", **options})


app = Celery("xianli", task_cls=Errand)
app.add_defaults(_configuration)


def configure() -> None:
    """Read the configuration now. Celery does so at its first use, and of threads that come first together some see half of it: a broker
    at nobody's address, kept in their pool for good."""
    app.finalize(auto=True)
    assert app.conf.broker_url, "no broker is configured"


@setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    logs.configure()


@worker_process_init.connect
def _forget_inherited_runtime(**_: Any) -> None:
    process.__init__()  # type: ignore[misc]


@worker_process_shutdown.connect
def _close_runtime(**_: Any) -> None:
    process.close()


def offer(due: Due) -> None:
    """Put what is due on the queues, in batches of ids."""
    for cases in chunks(due.cases, ASK_BATCH):
        advance.delay(cases)
    for channel, attempts in due.attempts.items():
        for batch in chunks(attempts, SEND_BATCH):
            deliver.apply_async((batch,), queue=SEND_QUEUES[channel])
    for receipts in chunks(due.receipts, HEAR_BATCH):
        hear.delay(receipts)
    for unknown in chunks(due.unknown, SEND_BATCH):
        look_up.delay(unknown)


@app.task(name="xianli.sweep", queue="periodic", soft_time_limit=30, time_limit=60)
def sweep() -> None:
    """Offer what is due."""
    offer(outreach.sweep(process.runtime))


@app.task(name="xianli.advance", queue="decide")
def advance(case_ids: list[int]) -> None:
    """Ask cases what happens next, and offer at once what came of it."""
    in_halves(case_ids, lambda ids: outreach.advance(ids, process.runtime), _park)
    sweep()


@app.task(name="xianli.deliver", queue="send.task")
def deliver(attempt_ids: list[int]) -> None:
    """Carry attempts out."""
    outreach.deliver(attempt_ids, process.runtime)
    sweep()


@app.task(name="xianli.hear", queue="receipts")
def hear(receipt_ids: list[int]) -> None:
    """Fold in what was said."""
    outreach.hear(receipt_ids, process.runtime)
    sweep()


@app.task(name="xianli.look_up", queue="receipts")
def look_up(attempt_ids: list[int]) -> None:
    """Find out what became of attempts."""
    outreach.look_up(attempt_ids, process.runtime)


@app.task(name="xianli.ask", queue="receipts")
def ask(attempt_ids: list[int]) -> None:
    """Ask providers about attempts that an unsigned push spoke of, and hear the answers."""
    outreach.ask(attempt_ids, process.runtime)
    sweep()


@app.task(name="xianli.announce", queue="periodic")
def announce() -> None:
    """Plan campaign messages and proposals."""
    campaigns.announce(process.runtime)


@app.task(name="xianli.catch_up", queue="receipts", soft_time_limit=540, time_limit=600)
def catch_up() -> None:
    """Ask providers about what nothing was heard of for long, and for what they recorded."""
    outreach.catch_up(process.runtime)
    recordings.fetch(process.runtime)


@app.task(name="xianli.post", queue="send.letter", soft_time_limit=540, time_limit=600)
def post() -> None:
    """Close, make and hand over batches of letters, and fetch what the post knows of those on their way."""
    batches.tend(process.runtime)
    snapshots.tend(process.runtime)


@app.task(name="xianli.audit", queue="evidence", soft_time_limit=1_800, time_limit=2_400)
def audit() -> None:
    """Re-compute the evidence log once a day; a fault is an error in the log of this process and on the console."""
    found = auditing.audit_of_the_day(process.runtime)
    if found is not None:
        logs.report_audit(found.entries, found.faults)


@app.task(name="xianli.audit_asked", queue="evidence", soft_time_limit=1_800, time_limit=2_400)
def audit_asked() -> None:
    """Re-compute the evidence log for whoever asked on the console; its row lets nobody else do it meanwhile."""
    jobs.work(process.runtime, jobs.AUDITS, jobs.LEASE_OF_AUDIT)


@app.task(name="xianli.work", queue="intake", soft_time_limit=780, time_limit=840)
def work() -> None:
    """Make the file that was asked for first, and see whether another one waits."""
    if jobs.work(process.runtime):
        work.delay()


@app.task(name="xianli.tidy", queue="intake")
def tidy() -> None:
    """Delete files that were fetched, or not, for a day."""
    jobs.tidy(process.runtime)


@app.task(name="xianli.seal", queue="evidence", soft_time_limit=540, time_limit=600)
def seal() -> None:
    """Give places in the tree, sign, copy and have stamped what was logged."""
    sealing.seal(process.runtime)


def _park(case_id: int, failed: Exception) -> None:
    """The case that cannot pass waits for the operator; the others went on."""
    with process.runtime.store.begin() as rows:
        writing.park(rows, case_id, f"{type(failed).__name__} while asking what happens next")
    logs.report_parked(case_id, failed)
