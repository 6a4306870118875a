"""The way into the pages below `/portal` and `/desk`: from a request to a page's handler and back.

A form counts only if it was sent from our own page, which is checked before the cookie is looked
at. Whoever is not signed in is led to sign in. A refusal shows the page of the form again, with
everything that was typed.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from chalicelib.domain.refusals import Forbidden, NotFound, Refusal
from chalicelib.runtime.settings import Settings
from chalicelib.text import i18n
from chalicelib.usecases.preferences import load_preferences
from chalicelib.web.auth.sessions import SignedIn
from chalicelib.web.http.access import authorise
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.bodies import parse_form
from chalicelib.web.http.call import Call
from chalicelib.web.http.problems import describe_problem, list_headers
from chalicelib.web.pages.page_table import PAGES
from chalicelib.web.pages.shell import headers, people, public
from chalicelib.web.pages.shell.api_calls import Api
from chalicelib.web.pages.shell.bar import make_bar
from chalicelib.web.pages.shell.forms import Form, is_own_once
from chalicelib.web.pages.shell.layout import Frame, render
from chalicelib.web.pages.shell.page import Page, find_page
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

# After these the same form is shown again; anything else is a page of its own.
SHOWN_AT_THE_FORM = frozenset({400, 409, 412, 422, 428, 429, 503})
# What mail programs and rewriters leave behind the id that a link in a mail ends with.
DEBRIS = re.compile(r"(?<=/(?:clm|arb|asc)_[0-9a-z]{20})([0-9a-z]*)[^0-9a-z/].*", re.DOTALL)


def show_portal(call: Call) -> Answer[str]:
    return _show(call, "/portal")


def show_portal_page(call: Call) -> Answer[str]:
    return _show(call, f"/portal/{call.path['page']}")


def send_portal_form(call: Call) -> Answer[str]:
    return _send(call, f"/portal/{call.path['page']}")


def show_desk(call: Call) -> Answer[str]:
    return _show(call, "/desk")


def show_desk_page(call: Call) -> Answer[str]:
    return _show(call, f"/desk/{call.path['page']}")


def send_desk_form(call: Call) -> Answer[str]:
    return _send(call, f"/desk/{call.path['page']}")


def _show(call: Call, path: str) -> Answer[str]:
    meant = DEBRIS.sub(r"\1", path)
    if meant != path:
        return public.redirect(call, meant)
    signed_in = people.find_signed_in(call)
    if signed_in is None:
        return public.redirect(call, f"/sign-in?{urlencode({'to': _with_query(call, path)})}")
    return _answer(call, "GET", path, Form(), signed_in)


def _send(call: Call, path: str) -> Answer[str]:
    headers.refuse_other_sites(call.headers, call.services.settings)
    form = Form(parse_form(call.raw_body, call.headers.get("content-type", "")))
    signed_in = people.find_signed_in(call)
    if signed_in is None:
        return public.show_expired(call, path, form)
    return _answer(call, "POST", path, form, signed_in)


def _answer(call: Call, method: str, path: str, form: Form, signed_in: SignedIn) -> Answer[str]:
    visit = _make_visit(call, path, form, signed_in)
    try:
        found = find_page(PAGES, method, path)
        if found is None:
            raise NotFound
        page, values = found
        caller = authorise(signed_in.caller, page.roles)
        visit = replace(
            visit, caller=caller, page=page, path=values, api=Api(call, caller, visit.language)
        )
        if method == "POST":
            answer = _carry_out(visit)
        else:
            answer = _finish(visit, page.function(visit))
    except Refusal as refusal:
        answer = _finish(visit, _make_problem_view(visit, refusal), list_headers(refusal))
        answer = replace(answer, code=refusal.code)
    return replace(answer, caller=signed_in.caller, page=visit.page.name)


def _carry_out(visit: Visit) -> Answer[str]:
    """Carry a form out. A refusal shows the form's page again."""
    try:
        _refuse_foreign_form(visit)
        return _finish(visit, visit.page.function(visit))
    except Refusal as refusal:
        if refusal.status not in SHOWN_AT_THE_FORM or not visit.page.form_of:
            raise
        again = _show_again(visit, refusal)
        answer = _finish(again, again.page.function(again), list_headers(refusal))
        return replace(answer, status=refusal.status, code=refusal.code)


def _refuse_foreign_form(visit: Visit) -> None:
    """Raise for a form of another person, or one without an idempotency key."""
    keys = visit.call.services.secrets.link_keys()
    if not is_own_once(visit.form.text("once"), keys, visit.caller):
        raise Forbidden("form_expired")


def _show_again(visit: Visit, refusal: Refusal) -> Visit:
    """Return the visit of the page that the form is on."""
    shown = next(page for page in PAGES if page.name == visit.page.form_of)
    address = shown.path
    for name, value in visit.path.items():
        address = address.replace(f"{{{name}}}", value)
    act = visit.address.rpartition("/")[2]
    form = replace(visit.form, problem=_describe(visit, refusal), act=act)
    api = Api(visit.call, visit.caller, visit.language)
    return replace(visit, page=shown, address=address, form=form, api=api)


def _finish(
    visit: Visit, made: View | Redirect | Answer[str], more: Mapping[str, Any] | None = None
) -> Answer[str]:
    settings = visit.call.services.settings
    bucket = visit.call.services.files.find_origin() if visit.page.shows_files else ""
    always = headers.make_headers(bucket) | dict(more or {})
    if isinstance(made, Answer):
        return replace(made, headers=always | dict(made.headers))
    if isinstance(made, Redirect):
        mark = "&" if "?" in made.to else "?"
        query = f"{mark}{urlencode({'done': made.done})}" if made.done else ""
        location = f"{settings.public_base_url}{made.to}{query}"
        return Answer(303, headers=always | {"Location": location})
    if visit.call.headers.get("if-none-match") == f'"{visit.api.tag}"':
        return Answer(304, headers=always)
    always |= {"Content-Language": visit.language}
    always |= public.keep_language(visit.call, visit.language)
    return Answer(made.status, render(made.template, _frame(visit, made), made.shown), None, always)


def _frame(visit: Visit, view: View) -> Frame:
    done = visit.query.get("done", "")
    return Frame(
        settings=visit.call.services.settings,
        language=visit.language,
        address=visit.address,
        title=view.title,
        now=visit.call.now,
        caller=visit.caller,
        zone=visit.zone,
        has_shortcuts=visit.preferences.shortcuts,
        nav=view.nav or visit.page.name,
        is_dense=True,
        done=done if i18n.has_text(f"ui.done.{done}") else "",
        curl=visit.api.to_curl() if view.status == 200 else (),
        form=view.form or visit.form,
        once=visit.once,
        tag=visit.api.tag,
        counts=view.counts,
        query=visit.query,
        bar=make_bar(visit.call, visit.query),
    )


def _make_visit(call: Call, path: str, form: Form, signed_in: SignedIn) -> Visit:
    preferences = load_preferences(call.services, signed_in.caller)
    language = public.choose_language(call, signed_in.caller, preferences.language)
    if public.is_own_choice(call, preferences.language):
        public.keep_in_preferences(call, signed_in.caller, language)
    return Visit(
        call=call,
        session=signed_in.session,
        caller=signed_in.caller,
        page=Page("GET unknown", "", frozenset()),
        address=path,
        path={},
        query=public.read_query(call),
        form=form,
        language=language,
        preferences=preferences,
        api=Api(call, signed_in.caller, language),
    )


def _make_problem_view(visit: Visit, refusal: Refusal) -> View:
    problem = _describe(visit, refusal)
    return View("shell/problem.html", problem["title"], {"problem": problem}, status=refusal.status)


def _describe(visit: Visit, refusal: Refusal) -> dict[str, Any]:
    settings: Settings = visit.call.services.settings
    return describe_problem(refusal, visit.language, visit.call.request_id, settings)


def _with_query(call: Call, path: str) -> str:
    query = urlencode({name: value for name, value in public.read_query(call).items()})
    return f"{path}?{query}" if query else path
