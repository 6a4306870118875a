"""Forms and queries of the customer's pages and of the mailbox."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.filing import RequestValue
from chalicelib.domain.text_types import Line, Paragraphs
from chalicelib.web.api.request_models import Name


class Decision(RequestValue):
    """The form on a customer's page."""

    decision: Literal["opt_out", "agree", "undo"]
    claim: Name
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


Done = Literal[
    "opt_out", "agree", "undo", "lock", "block", "agree_sent", "undo_sent", "unlock", "allow_again"
]


class PageQuery(RequestValue):
    """`lang`: the reader's choice; `done`: what was just done."""

    lang: Annotated[str | None, Field(max_length=10)] = None
    done: Done | None = None


class CustomerPageQuery(PageQuery):
    """`older`: where the page before this one ended."""

    older: Annotated[str, Field(pattern=r"^([01](clm_[0-9a-z]{40})?)?$")] = ""


class JournalQuery(PageQuery):
    """`before`: where the page before this one ended."""

    before: Annotated[str, Field(max_length=40)] = ""


class MailCheck(RequestValue):
    """`address`: the one that the mail came to."""

    reference: Annotated[str, Field(max_length=100)]
    address: Annotated[str, Field(max_length=320)]


class MailboxQuery(RequestValue):
    mail: Annotated[str | None, Field(max_length=100)] = None


class MailboxForm(RequestValue):
    type: Literal["delivery", "bounce", "complaint"]


class ClockForm(RequestValue):
    advance: Annotated[str, Field(max_length=40)]
