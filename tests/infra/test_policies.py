"""Least privilege: what production's functions may do is what they are seen doing, and what the
platform does for them.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.aws.secrets import SsmSecrets
from chalicelib.domain.ids import Kind, tenant_key
from chalicelib.domain.insight_totals import PROGRAMME, format_tally_id
from chalicelib.domain.organisation_ids import new_organisation_id
from chalicelib.domain.webhook_endpoint import Secret, WebhookEndpoint
from chalicelib.ports import Change, Secrets
from chalicelib.runtime import queue_handlers
from chalicelib.usecases import retention
from chalicelib.usecases.due_work import run_due_work
from chalicelib.usecases.insight_tally import start_insights
from tests.support.api_client import Reply
from tests.support.aws_calls import AwsCall, observe_calls
from tests.support.in_process import in_process
from tests.support.receiver import CONTACT, URL, Receiver, respond_with
from tools.packaging.package import ROOT

FUNCTIONS = ("api_handler", "worker", "mail_events", "webhooks", "sweep")
Seen = dict[str, set[tuple[str, str]]]
# Calls whose permission has another name, and the transaction, which has none: its parts have.
NAMED = {
    "s3:CopyObject": "s3:PutObject",  # and s3:GetObject, which HeadObject shows
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:DeleteObject": "s3:DeleteObjectVersion",
}
QUEUE = {
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
}
LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
# What no engine here shows, with the reason. Everything else that is allowed must have been seen.
UNSEEN: dict[str, dict[str, str]] = {
    "api_handler": {
        **dict.fromkeys(LOG, "Lambda itself writes the log"),
        **dict.fromkeys(
            ("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
            "only with MalwareScan=guardduty; tests/journeys/test_malware_scan.py reads tags",
        ),
        "s3:GetObjectVersion": "the engine's bucket in these journeys has no versions",
        "s3:ListBucket": "without it a missing file would be forbidden instead of not found",
        **dict.fromkeys(
            ("kms:GetPublicKey", "kms:Sign"),
            "a stage on this machine has its own key; tests/aws/test_history_keys.py uses KMS",
        ),
        "sqs:SendMessage": "these journeys have no queue; tests/deployed/test_deployed.py has",
        **dict.fromkeys(
            ("sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
            "operators look at dead letters; these journeys have none",
        ),
        **dict.fromkeys(
            (
                "cognito-idp:AdminAddUserToGroup",
                "cognito-idp:AdminCreateUser",
                "cognito-idp:AdminDeleteUser",
                "cognito-idp:AdminDisableUser",
                "cognito-idp:AdminEnableUser",
                "cognito-idp:AdminGetUser",
                "cognito-idp:AdminRemoveUserFromGroup",
                "cognito-idp:AdminUserGlobalSignOut",
            ),
            "a sandbox has no user pool; tests/aws/test_cognito.py calls it",
        ),
    },
    "worker": {
        **dict.fromkeys(LOG, "Lambda itself writes the log"),
        **dict.fromkeys(QUEUE, "Lambda itself reads the queue"),
        "sqs:SendMessage": "as above",
        "ses:SendEmail": "a sandbox sends nothing",
        "ses:SendRawEmail": "a raw message may ask for it by its old name",
    },
    "mail_events": {
        **dict.fromkeys(LOG, "Lambda itself writes the log"),
        **dict.fromkeys(QUEUE, "Lambda itself reads the queue"),
        "sqs:SendMessage": "as above",
    },
    "webhooks": {
        **dict.fromkeys(LOG, "Lambda itself writes the log"),
        **dict.fromkeys(QUEUE, "Lambda itself reads the queue"),
        "sqs:SendMessage": "as above",
        "ses:SendEmail": "a sandbox sends nothing",
        "ses:SendRawEmail": "a raw message may ask for it by its old name",
    },
    "sweep": {**dict.fromkeys(LOG, "Lambda itself writes the log"), "sqs:SendMessage": "as above"},
}


# Secrets that a function does not read here, with the reason.
FROM_THE_FEED = {"live-client-secret": "the directory of these journeys is the feed"}
UNSEEN_SECRETS = {
    "api_handler": {
        **FROM_THE_FEED,
        "oidc-client-secret": "a sandbox has its own issuer",
        "signing-key": "these journeys write an endpoint's row themselves",
        "webhook-key": "these journeys have no portal of the vendor",
    },
    "worker": FROM_THE_FEED,
}


class ObservedSecrets:
    """`ports.Secrets` that notes the parameter that production would read."""

    def __init__(self, real: Secrets, note: Callable[[tuple[str, str]], None]) -> None:
        self._real = real
        self._note = note

    def get_parameter(self, Name: str, **_: Any) -> dict[str, Any]:
        """Answer as Parameter Store would, with a key of no use."""
        self._note(("ssm:GetParameter", Name.partition(":")[0].strip("/")))
        written = datetime(2020, 1, 1, tzinfo=UTC)
        return {"Parameter": {"Value": "00", "Version": 1, "LastModifiedDate": written}}

    def __getattr__(self, name: str) -> Any:
        def read(*arguments: Any) -> Any:
            found = getattr(SsmSecrets(self, ""), name)(*arguments)
            if isinstance(found, Iterator):
                next(found)
            return getattr(self._real, name)(*arguments)

        return getattr(self._real, name) if name == "get_or_create" else read


class CallsByFunction:
    """Note which function makes which call. `seen`: permissions by function."""

    def __init__(self) -> None:
        self.seen: Seen = defaultdict(set)
        self._function = ""

    def wrap(self, function: str, entry_point: Callable[..., Any]) -> Callable[..., Any]:
        """Ascribe the calls of an entry point to a function, unless they are ascribed already."""

        def call(*arguments: Any) -> Any:
            before, self._function = self._function, self._function or function
            try:
                return entry_point(*arguments)
            finally:
                self._function = before

        return call

    def before_call(self, call: AwsCall) -> None:
        if self._function:
            self.seen[self._function] |= set(_permissions(call))

    def note(self, permission: tuple[str, str]) -> None:
        """Note a permission that is needed without a call of these engines."""
        if self._function:
            self.seen[self._function].add(permission)

    def after_call(self, call: AwsCall) -> None:
        """A refused call needs its permission, too."""


def _permissions(call: AwsCall) -> Iterator[tuple[str, str]]:
    """Action and, for an index, its name."""
    name = f"{call.service}:{call.operation}"
    if name == "dynamodb:TransactWriteItems":
        for item in call.parameters["TransactItems"]:
            yield from ((f"dynamodb:{kind}Item", "") for kind in item)
    else:
        yield NAMED.get(name, name), call.parameters.get("IndexName", "")


@pytest.fixture(scope="module")
def seen() -> Iterator[Seen]:
    """What the four functions do in the life of some claims, without what only a sandbox has."""
    calls = CallsByFunction()
    with in_process(moto=True) as service, observe_calls(calls):
        send, send_as_api = service.send, calls.wrap("api_handler", service.send)

        def send_request(method: str, path: str, *rest: Any) -> Reply:
            return (send if path.startswith("/sandbox") else send_as_api)(method, path, *rest)

        secrets = ObservedSecrets(service.services.secrets, calls.note)
        service.exchange(secrets=secrets)
        service.send, service.kick = send_request, calls.wrap("worker", service.kick)
        _lives(service, calls.wrap)
        yield calls.seen


def _lives(service: Any, wrap: Any) -> None:
    """A claim that becomes official, rivals, an opt-out, lists, mail events, a sweep, and the end
    of retention.
    """
    customer = service.customer()
    claim = customer.active()
    customer.file(partner_role="build_intent_advisor")
    for path in (
        "/v1/claims?limit=1",
        "/v1/associations",
        "/v1/events",
        "/v1/arbitrations",
        f"/v1/claims/{claim['id']}/history",
    ):
        service.get(path, by=customer.by())
    service.get("/v1/review/queue", by=service.token())
    _deliver_webhooks(customer, wrap)
    customer.file(2)
    customer.answer(claim, "opt_out")
    other = service.customer()
    filed = other.file()
    record = next(
        m
        for m in service.services.store.mails.list_of_claim(
            tenant_key(other.tenant_id), filed["id"]
        )
        if m.kind == "notice" and m.is_qualifying
    )
    bounced = {
        "eventType": "Bounce",
        "mail": {"tags": {"mail": [record.id]}, "timestamp": "2099-01-01T00:00:00Z"},
        "bounce": {"bounceType": "Permanent", "timestamp": "2099-01-01T00:00:00Z"},
    }
    response = wrap("mail_events", queue_handlers.handle_mail_events)(
        service.services.evolve(webhooks=Receiver().port),
        [{"messageId": "1", "body": json.dumps(bounced)}],
    )
    assert response == {"batchItemFailures": []}
    bare = service.services.evolve(
        clock=Fixed(service.services.clock.now())
    )  # the test clock is a sandbox's
    wrap("sweep", queue_handlers.handle_sweep)(bare)
    _wait_for_provisioning(service.customer(), wrap)
    start_insights(bare.store, bare.clock.now())
    tally_id = json.dumps({"ids": [format_tally_id(PROGRAMME)]})
    wrap("worker", queue_handlers.handle_work)(bare, [{"messageId": "1", "body": tally_id}])
    ended = service.services.store.claims.get(claim["id"]).claim
    wrap("worker", retention.retain)(
        service.services, ended, service.services.clock.now() + timedelta(days=800)
    )


def _wait_for_provisioning(customer: Any, wrap: Any) -> None:
    """A claim that waits for provisioning until the worker finds it ready."""
    customer.subscription(provisioning={"DYN365_ENTERPRISE_SALES": "PendingProvisioning"})
    claim = customer.file()
    customer.subscription()
    services = customer.service.services
    wrap("worker", run_due_work)(services, claim["id"], services.clock.now() + timedelta(hours=1))
    assert customer.claim(claim)["status"] == "submitted"


def _deliver_webhooks(customer: Any, wrap: Any) -> None:
    """An endpoint that does not take one event: it is set aside, and posted again."""
    service, receiver = customer.service, Receiver()
    receiver.respond = lambda event: respond_with(500 if event["seq"] == 1 else 200)(event)
    services, organisation = service.services.evolve(webhooks=receiver.port), customer.partner(1)
    now = services.clock.now()
    endpoint = WebhookEndpoint(
        id=new_organisation_id(Kind.WEBHOOK_ENDPOINT, organisation, now, services.random_bytes),
        organisation_id=organisation,
        url=URL,
        contact=CONTACT,
        state="enabled",
        created_at=now,
        secrets=(Secret(key=1),),
    )
    services.store.commit(Change(endpoints=(endpoint,)))
    body = json.dumps({"ids": [endpoint.id]})
    for hours in range(6):
        later = services.evolve(clock=Fixed(now + timedelta(hours=hours)))
        wrap("webhooks", queue_handlers.handle_webhooks)(later, [{"messageId": "1", "body": body}])
    assert len(receiver.ids) > 3
    services.store.endpoints.remove(endpoint)


class Fixed:
    """`ports.Clock` of production, which makes no call."""

    def __init__(self, moment: Any) -> None:
        self._moment = moment

    def now(self) -> Any:
        return self._moment


def list_allowed_actions(function: str) -> set[tuple[str, str]]:
    """Actions of production's policy; of an index, with its name."""
    policy = json.loads((ROOT / ".chalice" / f"policy-prod-{function}.json").read_text())
    pairs = [
        (action, resource)
        for one in policy["Statement"]
        for action in one["Action"]
        for resource in one["Resource"]
    ]
    return {(action, _name_part(resource.get("Fn::Sub", ""))) for action, resource in pairs}


def _name_part(sub: Any) -> str:
    """The name of the index or of the secret that an address ends in; '' for other addresses.

    A parameter is allowed in all versions, which have addresses of their own.
    """
    address = str(sub if isinstance(sub, str) else sub[0])
    return (
        address.partition("/index/")[2]
        or address.partition("parameter${SecretsPrefix}/")[2].partition(":")[0]
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_everything_that_a_function_does_is_allowed(seen, function):
    assert seen[function] - list_allowed_actions(function) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_nothing_that_it_does_not(seen, function):
    unused = list_allowed_actions(function) - seen[function]

    unread = {name for action, name in unused if action == "ssm:GetParameter"}
    others = {one for one in unused if one[0] != "ssm:GetParameter"}

    assert {action for action, _ in others} == set(UNSEEN[function]) - {
        action for action, _ in seen[function]
    }
    assert all(not index for _, index in others), "an index that is never asked"
    assert unread == UNSEEN_SECRETS.get(function, {}).keys()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_reads_secrets_of_its_stage_by_name(function):
    policy = json.loads((ROOT / ".chalice" / f"policy-prod-{function}.json").read_text())
    addresses = [
        resource["Fn::Sub"]
        for one in policy["Statement"]
        if "ssm:GetParameter" in one["Action"]
        for resource in one["Resource"]
    ]
    names = [one.partition("parameter${SecretsPrefix}/")[2].removesuffix(":*") for one in addresses]

    assert all(re.fullmatch("[a-z-]+", name) for name in names), addresses


def test_the_mail_goes_out_under_one_name_only():
    policy = json.loads((ROOT / ".chalice" / "policy-prod-worker.json").read_text())
    (mail,) = [one for one in policy["Statement"] if "ses:SendEmail" in one["Action"]]

    assert mail["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}}
