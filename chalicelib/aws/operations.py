"""The state of a stage for operators: imports of the feed in the table, dead letters in SQS."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws import import_keys
from chalicelib.aws.rows import Rows, make_row, read_text
from chalicelib.domain.base import rfc3339
from chalicelib.domain.refusals import Unavailable
from chalicelib.ports.operations import DeadLetter, DeadLetterQueue, FeedImport

LISTED = 20  # the most imports in a list
SHOWN = 10  # dead letters of a queue: as many as one call returns
MOST_REASONS = 20
# The attributes in which Lambda and EventBridge say why a message failed.
REASONS = ("ErrorMessage", "ERROR_MESSAGE", "ErrorCode", "ERROR_CODE")


class AwsOperations:
    """`ports.Operations` over the table and SQS.

    urls: name of a queue to the URL of its dead letters; without a URL it is left out.
    """

    def __init__(self, rows: Rows, client: Any, urls: Mapping[str, str]) -> None:
        self._rows = rows
        self._client = client
        self._urls = {name: url for name, url in urls.items() if url}

    def list_imports(self) -> tuple[FeedImport, ...]:
        """Return the last imports of the feed, newest first."""
        found = self._rows.query(import_keys.FEED_IMPORTS, backwards=True, limit=LISTED)
        return tuple(_decode_import(json.loads(read_text(one))) for one in found)

    def list_dead_letters(self) -> tuple[DeadLetterQueue, ...]:
        """Return each queue's dead letters. Raises Unavailable."""
        try:
            return tuple(self._read(name, url) for name, url in self._urls.items())
        except (BotoCoreError, ClientError) as error:
            raise Unavailable from error

    def _read(self, name: str, url: str) -> DeadLetterQueue:
        wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        known = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)
        count = sum(int(known["Attributes"][one]) for one in wanted)
        answer: dict[str, Any] = {}
        if count:
            answer = self._client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=SHOWN,
                VisibilityTimeout=0,  # they stay visible to `cpor tasks`
                AttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
            )
        letters = map(_decode_letter, answer.get("Messages", ()))
        return DeadLetterQueue(name, count, tuple(sorted(letters, key=lambda one: one.sent_at)))


def record_import(
    rows: Rows, at: datetime, files: Mapping[str, Mapping[str, int]], reasons: list[str]
) -> None:
    """Store what an import of the feed did, for operators to read."""
    value = {"at": rfc3339(at), "files": files, "reasons": reasons[:MOST_REASONS]}
    rows.put(make_row(import_keys.feed_import(at), json.dumps(value, ensure_ascii=False)))


def _decode_import(value: Mapping[str, Any]) -> FeedImport:
    return FeedImport(datetime.fromisoformat(value["at"]), value["files"], tuple(value["reasons"]))


def _decode_letter(message: Mapping[str, Any]) -> DeadLetter:
    attributes = message.get("MessageAttributes", {})
    said = [attributes[one].get("StringValue", "") for one in REASONS if one in attributes]
    return DeadLetter(
        id=message["MessageId"],
        sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
        about=_list_ids(message["Body"]),
        reason=": ".join(dict.fromkeys(text for text in said if text)),
    )


def _list_ids(body: str) -> tuple[str, ...]:
    """Return the ids of a message to the worker; none of any other message."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    ids = content.get("ids") if isinstance(content, dict) else None
    return tuple(one for one in ids if isinstance(one, str)) if isinstance(ids, list) else ()
