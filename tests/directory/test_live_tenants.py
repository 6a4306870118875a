"""The live directory: tenants, contacts, caching, and outages."""

from typing import Any

import pytest

from chalicelib.directory.cloud import Cloud, CloudReader
from chalicelib.directory.discovery import Discovery
from chalicelib.directory.errors import DIRECTORY
from chalicelib.directory.live import Live
from chalicelib.directory.tokens import Application
from chalicelib.domain.directory import Tenant
from chalicelib.domain.refusals import Unavailable
from chalicelib.net.http_messages import Request
from chalicelib.net.retry import JsonResponse
from chalicelib.net.safe_http import HttpClient, Policy
from tests.directory.tenants import CONSUMERS, KEY
from tests.support.cases import read_cases
from tests.support.fake_microsoft import (
    CLIENT_ID,
    CONTOSO,
    FABRIKAM,
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
    subscription,
)


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
        ("ES", "Sevilla", "AN"),
        ("GB", "City of Edinburgh", "SCT"),
        ("CA", "ON - Ontario", "ON"),
        ("US", "Texas / Kansas", None),
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
    ("field", "given", "became"),
    [
        ("preferredLanguage", "pt-BR", ("locale", "pt-BR")),
        ("preferredLanguage", "../en", ("locale", "en")),
        ("preferredLanguage", "de_DE", ("locale", "de_DE")),
        ("preferredLanguage", " de ", ("locale", "de")),
        ("countryLetterCode", "DE ", ("country", "DE")),
        ("displayName", " Fabrikam\u00a0", ("name", "Fabrikam")),
        ("displayName", "   ", ("name", "fabrikam.example")),
        ("verifiedDomains", [], ("contacts", ())),
        ("verifiedDomains", [{"name": "FABRIKAM.example."}], ("domains", ("fabrikam.example",))),
        ("verifiedDomains", [{"isDefault": True}], ("domains", ())),
        (
            "verifiedDomains",
            [{"name": None}, {"name": "fabrikam.example"}],
            ("domains", ("fabrikam.example",)),
        ),
        (
            "technicalNotificationMails",
            [None, "", " admin@fabrikam.example "],
            ("contacts", ("admin@fabrikam.example",)),
        ),
        ("countryLetterCode", "nl", ("country", "NL")),
        ("countryLetterCode", "Netherlands", ("country", None)),
        ("displayName", "Fab\r\nrikam\u202e <b>", ("name", "Fabrikam <b>")),
        ("displayName", "x" * 10_000, ("name", "x" * 256)),
    ],
)
def test_what_a_tenant_writes_about_itself_is_not_trusted(
    live: Live, cloud: FakeCloud, field: str, given: Any, became: tuple[str, Any]
) -> None:
    cloud.organisations = [organisation(**{field: given})]

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


def test_a_tenant_is_found_by_its_key_when_its_id_is_known(live: Live, cloud: FakeCloud) -> None:
    found = (
        live.tenant(KEY),
        live.subscriptions(KEY),
        live.tenant("0" * 12),
        live.subscriptions("0" * 12),
    )

    assert [bool(one) for one in found] == [True, True, False, False]
    assert "discovery" not in cloud.list_received()


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
    assert live.list_consented_subscriptions(KEY) is None


def test_what_was_found_is_kept_for_its_time(
    live: Live, cloud: FakeCloud, timer: FakeTimer
) -> None:
    def list_requests_after(seconds: float) -> list[str]:
        timer.now += seconds
        cloud.received.clear()
        live.customer(FABRIKAM, "fabrikam.example")
        return cloud.list_received()

    assert list_requests_after(0) == ["discovery", "token", "organization", "subscriptions"]
    assert list_requests_after(59) == []
    assert list_requests_after(2) == ["organization", "subscriptions"]
    assert list_requests_after(3_500) == ["token", "organization", "subscriptions"]
    assert list_requests_after(100) == ["discovery", "organization", "subscriptions"]


def test_a_domain_without_owner_is_looked_up_again_after_a_minute(
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
