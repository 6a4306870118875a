"""The pages as somebody in a browser meets them: cookies, redirects, and forms as they are shown.

No script runs. Every form is sent as the page has it: its hidden fields, what is selected, and what
a test types.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.support.api_client import Reply
from tests.support.service import Service

BASE = "http://127.0.0.1:8000"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
VOID = {"meta", "link", "input", "br", "hr", "img"}


@dataclass
class Form:
    """A form of a page.

    Attributes:
        action: its address.
        method: lower case.
        fields: the values that it has when nothing is typed, by name.
        buttons: (name, value, text, own address) of each.
        choices: the values that a field may have, where it is chosen.
    """

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)


class PageReader(HTMLParser):
    """Elements, links, forms and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.title = ""
        self.text = ""
        self._open: list[tuple[str, dict[str, str]]] = []
        self._select = self._area = ""
        self.feed(html)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self._open.append((tag, attributes))
        if tag == "form":
            self.forms.append(Form(attributes.get("action", ""), attributes.get("method", "get")))
        elif tag == "a" and "href" in attributes:
            self.links.append((attributes["href"], ""))
        inside = [one for one, _ in self._open]
        if self.forms and "form" in inside and "template" not in inside:
            self._note_control(tag, attributes)

    def _note_control(self, tag: str, attributes: dict[str, str]) -> None:
        form, name = self.forms[-1], attributes.get("name", "")
        if tag == "button":
            action = attributes.get("formaction", "")
            form.buttons.append((name, attributes.get("value", ""), "", action))
        elif tag == "select":
            self._select = name
            form.choices[name] = []
        elif tag == "option":
            form.choices[self._select].append(attributes.get("value", ""))
            if "selected" in attributes or self._select not in form.fields:
                form.fields[self._select] = [attributes.get("value", "")]
        elif tag == "textarea":
            self._area = name
            form.fields[name] = [""]
        elif tag == "input" and name:
            kind = attributes.get("type", "text")
            if kind in ("checkbox", "radio"):
                form.choices.setdefault(name, []).append(attributes.get("value", "on"))
                if "checked" not in attributes:
                    return
                form.fields.setdefault(name, []).append(attributes.get("value", "on"))
            else:
                form.fields[name] = [attributes.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        inside = [tag for tag, _ in self._open]
        if "title" in inside:
            self.title += data
        elif "script" not in inside and "style" not in inside:
            self.text += data
        if self._area:
            values = self.forms[-1].fields[self._area]
            values[0] += data.removeprefix("\n") if not values[0] else data
        if "button" in inside and self.forms and self.forms[-1].buttons:
            name, value, text, action = self.forms[-1].buttons[-1]
            self.forms[-1].buttons[-1] = (name, value, text + data, action)
        if "a" in inside and self.links:
            self.links[-1] = (self.links[-1][0], self.links[-1][1] + data)


@dataclass
class Browser:
    """One person's browser.

    Attributes:
        page: the page that is open.
        reply: the last response.
        address: the path of the open page, with its query.
        cookies: by name.
    """

    service: Service
    page: PageReader = field(default_factory=lambda: PageReader(""))
    reply: Reply = field(default_factory=lambda: Reply(0, {}, ""))
    address: str = "/"
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def open(self, path: str, expect: int = 200) -> PageReader:
        """Open a path, or another query of the open page (`?…`), and follow redirects."""
        path = _own(self.address.partition("?")[0] + path if path.startswith("?") else path)
        return self._follow(self.send("GET", path), path, expect)

    def submit(
        self, button: str = "", *, at: int | None = None, expect: int = 200, **typed: Any
    ) -> PageReader:
        """Send the form that has a button (its value, name or text) with what was typed.

        Names of fields with a slash are given with two underscores. `at`: the form's number.
        """
        form, pressed = self._find(button, at)
        fields = dict(form.fields)
        for name, value in typed.items():
            fields[name.replace("__", "/")] = value if isinstance(value, list) else [value]
        if pressed and pressed[0]:
            fields[pressed[0]] = [pressed[1]]
        if pressed and pressed[3]:
            form = replace(form, action=pressed[3])
        return self.submit_fields(form, fields, expect)

    def submit_fields(
        self, form: Form, fields: Mapping[str, list[str]], expect: int = 200
    ) -> PageReader:
        path = _own(form.action)
        if form.method == "get":
            return self.open(f"{path}?{urlencode(fields, doseq=True)}", expect)
        body = urlencode(fields, doseq=True)
        reply = self.send("POST", path, body=body, headers=SAME_SITE)
        return self._follow(reply, path, expect)

    def send(
        self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one request, with the cookies, and keep those that come back."""
        said = {"Accept-Language": "en"} | self.headers | dict(headers or {})
        if self.cookies:
            said["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        form = dict(parse_qsl(body, keep_blank_values=True)) if method == "POST" else None
        if form is not None and len(form) != len(parse_qsl(body, keep_blank_values=True)):
            form = MultiForm(parse_qsl(body, keep_blank_values=True))  # type: ignore[assignment]
        self.reply = self.service.send(method, path, None, None, said, form)
        self.service.kick()
        self._keep_cookies()
        return self.reply

    def _follow(self, reply: Reply, path: str, expect: int) -> PageReader:
        for _ in range(10):
            if reply.status not in (302, 303, 307):
                break
            path = _own(reply.headers["Location"])
            reply = self.send("GET", path)
        assert reply.status == expect, (path, reply.status, reply.text[:3000])
        self.address, self.page = path, PageReader(reply.text)
        return self.page

    def _find(self, button: str, at: int | None) -> tuple[Form, tuple[str, str, str, str] | None]:
        forms = [self.page.forms[at]] if at is not None else self.page.forms
        for form in forms:
            for one in form.buttons:
                if button in (one[0], one[1]) or (button and button in one[2]):
                    return form, one
        assert at is not None and not button, (button, [form.buttons for form in forms])
        return forms[0], None

    def _keep_cookies(self) -> None:
        for one in self.reply.headers.get("Set-Cookie", "").split(", "):
            name, _, rest = one.partition("=")
            value = rest.split(";")[0]
            if not name:
                continue
            if "Max-Age=0" in rest:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


class MultiForm(dict):  # type: ignore[type-arg]
    """A form with several values for one name, as `urlencode` takes it."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:
        return self._pairs


def sign_in(
    service: Service, organisation_id: str | None, role: str, to: str = "", name: str = ""
) -> Browser:
    """Sign somebody in through the page "Choose who to be"."""
    browser = Browser(service)
    browser.open(f"/sign-in?{urlencode({'to': to})}" if to else "/sign-in")
    form = browser.page.forms[-1] if len(browser.page.forms) else None
    assert form is not None
    chosen = next(one for one in browser.page.forms if "role" in one.fields)
    fields = dict(chosen.fields) | {
        "organisation": [organisation_id or ""],
        "role": [role],
        "name": [name or f"{role} of {organisation_id or 'the programme'}"],
    }
    browser.submit_fields(chosen, fields)
    return browser


def find_form(browser: Browser, path: str) -> int:
    """Return the number of the page's form that is sent to a path."""
    return next(n for n, form in enumerate(browser.page.forms) if form.action.endswith(path))


def _own(address: str) -> str:
    assert address.startswith((BASE, "/", "?")), f"leads elsewhere: {address}"
    parts = urlsplit(address.removeprefix(BASE))
    return parts.path + (f"?{parts.query}" if parts.query else "")
