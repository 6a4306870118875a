"""`cpor claims export`: every page is written, and no cell is read as a formula."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.text import spreadsheets
from cpor import claim_rows
from tests.cli.claims import claims
from tests.support.customer import SALES
from tests.support.emulator import DeployedStage
from tests.support.files import PDF
from tests.support.over_http import over_http
from tests.support.partner_api import Answer, Asked

LIVE = "=+-@\t\r\n＝＋－＠﹦﹢﹣﹫−"
CLAIM = {
    "id": "clm_1",
    "status": "submitted",
    "association": None,
    "item": {"product": "p", "subscription_id": None},
    "clocks": [
        {"kind": "review", "due_at": "2026-12-02T00:00:00Z"},
        {"kind": "customer_opt_out", "due_at": "2026-12-01T00:00:00Z"},
    ],
    "decision": {"outcome": "rejected", "codes": ["a", "b"], "message": "one\r\ntwo"},
    "name": '=HYPERLINK("http://x")',
    "contested": False,
    "next_actions": ["comment"],
}


def test_an_export_has_every_page_and_nothing_that_runs(tmp_path, api):
    def pages(asked: Asked) -> Answer:
        second = "cursor=more" in asked.path
        return (
            200,
            {
                "data": [CLAIM | {"id": "clm_2" if second else "clm_1"}],
                "next": None if second else "more",
            },
            {},
        )

    api.answer = pages

    ended = claims(
        "export",
        "--url",
        api.url,
        "--token",
        "-",
        "--status",
        "submitted",
        "--output",
        str(tmp_path / "x.csv"),
        input="t\n",
    )
    printed = claims("export", "--url", api.url, "--token", "t")

    text = (tmp_path / "x.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert (ended.exit_code, [row["id"] for row in rows]) == (0, ["clm_1", "clm_2"])
    assert text.count("\r\n") == 3 + 2, "lines end as RFC 4180 says, and a cell may have its own"
    assert (
        rows[0]
        | {
            "name": '\'=HYPERLINK("http://x")',
            "next_clock": "customer_opt_out",
            "codes": "a; b",
            "contested": "false",
        }
        == rows[0]
    )
    assert "status=submitted" in api.asked[0].path
    assert printed.stdout_bytes.count(b"\r\n") >= 3


@given(st.text(st.sampled_from(LIVE + " \u00a0\u200b\ufeff\x00\x1b\x7fa1,;\"'"), max_size=8))
def test_no_cell_is_a_formula_even_behind_other_characters(text):
    file_ = io.StringIO(newline="")

    spreadsheets.write_csv(file_, ["cell"], [{"cell": text}])

    ((_,), (cell,)) = csv.reader(io.StringIO(file_.getvalue(), newline=""), strict=True)
    bare = cell.lstrip(" \u00a0\u200b\ufeff")
    assert not bare or bare[0] not in LIVE
    assert not set(cell) & {"\x00", "\x1b", "\x7f"}


@pytest.mark.parametrize(
    "invisible",
    [
        "\u00ad",  # soft hyphen
        "\u034f",  # combining grapheme joiner
        "\u061c",  # Arabic letter mark
        "\u115f",  # Hangul filler
        "\u17b4",  # Khmer inherent vowel
        "\u180e",  # Mongolian vowel separator
        "\u200b",  # zero-width space
        "\u2028",  # line separator
        "\u202e",  # right-to-left override
        "\u2060",  # word joiner
        "\u2800",  # empty Braille pattern
        "\u3000",  # ideographic space
        "\u3164",  # Hangul filler
        "\ufe0f",  # variation selector
        "\ufeff",  # byte order mark
        "\ufff9",  # interlinear annotation anchor
        "\U000e0020",  # tag
        "\U000e0100",  # variation selector
    ],
)
def test_no_invisible_character_hides_a_formula(invisible):
    texts = [f"{invisible}{invisible} {start}1+1" for start in LIVE]

    offenders = [text for text in texts if spreadsheets.escape_formula(text) != f"'{text}"]

    assert offenders == []


@pytest.mark.parametrize(
    "text", ["Fabrikam", "a=b", "1-2", "", "ß", "a\nb", "'quoted'", "e\u0301=", "\u200f\u05d0=1"]
)
def test_what_is_harmless_stays_as_it_is(text):
    assert spreadsheets.escape_formula(text) == text


@pytest.mark.deployed
@pytest.mark.xdist_group("ministack")
def test_a_list_is_filed_uploads_and_all_and_exported_again(
    deployed_stage: DeployedStage, tmp_path: Path
) -> None:
    with over_http(deployed_stage) as service:
        customer = service.customer()
        (tmp_path / "sow.pdf").write_bytes(PDF)
        head = [
            "location_id",
            "tenant_id",
            "domain",
            "solution_area",
            "partner_role",
            "product",
            "subscription_id",
            "evidence",
            "evidence_kind",
            "acknowledged_on",
            *(
                f"{who}.{what}"
                for who in claim_rows.CONTACTS[:2]
                for what in ("name", "title", "email")
            ),
            "partner_contact.name",
            "partner_contact.email",
        ]
        filing = customer.filing()
        person = ["Anna", "CIO", f"anna@{customer.domain}"]
        good = [
            "4500001",
            customer.tenant_id,
            customer.domain,
            "business_applications",
            "usage_recognition",
            SALES,
            customer.subscription_id,
            "sow.pdf",
            "signed_sow",
            filing["evidence"][0]["acknowledged_on"],
            *person,
            *person,
            "Pia",
            filing["partner_contact"]["email"],
        ]
        with (tmp_path / "list.csv").open("w", newline="") as opened:
            csv.writer(opened).writerows([head, good, ["9999999", *good[1:]]])
        where = ("--url", deployed_stage.url, "--token", customer.by())

        first = claims("file", str(tmp_path / "list.csv"), *where, "--json")
        second = claims("file", str(tmp_path / "list.csv"), *where, "--json")
        exported = claims("export", *where)

        rows = json.loads(first.stdout)["rows"]
        assert (first.exit_code, rows[0]["codes"]) == (1, []), rows
        assert rows[0]["claim_id"].startswith("clm_")
        assert rows[1]["codes"]
        assert json.loads(second.stdout)["rows"][0]["claim_id"] == rows[0]["claim_id"]
        assert [row["id"] for row in csv.DictReader(io.StringIO(exported.stdout, newline=""))] == [
            rows[0]["claim_id"]
        ]
