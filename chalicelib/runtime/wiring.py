"""The composition root: the only module that knows which adapter implements which port."""

import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, cast

from chalicelib import catalogue
from chalicelib.aws.clients import LazyClient, get_client, make_mail_client
from chalicelib.aws.feed import Feed
from chalicelib.aws.files import EvidenceFiles, get_s3_client
from chalicelib.aws.queue import NullQueue, SqsWorkQueue
from chalicelib.aws.rows import Rows
from chalicelib.aws.secrets import SsmSecrets
from chalicelib.aws.store import DynamoStore
from chalicelib.directory.combined import Combined, ConsentingDirectory
from chalicelib.directory.registry import Registry
from chalicelib.net.domain_names import initial_suffix, normalize_domain
from chalicelib.ports import (
    Clock,
    Directory,
    Files,
    Grants,
    Mailbox,
    MailSender,
    Secrets,
    Services,
    UserPool,
    Webhooks,
    WebhookSender,
    WorkQueue,
)
from chalicelib.ports.history_keys import HistoryKeys
from chalicelib.ports.operations import Operations
from chalicelib.ports.sandbox_hooks import SandboxHooks
from chalicelib.ports.secrets import SandboxSecrets
from chalicelib.runtime import metrics
from chalicelib.runtime.lazy_import import load
from chalicelib.runtime.settings import Settings, settings
from chalicelib.text.calendars import HolidayCalendars

# Calls at the same time; chalicelib/aws/clients.py keeps as many connections.
THREADS = 16


class SystemClock:
    """The real time, in whole milliseconds, so that a stored time reads back the same."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


def run_parallel(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Make all calls at the same time, for one round trip instead of several, and return their
    results in order.

    A call may make calls of its own in this way. Calls for which no thread is free are made by the
    caller: all threads may be waiting for nested calls, which would be a deadlock. When some raise,
    the others are still made and waited for, and the first of them raises: Lambda freezes the
    process after the answer, and nothing may be running then.
    """
    if len(calls) == 1:
        return (calls[0](),)
    results: dict[int, Any] = {}
    with ExitStack() as last_to_first:
        for number, call in enumerate(calls):
            # In a copy of the context, which holds the request's id for the log.
            run = partial(copy_context().run, call)
            future = _thread_pool().submit(run)
            last_to_first.callback(_finish, results, number, future, run)
    return tuple(results[number] for number in range(len(calls)))


def _finish(
    results: dict[int, Any], number: int, future: Future[Any], run: Callable[[], Any]
) -> None:
    """Keep the result of a call: waited for, or made here if no thread has begun it."""
    results[number] = run() if future.cancel() else future.result()


@cache
def _thread_pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=THREADS)


@cache
def services() -> Services:
    """The services of this process, built on first use."""
    return build_services(settings())


def build_services(
    chosen: Settings,
    database: Any = None,
    run_parallel: Callable[..., tuple[Any, ...]] = run_parallel,
    s3: Any = None,
) -> Services:
    """Build the services that these settings describe.

    `database`, `s3`: clients of DynamoDB and S3 to use in place of the process's own.
    `run_parallel`: makes calls that do not depend on each other. Raises SettingsError.
    """
    chosen.require_valid()
    rows = Rows(database or get_client("dynamodb"), chosen.table_name)
    clock, mailbox = _clock(chosen, rows), _mailbox(chosen, rows)
    secrets_ = _secrets(chosen, rows)
    suffix = initial_suffix(chosen.live_authority)
    registry = Registry(Feed(rows), clock, run_parallel, suffix)
    return Services(
        store=DynamoStore(rows, run_parallel, metrics.log_acts),
        directory=_directory(chosen, rows, registry, secrets_, clock, run_parallel),
        partners=registry,
        files=_files(chosen, s3),
        mail_sender=metrics.LoggedMailSender(mailbox or _ses(chosen)),
        mailbox=mailbox,
        clock=clock,
        calendars=HolidayCalendars(chosen.programme_country),
        work_queue=_queue(chosen.work_queue_url),
        secrets=secrets_,
        history_keys=_history_keys(chosen, rows, secrets_),
        catalogue=catalogue.read_catalogue(),
        settings=chosen,
        random_bytes=secrets.token_bytes,
        run_parallel=run_parallel,
        normalize_domain=normalize_domain,
        read_real_time=SystemClock().now,
        grants=_grants(chosen, rows),
        user_pool=_user_pool(chosen),
        operations=_operations(chosen, rows),
        webhooks=_webhooks(chosen),
        hooks=_hooks(chosen, rows),
    )


def _clock(chosen: Settings, rows: Rows) -> Clock:
    if not chosen.sandbox:
        return SystemClock()
    clock: Clock = load("aws.sandbox:TestClock")(rows, SystemClock().now)
    return clock


def _mailbox(chosen: Settings, rows: Rows) -> Mailbox | None:
    if not chosen.sandbox:
        return None
    mailbox: Mailbox = load("aws.sandbox:Mailbox")(rows)
    return mailbox


def _grants(chosen: Settings, rows: Rows) -> Grants | None:
    if not chosen.sandbox:
        return None
    grants: Grants = load("aws.sandbox:StoredGrants")(rows)
    return grants


def _webhooks(chosen: Settings) -> Webhooks:
    """The sender is made for the first request: few functions post anything."""
    sender: Any = LazyClient(
        lambda: load("net.webhook_sender:HttpWebhookSender")(local=chosen.stage == "local")
    )
    return Webhooks(
        cast(WebhookSender, sender),
        lambda entry: load("web.api.serializers.events:serialize_event")(entry),
        _queue(chosen.webhook_queue_url),
    )


def _hooks(chosen: Settings, rows: Rows) -> SandboxHooks | None:
    if not chosen.sandbox:
        return None
    hooks: SandboxHooks = load("aws.sandbox_hooks:StoredHooks")(rows, secrets.token_bytes)
    return hooks


def _operations(chosen: Settings, rows: Rows) -> Operations:
    """What operators look at, made for its first use only: few requests are about it."""
    urls = {
        "work": chosen.work_dead_letters_url,
        "webhooks": chosen.webhook_dead_letters_url,
        "mail-events": chosen.mail_events_dead_letters_url,
        "sweep": chosen.sweep_dead_letters_url,
    }
    sqs = LazyClient(partial(get_client, "sqs"))
    lazy: Any = LazyClient(lambda: load("aws.operations:AwsOperations")(rows, sqs, urls))
    return cast(Operations, lazy)


def _user_pool(chosen: Settings) -> UserPool | None:
    if not chosen.user_pool_id:
        return None
    # Loaded for its first use only: few requests are about people.
    client = LazyClient(partial(get_client, "cognito-idp"))
    pool: UserPool = load("aws.cognito:CognitoUserPool")(client, chosen.user_pool_id)
    return pool


def _directory(
    chosen: Settings,
    rows: Rows,
    registry: Registry,
    kept: Secrets,
    clock: Clock,
    run_parallel: Callable[..., tuple[Any, ...]],
) -> Directory:
    """The operator's feed, or Microsoft's cloud with the feed for what the cloud does not know."""
    if chosen.directory != "live":
        return registry
    # Loaded for this setting only: Graph's models take 7 % of the import time of app.py.
    live: ConsentingDirectory = load("runtime.live_directory:make_live_directory")(
        chosen, kept.live_client_secret, Feed(rows).tenant_id, clock, run_parallel
    )
    return Combined(live, registry, run_parallel)


def _files(chosen: Settings, s3: Any) -> Files:
    def get_client() -> Any:
        return s3 or get_s3_client(chosen.aws_endpoint_url)

    if chosen.stage != "local" or chosen.malware_scan == "none":
        return EvidenceFiles(chosen.evidence_bucket, get_client)
    scanned: Files = load("aws.imitated_scan:ScannedFiles")(chosen.evidence_bucket, get_client)
    return scanned


def _history_keys(chosen: Settings, rows: Rows, kept: Secrets) -> HistoryKeys:
    """The key that bundles are signed with, made for the first one: its libraries are large."""

    def make() -> HistoryKeys:
        if chosen.history_signer_arn or not chosen.sandbox:
            stored = load("aws.history_keys:StoredPublicKeys")(rows)
            client = get_client("kms")
            keys: HistoryKeys = load("aws.history_keys:KmsHistoryKeys")(
                client, chosen.history_signer_arn, stored
            )
            return keys
        own = cast(SandboxSecrets, kept)
        local: HistoryKeys = load("aws.history_keys:LocalHistoryKeys")(own.get_or_create)
        return local

    lazy: Any = LazyClient(make)
    return cast(HistoryKeys, lazy)


def _ses(chosen: Settings) -> MailSender:
    """Made for the first mail: requests leave mails to the worker, and its imports are large."""
    lazy: Any = LazyClient(
        lambda: load("aws.ses:SesMailSender")(
            make_mail_client(), chosen.mail_from, chosen.configuration_set
        )
    )
    return cast(MailSender, lazy)


def _queue(url: str) -> WorkQueue:
    return (
        SqsWorkQueue(LazyClient(partial(get_client, "sqs")), url, run_parallel)
        if url
        else NullQueue()
    )


def _secrets(chosen: Settings, rows: Rows) -> Secrets:
    """A sandbox keeps its secrets in the table, every other stage in Parameter Store."""
    if chosen.sandbox:
        stored: Secrets = load("aws.sandbox:StoredSecrets")(rows, secrets.token_bytes)
        return stored
    return SsmSecrets(LazyClient(partial(get_client, "ssm")), chosen.secrets_prefix)
