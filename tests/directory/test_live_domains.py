"""The live directory: who owns a domain, and who has consented."""

from datetime import date
from typing import Any

import pytest

from chalicelib.directory.live import Live
from chalicelib.domain.directory import NOT_READABLE, Tenant
from tests.directory.tenants import CONSUMERS, KEY
from tests.support.cases import read_cases
from tests.support.fake_microsoft import (
    CONTOSO,
    FABRIKAM,
    GRAPH,
    LOGIN,
    NOW,
    SALES,
    Answer,
    FakeCloud,
    FakeTimer,
    entra_error,
    graph_error,
)


def test_one_lookup_finds_owner_tenant_and_subscriptions(live: Live, cloud: FakeCloud) -> None:
    found = live.customer(FABRIKAM.upper(), "fabrikam.example")

    assert (found.tenant_of_domain, found.unavailable, found.looked_up_at) == (FABRIKAM, False, NOW)
    assert found.tenant == Tenant(
        tenant_id=FABRIKAM,
        name="Fabrikam",
        domains=("fabrikam.example", "fabrikam.onmicrosoft.com"),
        country="NL",
        locale="nl",
        contacts=("admin@fabrikam.example",),
    )
    assert found.subscriptions and found.subscriptions[0].model_dump() == {
        "subscription_id": SALES,
        "tenant_id": FABRIKAM,
        "sku_part_number": "DYN365_ENTERPRISE_SALES",
        "channel": None,
        "state": "active",
        "provisioning": {"DYN365_ENTERPRISE_SALES": "Success"},
        "seats": 25,
        "ends_on": date(2027, 1, 31),
        "owner_tenant_id": None,
    }
    assert cloud.list_received() == ["discovery", "token", "organization", "subscriptions"]


def test_each_host_is_called_by_its_name_and_gets_only_what_is_meant_for_it(
    live: Live, cloud: FakeCloud
) -> None:
    live.customer(FABRIKAM, "fabrikam.example")

    asked = dict(zip(cloud.list_received(), cloud.received, strict=True))
    hosts = {kind: one.headers["host"].partition(":")[0] for kind, one in asked.items()}
    assert hosts == {
        "discovery": LOGIN,
        "token": LOGIN,
        "organization": GRAPH,
        "subscriptions": GRAPH,
    }
    assert [kind for kind, one in asked.items() if "authorization" in one.headers] == [
        "organization",
        "subscriptions",
    ]


@pytest.mark.parametrize(
    "domain",
    [
        "Fabrikam.Example.",
        "fabrikam.onmicrosoft.com",
        " FABRIKAM ",
        "fabrikam。example",
        "fabri\u00adkam.example",
    ],
)
def test_a_domain_is_found_however_it_is_written(live: Live, domain: str) -> None:
    assert live.customer(FABRIKAM, domain).tenant_of_domain == FABRIKAM


def test_names_of_two_owners_stay_apart(live: Live, cloud: FakeCloud) -> None:
    cloud.domains |= {"xn--fa-hia.example": FABRIKAM, "fass.example": CONTOSO}

    assert live.customer(FABRIKAM, "faß.example").tenant_of_domain == FABRIKAM
    assert live.customer(FABRIKAM, "fass.example").tenant_of_domain == CONTOSO


@pytest.mark.parametrize(
    "domain",
    [
        "",
        " ",
        ".",
        "..",
        "127.0.0.1",
        "１２７.0.0.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "::1",
        "user@fabrikam.example",
        "user:pw@fabrikam.example",
        "fabrikam.example/",
        "fabrikam.example/../common",
        "fabrikam.example%2f..%2fcommon",
        "fabrikam.example\\x",
        "fabrikam..example",
        "../common",
        "fabrikam.example?x",
        "fabrikam.example#x",
        "fabrikam.example:443",
        "https://fabrikam.example",
        "fabrikam.example\r\nX: y",
        "fabrikam\0.example",
        "a" * 64,
        "a." * 130 + "example",
        "x" * 100_000,
        "fаbrikam.example",
        "xn--fbrikam-8fg.example",
        "paypaӏ.example",
        "gοοgle.example",
        "\ud800.example",
        "*.fabrikam.example",
        "fabri_kam.example",
    ],
)
def test_a_hostile_domain_has_no_owner_and_causes_no_request(
    live: Live, cloud: FakeCloud, domain: str
) -> None:
    found = live.customer(FABRIKAM, domain)

    assert (found.tenant_of_domain, found.unavailable) == (None, False)
    assert cloud.received == []


@pytest.mark.parametrize(
    "answer",
    [
        entra_error(400, "invalid_tenant", 90002),
        entra_error(400, "invalid_request", 900023),
        entra_error(400, "invalid_request", 90002),
        entra_error(404, "invalid_tenant", 90002),
        entra_error(400, "invalid_request", 90038),
    ],
)
def test_a_domain_without_owner_is_found_without_one(
    live: Live, cloud: FakeCloud, answer: Answer
) -> None:
    cloud.fail_with("discovery", answer)

    found = live.customer(FABRIKAM, "fabrikam.example")

    assert (found.tenant_of_domain, found.tenant, found.subscriptions, found.unavailable) == (
        None,
        None,
        None,
        False,
    )


@pytest.mark.parametrize(
    "answer",
    [
        entra_error(400, "invalid_request", 90013),
        entra_error(403, "invalid_tenant", 90002),
        Answer(400, {"error": None}),
        Answer(400, {"error_codes": "90002"}),
        Answer(200, {}),
        Answer(200, {"issuer": 7, "token_endpoint": []}),
        Answer(
            200,
            {
                "issuer": "https://x.example/{tenantid}/v2.0",
                "token_endpoint": "https://x.example/common/oauth2/v2.0/token",
            },
        ),
        Answer(200, {"issuer": f"https://x.example/{FABRIKAM}/v2.0"}),
        Answer(
            200,
            {
                "issuer": f"https://x.example/{FABRIKAM}/v2.0",
                "token_endpoint": f"https://x.example/{CONTOSO}/token",
            },
        ),
        Answer(
            200,
            {
                "issuer": f"https://x.example/a/{FABRIKAM}/",
                "token_endpoint": f"https://x.example/a/{FABRIKAM}/",
            },
        ),
    ],
)
def test_a_discovery_that_is_no_answer_says_nothing_about_the_domain(
    live: Live, cloud: FakeCloud, answer: Answer
) -> None:
    cloud.fail_with("discovery", answer)

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable


@pytest.mark.parametrize("tenant_id", [CONTOSO, "", "common", "../x", CONSUMERS, "nonsense\0"])
def test_a_tenant_is_read_only_when_the_domain_is_its_own(
    live: Live, cloud: FakeCloud, tenant_id: str
) -> None:
    found = live.customer(tenant_id, "fabrikam.example")

    assert (found.tenant_of_domain, found.tenant, found.subscriptions) == (FABRIKAM, None, None)
    assert cloud.list_received() == ["discovery"]


def test_the_consumers_tenant_is_never_read(live: Live, cloud: FakeCloud) -> None:
    cloud.domains["outlook.example"] = CONSUMERS

    assert live.customer(CONSUMERS, "outlook.example").tenant_of_domain == CONSUMERS
    assert cloud.list_received() == ["discovery"]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("token", entra_error(400, "unauthorized_client", 700016)),
        ("token", entra_error(401, "invalid_client", 7000229)),
        ("token", entra_error(400, "invalid_grant", 65001)),
        ("token", entra_error(400, "unauthorized_client", 7000112)),
        ("token", entra_error(400, "invalid_resource", 500011)),
        ("token", entra_error(400, "invalid_grant", 53003)),
        ("token", entra_error(400, "invalid_grant", 530032)),
        ("token", entra_error(400, "invalid_grant", 90094)),
        ("organization", graph_error(403, "Authorization_RequestDenied")),
        ("subscriptions", graph_error(403, "Authorization_RequestDenied")),
    ],
)
def test_a_tenant_that_has_not_consented_cannot_be_read(
    live: Live, cloud: FakeCloud, kind: str, answer: Answer
) -> None:
    cloud.fail_with(kind, answer)

    found = live.customer(FABRIKAM, "fabrikam.example")

    assert (found.tenant_of_domain, found.subscriptions, found.unavailable) == (
        FABRIKAM,
        None,
        False,
    )


@pytest.mark.parametrize(
    "case", read_cases("directory/token_errors.jsonl"), ids=lambda case: case["source"]
)
def test_a_refusal_that_lasts_is_no_outage(
    live: Live, cloud: FakeCloud, case: dict[str, Any]
) -> None:
    cloud.fail_with("token", entra_error(case["status"], case["error"], case["code"]))

    found = live.customer(FABRIKAM, "fabrikam.example")

    assert found.unavailable == (case["expected"] == "unavailable")
    assert found.subscriptions is None


@pytest.mark.parametrize(
    "case", read_cases("directory/issuers.jsonl"), ids=lambda case: case["issuer"]
)
def test_every_kind_of_tenant_is_found_in_its_discovery(
    live: Live, cloud: FakeCloud, case: dict[str, Any]
) -> None:
    urls = {name: case[name].format(tenant=FABRIKAM) for name in ("issuer", "token_endpoint")}
    cloud.fail_with("discovery", Answer(body=urls))

    found = live.customer(CONTOSO, "fabrikam.example")

    assert found.tenant_of_domain == (FABRIKAM if case["expected"] else None)
    assert found.unavailable == (not case["expected"])


@pytest.mark.parametrize(
    "case", read_cases("directory/token_errors.jsonl"), ids=lambda case: case["source"]
)
def test_the_daily_lookup_tells_a_refusal_that_lasts_from_an_outage(
    live: Live, cloud: FakeCloud, case: dict[str, Any]
) -> None:
    cloud.fail_with("token", entra_error(case["status"], case["error"], case["code"]))

    found = live.subscriptions(KEY)

    assert found == (None if case["expected"] == "unavailable" else NOT_READABLE)


@pytest.mark.parametrize("listed", [{}, {"error_codes": []}, {"error_codes": None}])
@pytest.mark.parametrize(("code", "is_refusal"), [("AADSTS900382", True), ("AADSTS90033", False)])
def test_an_error_without_a_list_of_codes_is_read_by_its_text(
    live: Live, cloud: FakeCloud, code: str, is_refusal: bool, listed: dict[str, Any]
) -> None:
    body = {"error": "invalid_request", "error_description": f"{code}: told in words."} | listed
    cloud.fail_with("token", Answer(400, body))

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable is not is_refusal


def test_a_token_may_write_its_lifetime_as_text(live: Live, cloud: FakeCloud) -> None:
    cloud.fail_with("token", Answer(body={"access_token": "T1", "expires_in": "3599"}))

    assert not live.customer(FABRIKAM, "fabrikam.example").unavailable


@pytest.mark.parametrize(
    "code", ["Authorization_IdentityNotFound", "Authorization_IdentityDisabled"]
)
def test_a_tenant_without_our_principal_has_not_consented(
    live: Live, cloud: FakeCloud, code: str
) -> None:
    cloud.fail_with("organization", *[graph_error(401, code)] * 2)

    found = live.customer(FABRIKAM, "fabrikam.example")

    assert (found.subscriptions, found.unavailable) == (None, False)
    assert cloud.list_received()[1:5] == ["token", "organization", "token", "organization"]


# On 15 March 2021 Graph refused every token for two hours: "Signing key is invalid"
# (microsoftgraph/msgraph-sdk-dotnet-core#222, O365/python-o365#597).
@pytest.mark.parametrize(
    "answer",
    [
        graph_error(401, "InvalidAuthenticationToken"),
        graph_error(401, "Authentication_ExpiredToken"),
        graph_error(401, "Authentication_MissingOrMalformed"),
        Answer(401, {"error": "Unauthorized"}),
        Answer(401, {"error": {"message": "…"}}),
        Answer(401, {}),
    ],
)
def test_a_token_that_is_refused_twice_says_nothing_about_the_tenant(
    live: Live, cloud: FakeCloud, answer: Answer
) -> None:
    cloud.fail_with("subscriptions", answer, answer)

    assert live.subscriptions(KEY) is None


# While an entry is copied between data centres, Graph answers 404 now and then
# (hashicorp/terraform-provider-azuread#748, #1035).
@pytest.mark.parametrize("code", ["Directory_ObjectNotFound", "Request_ResourceNotFound"])
def test_an_organization_that_is_not_found_says_nothing_about_the_tenant(
    live: Live, cloud: FakeCloud, code: str
) -> None:
    cloud.fail_with("organization", graph_error(404, code))

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable


def test_a_token_that_went_stale_is_exchanged_once(
    live: Live, cloud: FakeCloud, timer: FakeTimer
) -> None:
    live.customer(FABRIKAM, "fabrikam.example")
    cloud.tokens += 1
    timer.now += 61
    cloud.received.clear()

    assert live.subscriptions(KEY)
    assert cloud.list_received() == ["subscriptions", "token", "subscriptions"]


@pytest.mark.parametrize(
    "answer",
    [
        entra_error(401, "invalid_client", 7000215),
        entra_error(401, "invalid_client", 7000222),
        entra_error(400, "temporarily_unavailable", 90006),
        Answer(200, {}),
        Answer(200, {"access_token": "two words", "expires_in": 3599}),
        Answer(200, {"access_token": "a\r\nb", "expires_in": 3599}),
        Answer(200, {"access_token": "eyJ", "expires_in": "soon"}),
        Answer(200, {"access_token": None, "expires_in": 3599}),
        Answer(400, {"error": {"code": "access_denied"}}),  # a gateway's error, not of OAuth
        Answer(400, {"error": ["access_denied"], "error_codes": [{}]}),
    ],
)
def test_a_mistake_of_ours_is_no_refusal_of_the_tenants(
    live: Live, cloud: FakeCloud, answer: Answer
) -> None:
    cloud.fail_with("token", answer)

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable
