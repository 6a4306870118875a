"""New links in place of revoked ones: by mail alone, and in the history of the claims."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from cpor.cli import app
from tests.support.embedded_aws import ENVIRONMENT
from tests.support.in_process import in_process
from tests.support.service import Service
from tests.support.tables import NAME

NO_TENANT = "22222222-2222-4222-8222-222222222222"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with in_process(moto=True) as made:
        yield made


def run(*words: str) -> Any:
    return CliRunner().invoke(
        app, ["links", *words, "--table", NAME, "--json"], env={**ENVIRONMENT, "STAGE": "local"}
    )


@pytest.mark.parametrize("which", ["tenant", "claim"])
def test_old_links_end_and_new_ones_come_by_mail(service, which):
    customer = service.customer()
    claim = customer.file()
    old = service.link(claim["id"], customer.admin)

    done = run("reissue", f"--{which}", customer.tenant_id if which == "tenant" else claim["id"])
    service.advance("PT5M")
    sent = [mail for mail in service.mails(kind="links_reissued") if customer.admin in mail["to"]]

    new = "/o/" + sent[0]["links"][0].rpartition("/o/")[2]
    assert done.exit_code == 0, done.output
    assert service.call("GET", old).status == 404
    assert new.removeprefix("/o/") not in done.output
    assert service.call("GET", new).status == 200
    form = {"decision": "opt_out", "claim": claim["id"], "form": customer.form(new)}
    assert service.call("POST", new, form=form).status == 303
    assert customer.claim(claim)["status"] == "rejected"


def test_a_locked_tenant_is_unlocked_by_a_new_link(service):
    customer = service.customer()
    claim = customer.file()
    customer.switch(service.link(claim["id"], customer.admin), "lock")

    run("reissue", "--tenant", customer.tenant_id)
    service.advance("PT5M")
    sent = service.mails(kind="links_reissued", to=customer.admin)
    unlocked = customer.switch("/o/" + sent[0]["links"][0].rpartition("/o/")[2], "unlock")

    assert unlocked.status == 303
    assert not service.services.store.tenants.get_settings(customer.tenant_id).locked


def test_revoking_and_reissuing_are_in_the_history(service):
    customer = service.customer()
    claim = customer.file()

    run("revoke", "--claim", claim["id"])
    run("reissue", "--claim", claim["id"])

    rita = service.token(name="Rita")
    rows = service.get(f"/v1/review/claims/{claim['id']}", by=rita)["history"]
    acts = [(row["act"], row["actor"]["kind"]) for row in rows if "links" in row["act"]]
    assert acts == [("notice.links_revoked", "operator"), ("notice.links_reissued", "operator")]


@pytest.mark.parametrize(
    "words", [(), ("--tenant", NO_TENANT), ("--claim", f"clm_{'0' * 40}"), ("--tenant", "x")]
)
def test_nothing_is_sent_where_there_is_nobody(service, words):
    done = run("reissue", *words)

    assert done.exit_code == 2
    assert json.loads(done.stdout)["ok"] is False
