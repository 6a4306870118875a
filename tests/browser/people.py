"""Who looks at the pages: one browser for each, signed in when it is first needed."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from playwright.sync_api import Browser

from tests.browser.chromium import Person, person_at

PARTNER, RIVAL = "org_northlight", "org_contrail"
# name: organisation, role, name at sign-in
EVERYBODY = {
    "partner": (PARTNER, "incentives_admin", "Pia Sommer"),
    "rival": (RIVAL, "incentives_admin", "Carl Rivers"),
    "reviewer": ("", "reviewer", "Ines Duarte"),
    "senior": ("", "senior_reviewer", "Sena Okafor"),
    "other senior": ("", "senior_reviewer", "Sven Holm"),
    "operator": ("", "operator", "Olga Petrova"),
    "auditor": ("", "auditor", "Audra Lind"),
}


class People:
    """Browsers by who uses them; "nobody" has not signed in."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._opened = ExitStack()
        self._known: dict[str, Person] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()

    def find(self, who: str) -> Person:
        """Return somebody's browser, with no faults noted yet."""
        if who not in self._known:
            self._known[who] = self._opened.enter_context(person_at(self._browser, self._url))
            if who in EVERYBODY:
                self._known[who].sign_in(*EVERYBODY[who])
        self._known[who].faults.clear()
        return self._known[who]
