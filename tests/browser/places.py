"""Every page, as whom it is opened, and the states of a page that look different."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.web.pages.page_table import PAGES
from chalicelib.web.pages.shell.page import Page
from tests.browser.world import World

# Answered with a file or a redirect.
FILES = re.compile(r"\.csv$|/bundle$|/evidence/\{evidence_id\}$")
# Which thing of the world a variable of a path names.
VARIABLES = {
    "claim_id": "active",
    "association_id": "association",
    "arbitration_id": "arbitration",
    "filing_id": "filing",
    "user_id": "user",
    "endpoint_id": "endpoint",
    "tenant_id": "tenant",
    "organisation_id": "partner",
}
# The first whose role may open a page opens it.
ROLES = {
    "partner": "incentives_admin",
    "senior": "senior_reviewer",
    "operator": "operator",
    "auditor": "auditor",
}


class Place(NamedTuple):
    """A page as somebody opens it. `path` names ids and links of the world in braces."""

    who: str
    path: str
    status: int = 200

    def find_path(self, world: World) -> str:
        return world.find_path(self.path)


def list_places() -> list[Place]:
    """Return every page of the table, then states of pages, and the pages outside the table."""
    table = [
        Place(_find_opener(page), _name_things(page.path))
        for page in PAGES
        if page.method == "GET" and not FILES.search(page.path)
    ]
    return [*table, *STATES, *PUBLIC]


def _find_opener(page: Page) -> str:
    return next(who for who, role in ROLES.items() if role in page.roles)


def _name_things(path: str, variables: Mapping[str, str] = VARIABLES) -> str:
    """Put names of things of the world in place of variables; a new variable needs an entry."""
    return re.sub(r"\{(\w+)\}", lambda found: "{" + variables[found[1]] + "}", path)


STATES = (
    Place("partner", "/portal/claims?status=withdrawn"),
    Place("partner", "/portal/claims/new?customer={tenant}"),
    *(
        Place("partner", f"/portal/claims/{{{state}}}")
        for state in ("draft", "asked", "waiting", "review", "rejected", "disputed", "party")
    ),
    *(
        Place("senior", f"/desk/claims/{{{state}}}")
        for state in ("asked", "waiting", "review", "rejected", "disputed", "party")
    ),
    Place("partner", "/portal/claims/{waiting}?done=filed"),
    Place("reviewer", "/desk"),
    Place("reviewer", "/desk?view=mine"),
    Place("reviewer", "/desk/claims/{review}"),
    Place("auditor", "/desk/claims/{active}"),
    Place("senior", "/desk/find?q=contoso"),
    Place("partner", "/desk", 403),
    Place("partner", "/portal/claims/clm_unknown", 404),
)
PUBLIC = (
    Place("nobody", "/"),
    Place("nobody", "/docs"),
    Place("nobody", "/docs/errors"),
    Place("nobody", "/docs/guides/first-claim"),
    Place("nobody", "/verify-mail"),
    Place("nobody", "/sign-in"),
    Place("nobody", "/sandbox/mailbox"),
    Place("nobody", "/nothing/here", 404),
    Place("nobody", "{link:tenant}"),
    Place("nobody", "{link:claim}"),
    Place("nobody", "{link:settled}"),
    Place("nobody", "{link:journal}"),
)
