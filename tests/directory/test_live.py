"""The live directory against a cloud on this machine: what it finds, and what it makes of what it
is told.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from chalicelib.directory.cloud import Cloud, CloudReader
from chalicelib.directory.discovery import Discovery
from chalicelib.directory.errors import DIRECTORY
from chalicelib.directory.live import Live
from chalicelib.directory.tokens import Application
from chalicelib.domain.directory import Tenant
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Unavailable
from chalicelib.net.http_messages import Request
from chalicelib.net.retry import JsonResponse
from chalicelib.net.safe_http import HttpClient, Policy
from tests.support.cases import read_cases
from tests.support.fake_microsoft import (
    CLIENT_ID,
    CONTOSO,
    FABRIKAM,
    GRAPH,
    LOGIN,
    NOW,
    RESELLER,
    SALES,
    SALES_OBJECT,
    SALES_SKU,
    SECRET,
    Answer,
    FakeCloud,
    FakeTimer,
    FixedClock,
    entra_error,
    graph_error,
    live_directory,
    organisation,
    run_parallel,
    serving,
    subscription,
)

KEY = tenant_key(FABRIKAM)
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with serving(FakeCloud()) as cloud:
        yield cloud


@pytest.fixture
def timer() -> FakeTimer:
    return FakeTimer()


@pytest.fixture
def live(cloud: FakeCloud, timer: FakeTimer) -> Live:
    return live_directory(cloud, timer=timer)


def test_one_look_finds_owner_tenant_and_subscriptions(live: Live, cloud: FakeCloud) -> None:
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
    assert cloud.received_kinds() == ["discovery", "token", "organization", "subscriptions"]


def test_each_host_is_called_by_its_name_and_gets_only_what_is_meant_for_it(
    live: Live, cloud: FakeCloud
) -> None:
    live.customer(FABRIKAM, "fabrikam.example")

    asked = dict(zip(cloud.received_kinds(), cloud.received, strict=True))
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
def test_a_hostile_domain_is_nobodys_and_causes_no_request(
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
def test_a_domain_that_nobody_has_is_nobodys(live: Live, cloud: FakeCloud, answer: Answer) -> None:
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
def test_a_tenant_is_consented_subscriptions_only_when_the_domain_is_its_own(
    live: Live, cloud: FakeCloud, tenant_id: str
) -> None:
    found = live.customer(tenant_id, "fabrikam.example")

    assert (found.tenant_of_domain, found.tenant, found.subscriptions) == (FABRIKAM, None, None)
    assert cloud.received_kinds() == ["discovery"]


def test_the_consumers_tenant_is_never_consented_subscriptions(
    live: Live, cloud: FakeCloud
) -> None:
    cloud.domains["outlook.example"] = CONSUMERS

    assert live.customer(CONSUMERS, "outlook.example").tenant_of_domain == CONSUMERS
    assert cloud.received_kinds() == ["discovery"]


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


def test_whoever_refuses_every_token_has_not_consented(live: Live, cloud: FakeCloud) -> None:
    cloud.fail_with("organization", *[graph_error(401, "Authorization_IdentityNotFound")] * 2)

    assert live.customer(FABRIKAM, "fabrikam.example").subscriptions is None
    assert cloud.received_kinds()[1:5] == ["token", "organization", "token", "organization"]


def test_a_token_that_went_stale_is_exchanged_once(
    live: Live, cloud: FakeCloud, timer: FakeTimer
) -> None:
    live.customer(FABRIKAM, "fabrikam.example")
    cloud.tokens += 1
    timer.now += 61
    cloud.received.clear()

    assert live.subscriptions(KEY)
    assert cloud.received_kinds() == ["subscriptions", "token", "subscriptions"]


@pytest.mark.parametrize(
    "answer",
    [
        entra_error(401, "invalid_client", 7000215),
        entra_error(401, "invalid_client", 7000222),
        entra_error(400, "invalid_request", 90002),
        entra_error(400, "temporarily_unavailable", 90006),
        Answer(200, {}),
        Answer(200, {"access_token": "two words", "expires_in": 3599}),
        Answer(200, {"access_token": "a\r\nb", "expires_in": 3599}),
        Answer(200, {"access_token": "eyJ", "expires_in": "soon"}),
        Answer(200, {"access_token": None, "expires_in": 3599}),
    ],
)
def test_a_mistake_of_ours_is_no_refusal_of_the_tenants(
    live: Live, cloud: FakeCloud, answer: Answer
) -> None:
    cloud.fail_with("token", answer)

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Enabled", "active"),
        ("Warning", "in_grace"),
        ("Suspended", "suspended"),
        ("LockedOut", "locked_out"),
        ("Deleted", "deleted"),
        ("enabled", "active"),
        ("unknownFutureValue", "unknown"),
        ("Paused", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_status_is_one_of_ours_or_unknown(
    live: Live, cloud: FakeCloud, status: str | None, state: str
) -> None:
    cloud.subscriptions = [subscription(status=status)]

    assert only(live).state == state


def test_a_provisioning_status_is_one_of_the_documented_or_unknown(
    live: Live, cloud: FakeCloud
) -> None:
    told = [
        "Success",
        "success",
        "Disabled",
        "Error",
        "PendingInput",
        "PendingActivation",
        "PendingProvisioning",
        "Halfway",
        None,
    ]
    cloud.subscriptions = [
        subscription(
            serviceStatus=[
                {"servicePlanName": f"PLAN_{at}", "provisioningStatus": status}
                for at, status in enumerate(told)
            ]
        )
    ]

    assert list(only(live).provisioning.values()) == [
        "Success",
        "Success",
        "Disabled",
        "Error",
        "PendingInput",
        "PendingActivation",
        "PendingProvisioning",
        "unknown",
        "unknown",
    ]


def test_a_plan_told_twice_counts_once_set_up(live: Live, cloud: FakeCloud) -> None:
    cloud.subscriptions = [
        subscription(
            serviceStatus=[
                {"servicePlanName": "A", "provisioningStatus": status}
                for status in ("Error", "Success", "Disabled")
            ]
        )
    ]

    assert only(live).provisioning == {"A": "Success"}


@pytest.mark.parametrize(
    ("changes", "known_as"),
    [
        ({}, SALES),
        ({"commerceSubscriptionId": SALES.upper()}, SALES),
        ({"commerceSubscriptionId": None}, SALES_OBJECT),
        ({"commerceSubscriptionId": ""}, SALES_OBJECT),
        ({"commerceSubscriptionId": "00000000-0000-0000-0000-000000000000"}, SALES_OBJECT),
    ],
)
def test_a_subscription_is_known_by_its_commerce_id(
    live: Live, cloud: FakeCloud, changes: dict[str, Any], known_as: str
) -> None:
    cloud.subscriptions = [subscription(**changes)]

    assert only(live).subscription_id == known_as


def test_subscriptions_without_a_commerce_id_stay_apart(live: Live, cloud: FakeCloud) -> None:
    none = "00000000-0000-0000-0000-000000000000"
    cloud.subscriptions = [
        subscription(commerceSubscriptionId=none),
        subscription(commerceSubscriptionId=none, id=CONTOSO),
    ]

    found = live.subscriptions(KEY)

    assert found
    assert [one.subscription_id for one in found] == [SALES_OBJECT, CONTOSO]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2027-02-01T00:00:00Z", date(2027, 1, 31)),
        ("2025-09-24T23:59:59.9999999Z", date(2025, 9, 24)),
        (None, None),
        ("9999-12-31T23:59:59.9999999Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("soon", None),
        ("", None),
    ],
)
def test_the_last_day_is_the_one_before_the_next_change(
    live: Live, cloud: FakeCloud, moment: str | None, day: date | None
) -> None:
    cloud.subscriptions = [subscription(nextLifecycleDateTime=moment)]

    assert only(live).ends_on == day


def test_what_is_suspended_has_no_last_day_any_more(live: Live, cloud: FakeCloud) -> None:
    cloud.subscriptions = [subscription(status="Suspended")]

    assert only(live).ends_on is None


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        (RESELLER.upper(), RESELLER),
        (None, None),
        ("", None),
        ("00000000-0000-0000-0000-000000000000", None),
        (FABRIKAM, FABRIKAM),
    ],
)
def test_the_partner_that_made_a_subscription_is_told(
    live: Live, cloud: FakeCloud, owner: str | None, told: str | None
) -> None:
    cloud.subscriptions = [subscription(ownerTenantId=owner)]

    assert only(live).owner_tenant_id == told


def test_a_silent_subscription_is_completed_from_its_sku(live: Live, cloud: FakeCloud) -> None:
    plans = [{"servicePlanName": "A", "provisioningStatus": "Success"}]
    cloud.subscriptions = [subscription(skuPartNumber=None, serviceStatus=[])]
    cloud.skus = [
        {"skuId": "other", "skuPartNumber": "B", "servicePlans": []},
        {"skuId": SALES_SKU.upper(), "skuPartNumber": "A", "servicePlans": plans},
    ]

    assert (only(live).sku_part_number, only(live).provisioning) == ("A", {"A": "Success"})


def test_plans_of_a_sku_prove_nothing_of_one_of_its_several_subscriptions(
    live: Live, cloud: FakeCloud
) -> None:
    cloud.subscriptions = [
        subscription(),
        subscription(commerceSubscriptionId=CONTOSO, serviceStatus=[]),
    ]
    cloud.skus = [
        {
            "skuId": SALES_SKU,
            "servicePlans": [{"servicePlanName": "A", "provisioningStatus": "Success"}],
        }
    ]

    found = live.subscriptions(KEY)

    assert found and [one.provisioning for one in found] == [
        {"DYN365_ENTERPRISE_SALES": "Success"},
        {},
    ]


def test_all_pages_of_a_list_are_read(live: Live, cloud: FakeCloud) -> None:
    ids = [f"00000000-0000-4000-8000-{at:012}" for at in range(7)]
    cloud.subscriptions, cloud.page = [subscription(commerceSubscriptionId=one) for one in ids], 3

    assert [one.subscription_id for one in live.subscriptions(KEY) or ()] == ids
    assert cloud.received_kinds().count("subscriptions") == 3


def test_a_tenant_without_subscriptions_has_none(live: Live, cloud: FakeCloud) -> None:
    cloud.subscriptions = []

    assert live.subscriptions(KEY) == ()


def test_own_contacts_are_those_within_the_tenants_domains(live: Live, cloud: FakeCloud) -> None:
    mails = [
        "judge@partner.example",
        "it@Fabrikam.Example",
        "it@Fabrikam.Example",
        "a@fabrikam.onmicrosoft.com",
        "@fabrikam.example",
        "a b@fabrikam.example",
        "a@fabrikam.example\nBcc: x@y.example",
        "a@b@fabrikam.example",
        "<a@fabrikam.example>",
        "x@sub.fabrikam.example",
    ]
    cloud.organisations = [organisation(technicalNotificationMails=mails)]

    tenant = live.tenant(KEY)

    assert tenant and tenant.contacts == ("it@Fabrikam.Example", "a@fabrikam.onmicrosoft.com")


@pytest.mark.parametrize(
    "case", read_cases("directory/contacts.jsonl"), ids=lambda case: case["input"]
)
def test_a_contact_is_one_that_mail_can_be_sent_to(
    live: Live, cloud: FakeCloud, case: dict[str, Any]
) -> None:
    domains = [{"name": "fabrikam.example"}, {"name": "bücher.example"}]
    cloud.organisations = [
        organisation(technicalNotificationMails=[case["input"]], verifiedDomains=domains)
    ]

    tenant = live.tenant(KEY)

    assert tenant
    assert tenant.contacts == ((case["expected"],) if case["expected"] else ())


@pytest.mark.parametrize(
    ("country", "state", "code"),
    [
        ("DE", "Bavaria", "BY"),
        ("DE", "Bayern", "BY"),
        ("de", "by", "BY"),
        ("US", "US-WA", "WA"),
        ("AT", "Wien", "9"),
        ("DE", "Nowhere", None),
        ("NL", "Utrecht", None),
        (None, "Bavaria", None),
        ("DE", None, None),
        ("DE", "<script>", None),
        ("DE", "x" * 10_000, None),
    ],
)
def test_a_state_is_taken_where_it_names_a_subdivision_with_holidays(
    live: Live, cloud: FakeCloud, country: str | None, state: str | None, code: str | None
) -> None:
    cloud.organisations = [organisation(countryLetterCode=country, state=state)]

    tenant = live.tenant(KEY)

    assert tenant
    assert tenant.subdivision == code


def test_an_organisation_that_tells_little_is_a_tenant_all_the_same(
    live: Live, cloud: FakeCloud
) -> None:
    cloud.organisations = [
        {
            "id": FABRIKAM.upper(),
            "displayName": None,
            "preferredLanguage": None,
            "countryLetterCode": None,
            "technicalNotificationMails": None,
            "verifiedDomains": [{"name": "faß.example"}],
        }
    ]

    assert live.tenant(KEY) == Tenant(
        tenant_id=FABRIKAM, name="xn--fa-hia.example", domains=("xn--fa-hia.example",)
    )


@pytest.mark.parametrize(
    ("field", "told", "became"),
    [
        ("preferredLanguage", "pt-BR", ("locale", "pt-BR")),
        ("preferredLanguage", "../en", ("locale", "en")),
        ("countryLetterCode", "nl", ("country", "NL")),
        ("countryLetterCode", "Netherlands", ("country", None)),
        ("displayName", "Fab\r\nrikam\u202e <b>", ("name", "Fabrikam <b>")),
        ("displayName", "x" * 10_000, ("name", "x" * 256)),
    ],
)
def test_what_a_tenant_writes_about_itself_is_not_trusted(
    live: Live, cloud: FakeCloud, field: str, told: str, became: tuple[str, Any]
) -> None:
    cloud.organisations = [organisation(**{field: told})]

    assert getattr(live.tenant(KEY), became[0]) == became[1]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("organization", {"value": [organisation(id=CONTOSO)]}),
        ("organization", {"value": []}),
        ("organization", {"value": [organisation(), organisation(id=CONTOSO)]}),
        ("organization", {"value": [organisation(displayName=7)]}),
        ("subscriptions", {}),
        ("subscriptions", {"value": None}),
        ("subscriptions", {"value": ["x"]}),
        ("subscriptions", {"value": [subscription(), {"status": "Enabled"}]}),
        ("subscriptions", {"value": [subscription(status=7)]}),
        ("subscriptions", {"value": [subscription(serviceStatus="Success")]}),
    ],
)
def test_an_answer_of_another_shape_is_no_answer(
    live: Live, cloud: FakeCloud, kind: str, body: Any
) -> None:
    cloud.fail_with(kind, Answer(body=body))

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable


@pytest.mark.parametrize("status", [400, 404, 409, 500, 503])
def test_an_error_of_graphs_is_no_refusal(live: Live, cloud: FakeCloud, status: int) -> None:
    cloud.fail_with("subscriptions", graph_error(status, "Request_BadRequest"))

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable


def test_by_key_a_tenant_is_found_when_somebody_here_knows_it(live: Live, cloud: FakeCloud) -> None:
    found = (
        live.tenant(KEY),
        live.subscriptions(KEY),
        live.tenant("0" * 12),
        live.subscriptions("0" * 12),
    )

    assert [bool(one) for one in found] == [True, True, False, False]
    assert "discovery" not in cloud.received_kinds()


@pytest.mark.parametrize("known", ["../common", CONSUMERS, CONTOSO, "", FABRIKAM + "/.."])
def test_a_key_that_leads_elsewhere_is_not_followed(
    cloud: FakeCloud, timer: FakeTimer, known: str
) -> None:
    live = live_directory(cloud, timer=timer, find_tenant_id=lambda key: known)

    assert (live.tenant(KEY), live.subscriptions(KEY)) == (None, None)
    assert cloud.received == []


def test_by_key_an_outage_and_a_refusal_differ(
    live: Live, cloud: FakeCloud, timer: FakeTimer
) -> None:
    cloud.fail_with("token", Answer(500), entra_error(400, "unauthorized_client", 700016))

    with pytest.raises(Unavailable):
        live.tenant(KEY)
    assert live.tenant(KEY) is None
    assert live.consented_subscriptions(KEY) is None


def test_what_was_found_is_kept_for_its_time(
    live: Live, cloud: FakeCloud, timer: FakeTimer
) -> None:
    def asked_after(seconds: float) -> list[str]:
        timer.now += seconds
        cloud.received.clear()
        live.customer(FABRIKAM, "fabrikam.example")
        return cloud.received_kinds()

    assert asked_after(0) == ["discovery", "token", "organization", "subscriptions"]
    assert asked_after(59) == []
    assert asked_after(2) == ["organization", "subscriptions"]
    assert asked_after(3_500) == ["token", "organization", "subscriptions"]
    assert asked_after(100) == ["discovery", "organization", "subscriptions"]


def test_a_domain_that_nobody_had_is_asked_for_again_after_a_minute(
    live: Live, cloud: FakeCloud, timer: FakeTimer
) -> None:
    assert live.customer(FABRIKAM, "new.example").tenant_of_domain is None
    cloud.domains["new.example"] = FABRIKAM

    assert live.customer(FABRIKAM, "new.example").tenant_of_domain is None
    timer.now += 61
    assert live.customer(FABRIKAM, "new.example").tenant_of_domain == FABRIKAM


def test_an_outage_is_not_kept(live: Live, cloud: FakeCloud) -> None:
    cloud.fail_with("discovery", Answer(500))

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable
    assert not live.customer(FABRIKAM, "fabrikam.example").unavailable


def test_a_secret_that_cannot_be_had_is_an_outage(cloud: FakeCloud, timer: FakeTimer) -> None:
    def no_secret() -> str:
        raise Unavailable()

    assert (
        live_directory(cloud, timer=timer, secret=no_secret)
        .customer(FABRIKAM, "fabrikam.example")
        .unavailable
    )


@pytest.mark.parametrize(
    ("authority", "graph"),
    [
        ("login.microsoftonline.us", "graph.microsoft.us"),
        ("login.microsoftonline.us", "dod-graph.microsoft.us"),
        ("login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_national_clouds_are_a_matter_of_two_addresses(
    cloud: FakeCloud, timer: FakeTimer, authority: str, graph: str
) -> None:
    names: list[str] = []
    at = Cloud(f"https://{authority}", f"https://{graph}/v1.0")
    policy = Policy(resolve=lambda host, seconds: names.append(host) or ())  # type: ignore[func-returns-value]
    http = HttpClient(DIRECTORY, at, policy)
    reader = CloudReader(at, Application(CLIENT_ID, lambda: SECRET), http)
    live = Live(reader, {KEY: FABRIKAM}.get, FixedClock(), run_parallel)

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable
    assert names == [authority]


@pytest.mark.parametrize(
    ("authority", "name"),
    [
        ("https://login.microsoftonline.com", "contoso.onmicrosoft.com"),
        ("https://login.microsoftonline.us", "contoso.onmicrosoft.us"),
        ("https://login.partner.microsoftonline.cn", "contoso.partner.onmschina.cn"),
    ],
)
def test_a_first_label_means_the_initial_domain_of_the_cloud(authority: str, name: str) -> None:
    urls: list[str] = []

    class Http:
        def send(self, request: Request, lane: str, deadline: float) -> JsonResponse:
            urls.append(request.url)
            return JsonResponse(404, {"error": "invalid_tenant"})

    Discovery(Http(), authority, lambda: 0.0).find_tenant_id("Contoso", 1.0)

    assert urls == [f"{authority}/{name}/v2.0/.well-known/openid-configuration"]


def only(live: Live) -> Any:
    found = live.subscriptions(KEY)
    assert found and len(found) == 1
    return found[0]
