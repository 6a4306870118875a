"""Every request gets an answer in the service's own format, and one line in the
log.
"""

import json
from contextlib import redirect_stdout
from io import StringIO

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.api_gateway import event, send
from tests.support.app import SampleApp

HOUSE = SampleApp()
APP, TOKEN = HOUSE.app(), HOUSE.token()
NAMES = [
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "Accept-Language",
    "X-Request-Id",
    "Authorization",
    "Sec-Fetch-Site",
]
USUAL = {
    "Content-Type": "application/json",
    "Idempotency-Key": "k",
    "If-Match": '"7"',
    "Authorization": f"Bearer {TOKEN}",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATHS = [path for path in APP.routes if not path.startswith("/refuse")]

STEPS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20) | st.sampled_from(
    ["%", "%FF", "%2F", "..", "a" * 300]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "items", "product", "seats", "x"]), inner)
    ),
    max_leaves=10,
)
BODIES = (
    st.none()
    | st.text(max_size=50)
    | JSON.map(json.dumps)
    | st.sampled_from(["decision=agree", "decision=%", "a=1&a=2"])
)
QUERIES = st.none() | st.dictionaries(
    st.sampled_from(["limit", "status", "overdue", "from", "x"]),
    st.lists(st.text(max_size=8), min_size=1, max_size=3),
    max_size=3,
)
HEADERS = st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40), max_size=3)
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])


@st.composite
def events(draw):
    """An event of the gateway with any method, path value, headers, query and body."""
    usual = draw(st.sampled_from([USUAL, FORM, {}]))
    made = event(APP, draw(METHODS), "/open", usual | draw(HEADERS))
    made |= {"body": draw(BODIES), "isBase64Encoded": draw(st.booleans())}
    made["multiValueQueryStringParameters"] = draw(QUERIES)
    made["pathParameters"] = dict.fromkeys(("id", "token"), draw(STEPS))
    made["requestContext"] |= {"resourcePath": draw(st.sampled_from(PATHS))}
    return made


@settings(max_examples=400, deadline=None)
@given(some=events())
def test_no_request_makes_a_defect(some):
    with redirect_stdout(StringIO()) as out:
        answer = send(APP, some)

    assert answer.status < 500, out.getvalue()
    assert len(out.getvalue().splitlines()) == 1
    if answer.status >= 400 and some["httpMethod"] != "HEAD":
        assert answer.json["status"] == answer.status
