"""Values that the tests of the checks share."""

from chalicelib.domain.directory import DirectoryLookup
from chalicelib.domain.filing import Contact, RevenueDetails
from tests.support.filings import (
    NOW,
)

UNKNOWN_DOMAIN = DirectoryLookup(looked_up_at=NOW)
DETAILS = RevenueDetails(solution_seller="Seller", isv_solution_name="Solution")
STRANGER = Contact(name="X", title="Y", email="x@elsewhere.example")
