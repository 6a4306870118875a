"""The mail that a reviewer's decision would send.

A module of its own: decisions need none of what composes mails.
"""

from chalicelib.text.mail_renderer import RenderedMail
from chalicelib.usecases.review_letter import PreviewLetter, preview_letter
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.response_models import review as models
from chalicelib.web.api.responses import require_caller
from chalicelib.web.api.review_codes import require_codes_of
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def show_letter(call: Call, body: requests.LetterRequest) -> Answer[models.Letter]:
    require_codes_of(body.act, body.codes)
    command = PreviewLetter(
        call.path["claim_id"], body.act, body.codes, body.message or "", call.language
    )
    letter = preview_letter(call.services, require_caller(call), command, call.now)
    return Answer(
        body={
            **_serialize_mail(letter.language, letter.mail),
            "for_you": _serialize_mail(letter.reading_language, letter.for_reviewer),
        }
    )


def _serialize_mail(language: str, mail: RenderedMail) -> models.RenderedLetter:
    return {"language": language, "subject": mail.subject, "text": mail.text}
