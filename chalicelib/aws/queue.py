"""The worker's queue over SQS."""

import json
from collections.abc import Sequence
from typing import Any

BATCH = 10  # messages in one SendMessageBatch, and ids in one message: one transaction of trouble each


class Queue:
    """`ports.Work`: sends ids to the worker, ten to a message and ten messages to a call."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def soon(self, ids: Sequence[str]) -> None:
        bodies = [json.dumps({"ids": [one]}) for one in dict.fromkeys(ids)]
        for first in range(0, len(bodies), BATCH):
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[first:first + BATCH])]
            self._client.send_message_batch(QueueUrl=self._url, Entries=entries)


class Unhurried:
    """`ports.Work` where there is no queue: the due index alone brings the work back."""

    def soon(self, ids: Sequence[str]) -> None:
        return None
