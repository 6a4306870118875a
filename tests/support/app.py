"""A small house to ring at: routes of every kind, a world with a clock and secrets, and callers
with tokens.
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
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth.sandbox_issuer import Issuer
from chalicelib.web.http.registration import PARTNER, PROGRAMME, Answer, Call, Day, Routes, register

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SETTINGS = Settings(stage="local")
USER = {
    "sub": "u-1",
    "name": "Uma User",
    "organisation_id": "ORG-1",
    "roles": ["incentives_user"],
    "locale": "de",
}
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

    def keep(self, name: str, make: Callable[[], bytes], /) -> bytes:
        return self.kept.setdefault(name, make()) if name not in self.kept else self.kept[name]


SECRETS = Secrets()


@dataclass
class SampleApp:
    """An app and what stands behind it. `calls`: what its handlers were given."""

    settings: Settings = SETTINGS
    now: datetime = NOW
    secrets: Any = SECRETS
    page: Callable[[dict[str, Any], str], str] | None = None
    calls: list[Call] = field(default_factory=list)
    answer: Answer = field(default_factory=lambda: Answer(body={"ok": True}))

    def services(self, _: Mapping[str, Any]) -> Any:
        return SimpleNamespace(
            settings=self.settings,
            secrets=self.secrets,
            clock=SimpleNamespace(now=lambda: self.now),
        )

    def token(self, **claims: Any) -> str:
        return Issuer(replace(self.settings, stage="local"), self.secrets.keep).mint(
            claims or USER, self.now
        )

    def app(self) -> Chalice:
        app = Chalice("cpor", configure_logs=False, env={})
        register(app, self.routes(), services=self.services, problem_page=self.page)
        return app

    def take(self, call: Call) -> Answer:
        """Takes a call and answers what was asked for."""
        self.calls.append(call)
        return self.answer

    def routes(self) -> Routes:
        routes = Routes()
        take = self.take
        routes.get(
            "/v1/claims", who=PARTNER, query=Listing, answers=list[Filed], summary="List claims"
        )(take)
        routes.post("/v1/claims", who=PARTNER, body=Filing, creates=True, answers=Filed)(take)
        routes.get("/v1/claims/{id}", who=PARTNER | PROGRAMME, answers=Filed)(take)
        routes.patch("/v1/claims/{id}", who=PARTNER, body=Filing, answers=Filed)(take)
        routes.post(
            "/v1/claims/{id}/approve", who=frozenset({"reviewer"}), body=Filing, decides=True
        )(take)
        routes.post("/v1/claims/{id}/ping", who=PARTNER)(take)
        routes.delete("/v1/claims/{id}", who=PARTNER)(take)
        routes.get("/open", who=None)(take)
        routes.get("/o/{token}", who=None, kind="page")(take)
        routes.post("/o/{token}", who=None, kind="page", body=Decision)(take)
        routes.post("/webhooks/opt-out", who=None, kind="webhook")(take)
        routes.get("/sandbox/clock", who=None, kind="sandbox")(take)
        routes.get("/refuse/{how}", who=None)(refuse)
        return routes


class SampleClientError(Exception):
    """An error as botocore raises it."""

    response = {"Error": {"Code": "Throttled", "Message": "the words of somebody"}}


def refuse(call: Call) -> Answer:
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
