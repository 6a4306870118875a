"""Follows a partner's events and posts each to an address of the developer's, signed as a webhook.

The address may be on the developer's machine: it is not sent to the service.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import requests

from chalicelib.domain.history import encode_canonical
from chalicelib.domain.standard_webhooks import sign
from cpor.errors import CommandError
from cpor.http import Api

PAUSE = 2.0  # seconds between two looks at a feed without news
TIMEOUT = 15  # seconds, as the service waits
PAGE = "100"


def follow(
    api: Api, start: str, pause: Callable[[float], None] = time.sleep
) -> Iterator[dict[str, Any]]:
    """Yield the events of the feed after a position, and go on as new ones come.

    Raises CommandError when the service does not answer.
    """
    position = start
    while True:
        answer = api.call("GET", "/v1/events", query={"after": position, "limit": PAGE})
        if answer.status_code != 200:
            raise CommandError(f"The service answers {answer.status_code}: {answer.text[:200]}")
        page = answer.json()
        yield from page["data"]
        position = page["next"]
        if not page["more"]:
            pause(PAUSE)


def post(url: str, key: bytes, event: dict[str, Any], now: float) -> str:
    """Post an event as the service would; return the status, or why there is none."""
    body = encode_canonical(event)
    timestamp = str(int(now))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "cpor-webhooks/1",
        "webhook-id": event["id"],
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(key, event["id"], timestamp, body),
    }
    try:
        answer = requests.post(
            url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        return type(error).__name__
    return str(answer.status_code)
