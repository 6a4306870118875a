"""The deployed service, over HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from chalicelib.aws.rows import Rows
from tests.support.api_client import Reply
from tests.support.service import Service


@contextmanager
def over_http(url: str, table: Rows) -> Iterator[Service]:
    """The service as it runs on the emulator."""
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
            made.sweep_up()
