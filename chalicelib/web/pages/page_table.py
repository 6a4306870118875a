"""Every page below `/portal` and `/desk`: what shows it or carries it out, and for whom.

A page may be opened by whoever may make the calls of the API that it makes; the API decides that
once more with each call. docs/pages.md says how a page is added.
"""

from chalicelib.usecases.callers import PARTNER_ROLES
from chalicelib.web.pages.shell.page import Page

PARTNERS = PARTNER_ROLES
EDITORS = frozenset({"incentives_admin", "incentives_user"})
ADMINS = frozenset({"incentives_admin"})
REVIEWERS = frozenset({"reviewer", "senior_reviewer"})
READERS = REVIEWERS | {"auditor"}
PROGRAMME = READERS | {"operator"}

# One page a row; the formatter would make a column of each.
# fmt: off
PAGES: tuple[Page, ...] = (
    Page("GET /portal", "portal.home:show_home", PARTNERS),
    Page("GET /desk", "desk.queue:show_queue", PROGRAMME),
)
# fmt: on
