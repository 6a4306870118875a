"""The frozen bundle of all ports that use cases receive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.domain.calendars import Calendars
    from chalicelib.domain.catalogue import Catalogue
    from chalicelib.ports.clock import Clock
    from chalicelib.ports.directory import Directory, Partners
    from chalicelib.ports.files import Files
    from chalicelib.ports.history_keys import HistoryKeys
    from chalicelib.ports.mail import Mailbox, MailSender
    from chalicelib.ports.operations import Operations
    from chalicelib.ports.queue import WorkQueue
    from chalicelib.ports.sandbox_hooks import SandboxHooks
    from chalicelib.ports.secrets import Secrets
    from chalicelib.ports.sessions import Grants
    from chalicelib.ports.store import Store
    from chalicelib.ports.users import UserPool
    from chalicelib.ports.webhooks import Webhooks
    from chalicelib.runtime.settings import Settings


@dataclass(frozen=True)
class Services:
    """Everything outside the domain, as one value. Tests and the embedded run make their own.

    Attributes:
        store: claims, history, mail records and everything else that is stored.
        directory: tenants and their subscriptions.
        partners: partner organisations and the reviewers' relations to them.
        files: evidence files.
        mail_sender: sends mails.
        work_queue: asks the worker to look at ids soon.
        clock: the current time.
        calendars: business days.
        secrets: keys and secrets.
        history_keys: signs bundles.
        catalogue: products, engagements and deadlines, by edition.
        settings: the settings of this process.
        random_bytes: returns that many random bytes.
        run_parallel: makes calls at the same time and returns their results in order.
        read_real_time: returns the real time, in UTC; `clock` of a sandbox may be ahead of it.
        normalize_domain: returns the one ASCII spelling of a domain name (UTS 46); a text that is
            no domain name is returned as it is.
        mailbox: the mails that a sandbox keeps; None in production.
        grants: what a sandbox's issuer gave out; None in production.
        hooks: the receivers of webhooks that a sandbox offers; None in production.
        webhooks: delivers events; None where none are delivered.
        operations: what is known of the deployment; None: nothing.
        user_pool: the stack's own user pool; None with another issuer of tokens.
    """

    store: Store
    directory: Directory
    partners: Partners
    files: Files
    mail_sender: MailSender
    work_queue: WorkQueue
    clock: Clock
    calendars: Calendars
    secrets: Secrets
    history_keys: HistoryKeys
    catalogue: Catalogue
    settings: Settings
    random_bytes: Callable[[int], bytes]
    run_parallel: Callable[..., tuple[Any, ...]]
    normalize_domain: Callable[[str], str]
    read_real_time: Callable[[], datetime]
    mailbox: Mailbox | None = None
    grants: Grants | None = None
    user_pool: UserPool | None = None
    operations: Operations | None = None
    webhooks: Webhooks | None = None
    hooks: SandboxHooks | None = None

    def evolve(self, **changes: Any) -> Services:
        """Return the same services with some of them replaced."""
        return replace(self, **changes)
