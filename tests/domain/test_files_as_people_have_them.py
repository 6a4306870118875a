"""Real files from public reports: which kind each is, and which are refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.files import PDF, kind

FILES = Path(__file__).parent.parent / "data" / "files"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pdf20-offset-start.pdf", "pdf"),  # pdf-association/pdf20examples
        ("pdf-bom.pdf", "pdf"),  # jeidison/signer-php#11
        ("pdf-multipart.pdf", "pdf"),  # AJMitev/FileTypeChecker#52
        ("pdf-cut.pdf", None),  # an upload that was cut off
        ("macro-enabled.docm", None),  # sindresorhus/file-type fixture
        ("macro-enabled.pptm", None),  # sindresorhus/file-type fixture
        ("docx-renamed-vba.docx", None),  # decalage2/oletools: names of parts are free
        ("xlsx-zip64-eocd.xlsx", "xlsx"),  # adamhathcock/sharpcompress#601
        ("eml-bom.eml", "eml"),  # GOVCERT-LU/eml_parser
        ("eml-cr.eml", "eml"),  # sepinf-inc/IPED#651
        ("eml-mbox-from.eml", "eml"),  # s1t5/mail-archiver#518
        ("eml-quoted-from.eml", "eml"),  # thunderbird/import-export-tools-ng#950
    ],
)
def test_a_file_from_a_public_report(name: str, expected: str | None) -> None:
    assert kind((FILES / name).read_bytes()) == expected


@pytest.mark.parametrize(
    "content",
    [
        PDF.replace(b"trailer\n<<>>", b"trailer\n<</Encrypt 5 0 R>>"),
        PDF.replace(b"<<>>\nendobj", b"<</Type/XRef/Encrypt<</V 4>>>>\nendobj"),
        b"<html>" + PDF,
        b" " * 2_000 + PDF,
    ],
)
def test_a_pdf_that_a_reviewer_cannot_open_is_refused(content: bytes) -> None:
    assert kind(content) is None


# ISO 32000: the index at the end names the key, in a table's trailer or in a stream's dictionary.
OBJECTS = b"1 0 obj\n<</Type/Catalog>>\nendobj\n"
INDEX = b"7 0 obj\n<</Type/XRef/Size 8%s>>stream\n" + bytes(9_000) + b"\nendstream\nendobj\n"


def an_indexed_pdf(entry: bytes, before: bytes = b"") -> bytes:
    """A PDF whose index is a stream that is longer than what is read of the end."""
    body = b"%PDF-1.7\n" + OBJECTS + bytes(50_000)
    end = b"startxref\n%d\n%%%%EOF\n" % len(body)
    return before + body + INDEX % entry + end


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"--boundary\r\n\r\n"])
def test_an_encrypted_pdf_is_told_by_its_index(before: bytes) -> None:
    assert kind(an_indexed_pdf(b"", before)) == "pdf"
    assert kind(an_indexed_pdf(b"/Encrypt 5 0 R", before)) is None


@pytest.mark.parametrize(
    "padding",
    [
        bytes(80_508),  # firecrawl/anydoc#59: iTextSharp
        bytes(2_048),  # J-F-Liu/lopdf#548
        b"\0 " * 2_000,  # mfenniak/pyPdf#20
        b"\r\n" * 2_000,
    ],
    ids=["iTextSharp", "zeros", "zeros and spaces", "lines"],
)
def test_a_pdf_may_be_filled_up(padding: bytes) -> None:
    assert kind(PDF + padding) == "pdf"
    assert kind(an_indexed_pdf(b"/Encrypt 5 0 R") + padding) is None
    assert kind(PDF.replace(b"%%EOF", b"") + padding) is None


def test_a_pdf_with_more_behind_its_end_than_padding_is_none() -> None:
    """ISO 32000-1, annex H, note 18: the end mark is in the last 1,024 bytes."""
    assert kind(PDF + b"<html>" + b"a" * 5_580) is None
    assert kind(PDF + bytes(2_000_000)) is None


# The first bytes by which systems run a file: Windows, Linux, macOS, scripts, browsers.
@pytest.mark.parametrize(
    "start",
    [
        b"MZ\x90\0",
        b"\x7fELF",
        b"#!/bin/sh\n",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b" \r\n<html>",
        b"\xef\xbb\xbf<!-- -->",
        b"%!PS-Adobe-3.0\n",  # PostScript is a programming language
    ],
)
def test_a_program_or_page_that_carries_a_pdf_is_none(start: bytes) -> None:
    assert kind(start + bytes(60) + PDF) is None


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\n"])
def test_every_version_of_pdf_is_taken(version: str, line_end: bytes) -> None:
    content = PDF.replace(b"1.7", version.encode(), 1).replace(b"\n", line_end)

    assert kind(content) == "pdf"


def test_fill_bytes_before_a_marker_are_part_of_jpeg() -> None:
    """ITU T.81, B.1.1.2."""
    assert kind(b"\xff\xd8\xff\xff\xff\xe0\x00\x10JFIF\x00") == "jpeg"


@given(
    st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\xff\xd8\xff", b"From: a\nDate: b\n"]),
    st.binary(max_size=300),
    st.sampled_from([b"", b"startxref 9999999999 %%EOF", b"PK\x05\x06" + bytes(18)]),
)
def test_no_content_is_an_error(start: bytes, middle: bytes, end: bytes) -> None:
    assert kind(start + middle + end) in {None, "pdf", "jpeg", "eml"}
