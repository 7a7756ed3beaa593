"""What a webhook brought reaches the workers' queue, however many callbacks come first together in a process that has just started."""

import subprocess
import sys
from pathlib import Path

import redis

from orchestrator import embedded

BURST = 24
SCRIPT = """
import sys, threading
from orchestrator.web.webhooks import hear_later

hear = hear_later()
together = threading.Barrier(int(sys.argv[1]))
def callback(number):
    together.wait()
    hear([number])
threads = [threading.Thread(target=callback, args=(number,)) for number in range(int(sys.argv[1]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_callbacks_that_come_first_together_all_reach_the_queue(tmp_path: Path) -> None:
    with embedded.valkey(tmp_path) as broker, redis.Redis.from_url(broker.url) as client:
        environment = {
            "XIANLI_SANDBOX": "1",
            "XIANLI_STATE": str(tmp_path),
            "REDIS_URL": broker.url,
            "DATABASE_URL": "postgresql://nobody@127.0.0.1/x",
        }
        subprocess.run([sys.executable, "-c", SCRIPT, str(BURST)], env=environment, check=True, timeout=60)
        assert client.llen("receipts") == BURST
