"""Every form in which values were ever stored is read by this version, and goes on from there."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from chalicelib.aws.rows import read_text
from chalicelib.aws.store.party_words import PartyWords
from chalicelib.aws.store.values import ENTRIES
from chalicelib.domain.access_journal import JournalRow
from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Partner, Subscription, Tenant
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.history import Comment, find_faults
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.slot import Slot
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import Receipt
from chalicelib.usecases.due_work import run_due_work
from tests.aws.recording import FOLDER
from tests.support.embedded_aws import fresh_services

RECORDINGS = sorted(FOLDER.glob("*.jsonl"))
# What a value is, by how its sort key begins; elsewhere by how its partition key does.
OF_A_TENANT: dict[str, Any] = {
    "S#": Subscription,
    "S": Tenant,
    "clm_": Claim,
    "P#": Slot,
    "arb_": Arbitration,
    "M": TenantSettings,
    "K#": Comment,
    "L#": MailRecord,
    "J#": JournalRow,
    "tsk_": dict[str, str],
}
ELSEWHERE: dict[str, Any] = {"O#": Partner, "E#": Evidence, "I#": Receipt, "D#": dict[str, str]}
BARE = ("A#", "U#", "Q#")  # keys that say everything by being there, and counters
LATER = timedelta(days=900)  # every clock has run out by then, those of retention included


@pytest.fixture(scope="module", params=RECORDINGS, ids=lambda path: path.stem)
def recorded(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return [json.loads(line) for line in request.param.read_text().splitlines()]


def decode_row(line: dict[str, Any]) -> dict[str, Any]:
    """A row as DynamoDB gives it."""
    return {
        name: {kind: base64.b64decode(v) if kind == "B" else v for kind, v in one.items()}
        for name, one in line["row"].items()
    }


def lines(
    recorded: list[dict[str, Any]],
) -> Iterator[tuple[dict[str, Any], Any, TypeAdapter[Any] | None]]:
    """Each row, what it says, and what reads it."""
    for line in recorded[1:]:
        row = decode_row(line)
        pk, sk = read_text(row, "pk"), read_text(row, "sk")
        kinds = OF_A_TENANT.items() if pk.startswith("T#") else ELSEWHERE.items()
        kind = next(
            (
                TypeAdapter(one)
                for start, one in kinds
                if (sk if pk.startswith("T#") else pk).startswith(start)
            ),
            None,
        )
        if sk.startswith("arb_") and "#" in sk:
            kind = TypeAdapter(PartyWords)
        yield row, line.get("value"), ENTRIES if sk.startswith("H#") else kind


def missing(before: Any, now: Any, where: str = "") -> Iterator[str]:
    """What was said before and is not said now; what now is said beside it does not matter."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name, one in before.items():
            yield from missing(one, now.get(name), f"{where}/{name}")
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (one, other) in enumerate(zip(before, now, strict=True)):
            yield from missing(one, other, f"{where}/{number}")
    elif before != now and with_milliseconds(before) != now:
        yield f"{where}: {before!r} became {now!r}"


def with_milliseconds(value: Any) -> Any:
    """A moment in today's spelling; whole seconds had no fraction."""
    return re.sub(r"(T.{8})Z$", r"\1.000Z", value) if isinstance(value, str) else value


def test_there_are_recordings_of_every_kind_of_value():
    assert RECORDINGS
    all_of_them = [
        line["row"]
        for path in RECORDINGS
        for line in map(json.loads, path.read_text().splitlines())
        if "row" in line
    ]
    sorts = {row["sk"]["S"] for row in all_of_them if row["pk"]["S"].startswith("T#")}

    assert [
        start for start in (*OF_A_TENANT, "H#") if not any(sk.startswith(start) for sk in sorts)
    ] == ["J#"]
    assert {row["pk"]["S"][:2] for row in all_of_them} == {*ELSEWHERE, *BARE, "T#"}


def test_packed_values_are_unpacked_exactly(recorded):
    for row, value, _ in lines(recorded):
        if value is not None:
            assert json.loads(read_text(row)) == value


def test_every_value_is_read_and_nothing_that_it_said_is_gone(recorded):
    for row, value, kind in lines(recorded):
        if kind is None:
            assert read_text(row, "pk")[:2] in BARE
            continue
        now = json.loads(kind.dump_json(kind.validate_json(read_text(row))))

        assert list(missing(value, now)) == []


def test_old_rows_go_on_under_this_version_and_their_history_stays_whole(recorded):
    with fresh_services() as (services, table, _):
        table.write(decode_row(line) for line in recorded[1:])
        claims = [
            read_text(row, "sk")
            for row, _, _ in lines(recorded)
            if read_text(row, "sk").startswith("clm_")
        ]
        lengths = {one: len(services.store.history.list_entries(one)) for one in claims}
        services.clock.move(datetime.fromisoformat(recorded[0]["moment"]) + LATER)

        for one in claims:
            run_due_work(services, one, services.clock.now())

        after = {
            one: [entry.to_public() for entry in services.store.history.list_entries(one)]
            for one in claims
        }
        assert all(len(after[one]) >= lengths[one] for one in claims)
        assert sum(len(after[one]) > lengths[one] for one in claims) >= 4, (
            "most of them have a clock that has run out"
        )
        assert [find_faults(history) for history in after.values()] == [[]] * len(claims)
        assert len({services.store.claims.get(one).claim.status for one in claims}) >= 4
