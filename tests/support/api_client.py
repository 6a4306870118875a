"""Sends HTTP requests to a running service and reads its answers.

How a request travels is an argument: into the application in this process, or over HTTP.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit

from chalicelib.aws.rows import Rows


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


class CallOptions(TypedDict, total=False):
    """What a request may have besides a body.

    Attributes:
        by: a token.
        key: an idempotency key; one is made for a POST with a token.
        match: the version, for If-Match.
        form: fields of a form, in place of a body.
    """

    by: str | None
    key: str | None
    match: str | None
    headers: Mapping[str, str] | None
    form: Mapping[str, str] | None


@dataclass
class ApiClient:
    """A running service as its callers reach it: requests, tokens, the clock and the mailbox."""

    name: str
    send: Callable[..., Reply]
    put_file: Callable[[Mapping[str, Any], bytes], None]
    rows: Rows
    kick: Callable[[], None]
    tokens: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def call(
        self, method: str, path: str, body: Any = None, **options: Unpack[CallOptions]
    ) -> Reply:
        """Send one request and read its answer."""
        by, key = options.get("by"), options.get("key")
        if method == "POST" and by and key is None:
            key = uuid.uuid4().hex
        headers = dict(options.get("headers") or {})
        if key:
            headers["Idempotency-Key"] = key
        if match := options.get("match"):
            headers["If-Match"] = match
        reply = self.send(method, path, body, by, headers, options.get("form"))
        self.kick()
        return reply

    def get(self, path: str, by: str | None = None, **more: Any) -> Any:
        """A GET that must succeed, as JSON."""
        reply = self.call("GET", path, by=by, **more)
        assert reply.status == 200, reply.text
        return reply.json

    def post(
        self,
        path: str,
        body: Any,
        by: str | None = None,
        expect: tuple[int, ...] = (200, 201),
        **more: Any,
    ) -> Any:
        """A POST that must succeed, as JSON."""
        reply = self.call("POST", path, body, by=by, **more)
        assert reply.status in expect, reply.text
        return reply.json

    def token(
        self, organisation_id: str | None = None, *roles: str, name: str | None = None
    ) -> str:
        """A token of somebody; partners are administrators unless roles are given, others
        reviewers.
        """
        said = list(roles) or (["incentives_admin"] if organisation_id else ["reviewer"])
        asked = (organisation_id, tuple(said), name)
        if asked not in self.tokens:
            body = {
                k: v
                for k, v in {
                    "organisation_id": organisation_id,
                    "roles": said,
                    "name": name,
                }.items()
                if v
            }
            self.tokens[asked] = self.post("/sandbox/tokens", body)["access_token"]
        return self.tokens[asked]

    def now(self) -> str:
        return str(self.get("/sandbox/clock")["now"])

    def advance(self, duration: str) -> str:
        return self._move({"advance": duration})

    def to(self, moment: str) -> str:
        return self._move({"to": moment})

    def _move(self, body: Mapping[str, str]) -> str:
        for _ in range(60):
            reply = self.call("POST", "/sandbox/clock", body)
            assert reply.status in (200, 202), reply.text
            if reply.status == 200:
                return str(reply.json["now"])
        raise AssertionError("the clock does not arrive")

    def mails(
        self, claim_id: str | None = None, kind: str | None = None, to: str | None = None
    ) -> list[dict[str, Any]]:
        """Mails about a claim, of a kind, to an address; newest first."""
        found = self.get("/sandbox/mail")["data"]
        return [
            m
            for m in found
            if (claim_id is None or claim_id in m["claim_ids"])
            and kind in (None, m["kind"])
            and (to is None or to in m["to"])
        ]

    def settle(self) -> None:
        """Wait until everything that is due is done and every notification is sent."""
        self.get("/sandbox/mail")

    def became(self, mail: Mapping[str, Any], what: str) -> None:
        """Report an event of a mail: delivery, bounce or complaint."""
        self.post(f"/sandbox/mail/{mail['id']}/events", {"type": what})

    def link(self, claim_id: str, to: str) -> str:
        """The path of the page behind the newest notice to an address."""
        for mail in self.mails(claim_id, to=to):
            if mail["links"] and not mail["kind"].startswith("confirm_"):
                return urlsplit(mail["links"][0]).path
        raise AssertionError(f"no link for {to}")
