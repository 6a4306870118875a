"""The worker's queue over SQS."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.runtime import metrics

# messages in one SendMessageBatch (its limit); each carries one id, so that none fails with another
BATCH = 10
Together = Callable[..., tuple[Any, ...]]


def one_by_one(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Makes calls in order."""
    return tuple(call() for call in calls)


class Queue:
    """`ports.Work`: sends ids to the worker, ten to a call. `together` makes several calls: a sweep
    has thousands.
    """

    def __init__(self, client: Any, url: str, run_parallel: Together = one_by_one) -> None:
        self._client = client
        self._url = url
        self._together = run_parallel

    def enqueue(self, ids: Sequence[str]) -> None:
        """Asks, and if that fails says so in the log only: what was committed stands, and the sweep
        finds it.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.send(ids)
        except (BotoCoreError, ClientError) as fault:
            metrics.write_line(
                level="error", not_queued=len(ids), error=metrics.describe_error(fault)
            )

    def send(self, ids: Sequence[str]) -> None:
        """Asks, and raises when that fails."""
        bodies = [json.dumps({"ids": [one]}) for one in dict.fromkeys(ids)]
        self._together(
            *(
                lambda some=bodies[n : n + BATCH]: self._sent(some)
                for n in range(0, len(bodies), BATCH)
            )
        )

    def _sent(self, bodies: Sequence[str]) -> None:
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
        self._client.send_message_batch(QueueUrl=self._url, Entries=entries)


class NullQueue:
    """`ports.Work` where there is no queue: the due index alone brings the work back."""

    def enqueue(self, ids: Sequence[str]) -> None:
        """Nobody is there to be asked."""

    def send(self, ids: Sequence[str]) -> None:
        """Nobody is there to be asked."""
