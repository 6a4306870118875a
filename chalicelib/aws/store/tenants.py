"""What is stored about a tenant as a whole."""

from collections.abc import Callable, Iterable
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.rows import Rows, make_row, read_key, read_text
from chalicelib.aws.store.party_words import with_words
from chalicelib.aws.store.values import decode, decode_optional
from chalicelib.domain.access_journal import JournalRow
from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Tenant
from chalicelib.domain.figures import Figures
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.slot import Slot
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.domain.tenant_settings import TenantSettings

PAGE_ROWS = 50  # claims that are read for one page of the customer's: twice what it shows
JOURNAL_PAGE = 200  # rows of the access journal on one page


class DynamoTenants:
    """`ports.Tenants` over the table."""

    def __init__(self, rows: Rows, run_parallel: Callable[..., tuple[Any, ...]]) -> None:
        self._rows = rows
        self._run_parallel = run_parallel

    def get_settings(self, tenant_id: str) -> TenantSettings:
        """Return what the customer set for a tenant."""
        found = self.find_settings(tenant_key(tenant_id))
        return found or TenantSettings(tenant_id=tenant_id)

    def find_settings(self, tenant_key: str) -> TenantSettings | None:
        """Return what the customer set for the tenant with this key; None: nothing yet."""
        found = self._rows.get_one(keys.tenant_settings(tenant_key))
        return decode(TenantSettings, found) if found else None

    def get_file(self, tenant_key: str, mail_id: str | None = None) -> TenantFile:
        """Return what acts of the customer's need, usually in one round trip.

        Of the claims these are the ones that slots or settings name: their number does not grow
        with what partners have filed and withdrawn. Those that are not among the newest take a
        second round trip, and so do the mails that the settings name.
        """
        partition = keys.tenant_partition(tenant_key)
        rows, newest = self._run_parallel(
            lambda: self._rows.query(partition, between=keys.CUSTOMER_PAGE),
            lambda: self.list_newest_claims(tenant_key, consistent=True),
        )
        tenants, settings = _select(rows, keys.TENANT), _select(rows, keys.SETTINGS)
        file = TenantFile(
            tenant=decode(Tenant, tenants[0]) if tenants else None,
            tenant_settings=decode(TenantSettings, settings[0]) if settings else TenantSettings(),
            slots=tuple(decode(Slot, found) for found in _select(rows, keys.SLOTS)),
        )
        return self._load_named(file, newest, mail_id)

    def _load_named(
        self, file: TenantFile, newest: tuple[Claim, ...], mail_id: str | None
    ) -> TenantFile:
        """Add the claims and mails that slots or settings name; the newest claims were read."""
        named, known = file.list_named_claims(), {claim.id: claim for claim in newest}
        mails = {keys.mail(one) for one in (*file.list_named_mails(), mail_id) if one}
        missing = [keys.claim(one) for one in named if one not in known]
        found = self._rows.get([*missing, *mails]) if missing or mails else {}
        known |= {one.sk: decode(Claim, row) for one, row in found.items() if one not in mails}
        return file.evolve(
            claims=tuple(known[one] for one in named if one in known),
            mails=tuple(decode(MailRecord, row) for one, row in found.items() if one in mails),
        )

    def get_page(
        self, tenant_key: str, mail_id: str, before: str = ""
    ) -> tuple[TenantFile, str | None]:
        """Return a part of the file that does not grow with it, and where the next one begins.

        Of the mails it has one, of the claims the newest, and every slot. One round trip.
        """
        partition = keys.tenant_partition(tenant_key)
        newest = before or f"{keys.CLAIMS}{keys.HIGHEST}"
        link, others, (claims, last) = self._run_parallel(
            lambda: self._rows.get_one(keys.mail(mail_id)),
            lambda: self._rows.query(partition, between=keys.CUSTOMER_PAGE),
            lambda: self._rows.read_back(partition, (keys.CLAIMS, newest), "draft", PAGE_ROWS),
        )
        found = {read_key(row): row for row in others}
        page = TenantFile(
            tenant=decode_optional(Tenant, found.get(keys.tenant(tenant_key))),
            claims=tuple(decode(Claim, row) for row in claims if read_text(row, "sk") != before),
            tenant_settings=decode_optional(
                TenantSettings, found.get(keys.tenant_settings(tenant_key))
            )
            or TenantSettings(),
            mails=(decode(MailRecord, link),) if link else (),
            slots=tuple(decode(Slot, row) for row in _select(others, keys.SLOTS)),
        )
        return page, last

    def list_cases(self, tenant_key: str) -> tuple[Arbitration, ...]:
        """Return every arbitration case of a tenant."""
        partition = keys.tenant_partition(tenant_key)
        rows = self._rows.query(partition, between=(keys.ARBITRATIONS, keys.CLAIMS))
        found = {read_key(row): row for row in rows}
        cases = (decode(Arbitration, row) for key, row in found.items() if "#" not in key.sk)
        return tuple(with_words(case, found) for case in cases)

    def list_newest_claims(
        self, tenant_key: str, before: str = "", *, consistent: bool = False
    ) -> tuple[Claim, ...]:
        """Return the newest claims of a tenant, newest first, at most fifty; no drafts.

        `before`: an id that those returned precede.
        """
        newest = (keys.CLAIMS, before or f"{keys.CLAIMS}{keys.HIGHEST}")
        partition = keys.tenant_partition(tenant_key)
        page, _ = self._rows.read_back(partition, newest, "draft", PAGE_ROWS, consistent=consistent)
        return tuple(decode(Claim, row) for row in page)

    def list_figures(
        self, tenant_key: str, item_name: str, first: str, last: str
    ) -> tuple[Figures, ...]:
        """Return the figures of an item from month `first` to `last` (`YYYY-MM`)."""
        if first > last:  # DynamoDB refuses bounds in the wrong order
            return ()
        start, end = (keys.figures(tenant_key, item_name, month) for month in (first, last))
        page = self._rows.query(start.pk, between=(start.sk, end.sk))
        return tuple(decode(Figures, found) for found in page)

    def add_journal_row(self, tenant_key: str, added: JournalRow) -> None:
        """Add a row to the customer's access journal."""
        self._rows.put(make_row(keys.journal(tenant_key, added.id), added.model_dump_json()))

    def list_journal(
        self, tenant_key: str, before: str = ""
    ) -> tuple[tuple[JournalRow, ...], str | None]:
        """Return a page of the access journal, newest first, and the id to go on before."""
        newest = keys.journal(tenant_key, before or keys.HIGHEST)
        # The range includes its bounds: `before` itself is read again, and one row more shows
        # whether there is another page.
        page = self._rows.query(
            newest.pk, between=(keys.JOURNAL, newest.sk), backwards=True, limit=JOURNAL_PAGE + 2
        )
        rows = (decode(JournalRow, found) for found in page)
        older = tuple(row for row in rows if row.id != before)
        more = older[JOURNAL_PAGE - 1].id if len(older) > JOURNAL_PAGE else None
        return older[:JOURNAL_PAGE], more


def _select(rows: Iterable[Row], prefix: str) -> list[Row]:
    return [found for found in rows if read_text(found, "sk").startswith(prefix)]
