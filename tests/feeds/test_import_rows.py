"""Rows and columns of a feed: what is taken, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.aws.feed import Feed
from chalicelib.aws.rows import Rows
from chalicelib.domain.ids import tenant_key
from cpor.feeds.report import BadRow
from tests.feeds.feed_files import (
    CONTOSO,
    FABRIKAM,
    a_month,
    a_partner,
    a_subscription,
    a_tenant,
    another_tenant,
    import_folder,
    json_lines,
)


def test_bad_rows_are_named_and_good_ones_go_in(tmp_path: Path, rows: Rows) -> None:
    json_lines(
        tmp_path,
        tenants=[
            a_tenant(),
            "",
            "{not json",
            '["a list"]',
            '{"tenant_id": NaN}',
            '{"name": "x", "name": "y"}',
            another_tenant(
                tenant_id="no guid",
                country="Germania",
                time_zone="Mars/Olympus",
                contacts=["nobody"],
            ),
            another_tenant(),
        ],
    )

    report = import_folder(tmp_path, rows)

    assert not report.ok
    assert [(bad.file, bad.line) for bad in report.bad_rows] == [
        ("tenants.jsonl", line) for line in (3, 4, 5, 6, 7)
    ]
    assert all(
        word in report.bad_rows[-1].reason
        for word in ("tenant_id", "country", "time_zone", "contacts.0")
    )
    assert (report.files["tenants.jsonl"].written, report.files["tenants.jsonl"].bad) == (2, 5)


@pytest.mark.parametrize(
    ("file", "bad"),
    [
        ("tenants", a_tenant(domains=["https://fabrikam.example/"])),
        ("tenants", a_tenant(domains=["127.0.0.1"])),
        ("tenants", a_tenant(domains="fabrikam.example")),
        ("tenants", a_tenant(name="\ud800")),
        ("tenants", a_tenant(name="Fabrikam\r\nBcc: everybody@fabrikam.example")),
        ("tenants", a_tenant(name="Fabrikam \u202egnp.exe")),
        ("tenants", a_tenant(locale="../../etc")),
        ("tenants", a_tenant(public_sector="perhaps")),
        ("tenants", {"tenant_id": FABRIKAM}),
        ("partners", a_partner(organisation_id="org#1")),
        ("partners", a_partner(organisation_id="")),
        ("partners", a_partner(tenant_ids=["common"])),
        ("partners", a_partner(location_ids=[{"name": "no id"}])),
        ("subscriptions", a_subscription(seats=-1)),
        ("subscriptions", a_subscription(seats=10**40)),
        ("subscriptions", a_subscription(ends_on="soon")),
        ("subscriptions", a_subscription(provisioning=["Success"])),
        ("subscriptions", a_subscription(subscription_id="1")),
        ("usage", a_month(product=None, subscription_id=None)),
        ("usage", a_month(workload="teams")),
        ("usage", a_month(subscription_id=None)),
        ("usage", a_month(month="2026-13")),
        ("usage", a_month(licenses_active=-4)),
        ("reviewers", {"sub": "", "related_partners": []}),
        ("reviewers", {"sub": "x" * 5_000}),
    ],
)
def test_a_row_that_cannot_be_right_stays_out(
    tmp_path: Path, rows: Rows, file: str, bad: dict[str, Any]
) -> None:
    json_lines(tmp_path, tenants=[a_tenant()])
    import_folder(tmp_path, rows)
    json_lines(tmp_path, **{file: [bad]})

    report = import_folder(tmp_path, rows)

    assert [(one.file, one.line) for one in report.bad_rows] == [(f"{file}.jsonl", 1)]
    assert report.files[f"{file}.jsonl"].written == 0


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"tenant_id,name\n" + FABRIKAM.encode() + b",Fabrikam,too many\n", [2]),
        (b"tenant_id,name\n" + FABRIKAM.encode() + b",F\xfcrth\n", [2]),
        (b"tenant_id,name,name\nx,y,z\n", [1]),
        (b"tenant_id,name,domains\n" + FABRIKAM.encode() + b',"Fabrikam\n', [2]),
        (b"tenant_id,name,domains\n" + FABRIKAM.encode() + b',"Fabri\nkam",[broken\nx,y\n', [2, 4]),
        (b"", []),
        (b"\xff\xfe\n", [1]),
        ("name;stra\u00dfe\nx;y\n".encode("cp1252"), [1]),
        ("tenant_id,name\nx,y\n".encode("utf-16"), [1]),
    ],
)
def test_a_broken_csv_is_reported_line_by_line(
    tmp_path: Path, rows: Rows, raw: bytes, lines: list[int]
) -> None:
    tmp_path.joinpath("tenants.csv").write_bytes(raw)

    report = import_folder(tmp_path, rows)

    assert [bad.line for bad in report.bad_rows] == lines


def test_bytes_that_are_no_text_spoil_their_own_line_only(tmp_path: Path, rows: Rows) -> None:
    good = json.dumps(a_tenant()).encode()
    tmp_path.joinpath("tenants.jsonl").write_bytes(
        b"\xef\xbb\xbf" + good + b"\n\xff\xfe\n" + b"[" * 100_000 + b"\n"
    )

    report = import_folder(tmp_path, rows)

    assert [bad.line for bad in report.bad_rows] == [2, 3]
    assert report.files["tenants.jsonl"].written == 1


def test_missing_and_empty_columns_have_their_defaults(tmp_path: Path, rows: Rows) -> None:
    json_lines(
        tmp_path,
        tenants=[
            {
                "tenant_id": FABRIKAM.upper(),
                "name": "F",
                "domains": ["Fabrikam.Example"],
                "contacts": None,
                "country": None,
            }
        ],
    )

    assert import_folder(tmp_path, rows).ok

    tenant = Feed(rows).tenant(tenant_key(FABRIKAM))
    assert tenant and (tenant.tenant_id, tenant.domains, tenant.contacts) == (
        FABRIKAM,
        ("fabrikam.example",),
        (),
    )


@pytest.mark.parametrize(
    ("written_as", "channel"),
    [(None, None), ("unknown", None), ("CSP", "csp"), ("Web-Direct", "web_direct")],
)
def test_a_channel_is_one_of_the_programmes_or_none(
    tmp_path: Path, rows: Rows, written_as: str | None, channel: str | None
) -> None:
    json_lines(
        tmp_path,
        tenants=[a_tenant()],
        subscriptions=[a_subscription(channel=written_as, status="Dreaming")],
    )

    import_folder(tmp_path, rows)

    subscriptions = Feed(rows).snapshot(tenant_key(FABRIKAM))[1]
    assert subscriptions and (subscriptions[0].channel, subscriptions[0].state) == (
        channel,
        "unknown",
    )


def test_unknown_columns_are_left_out_and_named(tmp_path: Path, rows: Rows) -> None:
    json_lines(tmp_path, tenants=[a_tenant(subdivison="BY", note="x")])

    report = import_folder(tmp_path, rows)

    assert report.ok
    assert report.files["tenants.jsonl"].unknown_columns == ("note", "subdivison")


def test_a_tenant_that_may_not_be_looked_into_stays_closed_until_the_feed_opens_it(
    tmp_path: Path, rows: Rows
) -> None:
    json_lines(tmp_path, tenants=[a_tenant(readable=False)], subscriptions=[a_subscription()])
    import_folder(tmp_path, rows)
    assert Feed(rows).snapshot(tenant_key(FABRIKAM))[1] is None

    json_lines(tmp_path, tenants=[a_tenant()])
    import_folder(tmp_path, rows)

    assert len(Feed(rows).snapshot(tenant_key(FABRIKAM))[1] or ()) == 1


def test_rows_of_an_unknown_tenant_stay_out(tmp_path: Path, rows: Rows) -> None:
    json_lines(
        tmp_path,
        tenants=[a_tenant()],
        subscriptions=[
            a_subscription(tenant_id=CONTOSO, subscription_id=FABRIKAM),
            a_subscription(),
        ],
        usage=[a_month(tenant_id=CONTOSO)],
    )

    report = import_folder(tmp_path, rows)

    assert [(bad.file, bad.line) for bad in report.bad_rows] == [
        ("subscriptions.jsonl", 1),
        ("usage.jsonl", 1),
    ]
    assert CONTOSO in report.bad_rows[0].reason


def test_what_two_lines_say_differently_is_taken_from_the_first(tmp_path: Path, rows: Rows) -> None:
    json_lines(
        tmp_path,
        tenants=[
            a_tenant(),
            a_tenant(),
            a_tenant(name="Fabrikam the second"),
            another_tenant(domains=["contoso.example", "FABRIKAM.example"]),
        ],
        partners=[a_partner(), a_partner(organisation_id="org_other")],
    )

    report = import_folder(tmp_path, rows)

    assert report.bad_rows == [
        BadRow("partners.jsonl", 2, "location 4516001 is already in line 1"),
        BadRow("tenants.jsonl", 3, f"tenant {FABRIKAM} is already in line 1"),
        BadRow("tenants.jsonl", 4, "domain fabrikam.example is already in line 1"),
    ]
    assert Feed(rows).owner("fabrikam.example") == FABRIKAM
    assert (report.files["tenants.jsonl"].written, report.files["tenants.jsonl"].unchanged) == (
        1,
        1,
    )
