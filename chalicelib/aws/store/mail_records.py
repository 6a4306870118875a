"""The records of mails that were sent. A record is also the link in its mail."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from itertools import repeat

from chalicelib.aws import keys, mail_keys
from chalicelib.aws.errors import ConditionFailed
from chalicelib.aws.rows import Rows, make_row
from chalicelib.aws.store.values import decode, decode_optional
from chalicelib.aws.store.writes import mail_row
from chalicelib.domain.ids import parse_mail_id, tenant_key
from chalicelib.domain.mail_addresses import canonical_address
from chalicelib.domain.mail_records import MailEvent, MailRecord
from chalicelib.ports import Conflict

# Chosen: as long as the record of a mail keeps its recipient (15 months after its claim has ended).
STRUCK_FOR = timedelta(days=460)
ATTEMPTS = 8  # attempts at a change of a record that is changed concurrently


class DynamoMailRecords:
    """`ports.MailRecords` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get(self, mail_id: str) -> MailRecord | None:
        """Return a record."""
        return self.get_many([mail_id]).get(mail_id)

    def get_many(self, mail_ids: Iterable[str]) -> Mapping[str, MailRecord]:
        """Return those of the records that exist, by id."""
        wanted = {keys.mail(mail_id): mail_id for mail_id in mail_ids if parse_mail_id(mail_id)}
        found = self._rows.get(wanted)
        return {wanted[key]: decode(MailRecord, row) for key, row in found.items()}

    def list_of_claim(
        self, tenant_key: str, claim_id: str, *, consistent: bool = True
    ) -> tuple[MailRecord, ...]:
        """Return the records of the mails about a claim."""
        return self.list_of_claims(tenant_key, [claim_id], consistent=consistent)

    def list_of_claims(
        self, tenant_key: str, claim_ids: Iterable[str], *, consistent: bool = True
    ) -> tuple[MailRecord, ...]:
        """Return the records of the mails about any of these claims."""
        records, wanted = self.list_of_tenant(tenant_key, consistent=consistent), set(claim_ids)
        return tuple(record for record in records if not wanted.isdisjoint(record.claim_ids))

    def list_of_tenant(self, tenant_key: str, *, consistent: bool = True) -> tuple[MailRecord, ...]:
        """Return the records of all mails about a tenant."""
        partition = keys.tenant_partition(tenant_key)
        rows = self._rows.query(partition, keys.MAILS, consistent=consistent)
        return tuple(decode(MailRecord, row) for row in rows)

    def add(self, record: MailRecord) -> None:
        """Store a record.

        The events of a stored record are never overwritten. For a mail that was handed over without
        a response, the new attempt is recorded.
        """
        self._strike_out(record)
        try:
            self._rows.put(mail_row(record), "attribute_not_exists(pk)")
        except ConditionFailed:  # the identical mail was handed over before
            self._change(record.id, lambda before: _record_attempt(before, record))

    def add_event(
        self, mail_id: str, event: MailEvent, deliveries_of: frozenset[str]
    ) -> MailRecord | None:
        """Add an event to a record, once, and return the record; None when there is none."""

        def add(record: MailRecord) -> MailRecord | None:
            if not record.is_credible(event):  # nor one of a mail that was just sent again
                return None
            if event.type == "delivery" and record.kind not in deliveries_of:
                return record
            return record.with_event(event)

        record = self._change(mail_id, add)
        if record:
            self._strike_out(record)
        return record

    def select_struck(self, tenant_key: str, addresses: Iterable[str]) -> frozenset[str]:
        """Select a customer's addresses whose mails bounced or caused a complaint."""
        wanted = {mail_keys.struck_address(tenant_key, address): address for address in addresses}
        return frozenset(wanted[key] for key in self._rows.get(wanted))

    def _strike_out(self, record: MailRecord) -> None:
        """Store that an address is struck out, so that it is known without reading all mails."""
        if record.is_struck_out and record.recipient:
            address = canonical_address(record.recipient)
            key = mail_keys.struck_address(tenant_key(record.tenant_id), address)
            expires = int((record.sent_at + STRUCK_FOR).timestamp())
            self._rows.put(make_row(key, "{}", expires=expires))

    def revoke_link(self, mail_id: str) -> MailRecord | None:
        """Revoke the link of a mail and return its record; None when there is none."""
        return self._change(mail_id, lambda record: record.evolve(revoked=True))

    def delete_recipients(self, mail_ids: Iterable[str]) -> None:
        """Delete the addresses that these mails were sent to."""
        for mail_id in mail_ids:
            self._change(mail_id, lambda record: record.evolve(recipient=""))

    def _change(
        self, mail_id: str, change: Callable[[MailRecord], MailRecord | None]
    ) -> MailRecord | None:
        """Change a record, on condition that it is still what was read. Raises Conflict.

        The first read is eventually consistent, at half the cost. A missing record, or one for
        which `change` returns None, is read again consistently.
        """
        if parse_mail_id(mail_id) is None:
            return None
        for consistent in (False, *repeat(True, ATTEMPTS - 1)):
            found = self._rows.get_one(keys.mail(mail_id), consistent)
            before = decode_optional(MailRecord, found)
            after = change(before) if before else None
            if found is None or after is None:
                if consistent:
                    return before
                continue
            if after == before:
                return before
            try:
                self._rows.put(
                    mail_row(after),
                    "v = :before",
                    ExpressionAttributeValues={":before": found["v"]},
                )
                return after
            except ConditionFailed:
                continue
        raise Conflict(mail_id)


def _record_attempt(before: MailRecord, attempt: MailRecord) -> MailRecord:
    if not before.unconfirmed_since:
        return before
    return before.evolve(
        provider_id=attempt.provider_id,
        unconfirmed_since=attempt.unconfirmed_since,
        events=before.events or attempt.events,
    )
