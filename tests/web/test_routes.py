"""The table of routes: reviewed as a whole, complete, and read module by module when needed."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.domain.refusals import Forbidden, Invalid, Unauthenticated
from chalicelib.usecases.callers import Caller
from chalicelib.web.http.dispatch import Content, Context, run_route
from chalicelib.web.http.routing import Route, RouteTable
from chalicelib.web.routes import ROUTES
from tests.support.app import SampleApp

SNAPSHOT = Path(__file__).with_name("routes.txt")
ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PARTNER = Caller("u-1", "Uma", "ORG-1", frozenset({"incentives_user"}))
LOADED = """
import json, sys
name = sys.argv[1]
import app
from chalicelib.runtime.lazy_import import load
from chalicelib.web.http.routing import RouteTable
from chalicelib.web.routes import ROUTES

started = set(sys.modules)
RouteTable(ROUTES)[name].endpoint
load("web.auth.verification:make_verifier")
print(json.dumps([sorted(started), sorted(set(sys.modules) - started)]))
"""


def describe(route: Route) -> str:
    """One route as the snapshot has it: name, roles, what its headers must or may be."""
    key = "required" if route.creates else "accepted" if route.takes_key else "-"
    if_match = "required" if route.needs_if_match else "-"
    roles = " ".join(sorted(route.roles or {"(public)"}))
    stage = " sandbox-only" if route.is_sandbox_only else ""
    return f"{route.name}\n    {roles}\n    {route.kind} key={key} if-match={if_match}{stage}\n"


def test_all_routes_are_as_reviewed():
    """After a change: review the difference, then `python -m tests.web.test_routes`."""
    assert SNAPSHOT.read_text(encoding="utf-8") == "".join(map(describe, ROUTES))


def test_every_handler_exists_and_names_its_models():
    unnamed = [
        route.name for route in ROUTES if not route.endpoint.function.__annotations__["return"]
    ]
    with_body = [route.name for route in ROUTES if route.endpoint.body and route.method == "GET"]

    assert unnamed == []
    assert with_body == []


def test_no_handler_serves_two_routes():
    handlers = [route.handler for route in ROUTES]

    assert len(handlers) == len(set(handlers))


@pytest.mark.parametrize(
    ("path", "names"),
    [("/a", []), ("/a/{x}/b/{y_1}", ["x", "y_1"]), ("/portal/{page+}", ["page"])],
)
def test_the_variables_of_a_path_are_found(path, names):
    assert Route(f"GET {path}", "", None).variables == names


def read_modules(name: str) -> list[set[str]]:
    """What a new process has imported when it starts, and what one route adds to that, with what
    verifies its caller.
    """
    done = subprocess.run(
        [sys.executable, "-c", LOADED, name],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "STAGE": "prod", "AWS_DEFAULT_REGION": "us-east-1"},
        check=True,
        capture_output=True,
        text=True,
    )
    return [set(names) for names in json.loads(done.stdout)]


def test_a_process_reads_the_handlers_of_its_first_request_only():
    started, then = (
        {name for name in names if name.startswith(("chalicelib.web.api", "chalicelib.web.pages"))}
        for names in read_modules("POST /v1/claims")
    )

    assert started == set()
    assert "chalicelib.web.api.filings" in then
    assert not [name for name in then if "review" in name or "pages" in name or "sandbox" in name]


@pytest.mark.parametrize(
    "name",
    [
        "POST /v1/claims",
        "GET /v1/claims/{claim_id}",
        "POST /v1/claims/{claim_id}/respond",
        "POST /v1/review/claims/{claim_id}/approve",
    ],
)
def test_a_request_reads_nothing_that_writes_mails_or_pages(name):
    """The worker writes mails: a template engine is a tenth of a cold start."""
    started, then = read_modules(name)

    assert "jinja2" not in started | then
    assert "chalicelib.web.auth.verification" in then
    assert "chalicelib.web.auth.sandbox_issuer" not in then
    assert "chalicelib.usecases.mail_composer" not in started | then


def test_filing_reads_neither_what_decides_nor_what_others_send():
    """A cold start is measured by the first filing (bench/cold_start.py)."""
    _, then = read_modules("POST /v1/claims")

    assert "chalicelib.usecases.filing" in then
    assert "chalicelib.usecases.unit_of_work" not in then
    assert "chalicelib.web.api.request_models" not in then


# In process, as pages run the API


def run(sample: SampleApp, name: str, caller: Caller | None, **said):
    table = RouteTable(sample.routes())
    context = Context(sample.services({}), table, caller, NOW, "en", "r-1")
    return run_route(table[name], lambda: Content(**said), context)


def test_a_route_runs_in_process_with_its_models_and_idempotency():
    sample = SampleApp()

    run(sample, "POST /v1/claims", PARTNER, body={"name": "n"}, key="k-1")
    run(sample, "POST /v1/claims", PARTNER, body={"name": "m"}, key="k-1")

    first, second = sample.calls
    assert first.body.name == "n"
    assert first.caller == PARTNER
    assert first.idempotency.key == second.idempotency.key
    assert first.idempotency.fingerprint != second.idempotency.fingerprint


def test_a_route_has_the_same_roles_in_process():
    sample = SampleApp()
    auditor = Caller("a-1", "Ada", None, frozenset({"auditor"}))

    with pytest.raises(Forbidden):
        run(sample, "POST /v1/claims", auditor, body={"name": "n"}, key="k-1")
    with pytest.raises(Unauthenticated):
        run(sample, "POST /v1/claims", None, body={"name": "n"}, key="k-1")

    assert sample.calls == []


def test_a_route_refuses_the_same_body_in_process():
    with pytest.raises(Invalid) as refusal:
        run(SampleApp(), "POST /v1/claims", PARTNER, body={"nonsense": 1}, key="k-1")

    found = {(finding.code, finding.pointer) for finding in refusal.value.findings}
    assert found == {("missing", "/name"), ("unknown_field", "/nonsense")}


if __name__ == "__main__":
    SNAPSHOT.write_text("".join(map(describe, ROUTES)), encoding="utf-8")
