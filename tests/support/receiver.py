"""A receiver of webhooks in this process: it keeps what comes, and answers as it is told."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.aws.queue import NullQueue
from chalicelib.domain.webhook_delivery import Answer, judge_status
from chalicelib.ports import WebhookRequest, Webhooks
from chalicelib.web.api.serializers.events import serialize_event

CONTACT = "ops@partner.example"
URL = "https://erp.partner.example/hooks"
Respond = Callable[[Mapping[str, Any]], Answer]


def take(event: Mapping[str, Any]) -> Answer:
    """Take every event."""
    return respond_with(200)(event)


def respond_with(status: int) -> Respond:
    """Return what answers every event with a status."""
    return lambda event: Answer(status, judge_status(status))


@dataclass
class Receiver:
    """`ports.WebhookSender`. `requests`: everything that came; `respond`: how it answers."""

    respond: Respond = take
    requests: list[WebhookRequest] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)

    def find_fault(self, url: str) -> str | None:
        return None if url.startswith("https://") else "url_refused"

    def send(self, request: WebhookRequest) -> Answer:
        self.requests.append(request)
        event = json.loads(request.body)
        answer = self.respond(event)
        if answer.is_taken:
            self.taken.append(event)
        return answer

    @property
    def port(self) -> Webhooks:
        return Webhooks(self, serialize_event, NullQueue())

    @property
    def ids(self) -> list[str]:
        """Ids of the events that were taken, without test events, in the order of their coming."""
        return [one["id"] for one in self.taken if one["type"] != "webhook.test"]
