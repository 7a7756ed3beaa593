"""The broker is a courier: tasks of one line, which carry ids and nothing else, on queues somebody listens to."""

import ast
import json
import os
import subprocess
import sys

import pytest

from policies.facts import CHANNELS
from tests.architecture.source import ROOT, nodes, place

# Celery keeps its settings for the life of a process: they are read in one that ends at once.
DESCRIBE = """
import inspect, json
from orchestrator import tasks
conf = tasks.app.conf
print(json.dumps({
    "queues": tasks.QUEUES,
    "send_queues": tasks.SEND_QUEUES,
    "listened_to": [queue.name for queue in conf.task_queues],
    "tasks": {
        name: {
            "queue": task.queue,
            "soft": task.soft_time_limit or conf.task_soft_time_limit,
            "hard": task.time_limit or conf.task_time_limit,
            "takes": {name: str(taken.annotation) for name, taken in inspect.signature(task.run).parameters.items()},
        }
        for name, task in tasks.app.tasks.items() if not name.startswith("celery.")
    },
    "visibility": conf.broker_transport_options["visibility_timeout"],
    "beat": list(conf.beat_schedule.values()),
    "conf": {key: conf[key] for key in (
        "task_serializer", "accept_content", "task_ignore_result", "task_acks_late", "task_reject_on_worker_lost",
        "worker_prefetch_multiplier",
    )},
}))
"""
READS_ONLY = {"xianli.audit", "xianli.audit_asked"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XIANLI_", "DATABASE_URL", "REDIS_URL"))}
    environment |= {"XIANLI_SANDBOX": "1", "XIANLI_STATE": str(tmp_path_factory.mktemp("state")), "REDIS_URL": "redis://127.0.0.1:1/0"}
    described = subprocess.run([sys.executable, "-c", DESCRIBE], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert described.returncode == 0, described.stderr
    return json.loads(described.stdout)


def test_every_task_has_a_queue_that_is_listened_to(app):
    assert {"xianli.sweep", "xianli.advance", "xianli.deliver", "xianli.hear"} <= app["tasks"].keys()
    assert {task["queue"] for task in app["tasks"].values()} <= set(app["queues"])
    assert set(app["send_queues"].values()) <= set(app["queues"])
    assert set(app["listened_to"]) == set(app["queues"])


def test_every_channel_has_a_queue_to_be_sent_on(app):
    assert app["send_queues"].keys() == set(CHANNELS)


def test_a_task_is_asked_to_end_before_it_is_made_to(app):
    assert {name: task for name, task in app["tasks"].items() if not 0 < task["soft"] < task["hard"]} == {}


def test_no_task_still_at_work_is_handed_out_again(app):
    """What only reads may run twice at once."""
    assert {name for name, task in app["tasks"].items() if task["hard"] >= app["visibility"]} <= READS_ONLY


def test_a_task_takes_one_list_of_ids_or_nothing(app):
    for task in app["tasks"].values():
        assert len(task["takes"]) <= 1
        assert all(name.endswith("_ids") and kind == "list[int]" for name, kind in task["takes"].items())


def test_messages_are_json_and_nothing_is_kept_of_them(app):
    assert app["conf"]["task_serializer"] == "json"
    assert app["conf"]["accept_content"] == ["json"]
    assert app["conf"]["task_ignore_result"] is True


def test_a_killed_task_is_gone_until_the_sweep_offers_it_again(app):
    assert app["conf"]["task_acks_late"] is True
    assert app["conf"]["task_reject_on_worker_lost"] is False
    assert app["conf"]["worker_prefetch_multiplier"] == 1


def test_the_beat_does_nothing_but_tasks_without_arguments(app):
    assert {entry["task"] for entry in app["beat"]} <= app["tasks"].keys()
    assert not [entry for entry in app["beat"] if entry.get("args") or entry.get("kwargs")]


def test_no_date_lives_in_the_broker_and_no_task_tries_again_by_itself():
    dated = [place(file, node) for file, node in nodes(ast.keyword) if node.arg in ("eta", "countdown")]
    again = [place(file, node) for file, node in nodes(ast.Call) if isinstance(node.func, ast.Attribute) and node.func.attr == "retry"]

    assert dated + again == []
