"""How the pages' requests reach the issuer that is built into the same service: in process.

Over HTTP a function would wait for another one of its own kind.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from chalicelib.net.http_messages import Response
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.http.dispatch import Content, Context, run_route


class SandboxTransport:
    """`oidc.Transport` to the routes of the built-in issuer."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def get(self, url: str) -> Response:
        return self._run(f"GET {self._path(url)}", Content())

    def post(self, url: str, form: Mapping[str, str], authorization: str) -> Response:
        content = Content(
            raw_body=urlencode(form).encode(), headers={"authorization": authorization}
        )
        return self._run(f"POST {self._path(url)}", content)

    def _path(self, url: str) -> str:
        issuer = urlsplit(self._call.services.settings.oidc_issuer).path
        path = urlsplit(url).path
        return f"/sandbox/issuer{path.removeprefix(issuer)}"

    def _run(self, name: str, content: Content) -> Response:
        call = self._call
        context = Context(
            call.services, call.routes, None, call.now, call.language, call.request_id
        )
        answer: Answer[Any] = run_route(call.routes[name], lambda: content, context)
        return Response(answer.status, {}, json.dumps(answer.body).encode())
