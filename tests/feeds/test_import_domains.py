"""Domains of tenants: given up, moved, and never taken silently."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.aws.feed import Feed
from chalicelib.aws.rows import Rows
from cpor.feeds.report import BadRow
from tests.feeds.feed_files import (
    CONTOSO,
    FABRIKAM,
    a_tenant,
    another_tenant,
    everything,
    import_folder,
    json_lines,
)


def test_domains_a_tenant_no_longer_lists_are_given_up(tmp_path: Path, rows: Rows) -> None:
    json_lines(tmp_path, tenants=[a_tenant()])
    import_folder(tmp_path, rows)
    json_lines(tmp_path, tenants=[a_tenant(domains=["fabrikam.onmicrosoft.com"])])

    report = import_folder(tmp_path, rows)

    assert Feed(rows).owner("fabrikam.example") is None
    assert Feed(rows).owner("fabrikam.onmicrosoft.com") == FABRIKAM
    assert report.files["tenants.jsonl"].removed == 1


def test_a_domain_of_another_tenant_is_never_moved_silently(
    tmp_path: Path, client: Any, rows: Rows
) -> None:
    json_lines(tmp_path, tenants=[a_tenant()])
    import_folder(tmp_path, rows)
    before = everything(client)
    json_lines(tmp_path, tenants=[another_tenant(domains=["contoso.example", "fabrikam.example"])])

    report = import_folder(tmp_path, rows)

    assert report.bad_rows == [
        BadRow("tenants.jsonl", 1, f"domains: fabrikam.example belongs to tenant {FABRIKAM}")
    ]
    assert everything(client) == before


@pytest.mark.parametrize("order", [1, -1])
def test_a_domain_may_change_owner_when_the_old_one_gives_it_up_in_the_same_file(
    tmp_path: Path, rows: Rows, order: int
) -> None:
    json_lines(tmp_path, tenants=[a_tenant(), another_tenant()])
    import_folder(tmp_path, rows)
    json_lines(
        tmp_path,
        tenants=[
            a_tenant(domains=["fabrikam.onmicrosoft.com"]),
            another_tenant(domains=["contoso.example", "fabrikam.example"]),
        ][::order],
    )

    report = import_folder(tmp_path, rows)

    assert report.ok
    assert Feed(rows).owner("fabrikam.example") == CONTOSO
