"""Read everything that a filing needs, in one round trip."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.keys import Key
from chalicelib.aws.rows import Rows, read_number
from chalicelib.aws.store.values import decode, decode_optional, decode_receipt
from chalicelib.domain.directory import Partner
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.ids import ItemKeys, item_key, tenant_key
from chalicelib.domain.slot import Slot
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import FilingInputs, FilingQuery


class FilingReader:
    """Reads all records of a filing by their keys, in one batch.

    An item that names neither a workload nor a subscription is completed from the directory later.
    For such an item all slots of the tenant are read, in parallel to the batch.
    """

    def __init__(self, rows: Rows, run_parallel: Callable[..., tuple[Any, ...]]) -> None:
        self._rows = rows
        self._run_parallel = run_parallel

    def read(self, query: FilingQuery, consistent: bool) -> FilingInputs:
        """Return the inputs of a filing."""
        partner = keys.partner(query.organisation_id)
        settings = keys.tenant_settings(tenant_key(query.tenant_id))
        slots = _slot_keys(query)
        files = {one: keys.evidence(one) for one in query.evidence}
        counters = {subject: keys.counter(subject, window) for subject, window in query.counters}
        receipt = keys.receipt(*query.receipt) if query.receipt else None
        wanted = [partner, settings, *slots, *files.values(), *counters.values()]
        found, tenant_slots = self._read(query, [*wanted, *filter(None, [receipt])], consistent)
        slot_rows = [*tenant_slots, *(found[key] for key in slots if key in found)]
        return FilingInputs(
            partner=decode_optional(Partner, found.get(partner)),
            tenant_settings=decode_optional(TenantSettings, found.get(settings))
            or TenantSettings(tenant_id=query.tenant_id),
            slots={slot.item.name: slot for slot in (decode(Slot, row) for row in slot_rows)},
            evidence={
                one: decode(Evidence, found[key]) for one, key in files.items() if key in found
            },
            receipt=decode_receipt(found.get(receipt)) if receipt else None,
            counts={
                subject: read_number(found[key], "n")
                for subject, key in counters.items()
                if key in found
            },
        )

    def _read(
        self, query: FilingQuery, wanted: Sequence[Key], consistent: bool
    ) -> tuple[dict[Key, Row], tuple[Row, ...]]:
        """Return the rows of these keys, and all slots of the tenant if they are needed."""
        batch = partial(self._rows.get, wanted, consistent)
        if not query.has_incomplete_items:
            return batch(), ()
        partition = keys.tenant_partition(tenant_key(query.tenant_id))
        tenant_slots = partial(self._rows.query, partition, keys.SLOTS, consistent=consistent)
        found, page = self._run_parallel(batch, tenant_slots)
        return found, page


def _slot_keys(query: FilingQuery) -> list[Key]:
    if query.has_incomplete_items:
        return []
    tenant = tenant_key(query.tenant_id)
    return [keys.slot(ItemKeys(tenant, item_key(item.name))) for item in query.items]
