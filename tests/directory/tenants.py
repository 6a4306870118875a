"""Keys of tenants that the tests of the live directory share."""

from chalicelib.domain.ids import tenant_key
from tests.support.fake_microsoft import (
    FABRIKAM,
)

KEY = tenant_key(FABRIKAM)
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
