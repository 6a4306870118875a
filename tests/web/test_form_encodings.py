"""Forms in the character sets that programs declare and write."""

import pytest

from tests.support.api_gateway import request

FORM = "application/x-www-form-urlencoded"


# WHATWG URL, 5.1: a form is in UTF-8, and its type has no parameters. Old programs write others.
@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ("charset=ISO-8859-1", b"Gr%F6%DFe"),
        ("charset=ISO-8859-1", b"Gr%C3%B6%C3%9Fe"),
        ('charset="windows-1250"', b"Gr%F6%DFe"),
        ("charset=utf-8", "Größe".encode()),
        ("charset=x-unknown", b"Gr%C3%B6%C3%9Fe"),
        ("charset=", b"Gr%C3%B6%C3%9Fe"),
        ("boundary=x", b"Gr%C3%B6%C3%9Fe"),
    ],
)
def test_a_form_is_read_whatever_character_set_it_declares(sample, app, parameter, reason):
    headers = {"Content-Type": f"{FORM}; {parameter}"}
    body = b"decision=agree&reason=" + reason

    assert request(app, "POST", "/o/tok", body=body, headers=headers).status == 200
    assert sample.calls[0].body.reason == "Größe"


def test_a_japanese_form_is_read_in_the_character_set_that_it_declares(sample, app):
    """Of a character of two bytes, the second may stand as a letter."""
    headers = {"Content-Type": f"{FORM}; charset=Shift_JIS"}

    request(app, "POST", "/o/tok", body=b"decision=agree&reason=%8C_%96%F1", headers=headers)

    assert sample.calls[0].body.reason == "契約"


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "x-unknown", "punycode", "base64"])
def test_a_form_in_no_character_set_is_malformed(app, charset):
    headers = {"Content-Type": f"{FORM}; charset={charset}"}

    assert request(app, "POST", "/o/tok", body=b"decision=%FF", headers=headers).status == 400
