"""What surrounds every page of the product: navigation, language, sandbox bar, and the foot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from chalicelib.domain.base import rfc3339
from chalicelib.runtime.settings import Settings
from chalicelib.text.brief_dates import format_brief_moment, format_month, name_month
from chalicelib.text.i18n import (
    LANGUAGES,
    format_decimal,
    format_local_day,
    format_moment,
    has_text,
    translate,
)
from chalicelib.text.templates import load_templates
from chalicelib.usecases.callers import Caller
from chalicelib.web.pages import static_files
from chalicelib.web.pages.page_table import PAGES
from chalicelib.web.pages.shell.bar import SandboxBar
from chalicelib.web.pages.shell.field_names import find_anchor, find_label
from chalicelib.web.pages.shell.forms import Form
from chalicelib.web.pages.shell.states import find_class
from chalicelib.web.pages.shell.words import (
    find_words,
    name_mail,
    name_outcome,
    name_own_clock,
    name_reason,
)

# The navigation, in its order: the page, and its text.
NAVIGATION = (
    ("GET /portal", "ui.nav.needs_you"),
    ("GET /portal/claims", "ui.nav.claims"),
    ("GET /portal/arbitrations", "ui.nav.arbitrations"),
    ("GET /portal/associations", "ui.nav.associations"),
    ("GET /portal/renewals", "ui.nav.renewals"),
    ("GET /portal/insights", "ui.nav.insights"),
    ("GET /portal/events", "ui.nav.events"),
    ("GET /portal/integration", "ui.nav.integration"),
    ("GET /desk", "ui.nav.queue"),
    ("GET /desk/arbitrations", "ui.nav.arbitrations"),
    ("GET /desk/disputes", "ui.nav.disputes"),
    ("GET /desk/tasks", "ui.nav.tasks"),
    ("GET /desk/insights", "ui.nav.insights"),
    ("GET /desk/workload", "ui.nav.workload"),
    ("GET /desk/operations", "ui.nav.operations"),
)


SAID_HERE = ("done", "moved")
SAID_ONCE = (*SAID_HERE, "lang")  # of a query: what a link back leaves out


class NavigationLink(NamedTuple):
    """A link of the navigation. `waiting`, `late`: what waits there, and how much is overdue."""

    path: str
    text: str
    is_current: bool
    waiting: int
    late: int


@dataclass(frozen=True)
class Frame:
    """The parts of a page around its content.

    Attributes:
        language: of the page.
        address: its own path.
        has_shortcuts: whether single keys do something.
        bar: of the sandbox; None in production.
        query: its own query, which a change of the language keeps.
        title: in the reader's language.
        caller: the signed-in person; None: not signed in.
        now: the moment of the request, by the service's clock.
        zone: the reader's time zone (IANA).
        nav: the name of the page in the navigation that is marked.
        is_dense: for people who work here all day.
        done: what was just done, a key of `ui.done`.
        curl: the calls of the API that the page made.
        form: what was typed, and what is wrong with it.
        counts: what waits on pages of the navigation, and how much of it is overdue.
        tag: of what the page has read; a script asks whether it has changed.
        once: the hidden field that makes a form count once.
    """

    settings: Settings
    language: str
    address: str
    title: str
    now: datetime
    caller: Caller | None = None
    zone: str = "UTC"
    nav: str = ""
    is_dense: bool = False
    has_shortcuts: bool = True
    done: str = ""
    curl: Sequence[str] = ()
    form: Form = field(default_factory=Form)
    once: str = ""
    tag: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    bar: SandboxBar | None = None

    @property
    def here(self) -> str:
        """The page's address, for what leads back to it."""
        kept = {name: value for name, value in self.query.items() if name not in SAID_HERE}
        return f"{self.address}?{urlencode(kept)}" if kept else self.address

    @property
    def base(self) -> str:
        """Before every path: a deployed stage has a prefix."""
        return self.settings.public_base_url


def render(template: str, frame: Frame, shown: Mapping[str, Any]) -> str:
    """Render a page."""
    language = frame.language
    tools = {
        "t": partial(_say, language),
        "say": partial(translate, language),
        "has_text": has_text,
        "reason": partial(name_reason, language),
        "clock_name": partial(name_own_clock, language),
        "outcome": partial(name_outcome, language),
        "mail_subject": partial(name_mail, language),
        "words_of": find_words,
        "when": partial(_when, language, frame.zone),
        "moment": partial(_moment, language),
        "brief": partial(_brief, language, frame.zone, frame.now),
        "day": partial(format_local_day, language),
        "decimal": partial(format_decimal, language),
        "month": partial(_month, language),
        "month_name": partial(name_month, language),
        "machine": rfc3339,
        "find_class": find_class,
        "label_of": partial(find_label, language),
        "anchor_of": find_anchor,
        "form_for": lambda act: frame.form if frame.form.act == act else Form(),
        "static": lambda name: frame.base + static_files.address(name),
    }
    return (
        load_templates()
        .get_template(template)
        .render(
            **shown,
            **tools,
            frame=frame,
            form=frame.form,
            languages=_list_languages(frame),
            navigation=list_navigation(frame),
            has_search=_may_search(frame),
        )
    )


def list_navigation(frame: Frame) -> list[NavigationLink]:
    """Return the links to the pages that the caller may open."""
    if frame.caller is None:
        return []
    pages = {page.name: page for page in PAGES}
    return [
        NavigationLink(
            pages[name].path,
            translate(frame.language, text),
            name == frame.nav,
            *frame.counts.get(name, (0, 0)),
        )
        for name, text in NAVIGATION
        if name in pages and frame.caller.roles & pages[name].roles
    ]


def _may_search(frame: Frame) -> bool:
    """Whether the head of the page has the desk's search, unless the page is the search itself."""
    if frame.caller is None or frame.address == "/desk/find":
        return False
    search = next(page for page in PAGES if page.name == "GET /desk/find")
    return bool(frame.caller.roles & search.roles)


def _list_languages(frame: Frame) -> list[tuple[str, str, str]]:
    """Return code, name and link of each language; a link keeps the page and its query."""
    kept = {name: value for name, value in frame.query.items() if name not in SAID_ONCE}
    return [
        (code, translate(code, "language.name"), f"?{urlencode(kept | {'lang': code})}")
        for code in LANGUAGES
    ]


def _say(language: str, key: str, /, **values: object) -> str:
    return translate(language, f"ui.{key}", **values)


def _when(language: str, zone: str, instant: datetime | str) -> str:
    """Write a moment in words and in the reader's zone."""
    return _moment(language, instant, zone)


def _brief(language: str, own: str, now: datetime, instant: datetime | str, zone: str = "") -> str:
    """Write a moment with short names, as rows and timelines have it."""
    if isinstance(instant, str):
        instant = datetime.fromisoformat(instant)
    return format_brief_moment(language, instant, zone or own, now)


def _month(language: str, month: str) -> str:
    """Write a month of the API (`2026-12`) in words."""
    return format_month(language, date.fromisoformat(f"{month}-01"))


def _moment(language: str, instant: datetime | str, zone: str) -> str:
    """Write a moment, also one of the API's (RFC 3339), in words."""
    if isinstance(instant, str):
        instant = datetime.fromisoformat(instant)
    return format_moment(language, instant, zone)
