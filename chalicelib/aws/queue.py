"""The worker's queue over SQS."""

import json
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.runtime import metrics

# Most messages in a SendMessageBatch (SQS limits). Each carries one id, so that the failure of one
# does not repeat others.
BATCH = 10
# SQS answers 200 when it has not accepted some of a batch (SendMessageBatch, `Failed`).
ATTEMPTS = 4
FIRST_PAUSE = 0.1  # seconds before the second attempt; doubled before each further one


class NotQueued(Exception):
    """SQS has not accepted `count` messages."""

    def __init__(self, count: int, code: str) -> None:
        super().__init__(f"{count} messages were not taken: {code}")
        self.count = count


def run_in_order(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Make calls one after the other and return their results."""
    return tuple(call() for call in calls)


class SqsWorkQueue:
    """`ports.WorkQueue`: sends ids to the worker, ten in a call.

    run_parallel: makes calls at the same time; a sweep has thousands of ids.
    pause: waits for a number of seconds.
    """

    def __init__(
        self,
        client: Any,
        url: str,
        run_parallel: Callable[..., tuple[Any, ...]] = run_in_order,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._url = url
        self._run_parallel = run_parallel
        self._pause = pause

    def enqueue(self, ids: Sequence[str]) -> None:
        """Send ids, and only log errors: the commit is stored, and the sweep finds the ids."""
        try:
            self.send(ids)
        except (BotoCoreError, ClientError, NotQueued) as error:
            metrics.write_line(
                level="error", not_queued=len(ids), error=metrics.describe_error(error)
            )

    def send(self, ids: Sequence[str]) -> None:
        """Send ids, each once. Raises NotQueued and the errors of botocore."""
        bodies = [json.dumps({"ids": [one]}) for one in dict.fromkeys(ids)]
        batches = [bodies[start : start + BATCH] for start in range(0, len(bodies), BATCH)]
        self._run_parallel(*(partial(self._send_batch, batch) for batch in batches))

    def _send_batch(self, bodies: Sequence[str]) -> None:
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        for attempt in range(ATTEMPTS):
            if attempt:
                self._pause(FIRST_PAUSE * 2 ** (attempt - 1) * (1 + random.random()) / 2)
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            failed = {one["Id"]: one.get("Code", "") for one in answer.get("Failed", ())}
            entries = [entry for entry in entries if entry["Id"] in failed]
            if not entries:
                return
        raise NotQueued(len(entries), ", ".join(sorted(set(failed.values()))))


class NullQueue:
    """`ports.WorkQueue` where there is no queue: the due index alone finds the work."""

    def enqueue(self, ids: Sequence[str]) -> None:
        """Send nothing."""

    def send(self, ids: Sequence[str]) -> None:
        """Send nothing."""
