"""Whether this process lives, whether it can work, and figures for the monitoring: counts by state, never an id or a name."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import Redis, RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.lines import LineName
from orchestrator import sealing
from orchestrator.runtime import Runtime
from orchestrator.store import checkpoints, pages, pages_evidence, senders, tree

PING_SECONDS = 2


def routes(runtime: Runtime) -> list[Route]:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(runtime))

    def live(request: Request) -> Response:
        return JSONResponse({"live": True})

    def ready(request: Request) -> Response:
        answers = {"database": _database_answers(runtime), "broker": _broker_answers(runtime)}
        return JSONResponse(answers, status_code=200 if all(answers.values()) else 503)

    def metrics(request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]


def _database_answers(runtime: Runtime) -> bool:
    try:
        with runtime.store.begin() as rows:
            rows.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _broker_answers(runtime: Runtime) -> bool:
    url = runtime.settings.redis_url
    if url is None:
        return False
    try:
        with closing(Redis.from_url(url, socket_timeout=PING_SECONDS, socket_connect_timeout=PING_SECONDS)) as broker:
            return bool(broker.ping())
    except RedisError:
        return False


class _Figures(Collector):
    """Read from the database when asked: every web process says the same."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> Iterator[Metric]:
        with self._runtime.store.begin() as rows:
            figures = pages.figures(rows, self._runtime.now())
            at_rest = {each.line for each in senders.all_resting(rows)}
        cases = GaugeMetricFamily("xianli_cases", "Cases by state.", labels=["state"])
        for state, count in figures.cases.items():
            cases.add_metric([state], count)
        attempts = GaugeMetricFamily("xianli_attempts", "Attempts by channel and state.", labels=["channel", "state"])
        for (channel, state), count in figures.attempts.items():
            attempts.add_metric([channel, state], count)
        rests = GaugeMetricFamily(
            "xianli_sender_resting", "1 while a sender's provider refuses everything.", labels=["channel", "provider", "sender"]
        )
        for name in map(LineName.of, self._runtime.lines):
            rests.add_metric(name, name in at_rest)
        yield cases
        yield attempts
        yield rests
        yield GaugeMetricFamily("xianli_due_cases", "Cases due to be asked now.", value=figures.due)
        yield GaugeMetricFamily("xianli_backlog_age_seconds", "How long the oldest due case has waited.", value=figures.backlog_seconds)
        yield GaugeMetricFamily("xianli_receipts_waiting", "Receipts not yet folded in.", value=figures.receipts_waiting)
        yield from self._of_evidence()

    def _of_evidence(self) -> Iterator[Metric]:
        """How far sealing, copying, stamping and auditing lag behind the log. A figure of what never happened is left out."""
        wall, names = self._runtime.wall(), [each.name for each in self._runtime.authorities]
        with self._runtime.store.begin() as rows:
            sealed, (unsealed, since) = tree.size(rows), tree.waiting(rows)
            signed, audited = checkpoints.newest(rows), pages_evidence.last_audit(rows)
            standing = checkpoints.standing(rows, names)
        yield GaugeMetricFamily("xianli_evidence_entries", "Entries of the evidence log.", value=sealed + unsealed)
        yield GaugeMetricFamily("xianli_evidence_unsealed", "Entries without a place in the tree.", value=unsealed)
        age = (wall - since).total_seconds() if since is not None else 0
        yield GaugeMetricFamily("xianli_evidence_unsealed_age_seconds", "How long the oldest of them has waited.", value=age)
        stamps = GaugeMetricFamily("xianli_stamps_behind", "Checkpoints that an authority has not stamped.", labels=["authority"])
        for name in names:
            stamps.add_metric([name], standing[name].lacking)
        yield stamps
        if signed is not None:
            copied, _ = sealing.copied(self._runtime.settings.checkpoints)
            yield GaugeMetricFamily("xianli_copies_behind", "Sealed entries not copied outside.", value=max(signed.size - copied, 0))
            yield GaugeMetricFamily("xianli_checkpoint_age_seconds", "Age of the newest checkpoint.", value=self._since(signed.at))
        if audited is not None:
            yield GaugeMetricFamily("xianli_audit_age_seconds", "Age of the newest audit.", value=self._since(audited.at))
            yield GaugeMetricFamily("xianli_audit_faults", "Places that it found not to fit.", value=audited.faults_in_all)

    def _since(self, at: datetime) -> float:
        return (self._runtime.now() - at).total_seconds()
