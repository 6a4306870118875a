"""A sample application: routes of every kind, services with a clock and secrets, and callers with
tokens.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, Literal

from chalice.app import Chalice
from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid, TooMany, Unavailable, WrongState
from chalicelib.domain.timestamps import Day
from chalicelib.runtime.settings import Settings
from chalicelib.usecases.callers import PARTNER_ROLES, PROGRAMME_ROLES
from chalicelib.web.auth.sandbox_issuer import Issuer
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.http.registration import register
from chalicelib.web.http.routing import Route
from tests.support.api_gateway import Response

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SETTINGS = Settings(stage="local")
USER = {
    "sub": "u-1",
    "name": "Uma User",
    "organisation_id": "ORG-1",
    "roles": ["incentives_user"],
    "locale": "de",
}
FILING = {"name": "n", "items": [{"product": "a", "seats": 2}], "starts_on": "2026-11-20"}
KEY = {"Idempotency-Key": "key-1"}
REVIEWER = {"sub": "r-1", "name": "Rita Reviewer", "roles": ["reviewer"]}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Item(Strict):
    product: Literal["a", "b"]
    seats: int = Field(1, ge=1, le=100)


class Filing(Strict):
    """A filing."""

    name: str = Field(min_length=1, max_length=10)
    items: list[Item] = []
    starts_on: Day | None = None
    submit: bool = True


class Filed(Strict):
    id: str
    starts_on: date | None = None


class Listing(Strict):
    limit: int = Field(25, ge=1, le=100)
    status: tuple[str, ...] = ()
    overdue: bool | None = None
    since: Day | None = Field(None, alias="from")


class Decision(Strict):
    decision: Literal["agree", "opt_out"]
    reason: str | None = None


class Secrets:
    """Keeps what it is asked to keep, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get_or_create(self, name: str, make: Callable[[], bytes], /) -> bytes:
        return self.kept.setdefault(name, make()) if name not in self.kept else self.kept[name]


SECRETS = Secrets()


@dataclass
class SampleApp:
    """An app and its services. `calls`: what its handlers were called with."""

    settings: Settings = SETTINGS
    now: datetime = NOW
    secrets: Any = SECRETS
    page: Callable[[Mapping[str, Any], str], str] | str = ""
    calls: list[Any] = field(default_factory=list)
    answer: Answer[Any] = field(default_factory=lambda: Answer(body={"ok": True}))

    def services(self, _: Mapping[str, Any]) -> Any:
        return SimpleNamespace(
            settings=self.settings,
            secrets=self.secrets,
            clock=SimpleNamespace(now=lambda: self.now),
        )

    def token(self, **claims: Any) -> str:
        return Issuer(replace(self.settings, stage="local"), self.secrets.get_or_create).make_token(
            claims or USER, self.now
        )

    def app(self) -> Chalice:
        app = Chalice("cpor", configure_logs=False, env={})
        register(app, self.routes(), services=self.services, problem_page=self.page)
        return app

    def take(self, call: Call, body: Any = None, query: Any = None) -> Answer[Any]:
        """Take a call and answer what was asked for."""
        self.calls.append(SimpleNamespace(**vars(call), body=body, query=query))
        return self.answer

    def list_claims(self, call: Call, query: Listing) -> Answer[list[Filed]]:
        return self.take(call, query=query)

    def show(self, call: Call) -> Answer[Filed]:
        return self.take(call)

    def file(self, call: Call, body: Filing) -> Answer[Filed]:
        return self.take(call, body)

    def amend(self, call: Call, body: Filing) -> Answer[Filed]:
        return self.take(call, body)

    def decide(self, call: Call, body: Filing) -> Answer[Any]:
        return self.take(call, body)

    def ping(self, call: Call) -> Answer[Any]:
        return self.take(call)

    def remove(self, call: Call) -> Answer[Any]:
        return self.take(call)

    def show_open(self, call: Call) -> Answer[Any]:
        return self.take(call)

    def receive(self, call: Call) -> Answer[Any]:
        return self.take(call)

    def show_clock(self, call: Call) -> Answer[Any]:
        return self.take(call)

    def show_page(self, call: Call) -> Answer[str]:
        return self.take(call)

    def send_form(self, call: Call, body: Decision) -> Answer[None]:
        return self.take(call, body)

    def routes(self) -> tuple[Route, ...]:
        everybody, reviewers = PARTNER_ROLES | PROGRAMME_ROLES, frozenset({"reviewer"})
        return (
            Route("GET /v1/claims", self.list_claims, PARTNER_ROLES, "List claims"),
            Route("POST /v1/claims", self.file, PARTNER_ROLES, creates=True),
            Route("GET /v1/claims/{id}", self.show, everybody),
            Route("PATCH /v1/claims/{id}", self.amend, PARTNER_ROLES),
            Route("POST /v1/claims/{id}/approve", self.decide, reviewers, decides=True),
            Route("POST /v1/claims/{id}/ping", self.ping, PARTNER_ROLES),
            Route("DELETE /v1/claims/{id}", self.remove, PARTNER_ROLES),
            Route("GET /open", self.show_open, None),
            Route("GET /o/{token}", self.show_page, None, kind="page"),
            Route("POST /o/{token}", self.send_form, None, kind="page"),
            Route("POST /webhooks/opt-out", self.receive, None, kind="webhook"),
            Route("GET /sandbox/clock", self.show_clock, None, kind="sandbox"),
            Route("GET /refuse/{how}", refuse, None),
            Route("GET /openapi.json", "api.service:show_contract", None, "This contract"),
        )


class SampleClientError(Exception):
    """An error as botocore raises it."""

    response = {"Error": {"Code": "Throttled", "Message": "the words of somebody"}}


def refuse(call: Call) -> Answer[Any]:
    """Refuses, one way or another."""
    how = {
        "state": WrongState(status="ended"),
        "many": TooMany(17),
        "away": Unavailable(retry_after=5),
        "findings": Invalid(
            [
                Finding(code="missing", pointer="/a"),
                Finding(code="made_up", pointer="/b", warning=True),
            ]
        ),
        "bug": RuntimeError("the words of somebody"),
        "aws": SampleClientError("the words of somebody"),
    }
    raise how[call.path["how"]]


def codes(answer: Response) -> set[tuple[str, str]]:
    """The code and the pointer of every finding in an answer."""
    return {(error["code"], error["pointer"]) for error in answer.json["errors"]}
