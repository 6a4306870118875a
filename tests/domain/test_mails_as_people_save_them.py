"""Mails as programs save them: which a reviewer can read, and which are refused."""

import pytest

from tests.support.files import MAIL, kind


@pytest.mark.parametrize(
    "content",
    [
        MAIL.decode().encode("utf-16"),
        b"\r\n\r\n" + MAIL,
        b"Exported by a mail client\r\n" + MAIL,
        MAIL + b"a NUL byte \0 in the body",
    ],
)
def test_a_mail_as_a_client_saves_it_is_a_mail(content: bytes) -> None:
    assert kind(content) == "eml"


FABRIKAM = b"From: a@fabrikam.example\r\nDate: Fri, 20 Nov 2026 09:00:00 +0100\r\n"


def a_mail_of(content_type: bytes, before: bytes = b"") -> bytes:
    return before + FABRIKAM + b"Content-Type: " + content_type + b"\r\n\r\nMIAGCSqGSIb3\r\n"


@pytest.mark.parametrize(
    "content",
    [
        # RFC 8551, 3.2.2: signed, in the two forms
        a_mail_of(b'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"'),
        a_mail_of(b'multipart/signed; protocol="application/pkcs7-signature"; boundary=b'),
        # RFC 3156, 5
        a_mail_of(b'multipart/signed; protocol="application/pgp-signature"; boundary=b'),
        # Outlook's rich text ([MS-OXTNEF]): the text stands before `winmail.dat`
        a_mail_of(b'multipart/mixed; boundary="b"', b"X-MS-TNEF-Correlator: <1@x>\r\n"),
        # RFC 6532: headers in UTF-8
        "From: Jürgen <j@fabrikam.example>\r\nDate: x\r\nSubject: Größe\r\n\r\nJa\r\n".encode(),
        b"%d      \n" % len(MAIL) + MAIL + b"<?xml version='1.0'?><plist/>",  # Apple Mail, .emlx
    ],
)
def test_a_mail_that_a_reviewer_can_read_is_a_mail(content: bytes) -> None:
    assert kind(content) == "eml"


# Only the recipient can open these, as with an encrypted PDF.
@pytest.mark.parametrize(
    "content",
    [
        # RFC 8551, 3.2.2 and 3.5; Outlook folds the header and keeps the older name of the type
        a_mail_of(b"application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"),
        a_mail_of(
            b'application/x-pkcs7-mime;\r\n\tname="smime.p7m";\r\n smime-type=Enveloped-Data'
        ),
        a_mail_of(b"application/pkcs7-mime; smime-type=authEnveloped-data"),
        # RFC 3156, 4
        a_mail_of(b'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b'),
        a_mail_of(b"Multipart/Encrypted; boundary=b", b"Exported by a mail client\r\n"),
        b"Content-Type: multipart/encrypted; boundary=b\r\n" + MAIL,
        # [MS-OXORMMS]: Microsoft Purview
        a_mail_of(b"multipart/mixed; boundary=b", b"Content-Class: rpmsg.message\r\n"),
        # Pages that Chrome and Internet Explorer save (MHTML, RFC 2557)
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://x\r\n"
        + MAIL[MAIL.index(b"Date") :],
        b'From: "Saved by Windows Internet Explorer 11"\r\nDate: x\r\n\r\n',
        # [MS-OXMSG]: a mail that Outlook saves as .msg is a compound file
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_000) + MAIL,
    ],
)
def test_a_mail_that_a_reviewer_cannot_open_is_refused(content: bytes) -> None:
    assert kind(content) is None
