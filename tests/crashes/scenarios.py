"""One story for each handler: how the table comes to be what the handler finds, and the call
itself.

A story is told by a function that sets everything up and answers the call: something to be made
once, and again by a client, a browser or a queue that has had no answer. Without `again` nobody
calls a second time: what is stored must do.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from chalicelib.domain.ids import slot_id, tenant_key
from chalicelib.domain.mail_records import MailRecord
from chalicelib.runtime.queue_handlers import handle_mail_events
from chalicelib.usecases.deadlines import sweep
from chalicelib.usecases.due_work import run_due_work
from tests.crashes.snapshots import values
from tests.support.api_client import Reply
from tests.support.customer import Customer
from tests.support.service import Service

REASONS = {
    "coverage": "whole item",
    "recency": "newer work",
    "customer": "said so",
    "continuity": "no break",
}
UNPROVISIONED = {"provisioning": {"DYN365_ENTERPRISE_SALES": "PendingProvisioning"}}
NO = {"codes": ["insufficient_poe"], "message": "no page has a signature"}


class Scenario(NamedTuple):
    """The call, and whether somebody makes it again.

    `keyed`: its answer is kept for whoever does.
    """

    call: Callable[[], Reply | None]
    again: bool = True
    keyed: bool = False
    patience: timedelta = timedelta()


ScenarioBuilder = Callable[[Service, Customer], Scenario]
SCENARIOS: dict[str, ScenarioBuilder] = {}


def scenario(build: ScenarioBuilder) -> ScenarioBuilder:
    SCENARIOS[build.__name__] = build
    return build


def posted(service: Service, path: str, body: Any, by: str, match: str | None = None) -> Scenario:
    """A call with a key of its own, which its client makes again when no answer came."""
    return Scenario(
        lambda: service.call("POST", path, body, by=by, key="once", match=match), keyed=True
    )


def reviewed(
    service: Service, customer: Customer, act: str, body: Any = None, started: bool = True
) -> Scenario:
    claim = customer.file()
    if started:
        customer.review(claim, "start")
    return reviewing(service, claim, act, body)


def reviewing(
    service: Service, claim: Mapping[str, Any], act: str, body: Any = None, who: str = "Rita"
) -> Scenario:
    reviewer, path = service.token(None, name=who), f"/v1/review/claims/{claim['id']}"
    tag = service.call("GET", path, by=reviewer).etag
    return posted(service, f"{path}/{act}", body or {}, reviewer, tag)


def form(service: Service, path: str, said: Mapping[str, str], to: str = "") -> Scenario:
    """A form of the customer's page; whoever gets no answer sends it again."""
    return Scenario(lambda: service.call("POST", path + to, form=said))


def answering(
    service: Service, customer: Customer, claim: Mapping[str, Any], decision: str
) -> Scenario:
    path = service.link(claim["id"], customer.admin)
    return form(
        service, path, {"decision": decision, "claim": claim["id"], "form": customer.form(path)}
    )


def looked_at(service: Service, some_id: str) -> Scenario:
    """The worker's look at something; its message comes again."""
    return Scenario(lambda: snapshot(service, some_id))


def run_out(service: Service, customer: Customer, claim: Mapping[str, Any], kind: str) -> Scenario:
    """The worker's look at a claim when one of its clocks has run out.

    No message comes: the due index has it.
    """
    services = here(service)
    found = services.store.claims.get(claim["id"])
    clock = found[0].find_clock(kind) if found else None
    assert clock, f"no clock {kind}"
    services.clock.move(clock.due_at)
    return Scenario(lambda: snapshot(service, claim["id"]), again=False)


def here(service: Service) -> Any:
    """The world of the process that runs now."""
    assert service.services
    return service.services


def snapshot(service: Service, some_id: str) -> None:
    run_due_work(here(service), some_id, here(service).clock.now())


@scenario
def filing(service: Service, customer: Customer) -> Scenario:
    return posted(service, "/v1/claims", customer.filing(comment="at last"), customer.by())


@scenario
def submitting(service: Service, customer: Customer) -> Scenario:
    draft = customer.file(submit=False)
    return posted(service, f"/v1/claims/{draft['id']}/submit", {}, customer.by())


@scenario
def amending(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    path = f"/v1/claims/{claim['id']}"
    body = {
        "reason": "it has changed",
        "customer_contact": {"name": "Bea Berg", "title": "CFO", "email": f"bea@{customer.domain}"},
    }
    tag = service.call("GET", path, by=customer.by()).etag
    return Scenario(
        lambda: service.call("PATCH", path, body, by=customer.by(), match=tag)
    )  # once more is told of the new version


@scenario
def responding(service: Service, customer: Customer) -> Scenario:
    claim = questioned(customer)
    return posted(
        service, f"/v1/claims/{claim['id']}/respond", {"message": "In May."}, customer.by()
    )


@scenario
def withdrawing(service: Service, customer: Customer) -> Scenario:
    return posted(
        service,
        f"/v1/claims/{customer.file()['id']}/withdraw",
        {"reason": "a mistake"},
        customer.by(),
    )


@scenario
def disputing(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "reject", NO)
    return posted(
        service, f"/v1/claims/{claim['id']}/dispute", {"reason": "Page 3 has it."}, customer.by()
    )


@scenario
def commenting(service: Service, customer: Customer) -> Scenario:
    return posted(
        service,
        f"/v1/claims/{customer.file()['id']}/comments",
        {"text": "All well?"},
        customer.by(),
    )


@scenario
def starting(service: Service, customer: Customer) -> Scenario:
    return reviewed(service, customer, "start", started=False)


@scenario
def approving(service: Service, customer: Customer) -> Scenario:
    return reviewed(service, customer, "approve")


@scenario
def approving_what_nobody_objected_to(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.review(claim, "start")
    service.to(customer.clock(claim, "customer_opt_out") or "")
    return reviewing(service, claim, "approve")


@scenario
def rejecting(service: Service, customer: Customer) -> Scenario:
    return reviewed(service, customer, "reject", NO)


@scenario
def asking(service: Service, customer: Customer) -> Scenario:
    return reviewed(
        service, customer, "request-info", {"codes": ["poe_date_missing"], "message": "When?"}
    )


@scenario
def opting_out(service: Service, customer: Customer) -> Scenario:
    return answering(service, customer, customer.file(), "opt_out")


@scenario
def opting_out_of_what_is_official(service: Service, customer: Customer) -> Scenario:
    return answering(service, customer, customer.active(), "opt_out")


@scenario
def agreeing_to_what_is_approved(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.approve(claim)
    return answering(service, customer, claim, "agree")


@scenario
def undoing(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    assert customer.answer(claim, "opt_out").status == 303
    return answering(service, customer, claim, "undo")


@scenario
def locking(service: Service, customer: Customer) -> Scenario:
    path = service.link(customer.file()["id"], customer.admin)
    return form(service, path, {"form": customer.form(path), "confirm": "yes"}, "/lock")


@scenario
def blocking(service: Service, customer: Customer) -> Scenario:
    path = service.link(customer.file()["id"], customer.admin)
    return form(
        service,
        path,
        {"form": customer.form(path), "confirm": "yes", "organisation_id": customer.partner()},
        "/block",
    )


@scenario
def allowing_again(service: Service, customer: Customer) -> Scenario:
    path = service.link(customer.file()["id"], customer.admin)
    customer.switch(path, "block", customer.partner())
    service.settle()
    return form(
        service,
        path,
        {"form": customer.form(path), "confirm": "yes", "organisation_id": customer.partner()},
        "/allow-again",
    )


@scenario
def with_notification(service: Service, customer: Customer) -> Scenario:
    made = service.post("/v1/claims", customer.filing(), by=customer.by())
    return looked_at(service, made["claims"][0]["id"])


@scenario
def telling_of_the_hand(service: Service, customer: Customer) -> Scenario:
    path = service.link(customer.file()["id"], customer.admin)
    customer.switch(path, "lock")
    return looked_at(service, f"hnd_{tenant_key(customer.tenant_id)}")


@scenario
def a_delivery(service: Service, customer: Customer) -> Scenario:
    return mail_event(service, customer, "Delivery", reported=False)


@scenario
def a_bounce_after_the_delivery(service: Service, customer: Customer) -> Scenario:
    return mail_event(service, customer, "Bounce", reported=True)


def mail_event(service: Service, customer: Customer, what: str, reported: bool) -> Scenario:
    """What the mail service says of the notice to the tenant's own contact; its message comes
    again.
    """
    services = here(service)
    made = service.post("/v1/claims", customer.filing(), by=customer.by())
    run_due_work(services, made["claims"][0]["id"], services.clock.now())
    if reported:
        service.settle()
    mail = next(m for m in values(MailRecord, "L#") if m.recipient == customer.admin)
    detail = {"timestamp": services.clock.now().isoformat(), "bounceType": "Permanent"}
    body = {
        "eventType": what,
        what.lower(): detail,
        "mail": {"tags": {"mail": [mail.id]}, "timestamp": detail["timestamp"]},
    }
    return Scenario(
        lambda: accepted(
            handle_mail_events(here(service), [{"messageId": "m", "body": json.dumps(body)}])
        )
    )


def accepted(answer: Mapping[str, Any]) -> None:
    assert answer == {"batchItemFailures": []}


@scenario
def the_objection_period_ends(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.approve(claim)
    return run_out(service, customer, claim, "customer_opt_out")


@scenario
def a_challenger_takes_over(service: Service, customer: Customer) -> Scenario:
    customer.active(1)
    claim = customer.file(2)
    customer.approve(claim, who="Ruth")
    service.settle()
    decided(service, claim)
    return run_out(service, customer, claim, "customer_opt_out")


def clock(name: str, kind: str, prepare: Callable[[Service, Customer], Mapping[str, Any]]) -> None:
    """A story of a clock that runs out."""
    SCENARIOS[name] = lambda service, customer: run_out(
        service, customer, prepare(service, customer), kind
    )


def questioned(customer: Customer) -> Mapping[str, Any]:
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    return claim


def held(service: Service, customer: Customer) -> Mapping[str, Any]:
    customer.subscription(**UNPROVISIONED)
    return customer.file()


def provisioned(service: Service, customer: Customer) -> Mapping[str, Any]:
    claim = held(service, customer)
    customer.subscription()
    return claim


def bounced(service: Service, customer: Customer) -> Mapping[str, Any]:
    customer.tenant(contacts=(f"bounce@{customer.domain}",))
    return customer.file()


def given_up(service: Service, customer: Customer) -> Mapping[str, Any]:
    claim = bounced(service, customer)
    service.to(customer.clock(claim, "notice_delivery") or "")
    return claim


def unsent(service: Service, customer: Customer) -> Mapping[str, Any]:
    made = service.post("/v1/claims", customer.filing(), by=customer.by())
    return dict(made["claims"][0])


def disputed(service: Service, customer: Customer) -> Mapping[str, Any]:
    disputing(service, customer).call()
    return dict(service.get("/v1/claims", by=customer.by())["data"][0])


def gone(service: Service, customer: Customer) -> Mapping[str, Any]:
    claim = customer.active()
    customer.without_subscriptions()
    return claim


def ended(service: Service, customer: Customer) -> Mapping[str, Any]:
    claim = gone(service, customer)
    service.advance("P4D")
    customer.subscription_id = customer.tenant_id[:-4] + "beef"
    customer.subscription()
    return claim


def withdrawn(service: Service, customer: Customer) -> Mapping[str, Any]:
    claim = customer.file()
    customer.act(claim, "withdraw", {"reason": "a mistake"})
    service.settle()
    return claim


clock("the_reminder", "reminder", lambda service, customer: customer.file())
clock("the_review_is_warned_of", "review_warning", lambda service, customer: customer.file())
clock("the_review_is_overdue", "review", lambda service, customer: customer.file())
clock("no_answer_comes", "partner_answer", lambda service, customer: questioned(customer))
clock("a_draft_is_forgotten", "draft", lambda service, customer: customer.file(submit=False))
clock("it_is_provisioned", "provisioning_recheck", provisioned)
clock("it_is_never_provisioned", "provisioning", held)
clock("no_notice_is_sent", "notice_alarm", unsent)
clock("no_notice_arrives", "notice_delivery", bounced)
clock("nobody_can_be_reached", "undeliverable", given_up)
clock("a_dispute_is_overdue", "dispute_answer", disputed)
clock("the_subscription_is_gone", "look_up", gone)
clock("private_parts_are_deleted", "retention", withdrawn)


@scenario
def a_subscription_follows(service: Service, customer: Customer) -> Scenario:
    """The day's look is stored before the draft that follows from it: after a stop between them the
    next day's makes it.
    """
    return run_out(service, customer, ended(service, customer), "renewal")._replace(
        patience=timedelta(days=1)
    )


@scenario
def a_sweep(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.approve(claim)
    run_out(service, customer, claim, "customer_opt_out")
    return Scenario(lambda: swept(service), again=False)


def swept(service: Service) -> None:
    assert sweep(here(service), here(service).clock.now()).found == 1


def rivals(service: Service, customer: Customer) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Two claims whose proof is in order, on one item; their case is opened next."""
    claims = customer.file(1), customer.file(2)
    customer.approve(claims[0], who="Ruth")
    customer.review(claims[1], "start", who="Rolf")
    service.settle()
    reviewing(service, claims[1], "approve", who="Rolf").call()
    return claims


def case_of(service: Service, senior: str) -> tuple[str, str]:
    """Path and version of the only case."""
    case = here(service).store.arbitrations.list_of("programme", None, 5)[0][0]
    path = f"/v1/arbitrations/{case.id}"
    return path, service.call("GET", path, by=senior).etag


def deciding(service: Service, claim: Mapping[str, Any], act: str, who: str) -> Scenario:
    senior = service.token(None, "senior_reviewer", name=who)
    path, tag = case_of(service, senior)
    return posted(
        service,
        f"{path}/{act}",
        {"winner": claim["id"]} | ({"reasons": REASONS} if act == "propose" else {}),
        senior,
        tag,
    )


def decided(service: Service, claim: Mapping[str, Any]) -> None:
    deciding(service, claim, "propose", "Sena").call()
    deciding(service, claim, "confirm", "Sven").call()
    service.settle()


@scenario
def a_case_opens(service: Service, customer: Customer) -> Scenario:
    claims = rivals(service, customer)
    found = here(service).store.claims.get(claims[0]["id"])
    assert found
    return looked_at(service, slot_id(found[0].tenant_id, found[0].item.name))


@scenario
def a_decision_is_proposed(service: Service, customer: Customer) -> Scenario:
    claims = rivals(service, customer)
    service.settle()
    return deciding(service, claims[0], "propose", "Sena")


@scenario
def a_decision_is_confirmed(service: Service, customer: Customer) -> Scenario:
    claims = rivals(service, customer)
    service.settle()
    deciding(service, claims[0], "propose", "Sena").call()
    return deciding(service, claims[0], "confirm", "Sven")


@scenario
def a_statement(service: Service, customer: Customer) -> Scenario:
    rivals(service, customer)
    service.settle()
    path, _ = case_of(service, service.token(None, "senior_reviewer", name="Sena"))
    return posted(service, f"{path}/statement", {"text": "We do the work."}, customer.by(1))
