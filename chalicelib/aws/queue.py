"""The worker's queue over SQS."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.runtime import metrics

# Most messages in a SendMessageBatch (SQS limits). Each carries one id, so that the failure of one
# does not repeat others.
BATCH = 10


def run_in_order(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Make calls one after the other and return their results."""
    return tuple(call() for call in calls)


class SqsWorkQueue:
    """`ports.WorkQueue`: sends ids to the worker, ten in a call.

    run_parallel: makes calls at the same time; a sweep has thousands of ids.
    """

    def __init__(
        self,
        client: Any,
        url: str,
        run_parallel: Callable[..., tuple[Any, ...]] = run_in_order,
    ) -> None:
        self._client = client
        self._url = url
        self._run_parallel = run_parallel

    def enqueue(self, ids: Sequence[str]) -> None:
        """Send ids, and only log an error: the commit stands, and the sweep finds the ids."""
        try:
            self.send(ids)
        except (BotoCoreError, ClientError) as error:
            metrics.write_line(
                level="error", not_queued=len(ids), error=metrics.describe_error(error)
            )

    def send(self, ids: Sequence[str]) -> None:
        """Send ids, each once. Raises the errors of botocore."""
        bodies = [json.dumps({"ids": [one]}) for one in dict.fromkeys(ids)]
        batches = [bodies[start : start + BATCH] for start in range(0, len(bodies), BATCH)]
        self._run_parallel(*(partial(self._send_batch, batch) for batch in batches))

    def _send_batch(self, bodies: Sequence[str]) -> None:
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        self._client.send_message_batch(QueueUrl=self._url, Entries=entries)


class NullQueue:
    """`ports.WorkQueue` where there is no queue: the due index alone finds the work."""

    def enqueue(self, ids: Sequence[str]) -> None:
        """Send nothing."""

    def send(self, ids: Sequence[str]) -> None:
        """Send nothing."""
