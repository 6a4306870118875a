"""The announcement of a file, as programs and people write it."""

import json

import pytest
from pydantic import ValidationError

from chalicelib.domain.file_names import clean_file_name
from chalicelib.web.api.request_models import Upload

SHA256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


def announce(**changes):
    """Return an announcement as the API reads it."""
    body = {"file_name": "SOW.pdf", "content_type": "application/pdf", "size": 9, "sha256": SHA256}
    return Upload.model_validate_json(json.dumps(body | changes), strict=True)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("Application/PDF", "application/pdf"),  # RFC 9110, 8.3.1: without regard to case
        ("application/pdf; charset=binary", "application/pdf"),
        (" message/RFC822 ", "message/rfc822"),
        ("image/jpg", "image/jpeg"),  # a common mistake for RFC 2046, 4.2
        ("image/pjpeg", "image/jpeg"),  # Internet Explorer
        ("image/x-png", "image/png"),
        ("application/mbox", "message/rfc822"),  # RFC 4155
        ("message/global", "message/rfc822"),  # RFC 6532
        ("message/x-emlx", "message/rfc822"),  # Apple Mail, by Tika's name
        ("application/x-pdf", "application/pdf"),
        ("application/wps-office.pdf", "application/pdf"),  # langgenius/dify#9992
        (
            "application/wps-office.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("application/wps-office.doc", "application/wps-office.doc"),
        ("text/html", "text/html"),
    ],
)
def test_a_media_type_is_known_in_every_spelling(sent, read):
    assert announce(content_type=sent).content_type == read


@pytest.mark.parametrize("sent", [SHA256, SHA256.upper(), f" {SHA256}\n"])
def test_a_checksum_may_be_in_capitals(sent):
    """PowerShell's Get-FileHash writes them."""
    assert announce(sha256=sent).sha256 == SHA256


@pytest.mark.parametrize("sent", ["", SHA256[:-1], f"sha256:{SHA256}", "g" * 64, f"0x{SHA256}"])
def test_what_is_no_checksum_is_refused(sent):
    with pytest.raises(ValidationError):
        announce(sha256=sent)


# domain.md, "Evidence files": the stem is cleaned of separators, control and format characters.
@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("Angebot\u200e.pdf", "Angebot.pdf"),  # Windows adds the mark when a name is copied
        ("a\u202efdp.exe", "afdp.pdf"),
        ("Vertrag 👨\u200d👩\u200d👧.pdf", "Vertrag 👨👩👧.pdf"),
        ("نامه\u200cها.pdf", "نامهها.pdf"),
        ("So\u00adW\r\n.pdf", "SoW.pdf"),
        ("C:\\fakepath\\SOW.pdf", "SOW.pdf"),  # older browsers
        ("\u200b.pdf", "evidence.pdf"),
        (".pdf", "evidence.pdf"),
        ("..", "evidence.pdf"),
        ("x" * 255, "x" * 150 + ".pdf"),
    ],
)
def test_a_name_is_cleaned_and_not_refused(sent, stored):
    upload = announce(file_name=sent)

    assert clean_file_name(upload.file_name, upload.content_type) == stored


@pytest.mark.parametrize("sent", ["", "   ", "x" * 256, None, 5])
def test_a_name_that_no_file_has_is_refused(sent):
    with pytest.raises(ValidationError):
        announce(file_name=sent)
