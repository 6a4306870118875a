"""The text of mails in the structures and character sets that mail programs write."""

import base64
import time

import pytest

from chalicelib.domain.file_text import extract_text

HEADER = b"From: a@fabrikam.example\nDate: Fri, 20 Nov 2026 09:00:00 +0100\n"
PDF = b"Content-Type: application/pdf\nContent-Disposition: inline; filename=sow.pdf\n\n%PDF"
CONFIRMED = b"From: c@fabrikam.example\nSubject: Re: SOW\nContent-Type: text/plain\n\nWe confirm.\n"


def read(mail: bytes) -> str:
    found = extract_text("eml", len(mail), lambda start, end: mail[start:end])
    assert found is not None
    return found[0]


def parts(kind: str, *each: bytes, boundary: bytes = b"b") -> bytes:
    inner = b"".join(b"--" + boundary + b"\n" + one + b"\n" for one in each)
    head = b"Content-Type: multipart/" + kind.encode() + b"; boundary=" + boundary
    return head + b"\n\n" + inner + b"--" + boundary + b"--\n"


def plain(text: bytes) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\n\n" + text


def html(text: bytes) -> bytes:
    return b"Content-Type: text/html; charset=utf-8\n\n<p>" + text + b"</p>"


def forwarded(disposition: bytes) -> bytes:
    return b"Content-Type: message/rfc822\n" + disposition + b"\n" + CONFIRMED


ATTACHED = forwarded(b'Content-Disposition: attachment; filename="Re SOW.eml"\n')
QUOTED = b"Content-Transfer-Encoding: quoted-printable"


@pytest.mark.parametrize(
    ("mail", "lines"),
    [
        # A mail that was forwarded as an attachment: d99kris/nmail#55, postalsys/postal-mime#45
        (
            parts("mixed", plain(b"FYI"), ATTACHED),
            ["FYI", "From: c@fabrikam.example", "Subject: Re: SOW", "We confirm.", "[Re SOW.eml]"],
        ),
        (
            parts("mixed", plain(b"FYI"), forwarded(b"Content-Disposition: inline\n")),
            ["FYI", "From: c@fabrikam.example", "Subject: Re: SOW", "We confirm."],
        ),
        # RFC 2046, 5.1.5: the parts of a digest are mails
        (
            parts("digest", b"\nFrom: c@x.example\n\nOne\n", b"\nFrom: d@x.example\n\nTwo\n"),
            ["From: c@x.example", "One", "From: d@x.example", "Two"],
        ),
        # Apple Mail writes the text before and behind a file as two parts: ikvk/imap_tools#247,
        # php-mime-mail-parser#160, #164
        (parts("mixed", plain(b"Hi"), PDF, plain(b"We agree.")), ["Hi", "We agree.", "[sow.pdf]"]),
        (parts("mixed", html(b"Hi"), PDF, html(b"We agree.")), ["Hi", "We agree.", "[sow.pdf]"]),
        (
            parts(
                "alternative",
                plain(b"Hi. We agree."),
                parts("mixed", html(b"Hi"), PDF, html(b"We agree."), boundary=b"c"),
            ),
            ["Hi. We agree.", "[sow.pdf]"],
        ),
        (
            parts(
                "alternative",
                plain(b" "),
                b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR",
                parts("related", html(b"We agree."), boundary=b"c"),
            ),
            ["We agree."],
        ),
        # A name does not make an attachment of the only text (RFC 2183, 2.1)
        (b"Content-Type: text/plain; name=body.txt\n\nWe agree.", ["We agree.", "[body.txt]"]),
        # SpamScope/mail-parser, mail_test_3: a part that is to be shown, though it has a name
        (
            parts(
                "mixed", plain(b"Hi"), b"Content-Disposition: inline; filename=a.txt\n\nWe agree."
            ),
            ["Hi", "We agree.", "[a.txt]"],
        ),
        (
            parts("mixed", plain(b"Hi"), b"Content-Type: text/csv; name=a.csv\n\n1"),
            ["Hi", "[a.csv]"],
        ),
        (
            b"Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nNo",
            ["[a.txt]"],
        ),
        # Several parts whose boundary is not there are shown as they are
        (
            b"Content-Type: multipart/mixed; boundary=c\n\n--b\n\nWe agree.\n--b--\n",
            ["--b", "We agree.", "--b--"],
        ),
        (QUOTED + b" \n\nWe ag=\nree.", ["We agree."]),  # a blank behind the name
    ],
)
def test_everything_that_a_mail_says_is_read(mail, lines):
    text = read(HEADER + mail)

    shown = [line for line in text.split("\n")[2:] if line]
    assert shown == lines


def test_the_mails_of_a_mailbox_are_read_one_after_the_other():
    """RFC 4155: as Thunderbird, Apple Mail and Gmail export a correspondence."""
    separator = b"From - Fri Nov 20 09:00:00 2026\n"
    first = HEADER + parts("mixed", plain(b"Please confirm.\n\nFrom here on, we wait."))

    text = read(separator + first + b"\n" + separator + CONFIRMED)

    assert [line for line in text.split("\n") if line] == [
        "From: a@fabrikam.example",
        "Date: Fri, 20 Nov 2026 09:00:00 +0100",
        "Please confirm.",
        "From here on, we wait.",
        "From: c@fabrikam.example",
        "Subject: Re: SOW",
        "We confirm.",
    ]


@pytest.mark.parametrize("stray", [b"no field\n", b"\n"])
def test_a_stray_line_in_the_header_ends_no_header(stray):
    text = read(b"To: p@partner.example\n" + stray + HEADER + html(b"We agree."))

    assert text.split("\n")[0] == "From: a@fabrikam.example"
    assert text.endswith("\n\nWe agree.")


def test_a_space_before_the_colon_of_a_header_is_passed_over():
    """RFC 5322, 4.5."""
    text = read(b"From : a@fabrikam.example\nDate: x\nSubject : SOW\n\nWe agree.")

    assert text == "From: a@fabrikam.example\nDate: x\nSubject: SOW\n\nWe agree."


# Row 13 of JIS X 0208 and others that only Windows has: Alinto/sogo#380, pear/Mail_Mime#18. The
# bytes are those of the WHATWG Encoding Standard, index jis0208.
JAPANESE = b"\x1b$B-!-j|b\x1b(B ok"


@pytest.mark.parametrize(
    ("declared", "content", "text"),
    [
        (b"iso-2022-jp", JAPANESE, "①㈱髙 ok"),
        (b"iso-2022-jp", b"\x1b$B7@Ls\x1b(B\n\x1b$B>5G'\x1b(B", "契約\n承認"),
        (b"iso-2022-jp", b"\x1b(I12\x1b(B", "ｱｲ"),
        (b'"_iso-2022-jp$ESC"', b"\x1b$B7@Ls\x1b(B", "契約"),  # Lotus Notes
        (b"us-ascii", b"\x1b$B7@Ls\x1b(B", "契約"),
        (b"iso-2022-jp", "契約を承認".encode(), "契約を承認"),  # mikel/mail#1423
        (b"iso-8859-1", "Größe".encode(), "Größe"),
        (b"utf-8", "Größe".encode("cp1252"), "Größe"),
        (b"utf-8", "契約".encode() + b"\xff", "契約\ufffd"),
        (b"gbk", "联通".encode("gbk"), "联通"),  # these bytes are also UTF-8
        (b"windows-949", "계약".encode("cp949"), "계약"),
        (b"iso-8859-8-e", "שלום".encode("iso8859-8"), "שלום"),
        (b"base64", "Größe".encode(), "Größe"),
    ],
)
def test_a_text_is_read_though_its_character_set_is_another_one(declared, content, text):
    head = b"Content-Type: text/plain; charset=" + declared + b"\n\n"

    assert read(HEADER + head + content).partition("\n\n")[2] == text


@pytest.mark.parametrize(
    "subject", [JAPANESE, b"=?iso-2022-jp?B?" + base64.b64encode(JAPANESE) + b"?="]
)
def test_a_japanese_subject_is_read(subject):
    assert "Subject: ①㈱髙 ok" in read(HEADER + b"Subject: " + subject + b"\n\nYes.")


def test_an_html_mail_may_declare_its_character_set_itself():
    page = '<meta content="text/html; charset=iso-8859-2"><p>szerződés</p>'.encode("iso8859-2")

    assert read(HEADER + b"Content-Type: text/html\n\n" + page).endswith("szerződés")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        # andris9/nodemailer-html-to-text#2: words of two cells or blocks are two words
        (b"<table><tr><td>Item<td>Sales<tr><td>Until<td>2027</table>", "Item\tSales\nUntil\t2027"),
        (b"<div>We agree.</div>Kind regards<br>Ada", "We agree.\nKind regards\nAda"),
        (b"<dl><dt>Item<dd>Sales</dl><hr>Ada", "Item\nSales\nAda"),
        (b"<p>We <b>agree</b>.</p>\n<p>Ada</p>", "We agree.\nAda"),
        (b"Ag<wbr>reed<span>!</span>", "Agreed!"),
    ],
)
def test_an_html_mail_is_read_in_lines_and_cells(page, text):
    body = read(HEADER + b"Content-Type: text/html\n\n" + page).partition("\n\n")[2]

    assert [line.strip() for line in body.split("\n")] == text.split("\n")


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: message/rfc822\n\n" * 300,
        b"\nFrom a 2026\n" * 30_000,
        b"\n" * 500_000,
        b"\n\x1b$B" + b"!" * 500_000,
        b"Content-Type: text/html\n\n" + b"<meta charset=" * 30_000,
    ],
    ids=["nested", "mailbox", "blank lines", "Japanese", "meta"],
)
def test_no_mail_takes_long(body):
    mail = b"From - Fri Nov 20 09:00:00 2026\n" + HEADER + body

    started = time.process_time()
    extract_text("eml", len(mail), lambda start, end: mail[start:end])

    assert time.process_time() - started < 5
