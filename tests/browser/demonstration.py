"""A claim in Chromium from filing to figures, at the pace of a person: `make demo`.

    PYTHONPATH=build/browser .venv/bin/python -m tests.browser.demonstration [--headless]

A partner files, the customer objects and undoes it, a reviewer approves, the objection period
passes, and the partner reads the figures. Each step is printed with its time. Without `--url` a
service is started for it; with it, the customer's item must not have been claimed there before.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from tests.browser.chromium import NoChromium, Person, launch, person_at
from tools import embedded

PACE = 0.5  # seconds an act: what pages.md, section 8, calls a human pace
MOST_SECONDS = 60.0  # pages.md, section 8
TENANT, DOMAIN = "35b53e48-c4b6-474d-bcc2-9fdb4a3e281a", "fabrikam.example"  # cpor/demo
ADDRESS = "it@fabrikam.example"  # one of the tenant's own contacts
PARTNER, ROLE = "org_northlight", "incentives_admin"
PRODUCT = "dynamics_365_sales_enterprise"
REVIEWER = "Ines Duarte"  # related to no partner
ASSOCIATIONS = "/portal/associations/"
LOOKS = 20  # at the mailbox, for a mail that is being sent
SIGNED = "2026-10-30"
PROOF = """<h1>Statement of work</h1>
<p>Northlight Consulting GmbH introduces Dynamics 365 Sales Enterprise at Fabrikam Werke GmbH and
trains its 120 sellers.</p><p>Signed for Fabrikam: Anna Adler, CIO, on 30 October 2026.</p>"""


@dataclass
class Demonstration:
    """The people of a demonstration, and how long each step took.

    Attributes:
        steps: what was done, with the seconds it took.
        claim: the path of the claim's page.
        proof: the file that was uploaded.
        faults: what the browser has reported.
    """

    browser: Browser
    url: str
    report: Callable[[str], None] = print
    pace: float = PACE
    steps: list[tuple[str, float]] = field(default_factory=list)
    claim: str = ""
    proof: Path = Path()
    faults: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return sum(seconds for _, seconds in self.steps)

    def run(self) -> None:
        """Do all steps, in one window."""
        self.proof = proof = make_proof(self.browser)
        with person_at(self.browser, self.url) as person:
            person.pace = self.pace
            self._step("The partner files a claim", lambda: file_claim(person, proof))
            self.claim = urlsplit(person.page.url).path
            self._step("The customer objects, from the mail", lambda: object_to(person))
            self._step("The customer undoes it, and confirms that", lambda: undo(person))
            self._step("A reviewer takes the case and approves it", lambda: approve(person))
            self._step("The objection period passes", lambda: pass_time(person, self.claim))
            self._step("The partner reads the figures", lambda: read_figures(person))
            self.faults = person.faults
        self.report(f"{self.seconds:5.1f} s  altogether")

    def _step(self, name: str, act: Callable[[], None]) -> None:
        begun = time.monotonic()
        act()
        self.steps.append((name, time.monotonic() - begun))
        self.report(f"{self.steps[-1][1]:5.1f} s  {name}")


def make_proof(browser: Browser) -> Path:
    """Print a statement of work to a PDF file."""
    page = browser.new_page()
    page.set_content(PROOF)
    path = Path(tempfile.mkdtemp(prefix="cpor-proof-")) / "statement-of-work.pdf"
    page.pdf(path=path)
    page.close()
    return path


def file_claim(person: Person, proof: Path) -> None:
    person.open("/")
    person.click("Be a partner and file a claim")
    person.click(person.page.locator(f"button[value^='{PARTNER}|{ROLE}']"))
    fill_in(person, proof)
    person.click("Check your answers")
    person.click(person.page.get_by_role("button", name="File", exact=True))
    person.page.wait_for_url("**/portal/claims/clm_*")


def fill_in(person: Person, proof: Path, tenant: str = TENANT, domain: str = DOMAIN) -> None:
    """Fill the form of a claim for a customer in that the partner has not filed for yet."""
    person.type("#tenant_id", tenant)
    person.type("#domain", domain)
    person.choose("#role", "business_applications|usage_recognition")
    person.choose("#items-0-code", PRODUCT)
    people = {"customer": "Anna Adler", "technical": "Timo Brandt"}
    for kind, name in people.items():
        person.type(f"#{kind}_contact-name", name)
        person.type(f"#{kind}_contact-email", f"{name.split()[0].lower()}@{domain}")
        person.type(f"#{kind}_contact-title", "CIO")
    person.type("#partner_contact-name", "Pia Sommer")
    person.type("#partner_contact-email", "pia@northlight.example")
    attach(person, "#files", proof)


def attach(person: Person, input_id: str, proof: Path) -> None:
    """Upload a file, and say when the customer acknowledged it."""
    person.attach(input_id, proof)
    person.type(person.page.locator(f"{input_id}-rows input[type=date]").first, SIGNED)


def object_to(person: Person) -> None:
    follow_newest_mail(person)
    person.click(person.page.locator("#opt_out"))
    person.click(person.page.locator(".answer button"))
    person.page.locator("#done").wait_for()


def follow_newest_mail(person: Person, leads_to: str = "") -> None:
    """Open the newest mail to the customer, and the page that its button leads to, in this tab.

    leads_to: how the address of that page ends. A worker may still be sending the mail.
    """
    href = ""
    for _ in range(LOOKS):
        person.open(f"/sandbox/mailbox?to={ADDRESS}")
        person.click(person.page.locator("ul.rows a").first)
        button = person.page.frame_locator("iframe").locator("a").first
        href = str(button.get_attribute("href"))
        if href.endswith(leads_to):
            break
    person.open(href.removeprefix(person.url) + "?lang=en")


def undo(person: Person) -> None:
    person.click(person.page.locator("form:has(input[value=undo]) button"))
    person.page.locator("#done").wait_for()
    follow_newest_mail(person, "/confirm")
    person.click(person.page.locator("#confirm"))
    person.click(person.page.locator("form:has(#confirm) button"))
    person.page.locator(".banner.good").wait_for()


def approve(person: Person) -> None:
    """Approve a case with the keyboard: the button of the next case has the focus."""
    person.open("/sign-in?to=/desk")
    person.click(person.page.locator(f"button[value='|reviewer|{REVIEWER}']"))
    person.page.locator("[data-key=n]:focus").wait_for()
    person.press("Enter")
    person.page.wait_for_url("**/desk/claims/*")
    person.press("a")
    person.press("Enter")
    person.page.wait_for_url("**done=approved*")


def pass_time(person: Person, claim: str) -> None:
    """Move the test clock to the end of the objection period, from the claim's page."""
    person.open(f"/sign-in?to={claim}")
    person.click(person.page.locator(f"button[value^='{PARTNER}|{ROLE}']"))
    clock = person.page.locator(".clock", has_text="Customer's objection period")
    person.click(clock.locator("button"))
    person.page.locator(f"a[href*='{ASSOCIATIONS}']", has_text="Active").wait_for()


def read_figures(person: Person) -> None:
    person.click(person.page.locator(f"main a[href*='{ASSOCIATIONS}']"))
    person.page.locator("figure.chart").first.wait_for()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--headless", action="store_true", help="without a window")
    parser.add_argument("--url", help="of a running service; without it one is started")
    chosen = parser.parse_args()
    started = None
    try:
        with launch(headed=not chosen.headless) as browser:
            started = None if chosen.url else embedded.start(report=print)
            Demonstration(browser, chosen.url or started.url).run()
    except NoChromium as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        if started:
            started.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
