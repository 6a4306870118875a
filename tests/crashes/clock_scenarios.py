"""Mail events, deadlines and the sweep, stopped while the worker handles them."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.notification import find_gathering
from chalicelib.runtime.queue_handlers import handle_mail_events
from chalicelib.usecases.deadlines import sweep
from chalicelib.usecases.due_work import run_due_work
from tests.crashes.arbitration_scenarios import decide
from tests.crashes.request_scenarios import disputing, with_question
from tests.crashes.scenarios import (
    Scenario,
    Scenarios,
    expire_clock,
    services_of,
    work_on,
)
from tests.crashes.snapshots import values
from tests.support.customer import Customer
from tests.support.service import Service

SCENARIOS = Scenarios()
UNPROVISIONED = {"provisioning": {"DYN365_ENTERPRISE_SALES": "PendingProvisioning"}}


@SCENARIOS.add
def a_delivery(service: Service, customer: Customer) -> Scenario:
    return mail_event(service, customer, "Delivery", reported=False)


@SCENARIOS.add
def a_bounce_after_the_delivery(service: Service, customer: Customer) -> Scenario:
    return mail_event(service, customer, "Bounce", reported=True)


def mail_event(service: Service, customer: Customer, what: str, reported: bool) -> Scenario:
    """Report an event of the notice to the tenant's own contact; its message is delivered again."""
    services = services_of(service)
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
        lambda: assert_accepted(
            handle_mail_events(services_of(service), [{"messageId": "m", "body": json.dumps(body)}])
        )
    )


def assert_accepted(answer: Mapping[str, Any]) -> None:
    assert answer == {"batchItemFailures": []}


@SCENARIOS.add
def the_objection_period_ends(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.approve(claim)
    return expire_clock(service, customer, claim, "customer_opt_out")


@SCENARIOS.add
def what_was_withdrawn_is_told(service: Service, customer: Customer) -> Scenario:
    """The first of two claims tells of both at the end of the day."""
    first, second = customer.file(1), customer.file(1, partner_role="build_intent_advisor")
    for claim in (first, second):
        assert customer.act(claim, "withdraw", {"reason": "x"}).status == 200
    service.settle()
    services = services_of(service)
    services.clock.move(find_gathering(services.clock.now()))
    return Scenario(lambda: work_on(service, first["id"]), again=False)


@SCENARIOS.add
def a_challenger_takes_over(service: Service, customer: Customer) -> Scenario:
    customer.active(1)
    claim = customer.file(2)
    customer.approve(claim, who="Ruth")
    service.settle()
    decide(service, claim)
    return expire_clock(service, customer, claim, "customer_opt_out")


def clock(name: str, kind: str, prepare: Callable[[Service, Customer], Mapping[str, Any]]) -> None:
    """Add a scenario in which a clock runs out."""
    SCENARIOS[name] = lambda service, customer: expire_clock(
        service, customer, prepare(service, customer), kind
    )


def file_unprovisioned(service: Service, customer: Customer) -> Mapping[str, Any]:
    customer.subscription(**UNPROVISIONED)
    return customer.file()


def provision_claim(service: Service, customer: Customer) -> Mapping[str, Any]:
    claim = file_unprovisioned(service, customer)
    customer.subscription()
    return claim


def file_with_bounce(service: Service, customer: Customer) -> Mapping[str, Any]:
    customer.tenant(contacts=(f"bounce@{customer.domain}",))
    return customer.file()


def let_notice_time_out(service: Service, customer: Customer) -> Mapping[str, Any]:
    claim = file_with_bounce(service, customer)
    service.to(customer.clock(claim, "notice_delivery") or "")
    return claim


def file_without_sending(service: Service, customer: Customer) -> Mapping[str, Any]:
    made = service.post("/v1/claims", customer.filing(), by=customer.by())
    return dict(made["claims"][0])


def file_and_dispute(service: Service, customer: Customer) -> Mapping[str, Any]:
    disputing(service, customer).call()
    return dict(service.get("/v1/claims", by=customer.by())["data"][0])


def remove_subscription(service: Service, customer: Customer) -> Mapping[str, Any]:
    claim = customer.active()
    customer.without_subscriptions()
    return claim


def end_association(service: Service, customer: Customer) -> Mapping[str, Any]:
    claim = remove_subscription(service, customer)
    service.advance("P4D")
    customer.subscription_id = customer.tenant_id[:-4] + "beef"
    customer.subscription()
    return claim


def withdraw_claim(service: Service, customer: Customer) -> Mapping[str, Any]:
    claim = customer.file()
    customer.act(claim, "withdraw", {"reason": "a mistake"})
    service.settle()
    return claim


clock("the_reminder", "reminder", lambda service, customer: customer.file())


clock("the_review_is_warned_of", "review_warning", lambda service, customer: customer.file())


clock("the_review_is_overdue", "review", lambda service, customer: customer.file())


clock("no_answer_comes", "partner_answer", lambda service, customer: with_question(customer))


clock("a_draft_is_forgotten", "draft", lambda service, customer: customer.file(submit=False))


clock("it_is_provisioned", "provisioning_recheck", provision_claim)


clock("it_is_never_provisioned", "provisioning", file_unprovisioned)


clock("no_notice_is_sent", "notice_alarm", file_without_sending)


clock("no_notice_arrives", "notice_delivery", file_with_bounce)


clock("nobody_can_be_reached", "undeliverable", let_notice_time_out)


clock("a_dispute_is_overdue", "dispute_answer", file_and_dispute)


clock("the_subscription_is_gone", "look_up", remove_subscription)


clock("private_parts_are_deleted", "retention", withdraw_claim)


@SCENARIOS.add
def a_subscription_follows(service: Service, customer: Customer) -> Scenario:
    """The daily look-up is stored before the draft that follows from it.

    After a stop between them the next day's look-up makes the draft.
    """
    return expire_clock(service, customer, end_association(service, customer), "renewal")._replace(
        patience=timedelta(days=1)
    )


@SCENARIOS.add
def a_sweep(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.approve(claim)
    expire_clock(service, customer, claim, "customer_opt_out")
    return Scenario(lambda: sweep_once(service), again=False)


def sweep_once(service: Service) -> None:
    assert sweep(services_of(service), services_of(service).clock.now()).found == 1
