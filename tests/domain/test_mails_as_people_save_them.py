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
        b"Microsoft Mail Internet Headers Version 2.0\r\n" + MAIL,  # s1t5/mail-archiver#560
        MAIL.replace(b"\r\n", b"\r\r\n"),  # fastmail/authentication_milter#110
        # GOVCERT-LU/eml_parser#10: a line in the header that is no field
        b"Return-Path: <a@fabrikam.example>\r\nno field\r\n" + MAIL,
        # s1t5/mail-archiver#499: a blank line in the header
        b"Delivered-To: p@partner.example\r\nTo: p@partner.example\r\n\r\n" + MAIL,
        # php-mime-mail-parser, failure.eml: no date; the type of the content tells
        b"From: <a@fabrikam.example>\nTo: <p@partner.example>\nContent-Type: text/plain\n\nYes.\n",
        # RFC 5322, 4.5: a space before the colon
        b"From : a@fabrikam.example\r\nDate : Fri, 20 Nov 2026 09:00:00 +0100\r\n\r\nYes.",
    ],
)
def test_a_mail_as_a_client_saves_it_is_a_mail(content: bytes) -> None:
    assert kind(content) == "eml"


FABRIKAM = b"From: a@fabrikam.example\r\nDate: Fri, 20 Nov 2026 09:00:00 +0100\r\n"


def a_mail_of(content_type: bytes, before: bytes = b"", body: bytes = b"MIAGCSqGSIb3") -> bytes:
    return before + FABRIKAM + b"Content-Type: " + content_type + b"\r\n\r\n" + body + b"\r\n"


@pytest.mark.parametrize(
    "content",
    [
        # RFC 8551, 3.2.2: signed, in the two forms
        a_mail_of(b'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"'),
        a_mail_of(b'multipart/signed; protocol="application/pkcs7-signature"; boundary=b'),
        # RFC 8551, 3.2.2: the type is optional; in the body, it is 1.2.840.113549.1.7.2
        a_mail_of(b'application/pkcs7-mime; name="smime.p7m"', body=b"MIAGCSqGSIb3DQEHAqCAMIACAQE"),
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
        # RFC 5652, 6.1 (1.2.840.113549.1.7.3), in two lengths, and RFC 5083 (….1.9.16.1.23)
        a_mail_of(b'application/pkcs7-mime; name="smime.p7m"', body=b"MIAGCSqGSIb3DQEHA6CAMIACAQA"),
        a_mail_of(b"application/x-pkcs7-mime", body=b"MIIFxwYJKoZIhvcNAQcDoIIFuDCCBbQCAQ"),
        a_mail_of(b"application/pkcs7-mime", body=b"MIAGCyqGSIb3DQEJEAEXoIAwgAIBADGC"),
        # RFC 9580, 6.2: OpenPGP as the text of a mail
        a_mail_of(b"text/plain", body=b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA"),
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
        # other browsers and extensions, and other languages
        b"From: <Saved by WebKit>\r\nDate: x\r\n\r\n",
        b"From: <Saved by UnMHT>\r\nDate: x\r\n\r\n",
        b'From: "Gespeichert von Windows Internet Explorer 8"\r\nDate: x\r\n\r\n',
        b"From: =?utf-8?Q?=22Enregistr=C3=A9_par_Internet_Explorer=22?=\r\nDate: x\r\n\r\n",
        # [MS-OXMSG]: a mail that Outlook saves as .msg is a compound file
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_000) + MAIL,
    ],
)
def test_a_mail_that_a_reviewer_cannot_open_is_refused(content: bytes) -> None:
    assert kind(content) is None


@pytest.mark.parametrize(
    "sender", ["Saved by Grace <office@grace.example>", "Internet Explorer <a@b.example>"]
)
def test_a_sender_with_an_address_is_no_browser(sender: str) -> None:
    assert kind(f"From: {sender}\r\nDate: x\r\n\r\nYes.\r\n".encode()) == "eml"
