"""What holds for every page: language, no scripts, escaping, headers, errors."""

import pytest

from chalicelib.text.i18n import LANGUAGES, translate
from chalicelib.web.http.response_builder import PAGE_HEADERS
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.mailbox import split_links
from chalicelib.web.pages.problems import render_problem
from chalicelib.web.pages.static_files import address
from tests.pages.views import Seen, claim, every_page, frame, tenant_view
from tests.support.html_checks import find_faults

HOSTILE = (
    'Evil\r\n"><script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} %s {x} \u202egnp.exe'
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_its_language_and_offers_the_others(language: str) -> None:
    for name, html in every_page(language).items():
        assert f'<html lang="{language}">' in html
        offered = [
            a["hreflang"] for tag, a in Seen(html).elements if tag == "a" and "hreflang" in a
        ]
        assert offered == list(LANGUAGES), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_runs_anything_or_loads_anything_from_elsewhere(language: str) -> None:
    for html in every_page(language).values():
        for tag, attributes in Seen(html).elements:
            assert tag not in {"script", "iframe", "object", "embed", "style", "img", "base"}
            assert not any(name.startswith("on") or name == "style" for name in attributes)
            if tag == "link":
                assert attributes["href"] in (address("product.css"), address("logo.svg"))
            assert (attributes.get("action") or "/").startswith("/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_others_wrote_stays_text(language: str) -> None:
    for html in every_page(language, HOSTILE).values():
        seen = Seen(html)
        assert {"script", "img"}.isdisjoint(tag for tag, _ in seen.elements)
        assert "\u202e" not in html and "49" not in seen.text
        assert "{{7*7}} %s {x}" in seen.text or HOSTILE[:4] not in seen.text


def test_everything_that_is_not_found_behind_links_looks_the_same() -> None:
    problems = [
        {"status": 404, "code": code, "title": code, "detail": code, "request_id": code}
        for code in ("not_found", "link_unknown")
    ]

    shown = {render_problem(problem, "en", "GET /o/{token}") for problem in problems}

    assert len(shown) == 1
    assert "The link may be incomplete" in Seen(shown.pop()).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_form_is_not_called_a_page_that_does_not_exist(language: str) -> None:
    problem = {"status": 404, "code": "link_unknown", "title": "T", "detail": "D"}

    html = render_problem(problem, language, "POST /o/{token}")

    assert translate(language, "error.form") in html
    assert translate(language, "missing_page.title") not in html
    assert find_faults(html) == []


def test_an_error_says_what_is_wrong_and_under_which_number_to_ask() -> None:
    problem = {
        "status": 422,
        "title": "T",
        "detail": "D",
        "errors": [{"detail": "What", "hint": "Do"}],
        "request_id": "req-7",
    }

    seen = Seen(render_problem(problem, "en", "POST /verify-mail"))

    assert "What Do" in seen.text and "req-7" in seen.text


def test_whether_a_mail_is_genuine_is_written_in_words() -> None:
    assert "Genuine: we sent" not in Seen(page_renderer.render_verify_page(frame())).text
    assert "Genuine: we sent" in Seen(page_renderer.render_verify_page(frame(), True, "mai_1")).text
    assert "Not genuine" in Seen(page_renderer.render_verify_page(frame(), False, "mai_1")).text


def test_the_journal_names_who_did_what_and_leads_back() -> None:
    seen = Seen(every_page("de")["journal"])

    assert "Northwind Traders: Hat ein Abonnement abgefragt" in seen.text
    assert "Anderer Zugriff" in seen.text
    assert {"/o/t0ken?lang=de", "?before=x"} <= {
        a.get("href") for tag, a in seen.elements if tag == "a"
    }


def test_only_links_that_we_put_into_a_mail_can_be_clicked_in_the_mailbox() -> None:
    ours, foreign, wild = "https://cpor.example/o/x", "https://evil.example/", "javascript:alert(1)"

    pieces = split_links(f"{ours}\n{foreign}\n{wild}", (ours, wild))

    assert [address for _, address in pieces if address] == [ours]


def test_a_stage_with_a_prefix_keeps_it_in_every_address() -> None:
    shown = frame(base="https://x.example/api", support_url="")

    seen = Seen(page_renderer.render_customer_page(shown, tenant_view(claim())))

    addresses = [
        a.get("href") or a.get("action") or ""
        for tag, a in seen.elements
        if tag in {"a", "form", "link"}
    ]
    assert all(one.startswith(("https://x.example/api/", "?lang=", "#")) for one in addresses)


def test_the_headers_forbid_scripts_frames_caches_and_referrers() -> None:
    policy = PAGE_HEADERS["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert (
        "frame-ancestors 'none'" in policy
        and "base-uri 'none'" in policy
        and "form-action 'self'" in policy
    )
    assert "unsafe" not in policy and "script-src" not in policy
    assert PAGE_HEADERS["Cache-Control"] == "no-store"
    assert PAGE_HEADERS["Referrer-Policy"] == "no-referrer"
    assert PAGE_HEADERS["X-Robots-Tag"] == "noindex"
    assert PAGE_HEADERS["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in PAGE_HEADERS["Strict-Transport-Security"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_valid_and_says_who_runs_the_programme(language: str) -> None:
    for name, html in every_page(language).items():
        assert find_faults(html) == [], name
        assert translate(language, "mail.explain") in Seen(html).text


def test_the_vendor_is_named_with_its_notices() -> None:
    shown = frame(
        vendor_name="Contoso AG",
        privacy_url="https://v.example/privacy",
        imprint_url="https://v.example/imprint",
    )

    seen = Seen(page_renderer.render_customer_page(shown, tenant_view(claim())))

    assert "Partner Programme is run by Contoso AG." in seen.text
    hrefs = {a.get("href") for tag, a in seen.elements if tag == "a"}
    assert {"https://v.example/privacy", "https://v.example/imprint"} <= hrefs
