"""Importing a feed: good rows in, bad rows named, nothing twice, nothing that is not the feed's."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.aws import keys
from chalicelib.aws.feed import Feed
from chalicelib.aws.rows import Rows, make_row, read_text
from chalicelib.domain.ids import ItemKeys, tenant_key
from chalicelib.domain.refusals import Unavailable
from cpor.errors import CommandError
from cpor.feeds.importing import find_sources, import_feed
from cpor.feeds.report import BadRow, Report
from tests.support.tables import fresh_table, rows_of

FABRIKAM = "3f0b2e80-4f3c-4a0b-9d0f-5a1f3c9b7a11"
CONTOSO = "3f0b2e80-4f3c-4a0b-9d0f-5a1f3c9b7a12"
SALES = "7c1d5a52-6a0e-4b6e-8f63-0d6a3f1f2b01"


@pytest.fixture
def client() -> Iterator[Any]:
    with fresh_table() as client:
        yield client


@pytest.fixture
def rows(client: Any) -> Rows:
    return rows_of(client)


def a_tenant(**evolve: Any) -> dict[str, Any]:
    return {
        "tenant_id": FABRIKAM,
        "name": "Fabrikam",
        "domains": ["fabrikam.example", "fabrikam.onmicrosoft.com"],
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "locale": "de",
        "contacts": ["it@fabrikam.example"],
        "public_sector": False,
    } | evolve


def another_tenant(**evolve: Any) -> dict[str, Any]:
    return a_tenant(tenant_id=CONTOSO, name="Contoso", domains=["contoso.example"]) | evolve


def a_subscription(**evolve: Any) -> dict[str, Any]:
    return {
        "subscription_id": SALES,
        "tenant_id": FABRIKAM,
        "sku_part_number": "DYN365_ENTERPRISE_SALES",
        "channel": "volume_licensing",
        "status": "Enabled",
        "provisioning": {"DYN365_ENTERPRISE_SALES": "Success"},
        "seats": 120,
        "ends_on": "2027-06-30",
        "owner_tenant_id": None,
    } | evolve


def a_partner(**evolve: Any) -> dict[str, Any]:
    return {
        "organisation_id": "org_aperture",
        "name": "Aperture",
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "locale": "de",
        "domains": ["aperture.example"],
        "tenant_ids": [CONTOSO],
        "location_ids": [
            {
                "id": "4516001",
                "name": "Berlin",
                "partner_type": None,
                "enrolled": ["bizapps_usage_recognition"],
            },
        ],
    } | evolve


def a_month(**evolve: Any) -> dict[str, Any]:
    return {
        "tenant_id": FABRIKAM,
        "subscription_id": SALES,
        "product": "dynamics_365_sales_enterprise",
        "month": "2026-10",
        "licenses_sold": 120,
        "licenses_deployed": 90,
        "licenses_active": 60,
        "licenses_qualified": 80,
    } | evolve


def json_lines(folder: Path, **files: list[Any]) -> Path:
    for name, lines in files.items():
        folder.joinpath(f"{name}.jsonl").write_text(
            "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        )
    return folder


def imported(folder: Path, rows: Rows, workers: int = 1) -> Report:
    return import_feed(find_sources(folder), rows, lambda name, lines: None, workers)


def written(report: Report) -> dict[str, int]:
    return {name: counts.written for name, counts in report.files.items()}


def everything(client: Any) -> list[Any]:
    """Every row of the table, in order."""
    pages = client.get_paginator("scan").paginate(
        TableName="cpor"
    )  # the tests' own look at the embedded table
    return sorted(
        (one for page in pages for one in page["Items"]),
        key=lambda one: (one["pk"]["S"], one["sk"]["S"]),
    )


def test_a_whole_feed_goes_in_and_can_be_looked_up(tmp_path: Path, rows: Rows) -> None:
    json_lines(
        tmp_path,
        partners=[a_partner()],
        tenants=[a_tenant()],
        subscriptions=[a_subscription()],
        reviewers=[{"sub": "Mara Keller", "related_partners": ["org_aperture"]}],
        usage=[a_month()],
    )

    report = imported(tmp_path, rows)

    feed = Feed(rows)
    tenant, subscriptions = feed.snapshot(tenant_key(FABRIKAM))
    partner = feed.partner("org_aperture")
    assert report.ok
    assert tenant and (tenant.name, tenant.contacts) == ("Fabrikam", ("it@fabrikam.example",))
    assert subscriptions and (subscriptions[0].state, subscriptions[0].seats) == ("active", 120)
    assert feed.owner("fabrikam.onmicrosoft.com") == FABRIKAM
    assert partner and partner.location_ids[0].enrolled == ("bizapps_usage_recognition",)
    assert feed.related("Mara Keller") == {"org_aperture"}
    found = rows.get_one(keys.figures(tenant_key(FABRIKAM), f"subscription:{SALES}", "2026-10"))
    assert found and json.loads(read_text(found))["licenses_active"] == 60


def test_the_same_feed_again_writes_nothing(tmp_path: Path, rows: Rows) -> None:
    json_lines(
        tmp_path,
        partners=[a_partner()],
        tenants=[a_tenant()],
        subscriptions=[a_subscription()],
        usage=[a_month()],
    )
    first = imported(tmp_path, rows)

    second = imported(tmp_path, rows)

    assert set(written(first).values()) == {1}
    assert set(written(second).values()) == {0}
    assert all(counts.unchanged == 1 for counts in second.files.values())


def test_only_what_differs_is_written(tmp_path: Path, rows: Rows) -> None:
    ids = [f"7c1d5a52-6a0e-4b6e-8f63-{n:012d}" for n in range(230)]
    json_lines(
        tmp_path,
        tenants=[a_tenant()],
        subscriptions=[a_subscription(subscription_id=one) for one in ids],
    )
    imported(tmp_path, rows)
    json_lines(
        tmp_path,
        subscriptions=[
            a_subscription(subscription_id=one, status="Suspended" if one == ids[3] else "Enabled")
            for one in ids
        ],
    )

    counts = imported(tmp_path, rows).files["subscriptions.jsonl"]

    assert (counts.written, counts.unchanged) == (1, 229)


def test_csv_says_the_same_as_json_lines(tmp_path: Path, client: Any, rows: Rows) -> None:
    feed: dict[str, list[dict[str, Any]]] = {
        "partners": [a_partner()],
        "tenants": [a_tenant(name='Fabrikam; "Süd", GmbH')],
        "subscriptions": [a_subscription()],
        "usage": [a_month()],
    }
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name, lines in feed.items():
        csv_file(tmp_path / "a", name, lines)
    json_lines(tmp_path / "b", **feed)
    assert imported(tmp_path / "a", rows).ok
    before = everything(client)

    report = imported(tmp_path / "b", rows)

    assert set(written(report).values()) == {0}
    assert everything(client) == before


def csv_file(folder: Path, name: str, lines: list[dict[str, Any]]) -> None:
    with folder.joinpath(f"{name}.csv").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(
            {column: cell(column, value) for column, value in line.items()} for line in lines
        )


def cell(column: str, value: Any) -> Any:
    if column in {"location_ids", "provisioning", "contacts"}:
        return json.dumps(value)
    return ";".join(value) if isinstance(value, list) else value


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
                country="Germany",
                time_zone="Mars/Olympus",
                contacts=["nobody"],
            ),
            another_tenant(),
        ],
    )

    report = imported(tmp_path, rows)

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
        ("usage", a_month(product=None)),
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
    imported(tmp_path, rows)
    json_lines(tmp_path, **{file: [bad]})

    report = imported(tmp_path, rows)

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
def test_a_broken_csv_is_told_line_by_line(
    tmp_path: Path, rows: Rows, raw: bytes, lines: list[int]
) -> None:
    tmp_path.joinpath("tenants.csv").write_bytes(raw)

    report = imported(tmp_path, rows)

    assert [bad.line for bad in report.bad_rows] == lines


def test_bytes_that_are_no_text_spoil_their_own_line_only(tmp_path: Path, rows: Rows) -> None:
    good = json.dumps(a_tenant()).encode()
    tmp_path.joinpath("tenants.jsonl").write_bytes(
        b"\xef\xbb\xbf" + good + b"\n\xff\xfe\n" + b"[" * 100_000 + b"\n"
    )

    report = imported(tmp_path, rows)

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

    assert imported(tmp_path, rows).ok

    tenant = Feed(rows).tenant(tenant_key(FABRIKAM))
    assert tenant and (tenant.tenant_id, tenant.domains, tenant.contacts) == (
        FABRIKAM,
        ("fabrikam.example",),
        (),
    )


@pytest.mark.parametrize(
    ("written_as", "channel"), [(None, None), ("unknown", None), ("CSP", "csp"), ("oem", "oem")]
)
def test_a_channel_that_is_not_known_is_none(
    tmp_path: Path, rows: Rows, written_as: str | None, channel: str | None
) -> None:
    json_lines(
        tmp_path,
        tenants=[a_tenant()],
        subscriptions=[a_subscription(channel=written_as, status="Dreaming")],
    )

    imported(tmp_path, rows)

    subscriptions = Feed(rows).snapshot(tenant_key(FABRIKAM))[1]
    assert subscriptions and (subscriptions[0].channel, subscriptions[0].state) == (
        channel,
        "unknown",
    )


def test_columns_nobody_knows_are_left_out_and_named(tmp_path: Path, rows: Rows) -> None:
    json_lines(tmp_path, tenants=[a_tenant(subdivison="BY", note="x")])

    report = imported(tmp_path, rows)

    assert report.ok
    assert report.files["tenants.jsonl"].unknown_columns == ("note", "subdivison")


def test_a_tenant_that_may_not_be_looked_into_stays_closed_until_the_feed_opens_it(
    tmp_path: Path, rows: Rows
) -> None:
    json_lines(tmp_path, tenants=[a_tenant(readable=False)], subscriptions=[a_subscription()])
    imported(tmp_path, rows)
    assert Feed(rows).snapshot(tenant_key(FABRIKAM))[1] is None

    json_lines(tmp_path, tenants=[a_tenant()])
    imported(tmp_path, rows)

    assert len(Feed(rows).snapshot(tenant_key(FABRIKAM))[1] or ()) == 1


def test_rows_of_an_unknown_tenant_stay_out(tmp_path: Path, rows: Rows) -> None:
    json_lines(
        tmp_path,
        tenants=[a_tenant()],
        subscriptions=[
            a_subscription(tenant_id=CONTOSO, subscription_id=CONTOSO),
            a_subscription(),
        ],
        usage=[a_month(tenant_id=CONTOSO)],
    )

    report = imported(tmp_path, rows)

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

    report = imported(tmp_path, rows)

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


def test_domains_a_tenant_no_longer_lists_are_given_up(tmp_path: Path, rows: Rows) -> None:
    json_lines(tmp_path, tenants=[a_tenant()])
    imported(tmp_path, rows)
    json_lines(tmp_path, tenants=[a_tenant(domains=["fabrikam.onmicrosoft.com"])])

    report = imported(tmp_path, rows)

    assert Feed(rows).owner("fabrikam.example") is None
    assert Feed(rows).owner("fabrikam.onmicrosoft.com") == FABRIKAM
    assert report.files["tenants.jsonl"].removed == 1


def test_a_domain_of_another_tenant_is_never_moved_silently(
    tmp_path: Path, client: Any, rows: Rows
) -> None:
    json_lines(tmp_path, tenants=[a_tenant()])
    imported(tmp_path, rows)
    before = everything(client)
    json_lines(tmp_path, tenants=[another_tenant(domains=["contoso.example", "fabrikam.example"])])

    report = imported(tmp_path, rows)

    assert report.bad_rows == [
        BadRow("tenants.jsonl", 1, f"domains: fabrikam.example belongs to tenant {FABRIKAM}")
    ]
    assert everything(client) == before


@pytest.mark.parametrize("order", [1, -1])
def test_a_domain_may_change_hands_when_its_owner_gives_it_up_in_the_same_file(
    tmp_path: Path, rows: Rows, order: int
) -> None:
    json_lines(tmp_path, tenants=[a_tenant(), another_tenant()])
    imported(tmp_path, rows)
    json_lines(
        tmp_path,
        tenants=[
            a_tenant(domains=["fabrikam.onmicrosoft.com"]),
            another_tenant(domains=["contoso.example", "fabrikam.example"]),
        ][::order],
    )

    report = imported(tmp_path, rows)

    assert report.ok
    assert Feed(rows).owner("fabrikam.example") == CONTOSO


def test_a_tenant_of_very_many_domains_goes_in_whole(tmp_path: Path, rows: Rows) -> None:
    many = [f"d{n}.example" for n in range(205)]
    json_lines(tmp_path, tenants=[a_tenant(domains=many)])

    assert imported(tmp_path, rows).ok

    assert {Feed(rows).owner(domain) for domain in many} == {FABRIKAM}
    assert written(imported(tmp_path, rows)) == {"tenants.jsonl": 0}


def test_an_import_never_touches_what_is_not_the_feeds(tmp_path: Path, rows: Rows) -> None:
    tag = tenant_key(FABRIKAM)
    claim_id = f"clm_{'0' * 20}{tag}01234567"
    others = [
        keys.claim(claim_id),
        keys.slot(ItemKeys(tag, "01234567")),
        keys.tenant_settings(tag),
        keys.history(claim_id, 1),
        keys.comment(claim_id, "cmt_1"),
        keys.mail(f"mai_{tag}{'0' * 26}"),
        keys.journal(tag, "evt_1"),
        keys.evidence("evd_1"),
        keys.receipt("org_aperture", "key"),
        keys.clock(),
    ]
    rows.write(make_row(key, "theirs", rev=3) for key in others)
    before = rows.get(others)
    json_lines(
        tmp_path,
        partners=[a_partner()],
        tenants=[a_tenant()],
        subscriptions=[a_subscription()],
        usage=[a_month()],
    )

    imported(tmp_path, rows)
    json_lines(tmp_path, tenants=[a_tenant(domains=[])])
    imported(tmp_path, rows)

    assert rows.get(others) == before


class StopsAfter:
    """A database connection that breaks after some calls."""

    def __init__(self, client: Any, calls: int) -> None:
        self._client, self._left = client, calls

    def __getattr__(self, name: str) -> Any:
        self._left -= 1
        if self._left < 0:
            raise Unavailable()
        return getattr(self._client, name)


@pytest.mark.parametrize("calls", range(0, 24, 2))
def test_an_import_stopped_anywhere_goes_on_and_ends_the_same(
    tmp_path: Path, client: Any, calls: int
) -> None:
    tenants = [
        a_tenant(
            tenant_id=f"3f0b2e80-4f3c-4a0b-9d0f-{n:012d}",
            domains=[f"t{n}.example", f"u{n}.example"],
        )
        for n in range(8)
    ]
    json_lines(
        tmp_path,
        partners=[a_partner()],
        tenants=tenants,
        subscriptions=[
            a_subscription(
                tenant_id=tenant["tenant_id"], subscription_id=f"7c1d5a52-6a0e-4b6e-8f63-{n:012d}"
            )
            for n, tenant in enumerate(tenants)
        ],
    )
    try:
        imported(tmp_path, rows_of(StopsAfter(client, calls)))
    except Unavailable:
        assert calls < 22

    report = imported(tmp_path, rows_of(client))

    assert report.ok
    assert len(everything(client)) == 1 + 8 * 3 + 8
    assert all(counts.written + counts.unchanged in {1, 8} for counts in report.files.values())


def test_a_feed_that_cannot_be_imported_says_why(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a folder"):
        find_sources(tmp_path / "nowhere")
    with pytest.raises(CommandError, match=r"partners\.jsonl"):
        find_sources(tmp_path)
    json_lines(tmp_path, tenants=[])
    tmp_path.joinpath("tenants.csv").write_text("tenant_id\n")
    with pytest.raises(CommandError, match="remove one of them"):
        find_sources(tmp_path)
