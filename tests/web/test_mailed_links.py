"""Customers' links as mail programs, rewriters and people change them."""

import pytest

from chalicelib.web.http.mailed_links import cut_token, find_page
from tests.support.api_gateway import request
from tests.support.in_process import in_process

TOKEN = "xs9ss33bcp7dmaxf61sv84ctqkehfse6e77sce01wgxq4xxe"
HALVES = TOKEN[:20], TOKEN[20:]
EARLIER = TOKEN[:38]  # of a link without a check value

# What mail programs take for a part of an address, and rewriters add to one without a query.
BEHIND = [
    "",
    "/",
    ".",
    ")",
    ".)",
    "%3E",
    "%22",
    "%20",
    "%0A",
    "%E3%80%82",  # Japanese full stop
    "%E2%80%8B",
    "&utm_source=x",
    "&amp;data=05%7C02",  # Outlook Safe Links
    "__;!!AbC$",  # Proofpoint URL Defense v3, copied without its beginning
    "%3Flang%3Dde",
    "%3C/a%3E",
    ".%20Thank%20you",
]


@pytest.mark.parametrize(
    "between",
    [
        "\r\n",  # broken at the end of a line (RFC 5322, 2.1.1)
        " ",
        "=\r\n",  # quoted-printable that was not decoded (RFC 2045, 6.7)
        "\u00ad",  # where Word may break a line
        "\u200b",  # where web mail may break one
        "<wbr>",
        "-",
        "%0D%0A",
    ],
)
def test_a_token_that_was_broken_is_put_together(between):
    assert cut_token(between.join(HALVES)) == TOKEN


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (f"{' '.join(HALVES)} Thank you", TOKEN),
        # no token: one that is longer, or in capitals
        (f"{TOKEN}0", f"{TOKEN}0"),
        (TOKEN.upper(), TOKEN.upper()),
        (f"{TOKEN} Thank you", TOKEN),
        (f"{TOKEN}&utm_source=x", TOKEN),
        (f"{EARLIER}&utm_source=x", EARLIER),
        (f"{TOKEN}\ufffd", TOKEN),
        ("tok", "tok"),
        ("%%", "%%"),
    ],
)
def test_the_token_is_what_is_left(text, token):
    assert cut_token(text) == token


@pytest.mark.parametrize("behind", BEHIND)
def test_a_page_is_meant_though_something_stands_behind_its_name(behind):
    assert find_page(f"verify-mail{behind}") == "/verify-mail"
    for page in ("confirm", "journal"):
        assert find_page(f"o/{TOKEN}/{page}{behind}") == f"/o/{TOKEN}/{page}"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        (f"O/{TOKEN}/CONFIRM", f"/o/{TOKEN}/confirm"),
        (f"o/{TOKEN.upper()}/confirm.", None),
        (f"o/{TOKEN}0/confirm.", None),
        ("Verify-Mail", "/verify-mail"),
        (f"/o//{TOKEN}", f"/o/{TOKEN}"),
        (f"o%2F{TOKEN}", f"/o/{TOKEN}"),
        (f"o/{TOKEN}%3C/a%3E", f"/o/{TOKEN}"),
        (f"o/{TOKEN}/Object", f"/o/{TOKEN}"),
        (f"o/%3C{TOKEN}/confirm", f"/o/{TOKEN}/confirm"),
        ("o/tok/confirm.", None),
        ("o/", None),
        ("", None),
        ("nothing/here", None),
        (f"v1/o/{TOKEN}", None),
        (f"x/verify-mail/{TOKEN}", None),
    ],
)
def test_a_path_means_a_page_when_it_names_a_token(path, page):
    assert find_page(path) == page


@pytest.fixture(scope="module")
def service():
    with in_process() as made:
        yield made


@pytest.mark.parametrize("behind", [".", "%3E", "&utm_source=x"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_changed_link_to_confirm_leads_to_its_page(service, method, behind):
    customer = service.customer()
    customer.request_answer(customer.file(1), "agree")
    path = customer.confirmation()

    found = service.call(method, path + behind)

    base = service.services.settings.public_base_url
    assert (found.status, found.headers["Location"]) == (303, base + path)
    assert service.call("GET", path).status == 200


def test_only_reading_leads_to_another_page(service):
    assert service.call("POST", f"/o/{TOKEN}/confirm.", form={}).status == 404


@pytest.mark.parametrize("behind", ["%E2%80", "%A0"])
def test_bytes_that_are_no_text_are_cut_off(sample, app, behind):
    assert request(app, "GET", f"/o/tok{behind}").status == 200
    assert sample.calls[0].path == {"token": "tok"}
