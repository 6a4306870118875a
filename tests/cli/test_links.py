"""Revoking links: from then on their page answers as for an unknown one, and nothing brings them
back.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib.aws import keys
from chalicelib.aws.store import DynamoStore
from chalicelib.domain.mail_records import MailEvent
from chalicelib.ports import Conflict
from cpor.cli import app
from tests.support.claims import NOW
from tests.support.embedded_aws import ENVIRONMENT
from tests.support.in_process import in_process
from tests.support.service import Service
from tests.support.tables import NAME

NO_TENANT = "22222222-2222-4222-8222-222222222222"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with in_process(moto=True) as made:
        yield made


def revoke(*words: str, **more: Any) -> Any:
    return CliRunner().invoke(
        app, ["links", "revoke", *words, "--table", NAME], env=ENVIRONMENT, **more
    )


def token_of(path: str) -> str:
    return path.rpartition("/")[2]


def unknown(service: Service) -> tuple[int, str]:
    answer = service.call("GET", f"/o/{'0' * 38}")
    return answer.status, answer.text


def test_a_revoked_link_answers_like_an_unknown_one(service):
    customer = service.customer()
    path = service.link(customer.file()["id"], customer.admin)
    before = service.call("GET", path).status

    ended = revoke("--token", token_of(path), "--json")

    answer = service.call("GET", path)
    assert (before, ended.exit_code, answer.status) == (200, 0, 404)
    assert (answer.status, answer.text) == unknown(service)
    assert token_of(path) not in ended.output
    assert [one["before"] for one in json.loads(ended.stdout)["links"]] == [False]


@pytest.mark.parametrize(
    "given", ["{token}", "https://por.example{path}", "https://por.example{path}/?lang=de#x"]
)
def test_a_link_may_be_given_whole_and_by_standard_input(service, given):
    customer = service.customer()
    path = service.link(customer.file()["id"], customer.admin)

    ended = revoke("--token", "-", input=given.format(path=path, token=token_of(path)) + "\n")

    assert ended.exit_code == 0
    assert service.call("GET", path).status == 404


def test_a_mail_is_named_by_its_reference_and_the_other_links_live_on(service):
    customer = service.customer()
    claim = customer.file()
    paths = [service.link(claim["id"], to) for to in (customer.admin, f"anna@{customer.domain}")]
    mail = service.mails(claim["id"], to=customer.admin)[0]["id"].replace("box_", "mai_")

    ended = revoke("--mail", mail)

    assert "1 links revoked" in ended.stdout
    assert [service.call("GET", path).status for path in paths] == [404, 200]


def test_every_link_of_a_claim_or_of_a_tenant_is_revoked_and_twice_does_no_harm(service):
    customer, other = service.customer(), service.customer()
    claim = customer.file()
    kept = service.link(other.file()["id"], other.admin)
    paths = [service.link(claim["id"], to) for to in (customer.admin, f"anna@{customer.domain}")]

    first = revoke("--claim", claim["id"])
    second = revoke("--tenant", customer.tenant_id.upper())

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "was revoked before" in second.stdout
    assert [service.call("GET", path).status for path in paths] == [404, 404]
    assert service.call("GET", kept).status == 200


def test_what_the_mail_service_says_later_does_not_bring_a_link_back(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    mail = service.mails(claim["id"], to=customer.admin)[0]
    revoke("--token", path)

    service.became(mail, "complaint")

    assert service.call("GET", path).status == 404


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--token", "x"),
        ("--claim", "asc_1"),
        ("--claim", "clm_short"),
        ("--tenant", "fabrikam"),
        ("--token", "0" * 38, "--mail", "mai_1"),
    ],
)
def test_what_names_no_link_is_refused_with_two(service, words):
    assert revoke(*words).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--token", "0" * 38),
        ("--mail", "mai_1"),
        ("--mail", f"mai_{'0' * 38}"),
        ("--tenant", NO_TENANT),
    ],
)
def test_a_link_that_is_not_there_ends_with_one(service, words):
    ended = revoke(*words)

    assert (ended.exit_code, ended.stdout) == (1, "There is no such link. Nothing was changed.\n")


class Overtaken:
    """Rows that somebody else writes to between a read and the write that follows."""

    def __init__(self, real: Any, interfere: Any, times: int) -> None:
        self._real, self._interfere, self._times = real, interfere, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def put(self, *asked: Any, **more: Any) -> None:
        if self._times:
            self._times -= 1
            self._interfere()
        self._real.put(*asked, **more)


def a_mail(service: Service) -> str:
    customer = service.customer()
    claim = customer.file()
    return str(service.mails(claim["id"], to=customer.admin)[0]["id"].replace("box_", "mai_"))


def test_neither_a_revocation_nor_an_event_at_the_same_moment_is_lost(service):
    mail, real = a_mail(service), service.rows
    plain = DynamoStore(real, service.services.run_parallel)
    bounce = MailEvent(type="bounce", at=NOW)

    overtaken = DynamoStore(
        Overtaken(real, lambda: plain.mails.revoke_link(mail), 1), service.services.run_parallel
    )
    after = overtaken.mails.add_event(mail, bounce, frozenset())

    assert after == plain.mails.get(mail)
    assert (after.revoked, after.events[-1]) == (True, bounce)


def test_a_revocation_that_is_overtaken_forever_says_so(service):
    mail, real, seen = a_mail(service), service.rows, []
    plain = DynamoStore(real, service.services.run_parallel)

    def forever() -> None:
        seen.append(plain.mails.get(mail))
        found = real.get_one(keys.mail(mail))
        real.put(found | {"v": {"S": seen[-1].evolve(template=f"t{len(seen)}").model_dump_json()}})

    with pytest.raises(Conflict):
        DynamoStore(Overtaken(real, forever, 99), service.services.run_parallel).mails.revoke_link(
            mail
        )

    assert not plain.mails.get(mail).revoked
