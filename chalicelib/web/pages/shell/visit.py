"""A request for a page by a signed-in person, and the result of its handler."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chalicelib.domain.preferences import Preferences
from chalicelib.domain.session import Session
from chalicelib.usecases.callers import Caller
from chalicelib.web.http.call import Call
from chalicelib.web.pages.shell import people
from chalicelib.web.pages.shell.api_calls import Api, Conditions
from chalicelib.web.pages.shell.forms import Form, make_once
from chalicelib.web.pages.shell.page import Page


@dataclass(frozen=True)
class Visit:
    """Everything that a page's handler may need.

    Attributes:
        call: the request.
        session: of the person who is signed in.
        caller: that person, with those roles that have a meaning for them.
        page: the page's record.
        address: the page's own path, with its values.
        path: the values of the path's variables.
        query: name to text; the last one where there are several.
        form: what was sent, or typed before it was refused.
        language: of the page.
        preferences: of the person.
        api: calls the API as the person.
    """

    call: Call
    session: Session
    caller: Caller
    page: Page
    address: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Form
    language: str
    preferences: Preferences
    api: Api

    @cached_property
    def zone(self) -> str:
        """The person's time zone (IANA): chosen, or else of the organisation or the programme."""
        return self.preferences.time_zone or people.find_zone(self.call, self.caller)

    @property
    def conditions(self) -> Conditions:
        """Idempotency-Key and If-Match, from the form's fields `once` and `version`."""
        version = self.form.text("version")
        return Conditions(key=self.form.text("once"), version=version or None)

    @cached_property
    def once(self) -> str:
        """What makes the page's forms count once.

        A form that is shown again keeps its own: if the first attempt was carried out after all,
        the second gets its answer.
        """
        if self.form.problem is not None and self.form.problem["status"] >= 500:
            return self.form.text("once")
        services = self.call.services
        return make_once(services.random_bytes, services.secrets.link_key(), self.caller)


@dataclass(frozen=True)
class View:
    """What a page shows.

    Attributes:
        template: below `chalicelib/text/html`.
        title: of the page, already in the reader's language.
        shown: the template's values.
        nav: the name of the page in the navigation that this one belongs to.
        form: what the page's form holds, if it is not what was sent.
        counts: what waits on pages of the navigation, by the page's name: how much of it there is,
            and how much is overdue.
    """

    template: str
    title: str
    shown: Mapping[str, Any] = field(default_factory=dict)
    nav: str = ""
    status: int = 200
    form: Form | None = None
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Redirect:
    """Where a form leads when it was carried out.

    Attributes:
        to: a path of ours.
        done: what was done, a key of `ui.done`.
    """

    to: str
    done: str = ""
