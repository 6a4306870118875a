"""Uploads of evidence: a partner announces a file and learns where to put it."""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain import checks
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.next_actions import ACTING
from chalicelib.domain.refusals import Invalid
from chalicelib.ports import Change, Services
from chalicelib.usecases.idempotency import (
    StoredResponse,
    commit_response,
    replay_stored_response,
)
from chalicelib.usecases.rate_limits import UPLOADS, enforce_limits, plan_counts
from chalicelib.usecases.request import Request
from chalicelib.usecases.step_context import find_current_edition

RenderUpload = Callable[[Evidence, str, dict[str, str]], StoredResponse]

UPLOAD = timedelta(minutes=15)  # how long the address of an upload is valid


def announce(
    services: Services, request: Request, evidence: Evidence, render: RenderUpload
) -> StoredResponse:
    """Announce a file; the response says where to put it.

    Raises Invalid for a caller who neither acts for the partner nor may submit under the edition in
    force today.
    """
    _check_role(services, request)
    key = request.idempotency_key
    assert key  # the route demands one
    receipt, *counts = services.run_parallel(
        lambda: services.store.requests.get_receipt(key.owner, key.key),
        *plan_counts(services, request, "", (UPLOADS,)),
    )
    if response := replay_stored_response(receipt, request):
        return response
    enforce_limits((UPLOADS,), tuple(counts), request.now)
    url, fields = services.files.create_upload(evidence)
    response = render(evidence, url, fields)
    return commit_response(services, request, Change(evidence=(evidence,)), response)


def _check_role(services: Services, request: Request) -> None:
    roles = request.caller.roles
    if not roles.isdisjoint(ACTING):
        return
    edition = find_current_edition(services, request.now)
    if findings := tuple(checks.check_submitter(roles, edition)):
        raise Invalid(findings)
