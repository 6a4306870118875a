"""The deployed service, over HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from chalicelib.aws import keys, sandbox_keys
from chalicelib.aws.rows import Rows, read_key
from tests.support.api_client import Reply
from tests.support.emulator import DeployedStage
from tests.support.service import Service

# What the functions keep in memory once they have read or made it, and the time.
KEPT = {sandbox_keys.clock().pk, sandbox_keys.secret("").pk, keys.HISTORY_KEYS}


@contextmanager
def over_http(stage: DeployedStage) -> Iterator[Service]:
    """The service as it runs on the emulator; rows that were made meanwhile are deleted at the end.

    Otherwise each move of the clock would work through what all earlier tests have left, and each
    look into the mailbox would answer their mails.
    """
    url, table = stage.url, Rows(stage.client("dynamodb"), stage.table_name)
    before = _list_keys(stage)
    with requests.Session() as session:

        def send(
            method: str,
            path: str,
            body: Any,
            by: str | None,
            headers: Mapping[str, str],
            form: Mapping[str, str] | None,
        ) -> Reply:
            said = dict(headers) | ({"Authorization": f"Bearer {by}"} if by else {})
            answer = session.request(
                method,
                url + path,
                json=body,
                data=form,
                headers=said,
                timeout=60,
                allow_redirects=False,
            )
            return Reply(answer.status_code, answer.headers, answer.text)

        def put(announced: Mapping[str, Any], content: bytes) -> None:
            upload = announced["upload"]
            answer = session.post(
                upload["url"], data=upload["fields"], files={"file": content}, timeout=60
            )
            assert answer.status_code in (200, 201, 204), answer.text

        made = Service("ministack", send, put, table, lambda: None)
        try:
            yield made
        finally:
            made.settle()
            table.write(deletes=_list_keys(stage) - before)


def _list_keys(stage: DeployedStage) -> set[keys.Key]:
    """Return the keys of all rows besides those to be kept."""
    pages = stage.client("dynamodb").get_paginator("scan")
    found = pages.paginate(TableName=stage.table_name, ProjectionExpression="pk, sk")
    return {key for page in found for row in page["Items"] if (key := read_key(row)).pk not in KEPT}
