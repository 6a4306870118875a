"""Forms and queries of the customer's pages and of the mailbox."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.base import Instant
from chalicelib.domain.filing import RequestValue
from chalicelib.domain.text_types import Line, Paragraphs
from chalicelib.web.api.request_models import Name


class Decision(RequestValue):
    """The form on a customer's page. `claim`: ids of claims, or `all`."""

    decision: Literal["opt_out", "agree", "undo"]
    claim: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)]
    form: Name
    reason: Line = ""
    comment: Paragraphs = ""


class TenantSettingForm(RequestValue):
    """A form that sets something for the whole tenant: ticked, so that no scanner sends it by
    accident.
    """

    form: Name
    confirm: Literal["yes"]
    organisation_id: Line = ""


class PageQuery(RequestValue):
    """`lang`: the reader's choice; `done`: what was just done."""

    lang: Annotated[str | None, Field(max_length=10)] = None
    done: Annotated[str | None, Field(max_length=40)] = None


class CustomerPageQuery(PageQuery):
    """`older`: where the page before this one ended."""

    older: Annotated[str, Field(pattern=r"^([01](clm_[0-9a-z]{40})?)?$")] = ""


class JournalQuery(PageQuery):
    """`before`, `until`: where the page before this one ended, as an id and as a moment."""

    before: Annotated[str, Field(max_length=40)] = ""
    until: Instant | None = None


class MailCheck(RequestValue):
    """`address`: the one that the mail came to."""

    reference: Annotated[str, Field(max_length=100)]
    address: Annotated[str, Field(max_length=320)]


class MailboxQuery(PageQuery):
    """`mail`: the one that is open; `claim`, `to`: which ones are listed."""

    mail: Annotated[str | None, Field(max_length=100)] = None
    claim: Annotated[str | None, Field(max_length=100)] = None
    to: Annotated[str | None, Field(max_length=320)] = None


class MailboxForm(RequestValue):
    type: Literal["delivery", "bounce", "complaint"]
