"""What only sandbox stages have: a test clock, a mailbox, and secrets stored in the table."""

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import Field

from chalicelib.aws import keys, sandbox_keys
from chalicelib.aws.errors import ConditionFailed, Row
from chalicelib.aws.rows import Rows, make_row, read_text
from chalicelib.aws.store.sessions import put_row
from chalicelib.aws.store.writes import put_version
from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.ids import RandomBytes, format_boxed_mail_id
from chalicelib.domain.links import LinkKey
from chalicelib.domain.refusals import Unavailable
from chalicelib.domain.session import Grant
from chalicelib.ports import Mail

KEY_BYTES = 32  # length of a generated key: that of SHA-256's output


class ClockState(Frozen):
    """The state of the test clock.

    ahead: milliseconds ahead of the real clock. target: the time it moves to, None when it has
        arrived.
    request: the request that moves it.
    """

    ahead: int = 0
    target: Instant | None = None
    request: str | None = Field(default=None, alias="asked")


class TestClock:
    """`ports.MovableClock`. Its state is in the table, because each function is a process."""

    __test__ = False  # not a test, although pytest would collect the name

    def __init__(self, rows: Rows, real_now: Callable[[], datetime]) -> None:
        self._rows = rows
        self._real_now = real_now

    def now(self) -> datetime:
        """Return the current moment of the test clock."""
        return self._real_now() + timedelta(milliseconds=self.read_state().ahead)

    def read_state(self) -> ClockState:
        """Return the clock's offset, target and request."""
        found = self._rows.get_one(sandbox_keys.clock())
        return ClockState.model_validate_json(read_text(found)) if found else ClockState()

    def move(
        self, now: datetime, target: datetime | None = None, request: str | None = None
    ) -> None:
        """Set the clock to `now`, on its way to `target` for a request."""
        behind = (self._real_now() - now) // timedelta(milliseconds=1)
        state = ClockState(ahead=-behind, target=target, request=request)
        self._rows.put(make_row(sandbox_keys.clock(), state.model_dump_json()))


class BoxedMail(Frozen):
    """`ports.BoxedMail`: a mail in the mailbox.

    at: when it was sent.
    events: what was reported of it (`delivery`, `bounce`, `complaint`).
    """

    id: str
    mail_id: str
    at: Instant
    to: str
    subject: str
    text: str
    html: str
    kind: str
    language: str
    claim_ids: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    events: tuple[str, ...] = Field(default=(), alias="told")


class Mailbox:
    """`ports.Mailbox`, and a `ports.MailSender` that keeps mails instead of sending them.

    The event of a mail falls due like any deadline.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def send(self, mail: Mail, now: datetime) -> str:
        """Store a mail, due at once for its event.

        Storing the identical mail again changes nothing.
        """
        boxed = BoxedMail(
            id=format_boxed_mail_id(mail.id),
            mail_id=mail.id,
            at=now,
            to=mail.to,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            kind=mail.kind,
            language=mail.language,
            claim_ids=mail.claim_ids,
            links=mail.links,
        )
        due = {"d_pk": keys.shard(boxed.id), "d_sk": keys.moment(now)}
        try:
            self._rows.put(_mail_row(boxed, **due), "attribute_not_exists(pk)")
        except ConditionFailed:
            return boxed.id
        return boxed.id

    def get(self, box_id: str) -> BoxedMail | None:
        """Return a mail."""
        found = self._rows.get_one(sandbox_keys.sandbox_mail(box_id))
        return BoxedMail.model_validate_json(read_text(found)) if found else None

    def list(self, limit: int = 200) -> tuple[BoxedMail, ...]:
        """Return the newest mails, newest first."""
        page = self._rows.query_index("feed", sandbox_keys.MAILBOX, backwards=True, limit=limit)
        wanted = [sandbox_keys.sandbox_mail(read_text(found, "sk")) for found in page]
        found = self._rows.get(wanted)
        return tuple(
            BoxedMail.model_validate_json(read_text(found[key])) for key in wanted if key in found
        )

    def count(self, most: int) -> int:
        """Count the mails, at most so many. Reads the index alone."""
        return len(self._rows.query_index("feed", sandbox_keys.MAILBOX, limit=most))

    def add_event(self, box_id: str, event: str) -> None:
        """Record an event of a mail. After that nothing is due for it."""
        if mail := self.get(box_id):
            self._rows.put(_mail_row(mail.evolve(events=(*mail.events, event))))


def _mail_row(mail: BoxedMail, **due: str) -> Row:
    """Return the row of a mail, listed by its time in the index that lists partners' claims."""
    key = sandbox_keys.sandbox_mail(mail.id)
    return make_row(
        key,
        mail.model_dump_json(exclude_defaults=True),
        f_pk=key.pk,
        f_sk=keys.position(mail.at, mail.id),
        **due,
    )


class StoredGrants:
    """`ports.Grants` in the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get(self, grant_id: str) -> Grant | None:
        """Return a grant, None when there is none."""
        found = self._rows.get_one(sandbox_keys.grant(grant_id))
        return Grant.model_validate_json(read_text(found)) if found else None

    def save(self, grant_id: str, grant: Grant) -> None:
        """Write a grant over the version before it. Raises Conflict."""
        ends = int(grant.ends_at.timestamp())
        row = make_row(
            sandbox_keys.grant(grant_id), grant.model_dump_json(), rev=grant.rev, expires=ends
        )
        put_row(self._rows, put_version(row, grant.rev))


class StoredSecrets:
    """`ports.Secrets` in the table. Each is made by the first process that needs it."""

    def __init__(self, rows: Rows, random_bytes: RandomBytes) -> None:
        self._rows = rows
        self._random_bytes = random_bytes
        self._known: dict[str, bytes] = {}

    def link_key(self) -> bytes:
        """Return the key of form tokens."""
        return self._key("link")

    def token_key(self) -> LinkKey:
        """Return the key of link tokens."""
        return LinkKey(1, self.link_key())

    def find_token_key(self, number: int) -> bytes | None:
        """Return the one key of link tokens."""
        return self.link_key() if number == 1 else None

    def link_keys(self) -> tuple[bytes, ...]:
        """Return the one key of form tokens."""
        return (self.link_key(),)

    def cursor_key(self) -> bytes:
        """Return the key of list cursors."""
        return self._key("cursor")

    def cursor_keys(self) -> tuple[bytes, ...]:
        """Return the one key of list cursors."""
        return (self.cursor_key(),)

    def live_client_secret(self) -> str:
        """Raise Unavailable: a sandbox has no application in a partner's or customer's cloud."""
        raise Unavailable()

    def oidc_client_secret(self) -> str:
        """Return the secret by which the pages are known to the built-in issuer."""
        return self._key("oidc-client").hex()

    def signing_key(self) -> LinkKey:
        """Return the key that secrets of webhook endpoints are derived from."""
        return LinkKey(1, self._key("signing"))

    def find_signing_key(self, number: int) -> bytes | None:
        """Return the one key that secrets of webhook endpoints are derived from."""
        return self._key("signing") if number == 1 else None

    def webhook_keys(self) -> tuple[bytes, ...]:
        """Return the one key of the vendor's portal."""
        return (self._key("webhook"),)

    def get_or_create(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the secret of this name, made by `make` if it does not exist."""
        if name not in self._known:
            self._known[name] = self._get(name) or self._create(name, make())
        return self._known[name]

    def _key(self, name: str) -> bytes:
        return self.get_or_create(name, lambda: self._random_bytes(KEY_BYTES))

    def _get(self, name: str) -> bytes | None:
        found = self._rows.get_one(sandbox_keys.secret(name))
        return bytes.fromhex(read_text(found)) if found else None

    def _create(self, name: str, secret: bytes) -> bytes:
        try:
            row = make_row(sandbox_keys.secret(name), secret.hex())
            self._rows.put(row, "attribute_not_exists(pk)")
        except ConditionFailed:  # another process has created it
            return self._get(name) or secret
        return secret
