"""The store over the one DynamoDB table: values in, values out."""

from collections.abc import Callable
from typing import Any

from chalicelib.aws.clients import LazyClient
from chalicelib.aws.errors import Cancelled, ConditionFailed
from chalicelib.aws.rows import Rows
from chalicelib.aws.store.claims import DynamoClaims, DynamoSlots
from chalicelib.aws.store.evidence import DynamoEvidence
from chalicelib.aws.store.filing_inputs import FilingReader
from chalicelib.aws.store.history import DynamoHistory
from chalicelib.aws.store.requests import DynamoRequests
from chalicelib.aws.store.writes import puts
from chalicelib.ports import (
    ApiKeys,
    Arbitrations,
    Change,
    Conflict,
    FilingInputs,
    FilingQuery,
    Insights,
    MailRecords,
    PreferenceRecords,
    Queues,
    Sessions,
    Tenants,
    Users,
    WebhookEndpoints,
)
from chalicelib.runtime.lazy_import import load


class DynamoStore:
    """`ports.Store` over the table.

    rows: access to the table.
    run_parallel: makes calls at the same time and returns their results in order.
    on_commit: is called with every change that has been written.
    """

    def __init__(
        self,
        rows: Rows,
        run_parallel: Callable[..., tuple[Any, ...]],
        on_commit: Callable[[Change], None] = lambda change: None,
    ) -> None:
        self.claims = DynamoClaims(rows, run_parallel)
        self.slots = DynamoSlots(rows)
        self.history = DynamoHistory(rows, run_parallel)
        self.arbitrations: Arbitrations = _load_later("arbitrations:DynamoArbitrations", rows)
        self.mails: MailRecords = _load_later("mail_records:DynamoMailRecords", rows)
        self.tenants: Tenants = _load_later("tenants:DynamoTenants", rows, run_parallel)
        self.evidence = DynamoEvidence(rows, run_parallel)
        self.queues: Queues = _load_later("queues:DynamoQueues", rows, run_parallel)
        self.requests = DynamoRequests(rows)
        self.preferences: PreferenceRecords = _load_later("preferences:DynamoPreferences", rows)
        self.sessions: Sessions = _load_later("sessions:DynamoSessions", rows)
        self.users: Users = _load_later("users:DynamoUsers", rows)
        self.api_keys: ApiKeys = _load_later("api_keys:DynamoApiKeys", rows)
        self.endpoints: WebhookEndpoints = _load_later("webhooks:DynamoWebhookEndpoints", rows)
        self.insights: Insights = _load_later("insights:DynamoInsights", rows)
        self._filings = FilingReader(rows, run_parallel)
        self._rows = rows
        self._on_commit = on_commit

    def get_filing_inputs(self, query: FilingQuery, consistent: bool = False) -> FilingInputs:
        """Return everything that a filing needs, in one round trip."""
        return self._filings.read(query, consistent)

    def commit(self, change: Change) -> None:
        """Write a change as one conditional transaction. Raises Conflict.

        A single row is a plain conditional put, which costs half as much.
        """
        rows = list(puts(change))
        try:
            if len(rows) == 1:
                put = rows[0]
                self._rows.put(put.pop("Item"), put.pop("ConditionExpression", ""), **put)
            else:
                self._rows.transact([{"Put": put} for put in rows])
        except (Cancelled, ConditionFailed) as lost:
            raise Conflict(str(lost)) from lost
        self._on_commit(change)


def _load_later(name: str, *arguments: Any) -> Any:
    """Return records of a kind that a filing does not use, imported when they are first used."""
    return LazyClient(lambda: load(f"aws.store.{name}")(*arguments))
