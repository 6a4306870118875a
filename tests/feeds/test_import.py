"""The import of a feed: whole, again, stopped anywhere."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.aws import keys, sandbox_keys
from chalicelib.aws.feed import Feed
from chalicelib.aws.rows import Rows, make_row, read_text
from chalicelib.domain.ids import ItemKeys, tenant_key
from chalicelib.domain.refusals import Unavailable
from cpor.errors import CommandError
from cpor.feeds.importing import find_sources
from cpor.feeds.report import Report
from tests.feeds.feed_files import (
    FABRIKAM,
    SALES,
    a_month,
    a_partner,
    a_subscription,
    a_tenant,
    everything,
    import_folder,
    json_lines,
)
from tests.support.tables import rows_of


def count_written(report: Report) -> dict[str, int]:
    return {name: counts.written for name, counts in report.files.items()}


def test_a_whole_feed_goes_in_and_can_be_looked_up(tmp_path: Path, rows: Rows) -> None:
    json_lines(
        tmp_path,
        partners=[a_partner()],
        tenants=[a_tenant()],
        subscriptions=[a_subscription()],
        reviewers=[{"sub": "Mara Keller", "related_partners": ["org_aperture"]}],
        usage=[a_month()],
    )

    report = import_folder(tmp_path, rows)

    feed = Feed(rows)
    tenant, subscriptions = feed.snapshot(tenant_key(FABRIKAM))
    partner = feed.partner("org_aperture")
    assert report.ok
    assert tenant and (tenant.name, tenant.contacts) == ("Fabrikam", ("it@fabrikam.example",))
    assert subscriptions and (subscriptions[0].state, subscriptions[0].seats) == ("active", 120)
    assert feed.owner("fabrikam.onmicrosoft.com") == FABRIKAM
    assert partner and partner.location_ids[0].enrolled == ("bizapps_usage_recognition",)
    assert feed.find_related_partners("Mara Keller") == {"org_aperture"}
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
    first = import_folder(tmp_path, rows)

    second = import_folder(tmp_path, rows)

    assert set(count_written(first).values()) == {1}
    assert set(count_written(second).values()) == {0}
    assert all(counts.unchanged == 1 for counts in second.files.values())


def test_only_what_differs_is_written(tmp_path: Path, rows: Rows) -> None:
    ids = [f"7c1d5a52-6a0e-4b6e-8f63-{n:012d}" for n in range(230)]
    json_lines(
        tmp_path,
        tenants=[a_tenant()],
        subscriptions=[a_subscription(subscription_id=one) for one in ids],
    )
    import_folder(tmp_path, rows)
    json_lines(
        tmp_path,
        subscriptions=[
            a_subscription(subscription_id=one, status="Suspended" if one == ids[3] else "Enabled")
            for one in ids
        ],
    )

    counts = import_folder(tmp_path, rows).files["subscriptions.jsonl"]

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
    assert import_folder(tmp_path / "a", rows).ok
    before = everything(client)

    report = import_folder(tmp_path / "b", rows)

    assert set(count_written(report).values()) == {0}
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


def test_a_tenant_of_very_many_domains_goes_in_whole(tmp_path: Path, rows: Rows) -> None:
    many = [f"d{n}.example" for n in range(205)]
    json_lines(tmp_path, tenants=[a_tenant(domains=many)])

    assert import_folder(tmp_path, rows).ok

    assert {Feed(rows).owner(domain) for domain in many} == {FABRIKAM}
    assert count_written(import_folder(tmp_path, rows)) == {"tenants.jsonl": 0}


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
        sandbox_keys.clock(),
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

    import_folder(tmp_path, rows)
    json_lines(tmp_path, tenants=[a_tenant(domains=[])])
    import_folder(tmp_path, rows)

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
        import_folder(tmp_path, rows_of(StopsAfter(client, calls)))
    except Unavailable:
        assert calls < 22

    report = import_folder(tmp_path, rows_of(client))

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
