"""What others do reads no more when partners have filed and withdrawn hundreds of claims."""

import uuid
from collections.abc import Callable
from itertools import product

import pytest

from chalicelib.aws.store.tenants import JOURNAL_PAGE, PAGE_ROWS
from chalicelib.domain.ids import Kind, item_key, new_id, tenant_key
from chalicelib.ports import Change
from chalicelib.usecases.partner import find_successors
from tests.support.in_process import in_process
from tests.support.limited_dynamodb import LimitedDynamoDB

ENDED = 800  # claims: a filing of ten items eighty times, which takes a partner eight days
# The newest claims are read for the page, by the act itself and by the worker, each time again.
READS = 15
HELD = 80  # claims of each of three partners that wait for subscriptions that do not exist


class Tenant:
    """A tenant with a claim of each of two partners, and the link of its own contact."""

    def __init__(self, service, database) -> None:
        self.service, self.database, self.customer = service, database, service.customer()
        self.claims = [self.customer.file(number) for number in (1, 2)]
        self.link = service.link(self.claims[0]["id"], self.customer.admin)

    def add_ended(self, count: int) -> None:
        """Store so many claims that their partner has withdrawn."""
        services = self.service.services
        model = services.store.claims.get(self.claims[1]["id"]).claim
        model = model.evolve(status="withdrawn", outbox=(), clocks=(), rev=1, task=None)
        model = model.evolve(
            answer=model.answer.evolve(state="void"), review=model.review.evolve(due_at=None)
        )
        suffix = tenant_key(model.tenant_id) + item_key(model.item.name)
        for _ in range(count):
            one = new_id(Kind.CLAIM, services.clock.now(), services.random_bytes, suffix)
            services.store.commit(Change(claims=(model.evolve(id=one),)))

    def add_held(self, count: int) -> None:
        """File for so many subscriptions that do not exist; such claims are held for a week.

        A partner may look up 60 items of a tenant in an hour, and file ten times a day.
        """
        for number, _ in product((1, 2, 3), range(2)):
            self.service.advance("PT1H")
            body = self.customer.filing(number)
            for _ in range(count // 20):
                items = [
                    body["items"][0] | {"subscription_id": str(uuid.uuid4())} for _ in range(10)
                ]
                made = self.service.post(
                    "/v1/claims",
                    body | {"items": items},
                    by=self.customer.by(number),
                    expect=(201,),
                )
                assert {one["status"] for one in made["claims"]} == {"awaiting_provisioning"}

    def answer(self, decision: str) -> None:
        form = {"decision": decision, "claim": "all", "form": self.customer.form(self.link)}
        reply = self.service.call("POST", self.link, form=form)
        assert reply.status == 303
        if "_sent" in reply.headers["Location"]:
            assert self.customer.confirm(reply).status == 303
        self.service.settle()

    def switch(self, what: str, number: int = 0) -> None:
        partner = self.customer.partner(number) if number else ""
        assert self.customer.switch(self.link, what, partner).status == 303
        self.service.settle()

    def read(self, path: str) -> None:
        by = self.service.token(None, "reviewer", name="Rita") if "/review/" in path else None
        self.service.get(path, by=by) if by else self.customer.form(path)

    def withdraw(self, claim) -> None:
        self.customer.act(claim, "withdraw", {"reason": "a mistake"})

    def states(self) -> list[str]:
        return [self.customer.claim(one, n)["customer_answer"] for n, one in self.numbered()]

    def numbered(self):
        return enumerate(self.claims, start=1)


def everything(tenant: Tenant) -> list[tuple[str, Callable[[], None]]]:
    """Every act of the customer's that concerns the whole tenant, and what reviewers read."""
    case = f"/v1/review/claims/{tenant.claims[0]['id']}"
    return [
        ("the page", lambda: tenant.read(tenant.link)),
        ("objecting", lambda: tenant.answer("opt_out")),
        ("undoing", lambda: tenant.answer("undo")),
        ("locking", lambda: tenant.switch("lock")),
        ("unlocking", lambda: tenant.switch("unlock")),
        ("blocking", lambda: tenant.switch("block", 1)),
        ("allowing", lambda: tenant.switch("allow-again", 1)),
        ("the journal", lambda: tenant.service.call("GET", f"{tenant.link}/journal")),
        ("a case", lambda: tenant.read(case)),
        ("a customer", lambda: tenant.read(f"/v1/review/tenants/{tenant.customer.tenant_id}")),
    ]


def count_rows(ended: int = 0, held: int = 0) -> dict[str, int]:
    """Count the rows that each act reads on a tenant with so many claims that have ended.

    held: claims of each of three partners that wait for subscriptions that do not exist.
    """
    database = LimitedDynamoDB()
    with in_process(database) as service:
        tenant, rows = Tenant(service, database), {}
        tenant.add_ended(ended)
        tenant.add_held(held)
        for name, act in everything(tenant):
            before = database.rows_read
            act()
            rows[name] = database.rows_read - before
    return rows


@pytest.mark.slow
def test_no_act_reads_more_because_partners_have_filed_more():
    few, many = count_rows(), count_rows(ended=ENDED)

    print({name: (few[name], many[name]) for name in few})
    grown = {name: many[name] - few[name] for name in few}
    assert {name: rows for name, rows in grown.items() if rows > READS * PAGE_ROWS} == {}
    assert READS * PAGE_ROWS < ENDED


@pytest.mark.slow
def test_no_act_reads_more_because_partners_wait_for_subscriptions_that_do_not_exist():
    none, many = count_rows(), count_rows(held=HELD)

    print({name: (none[name], many[name]) for name in none})
    grown = {name: many[name] - none[name] for name in none}
    # Each held item is a row of the journal, and a reviewer's case has mails to partners.
    assert grown.pop("the journal") <= JOURNAL_PAGE
    grown.pop("a case")
    assert {name: rows for name, rows in grown.items() if rows > 0} == {}


def act_beside(tenant: Tenant) -> list[tuple[str, Callable[[], None]]]:
    """What another partner, and a reviewer of its claims, read at a tenant, and its retention."""
    claim, service = tenant.claims[0], tenant.service

    def get(path: str) -> None:
        service.get(path, by=tenant.customer.by(1))

    def find_successor() -> None:
        stored = service.services.store.claims.get(claim["id"]).claim
        renewed = stored.evolve(renewed_subscriptions=(str(uuid.uuid4()),))
        assert find_successors(service.services, [renewed]) == {}

    def let_time_pass() -> None:
        service.advance("P25M")
        service.tokens.clear()
        stored = service.services.store.claims.get(claim["id"]).claim
        assert (stored.status, stored.evidence) == ("withdrawn", ())

    return [
        ("its claims there", lambda: get(f"/v1/claims?tenant_id={tenant.customer.tenant_id}")),
        ("its filing", lambda: get(f"/v1/claims?filing_id={claim['filing_id']}")),
        ("its next claim", find_successor),
        ("a filing found", lambda: tenant.read(f"/v1/review/find?q={claim['filing_id']}")),
        ("its claims withdrawn", lambda: tenant.withdraw(claim)),
        ("its retention", let_time_pass),
    ]


@pytest.mark.slow
def test_no_other_partner_reads_more_because_one_has_filed_more():
    rows = {}
    for ended in (0, ENDED):
        database = LimitedDynamoDB()
        with in_process(database) as service:
            tenant = Tenant(service, database)
            tenant.add_ended(ended)
            for name, act in act_beside(tenant):
                before = database.rows_read
                act()
                rows[name, ended] = database.rows_read - before

    print(rows)
    grown = {name: rows[name, ENDED] - rows[name, 0] for name, _ in rows}
    # Retention reads the newest claims, because the partner's own list lags.
    assert grown.pop("its retention") <= PAGE_ROWS
    assert {name: more for name, more in grown.items() if more > 0} == {}


def test_an_objection_is_undone_behind_newer_claims_though_its_partner_may_claim_again():
    database = LimitedDynamoDB()
    with in_process(database) as service:
        tenant = Tenant(service, database)
        tenant.switch("block", 1)
        tenant.add_ended(PAGE_ROWS + 1)
        tenant.switch("allow-again", 1)
        blocked = tenant.states()

        tenant.answer("undo")

        assert blocked == ["opted_out", "open"]
        assert tenant.states() == ["open", "open"]


def test_a_partner_of_an_older_page_can_be_blocked_and_an_unknown_one_cannot():
    database = LimitedDynamoDB()
    with in_process(database) as service:
        tenant = Tenant(service, database)
        tenant.customer.act(tenant.claims[0], "withdraw", {"reason": "a mistake"})
        tenant.add_ended(2 * PAGE_ROWS)

        known = tenant.customer.switch(tenant.link, "block", tenant.customer.partner(1))
        unknown = tenant.customer.switch(tenant.link, "block", tenant.customer.partner(3))

        assert (known.status, unknown.status) == (303, 404)


def test_the_page_is_there_behind_drafts_that_partners_have_left():
    database = LimitedDynamoDB()
    with in_process(database) as service:
        customer = service.customer()
        claim = customer.file(1)
        link = service.link(claim["id"], customer.admin)
        draft = customer.filing(1, submit=False)
        drafts = draft | {"items": draft["items"] * 10}
        for _ in range(PAGE_ROWS // 10):
            service.post("/v1/claims", drafts, by=customer.by(1), expect=(201,))
        customer.act(claim, "withdraw", {"reason": "a mistake"})

        before = database.rows_read
        shown = service.call("GET", link)

        assert shown.status == 200
        assert (
            database.rows_read - before < PAGE_ROWS
        )  # none of the drafts, of which there are more
