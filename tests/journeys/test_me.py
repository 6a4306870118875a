"""What callers learn about themselves, and what they may choose."""

import pytest

from chalicelib.domain.preferences import MAX_VIEWS

IN_PROCESS_ONLY = True


def patch(service, by, preferences, version="0"):
    body = {"preferences": preferences}
    return service.call("PATCH", "/v1/me", body, by=by, match=f'"{version}"')


def test_a_person_reads_and_changes_their_own_preferences(service):
    customer = service.customer()
    me = service.get("/v1/me", by=customer.by(1))
    view = {"name": "Questions", "query": "status=action_required"}

    changed = patch(
        service, customer.by(1), {"language": "de", "time_zone": "Asia/Tokyo", "views": [view]}
    )
    later = patch(service, customer.by(1), {"shortcuts": False, "language": None}, "1")

    assert me["organisation_id"] == customer.partner(1)
    assert me["roles"] == ["incentives_admin"]
    usual = {"language": None, "time_zone": None, "shortcuts": True, "views": []}
    assert me["preferences"] == usual
    assert changed.json["preferences"]["language"] == "de"
    assert later.json["preferences"] == {
        "language": None,
        "time_zone": "Asia/Tokyo",
        "shortcuts": False,
        "views": [view],
    }
    assert service.get("/v1/me", by=customer.by(1)) == later.json


def test_preferences_are_a_persons_own(service):
    customer = service.customer()
    patch(service, customer.by(1), {"language": "ja"})

    others = [customer.by(2), service.token(None, "reviewer")]

    assert [service.get("/v1/me", by=one)["preferences"]["language"] for one in others] == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"language": "xx"}, "/language"),
        ({"time_zone": "../etc"}, "/time_zone"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"shortcuts": "yes"}, "/shortcuts"),
        ({"views": [{"name": "", "query": ""}]}, "/views/0/name"),
        ({"views": [{"name": str(n)} for n in range(MAX_VIEWS + 1)]}, "/views"),
        ({"roles": ["reviewer"]}, "/roles"),
    ],
)
def test_what_is_no_preference_is_refused(service, body, pointer):
    by = service.customer().by(1)

    refused = patch(service, by, body)

    assert refused.status == 422
    assert f"/preferences{pointer}" in [error["pointer"] for error in refused.json["errors"]]
    assert service.get("/v1/me", by=by)["version"] == 0


@pytest.mark.parametrize("body", [{"roles": ["reviewer"]}, {"sub": "x"}, {"language": "de"}])
def test_the_caller_changes_nothing_but_preferences(service, body):
    by = service.customer().by(1)

    refused = service.call("PATCH", "/v1/me", body, by=by, match='"0"')

    assert refused.status == 422
    assert [error["code"] for error in refused.json["errors"]] == ["unknown_field"]


@pytest.mark.parametrize(
    ("body", "language"), [({"preferences": None}, None), ({"preferences": {}}, "de"), ({}, "de")]
)
def test_a_merge_patch_removes_what_is_null_and_keeps_what_is_left_out(service, body, language):
    by = service.customer().by(1)
    patch(service, by, {"language": "de", "views": [{"name": "a", "query": ""}]})

    changed = service.call("PATCH", "/v1/me", body, by=by, match='"1"')

    assert changed.json["preferences"]["language"] == language
    assert len(changed.json["preferences"]["views"]) == (1 if language else 0)


def test_the_second_of_two_tabs_learns_of_the_first(service):
    by = service.customer().by(1)
    patch(service, by, {"language": "de"})

    late = patch(service, by, {"language": "fr"})

    assert late.status == 412
    assert service.get("/v1/me", by=by)["preferences"]["language"] == "de"
