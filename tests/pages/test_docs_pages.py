"""The documentation: every code has its place, and guides are what their sources say."""

import pytest

from chalicelib.domain import refusals
from chalicelib.text.i18n import LANGUAGES
from chalicelib.web.http import problems
from chalicelib.web.pages.docs.pages import GUIDES_FILE, read_guides
from tests.support.html_checks import Checker, find_dead_links, find_faults
from tests.support.in_process import in_process
from tests.support.pages import BASE
from tools.generate.guides import render_guides

PATHS = ("/docs", "/docs/errors", *(f"/docs/guides/{name}" for name in read_guides()))


@pytest.fixture(scope="module")
def service():
    with in_process() as found:
        yield found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_valid_in_every_language(service, language):
    for path in PATHS:
        reply = service.call("GET", f"{path}?lang={language}")

        assert reply.status == 200, path
        assert f'<html lang="{language}">' in reply.text
        assert find_faults(reply.text) == []
        assert find_dead_links(reply.text, path, frozenset()) == []


def test_the_type_of_a_problem_leads_to_its_place_in_the_catalogue(service):
    problem = service.call("GET", "/v1/claims").json
    path, _, anchor = problem["type"].removeprefix(BASE).partition("#")

    page = service.call("GET", path).text

    assert path == "/docs/errors" and anchor == "token_missing"
    assert anchor in Checker(page).ids


def test_every_code_of_a_refusal_has_its_place(service):
    page = Checker(service.call("GET", "/docs/errors").text)
    classes = [
        one
        for module in (refusals, problems)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, refusals.Refusal)
    ]
    codes = {one.code for one in classes if hasattr(one, "code")}

    assert len(codes) > 20
    assert codes - set(page.ids) - {"refused"} == set()


def test_only_the_reference_may_set_styles_from_a_script(service):
    policies = {
        path: service.call("GET", path).headers["Content-Security-Policy"] for path in PATHS
    }

    assert "unsafe-eval" not in "".join(policies.values())
    assert [path for path, policy in policies.items() if "unsafe-inline" in policy] == ["/docs"]
    assert "script-src 'self';" in policies["/docs"]


def test_guides_are_rendered_from_their_sources():
    assert GUIDES_FILE.read_text(encoding="utf-8") == render_guides(), (
        "run: python -m tools.generate.guides"
    )


def test_another_path_is_not_found(service):
    for path in (
        "/docs/guides/none",
        "/docs/guides",
        "/docs/errors/more",
        "/docs/guides/../errors",
    ):
        assert service.call("GET", path).status == 404
