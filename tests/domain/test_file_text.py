"""The text of mails and Word documents, as reviewers read it."""

import base64
import time

import pytest

from chalicelib.domain.file_text import MAX_TEXT, extract_text
from tests.support.files import MAIL, PARTS, PDF, a_package_of

MAIL_LINES = MAIL.replace(b"\r\n", b"\n")
WORD = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def text_of(kind: str, content: bytes) -> tuple[str, bool] | None:
    return extract_text(kind, len(content), lambda start, end: content[start:end])


def a_document(*paragraphs: bytes, head: bytes = b"", word: bytes = WORD) -> bytes:
    body = b"".join(b"<w:p>" + one + b"</w:p>" for one in paragraphs)
    part = head + b"<w:document " + word + b"><w:body>" + body + b"</w:body></w:document>"
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
        b'--b\r\nContent-Type: multipart/alternative; boundary="c"\r\n\r\n'
        b"--c\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n"
        b"--c\r\nContent-Type: text/plain\r\n\r\nplain\r\n--c--\r\n"
        b"--b\r\nContent-Type: application/pdf\r\n"
        b'Content-Disposition: attachment; filename="sow.pdf"\r\n\r\n%PDF\r\n--b--\r\n'
    )

    found = text_of("eml", a_mail(body, b'multipart/mixed; boundary="b"'))

    assert found is not None
    assert "plain" in found[0]
    assert "rich" not in found[0]
    assert "[sow.pdf]" in found[0]


def test_of_a_mail_whose_plain_part_is_empty_the_page_is_read():
    body = (
        b"--b\r\nContent-Type: text/plain\r\n\r\n \r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>We agree.</p>\r\n--b--\r\n"
    )

    found = text_of("eml", a_mail(body, b'multipart/alternative; boundary="b"'))

    assert found is not None
    assert "We agree." in found[0]


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


# What mail programs write under a name that means less by its standard (WHATWG Encoding, 4.2).
@pytest.mark.parametrize(
    ("declared", "written", "text"),
    [
        (b"iso-8859-1", "cp1252", "“ja” – 5 €"),  # Outlook, western
        (b"us-ascii", "cp1252", "Größe – ja"),
        (b"us-ascii", "utf-8", "Größe – ja"),
        (b"iso-8859-9", "cp1254", "“Anlaşma” €"),
        (b"gb2312", "gbk", "朱镕基"),  # Outlook, Chinese
        (b"x-gbk", "gbk", "朱镕基"),
        (b"shift_jis", "cp932", "①契約㈱"),  # Outlook, Japanese
        (b"x-sjis", "cp932", "契約"),
        (b"windows-31j", "cp932", "契約"),
        (b"ks_c_5601-1987", "cp949", "똠방 계약"),  # Outlook, Korean
        (b"windows-874", "cp874", "สัญญา"),
        (b"x-mac-roman", "mac-roman", "Größe"),
        (b"UTF-8", "utf-8", "Größe"),
    ],
)
def test_a_mail_is_read_in_the_character_set_that_its_program_writes(declared, written, text):
    found = text_of("eml", a_mail(text.encode(written), b"text/plain; charset=" + declared))

    assert found is not None
    assert found[0].endswith(text)


def test_a_mail_without_a_character_set_is_read_as_windows_writes():
    found = text_of("eml", a_mail("Größe".encode("cp1252"), b"text/plain"))

    assert found is not None
    assert found[0].endswith("Größe")


def test_headers_outside_ascii_are_read_as_they_are_written():
    """RFC 6532, and names of files that programs write without encoding them."""
    mail = (
        "From: Jürgen <j@fabrikam.example>\nDate: x\nSubject: Größe\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf\n"
        'Content-Disposition: attachment; filename="Größe.pdf"\n\n%PDF\n--b--\n'
    )

    found = text_of("eml", mail.encode())

    assert found is not None
    assert "From: Jürgen <j@fabrikam.example>" in found[0]
    assert "Subject: Größe" in found[0]
    assert "[Größe.pdf]" in found[0]


def test_an_encoded_header_is_read_in_the_character_set_that_its_program_writes():
    word = base64.b64encode("朱镕基".encode("gbk"))

    found = text_of("eml", b"From: a@b.example\nDate: x\nSubject: =?gb2312?B?%s?= ok\n\n" % word)

    assert found is not None
    assert "Subject: 朱镕基 ok" in found[0]


def test_an_encoding_of_domain_names_is_no_character_set():
    """Python's takes the square of the length: seconds for a mail."""
    text = b"a" * 200_000 + b"-" + b"a" * 200_000

    started = time.process_time()
    found = text_of("eml", a_mail(text, b"text/plain; charset=punycode"))

    assert found is not None
    assert time.process_time() - started < 0.5


def test_a_mail_that_apple_mail_keeps_is_read_without_its_notes():
    """An .emlx begins with the length of the mail, and ends with a property list."""
    found = text_of("eml", b"%d      \n" % len(MAIL_LINES) + MAIL_LINES + b"<plist/>\n")

    assert found == text_of("eml", MAIL)


def test_a_strict_document_is_its_paragraphs():
    """Word, "Strict Open XML Document" (ISO/IEC 29500-1, annex A)."""
    strict = b'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'

    content = a_document(b"<w:r><w:t>Statement</w:t><w:tab/><w:t>of Work</w:t></w:r>", word=strict)

    assert text_of("docx", content) == ("Statement\tof Work", False)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_document_in_utf_16_is_read(encoding):
    """ECMA-376, part 2, 8.2.5: parts are UTF-8 or UTF-16."""
    text = f"<w:document {WORD.decode()}><w:p><w:r><w:t>Größe</w:t></w:r></w:p></w:document>"
    part = f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode(encoding)

    content = a_package_of({"[Content_Types].xml": b"<x/>", PARTS["docx"]: part})

    assert text_of("docx", content) == ("Größe", False)


def test_a_hyphen_that_does_not_break_is_read():
    """ECMA-376, part 1, 17.3.3.18: without it, a date reads as a number."""
    content = a_document(b"<w:r><w:t>2026</w:t><w:noBreakHyphen/><w:t>09</w:t></w:r>")

    assert text_of("docx", content) == ("2026\u201109", False)


MC = b'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
BOX = b"<w:txbxContent><w:p><w:r><w:t>Accepted in May</w:t></w:r></w:p></w:txbxContent>"
# Word writes a text box twice (yfedoseev/office_oxide#163; ECMA-376, part 3, 7.6).
TEXT_BOX = (
    b"<w:r><mc:AlternateContent %s><mc:Choice Requires='wps'>%s</mc:Choice>"
    b"<mc:Fallback>%s</mc:Fallback></mc:AlternateContent></w:r>" % (MC, BOX, BOX)
)
# A text that was moved stands in both places (ECMA-376, part 1, 17.13.5.22).
MOVED = (
    b"<w:moveFrom><w:r><w:t>Signed. </w:t></w:r></w:moveFrom><w:r><w:t>Accepted. </w:t></w:r>"
    b"<w:moveTo><w:r><w:t>Signed.</w:t></w:r></w:moveTo>"
)
DELETED = (
    b"<w:del><w:r><w:delText>not </w:delText><w:tab/></w:r></w:del>"
    b"<w:ins><w:r><w:t>accepted</w:t></w:r></w:ins>"
)
# The reading of a name stands above its characters (17.3.3.25).
READING = (
    "<w:r><w:ruby><w:rt><w:r><w:t>たなか</w:t></w:r></w:rt>"
    "<w:rubyBase><w:r><w:t>田中</w:t></w:r></w:rubyBase></w:ruby></w:r>"
).encode()
# Tab stops are no tabs (17.3.1.37).
TAB_STOPS = (
    b"<w:pPr><w:tabs><w:tab w:val='left'/><w:tab w:val='right'/></w:tabs></w:pPr>"
    b"<w:r><w:t>Name</w:t><w:tab/><w:t>Date</w:t><w:ptab/><w:t>Place</w:t></w:r>"
)


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        pytest.param(TEXT_BOX, "Accepted in May", id="text box"),
        pytest.param(MOVED, "Accepted. Signed.", id="moved"),
        pytest.param(DELETED, "accepted", id="deleted"),
        pytest.param(READING, "田中", id="reading"),
        pytest.param(TAB_STOPS, "Name\tDate\tPlace", id="tab stops"),
    ],
)
def test_a_document_is_read_as_its_readers_see_it(paragraph, text):
    before = b"<w:r><w:t>Before</w:t></w:r>"  # blank space at the end of a text is cut

    assert text_of("docx", a_document(before, paragraph)) == (f"Before\n{text}", False)


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
