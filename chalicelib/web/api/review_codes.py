"""Which codes an act of a reviewer may have, where one request has several acts."""

from collections.abc import Sequence

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid
from chalicelib.domain.review_codes import QUESTION_CODES


def require_codes_of(act: str, codes: Sequence[str]) -> None:
    """Raise Invalid for codes of rejections in a question to the partner."""
    if act != "request_info":
        return
    values = {"allowed": ", ".join(QUESTION_CODES)}
    wrong = [number for number, code in enumerate(codes) if code not in QUESTION_CODES]
    if wrong:
        raise Invalid(
            [
                Finding(code="not_one_of", pointer=f"/codes/{number}", values=values)
                for number in wrong
            ]
        )
