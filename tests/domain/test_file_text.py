"""The text of mails and Word documents, as reviewers read it."""

import pytest

from chalicelib.domain.file_text import MAX_TEXT, extract_text
from tests.support.files import MAIL, PARTS, PDF, a_package_of

WORD = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def text_of(kind: str, content: bytes) -> tuple[str, bool] | None:
    return extract_text(kind, len(content), lambda start, end: content[start:end])


def a_document(*paragraphs: bytes, head: bytes = b"") -> bytes:
    body = b"".join(b"<w:p>" + one + b"</w:p>" for one in paragraphs)
    part = head + b"<w:document " + WORD + b"><w:body>" + body + b"</w:body></w:document>"
    return a_package_of({"[Content_Types].xml": b"<x/>", PARTS["docx"]: part})


def a_mail(body: bytes, kind: bytes = b"text/plain; charset=utf-8") -> bytes:
    return (
        b"From: =?utf-8?q?J=C3=BCrgen?= <j@fabrikam.example>\r\nTo: p@partner.example\r\n"
        b"Date: Fri, 20 Nov 2026 09:00:00 +0100\r\nSubject: =?utf-8?b?QWJuYWhtZQ==?=\r\n"
        b"Content-Type: " + kind + b"\r\n\r\n" + body
    )


def test_a_mail_is_its_headers_and_its_text():
    found = text_of("eml", a_mail("Die Arbeit ist abgenommen – ja.\r\n".encode()))

    assert found is not None
    text, is_cut = found
    assert "From: Jürgen <j@fabrikam.example>" in text
    assert "Subject: Abnahme" in text
    assert text.endswith("Die Arbeit ist abgenommen – ja.")
    assert not is_cut


def test_a_mail_after_a_byte_order_mark_and_a_separator_is_read():
    found = text_of("eml", b"\xef\xbb\xbfFrom ada Fri Nov 20 09:00:00 2026\n" + MAIL)

    assert found is not None
    assert found[0].split("\n") == [
        "From: Ada <ada@fabrikam.example>",
        "Date: Fri, 20 Nov 2026 09:00:00 +0100",
        "Subject: ok",
        "",
        "Yes.",
    ]


def test_of_a_mail_in_parts_the_plain_text_is_read_and_files_are_named():
    body = (
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
        b"--b\r\nContent-Type: application/pdf\r\n"
        b'Content-Disposition: attachment; filename="sow.pdf"\r\n\r\n%PDF\r\n--b--\r\n'
    )

    found = text_of("eml", a_mail(body, b'multipart/mixed; boundary="b"'))

    assert found is not None
    assert "plain" in found[0]
    assert "rich" not in found[0]
    assert "[sow.pdf]" in found[0]


def test_an_html_mail_is_read_without_its_markup_and_scripts():
    html = b"<style>p{}</style><p>We agree.</p><script>steal()</script><p>A. Customer</p>"

    found = text_of("eml", a_mail(html, b"text/html"))

    assert found is not None
    assert "We agree.\nA. Customer" in found[0]
    assert "steal" not in found[0]
    assert "<" not in found[0].partition("\n\n")[2]


@pytest.mark.parametrize(
    "markup", ["<!--", "<a ", "<a", "</", "<?", "<![", "<a x='", "a<b>", "<script>", "&#"]
)
def test_an_html_mail_takes_no_longer_than_its_size(markup):
    """`html.parser` takes the square of the length, or raises AssertionError."""
    html = b"<p class=\"x\"\nid='y'>We agree.</p>" + markup.encode() * 300_000

    found = text_of("eml", a_mail(html, b"text/html"))

    assert found is not None
    assert "We agree." in found[0]


def test_a_mail_of_very_many_parts_is_read_from_its_beginning():
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n"

    found = text_of("eml", a_mail(part * 50_000, b'multipart/mixed; boundary="b"'))

    assert found is not None
    assert "plain" in found[0]


def test_a_character_set_that_does_not_exist_is_read_as_utf_8():
    found = text_of("eml", a_mail("Größe".encode(), b"text/plain; charset=x-none"))

    assert found is not None
    assert found[0].endswith("Größe")


def test_a_document_is_its_paragraphs():
    content = a_document(
        b"<w:r><w:t>Statement </w:t></w:r><w:r><w:t>of Work</w:t></w:r>",
        b"<w:r><w:t>Line</w:t><w:br/><w:t>end</w:t></w:r>",
    )

    assert text_of("docx", content) == ("Statement of Work\nLine\nend", False)


def test_a_long_text_is_cut_at_256_kilobytes():
    content = a_document(*[b"<w:r><w:t>" + "é".encode() * 999 + b"</w:t></w:r>"] * 300)

    found = text_of("docx", content)

    assert found is not None
    assert MAX_TEXT - 2 <= len(found[0].encode()) <= MAX_TEXT == 256 * 1024
    assert found[1]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("pdf", PDF),
        ("docx", b"PK\x03\x04 cut off"),
        ("docx", a_document(b"<w:r>&x;</w:r>", head=b'<!DOCTYPE x [<!ENTITY x "x">]>')),
        ("docx", a_document(b"<w:r>")),
        ("docx", a_package_of({"[Content_Types].xml": b"<x/>"})),
    ],
    ids=["another kind", "damaged", "entities", "not well formed", "no main part"],
)
def test_what_has_no_text_has_none(kind, content):
    assert text_of(kind, content) is None


def test_a_mail_of_endless_parts_is_not_read():
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
        for n in range(20_000)
    )

    found = text_of("eml", MAIL[: -len(b"\r\nYes.\r\n")] + nested)

    assert found is None or len(found[0]) <= MAX_TEXT
