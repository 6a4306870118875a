"""Public pages and redirects, outside the portal and the desk."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from chalicelib.domain.refusals import StaleVersion
from chalicelib.runtime.settings import Settings
from chalicelib.text import i18n
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.preferences import change_preferences
from chalicelib.usecases.request import Request
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.pages.shell import headers
from chalicelib.web.pages.shell.bar import make_bar
from chalicelib.web.pages.shell.forms import Form
from chalicelib.web.pages.shell.layout import Frame, render


def redirect(call: Call, to: str, cookies: list[str] | None = None) -> Answer[str]:
    """Lead to a path of ours."""
    return lead_to(call, f"{call.services.settings.public_base_url}{to}", cookies)


def lead_to(call: Call, address: str, cookies: list[str] | None = None) -> Answer[str]:
    """Lead to an address."""
    more: dict[str, str | list[str]] = {"Location": address}
    more |= {"Set-Cookie": cookies} if cookies else {}
    return Answer(303, headers=headers.make_headers() | more)


def show(
    call: Call, template: str, title: str, shown: Mapping[str, Any], status: int = 200
) -> Answer[str]:
    """Show a public page. `title`: a key of `ui`."""
    language = choose_language(call, None)
    settings: Settings = call.services.settings
    frame = Frame(
        settings=settings,
        language=language,
        address=find_address(call),
        title=i18n.translate(language, f"ui.{title}"),
        now=call.now,
        query=read_query(call),
        zone=settings.programme_time_zone,
        bar=make_bar(call, read_query(call)),
    )
    more = headers.make_headers() | {"Content-Language": language}
    more |= keep_language(call, language)
    return Answer(status, render(template, frame, shown), None, more)


def show_expired(call: Call, path: str, form: Form) -> Answer[str]:
    """Keep what was typed in a page, because nothing is stored for who is not signed in."""
    fields = [(name, value) for name, values in form.fields.items() for value in values]
    sign_in = f"/sign-in?{urlencode({'to': '/portal' if path.startswith('/portal') else '/desk'})}"
    shown = {"path": path, "fields": fields, "sign_in": sign_in}
    return show(call, "shell/expired.html", "expired.title", shown, status=401)


def choose_language(call: Call, caller: Caller | None, preferred: str | None = None) -> str:
    """Return the language of a page.

    The choice on this page goes first, then the person's preference, what this browser kept, the
    token's locale, and what the browser asks for.
    """
    kept = headers.read_cookie(call.headers, call.services.settings, headers.LANGUAGE)
    for language in (_read_choice(call), preferred, kept):
        if language in i18n.LANGUAGES:
            return str(language)
    if caller and caller.locale:
        return i18n.choose_language(caller.locale, "en")
    return i18n.choose_language(call.headers.get("accept-language"), "en")


def is_own_choice(call: Call, preferred: str | None) -> bool:
    """Return whether the language was chosen on a page of this service, not by a foreign link."""
    choice = _read_choice(call)
    is_ours = call.headers.get("sec-fetch-site") == "same-origin"
    return is_ours and choice in i18n.LANGUAGES and choice != preferred


def keep_in_preferences(call: Call, caller: Caller, language: str) -> None:
    """Keep a choice of language, unless the preferences are being changed elsewhere."""
    with suppress(StaleVersion):
        change_preferences(
            call.services, Request(caller=caller, now=call.now), {"language": language}
        )


def keep_language(call: Call, language: str) -> dict[str, str | list[str]]:
    """Return the cookie that keeps a choice of language."""
    if read_query(call).get("lang") != language:
        return {}
    settings = call.services.settings
    cookie = headers.make_cookie(settings, headers.LANGUAGE, language, headers.LANGUAGE_SECONDS)
    return {"Set-Cookie": [cookie]}


def _read_choice(call: Call) -> str:
    return read_query(call).get("lang", "")


def read_query(call: Call) -> dict[str, str]:
    """Return the request's query, the last value of each name."""
    return {name: values[-1] for name, values in call.raw_query.items() if values}


def find_address(call: Call) -> str:
    """Return the path of the request."""
    path = call.route.partition(" ")[2]
    for name, value in call.path.items():
        path = path.replace(f"{{{name}}}", value).replace(f"{{{name}+}}", value)
    return path
