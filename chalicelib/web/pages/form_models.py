"""Forms and queries of the customer's pages and of the mailbox."""

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from chalicelib.domain.base import Instant
from chalicelib.domain.filing import RequestValue
from chalicelib.domain.text_types import ONE_LINE, Line, Paragraphs
from chalicelib.text.cleaning import clean_line, clean_lines
from chalicelib.web.api.request_models import Name


def _pass_over(value: Any, parse: ValidatorFunctionWrapHandler) -> Any:
    """Parse a value of the address, or return None.

    Links get changed on their way; what only shapes a page must not keep a customer out.
    """
    try:
        return parse(value)
    except ValidationError:
        return None


def _clean_line(text: Any) -> Any:
    return clean_line(text, len(text)) if isinstance(text, str) and text else text


def _clean_paragraphs(text: Any) -> Any:
    return "\n".join(clean_lines(text, len(text))) if isinstance(text, str) and text else text


PassOver = WrapValidator(_pass_over)
# Without characters that are not seen: Word and mail programs put some into what is pasted.
CleanLine = Annotated[
    str, BeforeValidator(_clean_line), StringConstraints(max_length=200, pattern=ONE_LINE)
]
CleanParagraphs = Annotated[Paragraphs, BeforeValidator(_clean_paragraphs)]


class Decision(RequestValue):
    """The form on a customer's page. `claim`: ids of claims, or `all`."""

    decision: Literal["opt_out", "agree", "undo"]
    claim: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)]
    form: Name
    reason: CleanLine = ""
    comment: CleanParagraphs = ""


class TenantSettingForm(RequestValue):
    """A form that sets something for the whole tenant: ticked, so that no scanner sends it by
    accident.
    """

    form: Name
    confirm: Literal["yes"]
    organisation_id: Line = ""


class PageQuery(RequestValue):
    """`lang`: the reader's choice; `done`: what was just done."""

    lang: Annotated[str | None, Field(max_length=10), PassOver] = None
    done: Annotated[str | None, Field(max_length=40), PassOver] = None


class CustomerPageQuery(PageQuery):
    """`older`: where the page before this one ended."""

    older: Annotated[str | None, Field(pattern=r"^([01](clm_[0-9a-z]{40})?)?$"), PassOver] = None


class JournalQuery(PageQuery):
    """`before`, `until`: where the page before this one ended, as an id and as a moment."""

    before: Annotated[str | None, Field(max_length=40), PassOver] = None
    until: Annotated[Instant | None, PassOver] = None


class MailCheck(RequestValue):
    """`address`: the one that the mail came to. Both are copied with what stands around them."""

    reference: Annotated[str, Field(max_length=1000)]
    address: Annotated[str, Field(max_length=320)]


class MailboxQuery(PageQuery):
    """`mail`: the one that is open; `claim`, `to`: which ones are listed."""

    mail: Annotated[str | None, Field(max_length=100)] = None
    claim: Annotated[str | None, Field(max_length=100)] = None
    to: Annotated[str | None, Field(max_length=320)] = None


class MailboxForm(RequestValue):
    type: Literal["delivery", "bounce", "complaint"]
