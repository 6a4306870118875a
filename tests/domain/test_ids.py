"""Ids: every formatted id can be parsed again, and nothing else can."""

import base64
import hashlib
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import ids
from chalicelib.domain.base32 import ALPHABET
from chalicelib.domain.ids import ItemKeys, Kind, MailKeys, TokenParts
from chalicelib.domain.item import Item, id_suffix

TENANT_ID, ITEM = "7C0E5B2A-0000-4000-8000-00000000000A", Item(workload="teams")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RFC_4648 = string.ascii_uppercase + "234567"


def crockford_hash(text: str, length: int) -> str:
    """The hash of a text by the standard library's base 32, in the other alphabet."""
    encoded = base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()
    return encoded[:length].translate(str.maketrans(RFC_4648, ALPHABET))


TENANT = crockford_hash(TENANT_ID.lower(), 12)
KEYS = ItemKeys(TENANT, crockford_hash("workload:teams", 8))
BODY = f"01k{'0' * 17}"  # a moment and random digits
CLAIM = f"clm_{BODY}{TENANT}{KEYS.item}"
PARSED = [
    (ids.parse_claim_id, CLAIM, KEYS),
    (ids.parse_arbitration_id, CLAIM.replace("clm_", "arb_"), KEYS),
    (ids.parse_slot_id, f"plc_{TENANT}{KEYS.item}", KEYS),
    (ids.parse_filing_id, f"fil_{BODY}{TENANT}", TENANT),
    (ids.parse_tenant_settings_id, f"hnd_{TENANT}", TENANT),
    (ids.parse_mail_id, f"mai_{TENANT}{'z' * 26}", MailKeys(TENANT, "z" * 26)),
    (ids.parse_token, f"{TENANT}{'q' * 26}", TokenParts(TENANT, "q" * 26)),
    (
        ids.parse_token,
        f"{TENANT}{'q' * 26}12{'z' * 8}",
        TokenParts(TENANT, "q" * 26, 34, "z" * 8),
    ),
]


def test_keys_are_the_first_digits_of_the_hash():
    assert ids.tenant_key(TENANT_ID) == TENANT
    assert ids.item_key(ITEM.name) == KEYS.item
    assert id_suffix(TENANT_ID, ITEM) == TENANT + KEYS.item


@pytest.mark.parametrize(("parse", "text", "parts"), PARSED, ids=lambda one: str(one)[:8])
def test_an_id_is_parsed_into_its_parts(parse, text, parts):
    assert parse(text) == parts


@pytest.mark.parametrize(("parse", "text", "parts"), PARSED, ids=lambda one: str(one)[:8])
def test_no_other_text_is_parsed(parse, text, parts):
    others = [other for other_parse, other, _ in PARSED if other_parse is not parse]
    damaged = [
        "",
        text[:-1],
        f"{text}0",
        text.upper(),
        f"{text[:-1]}u",
        f"{text[:-1]}é",
        f" {text}",
    ]

    assert [one for one in [*others, *damaged] if parse(one) is not None] == []


@given(st.text())
def test_any_text_is_parsed_without_an_error(text):
    found = [ids.kind_of(text), *(parse(text) for parse, _, _ in PARSED)]

    assert len(found) == len(PARSED) + 1


@pytest.mark.parametrize("kind", Kind)
def test_the_kind_of_an_id_is_read_from_its_prefix(kind):
    assert ids.kind_of(f"{kind.prefix}{BODY}") is kind


@pytest.mark.parametrize("text", ["", "_", "clm", "clm-1", "CLM_1", "xyz_1", "clmx_1", "__"])
def test_an_unknown_prefix_is_of_no_kind(text):
    assert ids.kind_of(text) is None


def test_new_ids_sort_by_their_moment():
    first = ids.new_id(Kind.CLAIM, NOW, lambda count: b"\xff" * count, id_suffix(TENANT_ID, ITEM))
    later = NOW.replace(microsecond=1000)
    second = ids.new_id(Kind.CLAIM, later, lambda count: bytes(count), id_suffix(TENANT_ID, ITEM))

    assert first < second
    assert ids.parse_claim_id(first) == KEYS
    assert ids.parse_claim_id(second) == KEYS


def test_ids_made_of_others_lead_back_to_them():
    association = ids.association_id(CLAIM, 3)

    assert ids.claim_of(association) == CLAIM
    assert ids.claim_of_task(ids.format_task_id(CLAIM)) == CLAIM
    assert ids.claim_of_outbox(ids.format_outbox_id(CLAIM)) == CLAIM
    assert ids.parse_slot_id(ids.slot_id(TENANT_ID, ITEM.name)) == KEYS
    assert ids.parse_tenant_settings_id(ids.format_tenant_settings_id(TENANT)) == TENANT


def test_events_written_together_sort_by_number_and_after_the_moment_before():
    event_id = ids.event_ids(NOW, lambda count: bytes(count))
    written = [event_id(number) for number in range(1, 2_000)]

    assert written == sorted(written)
    assert ids.FIRST_EVENT < ids.first_event_at(NOW) < written[0]
    assert written[-1] < ids.first_event_at(NOW.replace(microsecond=1000))
    assert len(set(written)) == len(written)
    assert ids.list_event_ids(written[1500], 1000) == tuple(written[999:1501])
