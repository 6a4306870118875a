"""Holds the service against the document it publishes: cases that schemathesis makes of
`/openapi.json`, in this process.

    .venv/bin/python -m tests.contract.published_document --cases 10000

Half of the cases are what the document allows, half what it forbids. Names in paths are made up, or
those of things that are there; so are versions. What is found is printed with a seed that makes it
again.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, NamedTuple
from unittest import SkipTest

import schemathesis
from chalice.app import Chalice
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as of_openapi

from chalicelib.web.http import openapi, registration
from chalicelib.web.http.routing import RouteTable
from chalicelib.web.routes import PROBLEM_PAGE, ROUTES
from tests.support.api_gateway import event, send
from tests.support.fixtures import Fixtures, two_tenants

CHECKS = (
    checks.not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_schema_conformance,
    of_openapi.response_headers_conformance,
    of_openapi.negative_data_rejection,
)
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass
class Tally:
    """What came of it: answers by status, and what contradicted the document."""

    statuses: Counter[int] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return sum(self.statuses.values())


class Share(NamedTuple):
    """One operation in one mode, and with how many cases to try it."""

    operation: Any
    mode: GenerationMode
    cases: int


class Contract:
    """The service in this process, its document, and somebody for every role."""

    def __init__(self, fixtures: Fixtures) -> None:
        self.fixtures = fixtures
        app = Chalice("cpor", configure_logs=False)
        registration.register(
            app,
            ROUTES,
            services=lambda event: fixtures.service.services,
            problem_page=PROBLEM_PAGE,
        )
        # With the pages, which the published document leaves out.
        document = deepcopy(
            openapi.describe(
                RouteTable(ROUTES), fixtures.service.services.settings, with_pages=True
            )
        )
        self.roles = {
            f"{method.upper()} {path}": one.get("x-roles")
            for path, some in document["paths"].items()
            for method, one in some.items()
        }
        # Who may call is tested elsewhere, with every fault of a token.
        for some in document["paths"].values():
            for one in some.values():
                one.pop("security")
        # Responses are open, and a member that is not described must be found all the same.
        for schema in document["components"]["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        self.schema = schemathesis.openapi.from_dict(document)
        self.schema.app = make_wsgi_app(app)
        refusing = self.schema.config.checks.negative_data_rejection
        # 412: a version that is valid, but not the current one.
        refusing.expected_statuses = [*refusing.expected_statuses, "412"]
        self.owner = {"arbitration_id": fixtures.rivals}
        self.there = {
            "claim_id": ("claim", "open", "draft"),
            "association_id": ("association",),
            "arbitration_id": ("arbitration",),
            "evidence_id": ("evidence",),
        }

    def operations(self) -> list[Any]:
        return [found.ok() for found in self.schema.get_all_operations()]

    def token(self, operation: Any, role: int) -> str | None:
        roles = self.roles[operation.label]
        if not roles:
            return None
        chosen = roles[role % len(roles)]
        customer = (
            self.owner["arbitration_id"]
            if "arbitration_id" in operation.path
            else self.fixtures.customer
        )
        partner = chosen in ("incentives_admin", "incentives_user", "billing_admin", "global_admin")
        return self.fixtures.service.token(
            customer.partner(1) if partner else None, chosen, name=f"Tried {chosen}"
        )

    def name_existing(self, case: Any, which: int) -> None:
        """Put the id of something that exists into the path."""
        for name in case.path_parameters or {}:
            if name in self.there:
                kinds = self.there[name]
                case.path_parameters[name] = self.fixtures.ids[kinds[which % len(kinds)]]
            elif name == "token":
                case.path_parameters[name] = list(self.fixtures.links.values())[
                    which % 3
                ].removeprefix("/o/")


def make_wsgi_app(app: Chalice) -> Callable[..., Iterable[bytes]]:
    """The app as WSGI, by way of a gateway's events."""

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        headers = {
            name[5:].replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        headers |= {"Content-Type": environ["CONTENT_TYPE"]} if environ.get("CONTENT_TYPE") else {}
        body, asked = environ["wsgi.input"].read() or None, environ.get("QUERY_STRING")
        said = event(
            app,
            environ["REQUEST_METHOD"],
            environ["REQUEST_URI"].partition("?")[0] + (f"?{asked}" if asked else ""),
            headers,
            body,
            base64_encoded=True,
        )
        with redirect_stdout(StringIO()):
            answer = send(app, said)
        start(
            f"{answer.status} {'-'}", [(name, str(value)) for name, value in answer.headers.items()]
        )
        return [answer.body.encode()]

    return serve


def try_share(
    contract: Contract,
    share: Share,
    number: int,
    tally: Tally,
    done: Callable[[], None] = lambda: None,
) -> None:
    """Try one operation with its share of the cases; go on after a contradiction.

    `number`: the seed of the cases. `done` is called after each.
    """
    operation = share.operation
    try:
        strategy = operation.as_strategy(generation_mode=share.mode)
    except schemathesis.errors.SchemathesisError:
        return

    @seed(number)
    @settings(
        max_examples=share.cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=strategy,
        role=st.integers(0, 7),
        which=st.integers(0, 5),
        real=st.booleans(),
        version=st.sampled_from(['"1"', '"999"', None]),
    )
    def one(case: Any, role: int, which: int, real: bool, version: str | None) -> None:
        if real:
            contract.name_existing(case, which)
            if version and "If-Match" in (case.headers or {}):
                case.headers["If-Match"] = version
        by = contract.token(operation, role)
        headers = {"Authorization": f"Bearer {by}"} if by else {}
        answer = case.call(headers=headers)
        tally.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=list(CHECKS), headers=headers)
        except checks.FailureGroup as group:
            tally.contradictions += [
                f"{operation.label} seed {number}: {failure}\n"
                f"{answer.request.method} {answer.request.url} → "
                f"{answer.status_code} {answer.text[:500]}"
                for failure in group.exceptions
            ]
        done()

    with suppress(Unsatisfiable, SkipTest):  # where there is nothing that the document forbids
        one()


def shares(operations: list[Any], cases: int) -> Iterator[Share]:
    """Every operation in both modes, each with its share of the cases."""
    each = max(1, cases // (len(operations) * len(MODES)))
    for operation in operations:
        for mode in MODES:
            yield Share(operation, mode, each)


@contextmanager
def a_contract() -> Iterator[Contract]:
    with redirect_stdout(StringIO()), two_tenants() as fixtures:
        contract = Contract(fixtures)
        fixtures.service.kick = lambda: None
        yield contract


def main() -> int:
    from rich.progress import Progress

    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--cases", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    wanted, tally, began = asked.parse_args(), Tally(), time.monotonic()
    with Progress() as progress:
        bar, number = progress.add_task("cases", total=wanted.cases), wanted.seed

        def show() -> None:
            progress.update(bar, completed=tally.cases)

        # Fresh fixtures now and then: the more cases have been made, the slower the database.
        while tally.cases < wanted.cases:
            with a_contract() as contract:
                for share in shares(contract.operations(), min(wanted.cases, 2500)):
                    try_share(contract, share, number, tally, show)
            number += 1
    print("\n".join(sorted(set(tally.contradictions))))
    print(
        f"{tally.cases} cases in {time.monotonic() - began:.0f} s: "
        f"{dict(sorted(tally.statuses.items()))}, "
        f"{len(tally.contradictions)} contradict the document"
    )
    return 1 if tally.contradictions else 0


if __name__ == "__main__":
    sys.exit(main())
