"""Requests of partners, reviewers and customers that are stopped."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.ids import tenant_key
from tests.crashes.scenarios import (
    Scenario,
    Scenarios,
    answer_on_page,
    file_and_review,
    form,
    post,
    post_review,
    run_worker,
)
from tests.support.customer import Customer
from tests.support.service import Service

SCENARIOS = Scenarios()
NO = {"codes": ["insufficient_poe"], "message": "no page has a signature"}


@SCENARIOS.add
def filing(service: Service, customer: Customer) -> Scenario:
    return post(service, "/v1/claims", customer.filing(comment="at last"), customer.by())


@SCENARIOS.add
def submitting(service: Service, customer: Customer) -> Scenario:
    draft = customer.file(submit=False)
    return post(service, f"/v1/claims/{draft['id']}/submit", {}, customer.by())


@SCENARIOS.add
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


@SCENARIOS.add
def responding(service: Service, customer: Customer) -> Scenario:
    claim = with_question(customer)
    return post(service, f"/v1/claims/{claim['id']}/respond", {"message": "In May."}, customer.by())


@SCENARIOS.add
def withdrawing(service: Service, customer: Customer) -> Scenario:
    return post(
        service,
        f"/v1/claims/{customer.file()['id']}/withdraw",
        {"reason": "a mistake"},
        customer.by(),
    )


@SCENARIOS.add
def disputing(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "reject", NO)
    return post(
        service, f"/v1/claims/{claim['id']}/dispute", {"reason": "Page 3 has it."}, customer.by()
    )


@SCENARIOS.add
def commenting(service: Service, customer: Customer) -> Scenario:
    return post(
        service,
        f"/v1/claims/{customer.file()['id']}/comments",
        {"text": "All well?"},
        customer.by(),
    )


@SCENARIOS.add
def starting(service: Service, customer: Customer) -> Scenario:
    return file_and_review(service, customer, "start", started=False)


@SCENARIOS.add
def approving(service: Service, customer: Customer) -> Scenario:
    return file_and_review(service, customer, "approve")


@SCENARIOS.add
def approving_what_nobody_objected_to(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.review(claim, "start")
    service.to(customer.clock(claim, "customer_opt_out") or "")
    return post_review(service, claim, "approve")


@SCENARIOS.add
def rejecting(service: Service, customer: Customer) -> Scenario:
    return file_and_review(service, customer, "reject", NO)


@SCENARIOS.add
def asking(service: Service, customer: Customer) -> Scenario:
    return file_and_review(
        service, customer, "request-info", {"codes": ["poe_date_missing"], "message": "When?"}
    )


@SCENARIOS.add
def opting_out(service: Service, customer: Customer) -> Scenario:
    return answer_on_page(service, customer, customer.file(), "opt_out")


@SCENARIOS.add
def opting_out_of_everything(service: Service, customer: Customer) -> Scenario:
    customer.file(2)
    customer.file(3)
    return answer_on_page(service, customer, customer.file(), "opt_out", "all")


@SCENARIOS.add
def opting_out_of_what_is_official(service: Service, customer: Customer) -> Scenario:
    return answer_on_page(service, customer, customer.active(), "opt_out")


@SCENARIOS.add
def agreeing_to_what_is_approved(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.approve(claim)
    return answer_on_page(service, customer, claim, "agree")


@SCENARIOS.add
def confirming_an_agreement(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    customer.approve(claim)
    customer.request_answer(claim, "agree")
    path = customer.confirmation()
    return form(service, path, {"form": customer.form(path), "confirm": "yes"})


@SCENARIOS.add
def undoing(service: Service, customer: Customer) -> Scenario:
    claim = customer.file()
    assert customer.answer(claim, "opt_out").status == 303
    return answer_on_page(service, customer, claim, "undo")


@SCENARIOS.add
def locking(service: Service, customer: Customer) -> Scenario:
    path = service.link(customer.file()["id"], customer.admin)
    return form(service, path, {"form": customer.form(path), "confirm": "yes"}, "/lock")


@SCENARIOS.add
def blocking(service: Service, customer: Customer) -> Scenario:
    path = service.link(customer.file()["id"], customer.admin)
    return form(
        service,
        path,
        {"form": customer.form(path), "confirm": "yes", "organisation_id": customer.partner()},
        "/block",
    )


@SCENARIOS.add
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


@SCENARIOS.add
def a_notice_is_sent(service: Service, customer: Customer) -> Scenario:
    made = service.post("/v1/claims", customer.filing(), by=customer.by())
    return run_worker(service, made["claims"][0]["id"])


@SCENARIOS.add
def tenant_settings_are_sent(service: Service, customer: Customer) -> Scenario:
    path = service.link(customer.file()["id"], customer.admin)
    customer.switch(path, "lock")
    return run_worker(service, f"hnd_{tenant_key(customer.tenant_id)}")


def with_question(customer: Customer) -> Mapping[str, Any]:
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    return claim
