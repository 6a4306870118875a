"""No input stops the importer: what it cannot take is reported by line, and can be printed."""

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from chalicelib.aws.rows import Rows
from cpor.feeds.kinds import KINDS, Kind
from cpor.feeds.report import Report
from cpor.output import print_report
from tests.feeds.feed_files import (
    FABRIKAM,
    a_month,
    a_partner,
    a_subscription,
    a_tenant,
    import_folder,
    json_lines,
)
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.tables import NAME

GOOD: dict[str, dict[str, Any]] = {
    "partners": a_partner(),
    "tenants": a_tenant(),
    "subscriptions": a_subscription(),
    "reviewers": {"sub": "Mara Keller", "related_partners": ["org_aperture"]},
    "usage": a_month(),
}
CELLS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", FABRIKAM, "4.516E+06", '="1"', "=A1", "2026-10", "31.12.2027", "1.000"]),
    st.sampled_from(["[" * 99_999, '{"a":1,"a":2}', "[1e999]", "NaN", "9" * 5_000, "UK", "csp"]),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), CELLS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


def import_bytes(kind: Kind, suffix: str, content: bytes) -> Report:
    """Import one file and print the report, as `cpor import` does."""
    rows = Rows(MemoryDynamoDB(), NAME, pause=lambda seconds: None)
    with tempfile.TemporaryDirectory() as folder:
        import_folder(json_lines(Path(folder), tenants=[a_tenant()]), rows)
        Path(folder, "tenants.jsonl").unlink()
        Path(folder, f"{kind.name}.{suffix}").write_bytes(content)
        report = import_folder(Path(folder), rows)
    json.dumps(report.as_json(), ensure_ascii=False).encode()
    print_report(report, Console(file=io.TextIOWrapper(io.BytesIO(), "utf-8")))
    return report


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    suffix=st.sampled_from(["csv", "jsonl"]),
    content=st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: text.encode("utf-16")),
        st.text("sep=;,\t|\"'\n\r\0{}[]", max_size=80).map(str.encode),
    ),
)
def test_any_bytes_are_imported_or_reported(kind: Kind, suffix: str, content: bytes) -> None:
    report = import_bytes(kind, suffix, content)

    assert sum(counts.bad for counts in report.files.values()) == len(report.bad_rows)


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_any_values_of_the_columns_are_imported_or_reported(
    kind: Kind, data: st.DataObject
) -> None:
    names = st.sampled_from(sorted(kind.columns.model_fields))
    wrong = data.draw(st.dictionaries(names, VALUES, max_size=3))
    row = GOOD[kind.name] | wrong

    report = import_bytes(kind, "jsonl", json.dumps(row).encode())

    counts = report.files[f"{kind.name}.jsonl"]
    assert counts.written + counts.unchanged + counts.bad == 1


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(KINDS), separator=st.sampled_from(",;\t|"), data=st.data())
def test_any_cells_are_imported_or_reported(
    kind: Kind, separator: str, data: st.DataObject
) -> None:
    names = sorted(kind.columns.model_fields)
    cells = data.draw(st.lists(CELLS, min_size=len(names), max_size=len(names) + 1))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([names, cells])

    report = import_bytes(kind, "csv", text.getvalue().encode("utf-8", "surrogatepass"))

    counts = report.files[f"{kind.name}.csv"]
    assert counts.written + counts.unchanged + counts.bad == (1 if any(cells) else 0)
