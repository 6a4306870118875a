"""Chromium for the tests of the pages: where it is, and somebody who uses it."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Locator,
    Page,
    sync_playwright,
)

CHROMIUM = "CHROMIUM"  # names the program
INSTALLED = ("chromium", "chromium-browser", "google-chrome")
NOT_FOUND = (
    "There is no Chromium. Install one (`apt-get install chromium`, or "
    "`PYTHONPATH=build/browser .venv/bin/python -m playwright install chromium`), or name one: "
    "CHROMIUM=/path/to/chromium."
)
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 700}
PATIENCE = 30_000  # milliseconds; the emulator starts functions while others wait
# The browser reports the status of a page that a test expects, too.
EXPECTED = "Failed to load resource: the server responded with a status of 4"


class NoChromium(Exception):
    """This machine has no Chromium that could be found."""


@contextmanager
def launch(headed: bool = False) -> Iterator[Browser]:
    """Start Chromium; raise NoChromium with what to do if there is none."""
    with sync_playwright() as playwright, start(playwright.chromium, headed) as browser:
        yield browser


@contextmanager
def start(kind: BrowserType, headed: bool = False, font_size: int = 16) -> Iterator[Browser]:
    """Start one more Chromium of a running Playwright.

    font_size: pixels, what somebody has set for all pages.
    """
    options = ["--no-sandbox", f"--blink-settings=defaultFontSize={font_size}"]
    browser = kind.launch(executable_path=_find_program(kind), headless=not headed, args=options)
    try:
        yield browser
    finally:
        browser.close()


def _find_program(kind: BrowserType) -> str:
    chosen = os.environ.get(CHROMIUM)
    if chosen:
        if not shutil.which(chosen):
            raise NoChromium(f"CHROMIUM={chosen} is not a program. {NOT_FOUND}")
        return chosen
    own = kind.executable_path
    found = own if Path(own).exists() else next(filter(None, map(shutil.which, INSTALLED)), None)
    if not found:
        raise NoChromium(NOT_FOUND)
    return found


@dataclass
class Person:
    """Somebody at a browser of their own.

    Attributes:
        acts: clicks, choices and fields so far; each counts once.
        keys: keystrokes so far.
        pace: seconds that each act takes.
        faults: errors of the console and of scripts, and violations of the policy.
    """

    url: str
    context: BrowserContext
    page: Page
    acts: int = 0
    keys: int = 0
    pace: float = 0.0
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> int:
        """Open a path of the service, and return the status."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        return answer.status

    def sign_in(self, organisation: str, role: str, name: str, to: str = "") -> None:
        """Sign in on the page "Choose who to be", as anybody."""
        self.open(f"/sign-in?{urlencode({'to': to})}" if to else "/sign-in")
        self.choose_who(organisation, role, name)

    def choose_who(self, organisation: str, role: str, name: str) -> None:
        """Say who to be, on the page that asks for it."""
        form = self.page.locator("form", has=self.page.locator("#organisation"))
        self.page.locator("details:has(#organisation) summary").click()
        form.locator("#organisation").select_option(organisation)
        form.locator("#role").select_option(role)
        form.locator("#name").fill(name)
        with self.page.expect_navigation():
            form.locator("button").click()

    def open_tab(self) -> "Person":
        """Return the same person at another tab."""
        return replace(self, page=self.context.new_page(), acts=0, keys=0, faults=[])

    def click(self, text: str | Locator, **options: Any) -> None:
        """Click a link, a button or anything else, by its text."""
        self._act()
        self.find(text).click(**options)

    def type(self, label: str | Locator, text: str) -> None:
        """Fill a field in, as one act."""
        self._act()
        self._field(label).fill(text)

    def choose(self, label: str | Locator, text: str) -> None:
        """Choose an option of a list, by its text or value."""
        self._act()
        self._field(label).select_option(text)

    def attach(self, label: str | Locator, *files: Path) -> None:
        """Choose files, as one act."""
        self._act()
        self._field(label).set_input_files(files)

    def press(self, key: str) -> None:
        """Press a key."""
        self.keys += 1
        time.sleep(self.pace)
        self.page.keyboard.press(key)

    def find(self, text: str | Locator) -> Locator:
        """Return the first button, link or summary with a text."""
        if not isinstance(text, str):
            return text
        wanted = self.page.get_by_role("button", name=text)
        link = self.page.get_by_role("link", name=text)
        return wanted.or_(link).or_(self.page.locator("summary", has_text=text)).first

    def count_acts(self) -> int:
        """Return the acts since the last call."""
        done, self.acts = self.acts, 0
        return done

    def _field(self, label: str | Locator) -> Locator:
        return self.page.locator(label) if isinstance(label, str) else label

    def _act(self) -> None:
        self.acts += 1
        time.sleep(self.pace)


@contextmanager
def person_at(browser: Browser, url: str, **options: Any) -> Iterator[Person]:
    """Somebody with an empty browser: no cookies, English, light, 1280 pixels wide."""
    whole: dict[str, Any] = {"viewport": WIDE, "locale": "en-GB", "timezone_id": "Europe/Berlin"}
    context = browser.new_context(**(whole | options))
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    person = Person(url, context, page)
    context.on("page", lambda opened: _watch(person, opened))
    _watch(person, page)
    try:
        yield person
    finally:
        context.close()


def _watch(person: Person, page: Page) -> None:
    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
            person.faults.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: person.faults.append(f"{page.url}: {error}"))
