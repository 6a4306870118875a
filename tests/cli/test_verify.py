"""Offline checks of a bundle: the verifier names every manipulation."""

import copy
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib.domain.base import rfc3339
from chalicelib.domain.history import Act, Actor, chain_entries, hash_row
from cpor.bundle import Known, verify
from cpor.cli import app
from cpor.errors import CommandError
from tests.support.claims import NOW, TENANT, a_claim
from tests.support.in_process import in_process

ROOT = Path(__file__).parents[2]
# The command in a process that may not open a socket (PEP 578).
WITHOUT_SOCKETS = """
import sys


def refuse(event, arguments):
    if event.startswith("socket."):
        raise AssertionError(f"it opens a connection: {event}")


sys.addaudithook(refuse)
from cpor.cli import main
main()
"""
MOVES = [
    (
        "claim.submitted",
        {"claim": ("draft", "submitted"), "customer_answer": ("not_asked", "notice_queued")},
    ),
    ("notice.sent", {"customer_answer": ("notice_queued", "notice_sent")}),
    ("claim.review_started", {"claim": ("submitted", "under_review")}),
    ("claim.assigned", {}),
    ("claim.rejected", {"claim": ("under_review", "rejected")}),
]
CLAIM = a_claim().id


@pytest.fixture
def bundle() -> dict[str, Any]:
    """A case of five rows, as its partner gets it."""
    acts = [
        Act(
            act=act,
            actor=Actor(kind="reviewer", sub="rita"),
            moves=moves,
            private={"message": "words"},
        )
        for act, moves in MOVES
    ]
    rows: list[Any] = []
    for number, act in enumerate(acts):
        head = rows[-1].hash if rows else "0" * 64
        rows += chain_entries(
            [act], CLAIM, number, head, NOW + timedelta(hours=number), lambda n: b"\x07" * n
        )
    return {
        "format": "cpor-bundle/1",
        "made_at": rfc3339(NOW),
        "history": [row.to_public() for row in rows],
        "head": rows[-1].hash,
        "claim": {
            "id": CLAIM,
            "tenant_id": TENANT,
            "status": "rejected",
            "customer_answer": "notice_sent",
            "association": None,
            "updated_at": rfc3339(rows[-1].at),
        },
        "association": None,
        "comments": [],
        "evidence": [],
    }


def faults(bundle: Any, head: str = "") -> str:
    return "\n".join(verify(json.dumps(bundle), Known(head)).faults)


def cpor(*words: str, **more: Any) -> Any:
    return CliRunner().invoke(app, ["verify", *words], **more)


def test_what_the_service_wrote_is_whole(bundle):
    verdict = verify(json.dumps(bundle))

    assert verdict[:4] == (CLAIM, 5, bundle["head"], ())
    assert "not signed" in verdict.notes[0]


@pytest.mark.parametrize("at", range(5))
def test_an_entry_that_was_deleted_is_named(bundle, at):
    del bundle["history"][at]

    assert (f"row {at + 1} is missing" if at < 4 else "later rows were cut off") in faults(bundle)


@pytest.mark.parametrize("many", [1, 2, 5])
def test_entries_that_were_cut_off_are_noticed(bundle, many):
    bundle["history"] = bundle["history"][:-many]

    assert ("cut off" if many < 5 else "the history is empty") in faults(bundle)


@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("act", "claim.approved"),
        ("actor", {"kind": "customer"}),
        ("reasons", ["fraud"]),
        ("at", "2026-11-04T12:00:01Z"),
        ("from", "nowhere"),
        ("to", "approved"),
        ("moves", {}),
        ("told", {"to": "me"}),
        ("private_hash", "0" * 64),
        ("id", "evt_other"),
        ("claim_id", "clm_other"),
        ("extra", 1),
        ("act", "\ud800"),
        ("seq", 9),
        ("hash", "0" * 64),
        ("previous_hash", "1" * 64),
        ("seq", "1"),
        ("seq", True),
        ("moves", None),
        ("moves", []),
        ("at", 5),
    ],
)
def test_an_entry_that_was_edited_is_named(bundle, at, name, value):
    row = bundle["history"][at]
    row[name] = value if row.get(name) != value else "something else"

    said = faults(bundle)

    assert f"row {at + 1}" in said or (name == "seq" and "row 9" in said)


@pytest.mark.parametrize("at", range(5))
def test_an_entry_that_lost_a_part_is_named(bundle, at):
    for name in list(bundle["history"][at]):
        edited = copy.deepcopy(bundle)
        del edited["history"][at][name]

        assert f"row {at + 1} was changed" in faults(edited), name


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 3), (3, 4), (0, 4)])
def test_entries_that_were_swapped_are_named(bundle, one, other):
    rows = bundle["history"]
    rows[one], rows[other] = rows[other], rows[one]

    said = faults(bundle)

    assert f"row {one + 1} stands where row {other + 1} belongs" in said
    assert f"row {other + 1} stands where row {one + 1} belongs" in said


def test_an_entry_edited_with_a_fresh_hash_breaks_the_next_one(bundle):
    row = bundle["history"][1]
    row["reasons"] = ["fraud"]
    row["hash"] = hash_row(row)

    assert "row 3 does not follow the row before it" in faults(bundle)


def test_an_entry_put_in_twice_is_named(bundle):
    bundle["history"].insert(2, bundle["history"][1])

    assert "row 2 stands where row 3 belongs" in faults(bundle)


def test_cutting_off_and_giving_another_head_contradicts_the_claim(bundle):
    bundle["history"] = bundle["history"][:-1]
    bundle["head"] = bundle["history"][-1]["hash"]

    said = faults(bundle)

    assert "the bundle says claim rejected, its history says under_review" in said
    assert "last changed" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "approved"),
        ("customer_answer", "agreed"),
        ("updated_at", "2026-11-04T12:00:00Z"),
        ("id", "clm_other"),
    ],
)
def test_a_claim_that_its_history_does_not_tell_of_is_noticed(bundle, name, value):
    bundle["claim"][name] = value

    assert faults(bundle)


def test_a_whole_history_that_was_rewritten_is_noticed_by_a_known_head(bundle):
    known = bundle["history"][2]["hash"]
    head = "0" * 64
    for row in bundle["history"]:
        row["told"], row["previous_hash"] = {"to": "somebody"}, head
        head = row["hash"] = hash_row(row)
    bundle["head"] = head

    assert not faults(bundle)
    assert "the head that you gave" in faults(bundle, known)


def test_a_private_part_is_checked_where_it_is_there(bundle):
    row = bundle["history"][0]
    row |= {"salt": (b"\x07" * 16).hex(), "private": {"sub": "rita", "message": "words"}}
    whole = faults(bundle)
    row["private"] = {"sub": "rita", "message": "other words"}

    assert whole == ""
    assert faults(bundle) == "row 1: the private part was changed"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": "cpor-bundle/3"}',
        '{"format": "cpor-bundle/2"}',
        '{"format": "cpor-bundle/1"}',
        "[" * 100_000,
        '{"format": "cpor-bundle/1", "history": [], "head": "", "claim": {}, "claim": {}}',
        '{"format": "cpor-bundle/1", "history": {}, "head": "", "claim": {}}',
    ],
)
def test_what_is_no_bundle_is_refused(text):
    with pytest.raises(CommandError, match="not a bundle"):
        verify(text)


def test_the_command_names_the_faults_and_ends_with_one(tmp_path, bundle):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(bundle))
    del bundle["history"][2]
    bad.write_text(json.dumps(bundle))

    whole, broken = cpor(str(good)), cpor(str(bad), "--json")

    assert (whole.exit_code, broken.exit_code) == (0, 1)
    assert "complete and unchanged, 5 rows" in whole.stdout
    assert "row 3 is missing" in json.loads(broken.stdout)["faults"]


def test_it_reads_standard_input_and_a_head(bundle):
    text = json.dumps(bundle)

    assert cpor("-", "--head", bundle["head"], input=text).exit_code == 0
    assert cpor("-", "--head", "f" * 64, input=text).exit_code == 1
    assert cpor("-", "--head", "abc", input=text).exit_code == 2


@pytest.mark.parametrize("content", [None, b"no json", b"\xff\xfe"])
def test_a_file_that_is_no_bundle_ends_with_two(tmp_path, content):
    file = tmp_path / "x"
    if content is not None:
        file.write_bytes(content)

    ended = cpor(str(file), "--json")

    assert ended.exit_code == 2
    assert json.loads(ended.stdout)["ok"] is False


def test_it_needs_neither_a_network_nor_an_account(tmp_path, bundle):
    file = tmp_path / "b.json"
    file.write_text(json.dumps(bundle))

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SOCKETS, "verify", str(file)],
        env={"PATH": os.environ["PATH"]},
        cwd=ROOT,
        check=False,
    )

    assert done.returncode == 0


def test_a_case_as_the_service_gives_it_is_whole_at_every_step():
    with in_process(moto=True) as service:
        customer = service.customer()
        claim = customer.file(comment="hello")
        found = [service.call("GET", f"/v1/claims/{claim['id']}/bundle", by=customer.by()).text]
        customer.approve(claim)
        found.append(service.call("GET", f"/v1/claims/{claim['id']}/bundle", by=customer.by()).text)
        service.to(customer.clock(claim, "customer_opt_out") or "")
        found.append(service.call("GET", f"/v1/claims/{claim['id']}/bundle", by=customer.by()).text)

        assert [verify(text).faults for text in found] == [(), (), ()]
        assert verify(found[2], Known(json.loads(found[0])["head"])).faults == ()
