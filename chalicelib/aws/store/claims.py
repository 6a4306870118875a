"""Claims and the slots of their items."""

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.aws import keys, mail_keys
from chalicelib.aws.errors import Row
from chalicelib.aws.rows import Rows, read_text
from chalicelib.aws.store.values import decode, decode_optional, decode_receipt
from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import (
    ItemKeys,
    claim_prefix_of,
    item_key,
    parse_claim_id,
    parse_filing_id,
    parse_slot_id,
    tenant_key,
)
from chalicelib.domain.item import Item
from chalicelib.domain.organisation_ids import organisation_key
from chalicelib.domain.slot import Slot
from chalicelib.ports import StoredClaim


class DynamoClaims:
    """`ports.Claims` over the table."""

    def __init__(self, rows: Rows, run_parallel: Callable[..., tuple[Any, ...]]) -> None:
        self._rows = rows
        self._run_parallel = run_parallel

    def get(
        self, claim_id: str, receipt: tuple[str, str] | None = None, consistent: bool = True
    ) -> StoredClaim | None:
        """Return a claim with the slot of its item and a receipt, in one round trip."""
        item = parse_claim_id(claim_id)
        if item is None:
            return None
        claim_key, slot_key = keys.claim(claim_id), keys.slot(item)
        receipt_key = keys.receipt(*receipt) if receipt else None
        found = self._rows.get(filter(None, (claim_key, slot_key, receipt_key)), consistent)
        if claim_key not in found:
            return None
        claim = decode(Claim, found[claim_key])
        return StoredClaim(
            claim,
            self._decode_slot(claim, item, found.get(slot_key), consistent),
            decode_receipt(found.get(receipt_key)) if receipt_key else None,
        )

    def get_to_show(self, claim_id: str) -> StoredClaim | None:
        """Return a claim with the slot of its item, read eventually consistently."""
        item = parse_claim_id(claim_id)
        if item is None:
            return None
        found, slot = self._run_parallel(
            lambda: self._rows.get_one(keys.claim(claim_id)),
            lambda: self._rows.get_one(keys.slot(item), consistent=False),
        )
        if found is None:
            return None
        claim = decode(Claim, found)
        return StoredClaim(claim, self._decode_slot(claim, item, slot, False), None)

    def get_many(self, claim_ids: Sequence[str]) -> tuple[Claim, ...]:
        """Return those of the claims that exist."""
        wanted = [keys.claim(claim_id) for claim_id in claim_ids if parse_claim_id(claim_id)]
        found = self._rows.get(wanted)
        return tuple(decode(Claim, found[key]) for key in wanted if key in found)

    def list_ended_together(self, claim: Claim, at: datetime) -> tuple[str, ...]:
        """List the ids of the claims whose end is mailed together with this one's, in order."""
        owner = organisation_key(claim.organisation_id)
        start = mail_keys.shared_mail(tenant_key(claim.tenant_id), owner, at)
        page = self._rows.query(start.pk, start.sk)
        return tuple(read_text(found, "sk").removeprefix(start.sk) for found in page)

    def list_of_partner(
        self, organisation_id: str, after: str | None, limit: int
    ) -> tuple[tuple[Claim, ...], str | None]:
        """Return a page of a partner's claims, newest first, and the id to go on after."""
        return self._list("feed", keys.claims_of(organisation_id), after, limit)

    def list_ids_of_partner(
        self, organisation_id: str, tenant_keys: Container[str], newer_than: str = ""
    ) -> tuple[str, ...]:
        """Return the ids of a partner's claims for some tenants, newest first."""
        page = self._rows.query_index(
            "feed",
            keys.claims_of(organisation_id),
            between=(newer_than or keys.LOWEST, keys.HIGHEST),
            backwards=True,
        )
        ids = (read_text(row, "sk") for row in page)
        return tuple(
            one
            for one in ids
            if (item := parse_claim_id(one)) and item.tenant in tenant_keys and one != newer_than
        )

    def list_of_filing(self, filing_id: str) -> tuple[Claim, ...]:
        """Return the claims of a filing, newest first."""
        key = parse_filing_id(filing_id)
        if key is None:
            return ()
        page = self._rows.query(
            keys.tenant_partition(key), claim_prefix_of(filing_id), backwards=True
        )
        claims = (decode(Claim, row) for row in page)
        return tuple(claim for claim in claims if claim.filing_id == filing_id)

    def list_associations(
        self, organisation_id: str, after: str | None, limit: int
    ) -> tuple[tuple[Claim, ...], str | None]:
        """Return a page of a partner's claims that led to an association, newest first."""
        return self._list("queue", keys.associations_of(organisation_id), after, limit)

    def list_drafts(self, organisation_id: str, tenant_id: str, most: int) -> tuple[str, ...]:
        """List the ids of a partner's drafts for a tenant, up to `most`."""
        partition = keys.drafts_of(organisation_id, tenant_key(tenant_id))
        found = self._rows.query_index("queue", partition, limit=most)
        return tuple(read_text(row, "sk") for row in found)

    def _decode_slot(
        self, claim: Claim, read: ItemKeys, slot: Row | None, consistent: bool
    ) -> Slot | None:
        """Return the slot of a claim's item. `slot`: the row of the item `read`."""
        actual = ItemKeys(read.tenant, item_key(claim.item.name))
        if actual != read:  # the subscription of a draft was filled in after its id was made
            slot = self._rows.get_one(keys.slot(actual), consistent)
        return decode_optional(Slot, slot)

    def _list(
        self, index: str, partition: str, after: str | None, limit: int
    ) -> tuple[tuple[Claim, ...], str | None]:
        # The range includes its bounds: `after` itself is read again, and one row more shows
        # whether there is another page.
        between = (keys.LOWEST, after) if after else None
        page = self._rows.query_index(
            index, partition, between=between, backwards=True, limit=limit + 2
        )
        ids = [one for one in (read_text(found, "sk") for found in page) if one != after]
        return self.get_many(ids[:limit]), ids[limit - 1] if len(ids) > limit else None


class DynamoSlots:
    """`ports.Slots` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get(self, slot_id: str) -> Slot | None:
        """Return the slot of an item, None while it was never claimed."""
        item = parse_slot_id(slot_id)
        found = self._rows.get_one(keys.slot(item)) if item else None
        return decode(Slot, found) if found else None

    def get_many(self, items: Sequence[tuple[str, Item]]) -> Mapping[tuple[str, str], Slot]:
        """Return the slots of (tenant id, item), by (tenant id, item name)."""
        wanted = {
            (tenant_id, item.name): keys.slot(ItemKeys(tenant_key(tenant_id), item_key(item.name)))
            for tenant_id, item in items
        }
        found = self._rows.get(wanted.values(), consistent=False) if wanted else {}
        return {name: decode(Slot, found[key]) for name, key in wanted.items() if key in found}
