"""What a handler returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chalicelib.usecases.callers import Caller

Body_co = TypeVar("Body_co", covariant=True)


@dataclass(frozen=True)
class Answer(Generic[Body_co]):
    """A response without the headers that every response has.

    The type of the body, as in `-> Answer[Claim]`, is what the OpenAPI document publishes.

    Attributes:
        status: the HTTP status.
        body: becomes JSON; a text is sent as it is: HTML, unless a header says otherwise.
        etag: the entity tag, without quotes.
        headers: they win over those that the gateway sets.
        replayed: whether this is the stored answer to an earlier request.
        caller, code, page: of a page for people who sign in: who they are, the code of a refusal,
            and which page it was; for the log.
    """

    status: int = 200
    body: Body_co | str | None = None
    etag: str | None = None
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)
    replayed: bool = False
    caller: Caller | None = None
    code: str | None = None
    page: str | None = None
