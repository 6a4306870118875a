"""The real type of a file: every accepted kind, and disguised files of hostile senders."""

import struct
import time
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.evidence import TYPES
from chalicelib.domain.file_types import detect_file_type
from tests.support.files import (
    JPEG,
    MAIL,
    PARTS,
    PDF,
    PNG,
    a_package,
    a_package_of,
    an_office_file,
    kind,
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PDF, "pdf"),
        (b"%PDF-2.0\n", "pdf"),
        (PNG, "png"),
        (JPEG, "jpeg"),
        (b"\xff\xd8\xff\xdb\x00\x43", "jpeg"),
        (MAIL, "eml"),
        (MAIL.replace(b"\r\n", b"\n"), "eml"),
        *((an_office_file(kind), kind) for kind in PARTS),
    ],
)
def test_every_accepted_kind_is_recognised_by_its_content(content: bytes, expected: str) -> None:
    assert kind(content) == expected
    assert expected in TYPES.values()


def test_a_mail_is_known_even_when_its_sender_stands_far_down() -> None:
    stamps = b"".join(b"Received: from hop%d\r\n\tby hop%d\r\n" % (n, n) * 8 for n in range(60))

    assert kind(stamps + MAIL) == "eml"


def test_a_japanese_mail_may_switch_its_characters() -> None:
    assert kind(MAIL + b"\x1b$B$3$s\x1b(B") == "eml"


def test_an_office_file_may_carry_a_comment_and_many_parts() -> None:
    many = an_office_file(
        "pptx", *(f"ppt/slides/slide{n}.xml" for n in range(3_000)), comment=b"made elsewhere"
    )

    assert kind(many) == "pptx"


def test_a_document_whose_main_part_is_numbered_is_a_document() -> None:
    assert kind(a_package(["[Content_Types].xml", "word/document2.xml"])) == "docx"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%",
        b"P",
        b"PK\x03\x04",
        b"PK\x05\x06" + bytes(18),
        b"\xff\xd8\xff",
        b"%PDF-",
        b"%PDF-9.9",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"Rar!\x1a\x07",
        b"7z\xbc\xaf\x27\x1c",
        b"#!/bin/sh\n",
        b"<html><body>%PDF-1.7</body></html>",
        b"<svg onload='alert(1)'/>",
        b"GIF89a",
        b"  %PDF-1.7",
        b"\x89PNG\r\n\x1a\n<script>",
        b"\xff\xd8\xff<?php",
        b"RIFF\x00\x00\x00\x00WEBP",
    ],
)
def test_what_is_not_taken_has_no_kind(content: bytes) -> None:
    assert kind(content) is None


@pytest.mark.parametrize(
    "content",
    [
        b"From: a@b.example\r\n\r\nno stamp",
        b"Date: now\r\n\r\nno sender",
        b"<html>\r\n" + MAIL,
        MAIL.replace(b"ok", b"o\0k"),
        b"From: a@b.example\r\n<p>\r\nDate: x\r\n\r\n",
    ],
)
def test_what_only_looks_like_a_mail_is_none(content: bytes) -> None:
    assert kind(content) is None


@pytest.mark.parametrize(
    "names",
    [
        ["word/document.xml"],
        ["[Content_Types].xml"],
        ["[Content_Types].xml", "word/document.xml", "xl/workbook.xml"],
        ["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"],
        ["[Content_Types].xml", "xl/workbook.xml", "xl/macrosheets/sheet1.xml"],
        ["[Content_Types].xml", "xl/workbook.bin"],
        ["[Content_Types].xml", "word/document.xml", "word/activeX/activeX1.bin"],
        ["META-INF/MANIFEST.MF", "Main.class"],
        ["mimetype", "content.xml"],
        ["[Content_Types].xml", "evil/word/document.xml"],
        ["[Content_Types].xml", "word/document.xml.exe"],
    ],
)
def test_a_package_that_is_no_plain_office_file_has_no_kind(names: list[str]) -> None:
    assert kind(a_package(names)) is None


def test_a_package_behind_something_else_has_no_kind() -> None:
    assert kind(b"MZ" + an_office_file("docx")) is None
    assert kind(b"PK\x03\x04 not where it says" + an_office_file("docx")) is None


def test_a_damaged_or_encrypted_package_has_no_kind() -> None:
    whole = an_office_file("docx")
    at = whole.index(b"PK\x01\x02")
    encrypted = whole[: at + 8] + b"\x01" + whole[at + 9 :]
    many = whole[:-12] + struct.pack("<H", 60_000) + whole[-10:]

    assert kind(whole[:-1]) is None
    assert kind(whole + b"x") is None
    assert kind(whole[: len(whole) // 2]) is None
    assert kind(encrypted) is None
    assert kind(many) is None


def test_a_second_directory_hidden_in_the_comment_is_not_believed() -> None:
    hidden = a_package(["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"])
    decoy = an_office_file("docx")

    assert kind(a_package(["x.exe"], comment=decoy)) is None
    assert kind(hidden[:-2] + struct.pack("<H", len(decoy)) + decoy) is None


def test_the_same_name_twice_has_no_kind() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = a_package(["[Content_Types].xml", "word/document.xml", "word/document.xml"])

    assert kind(twice) is None


def test_only_signposts_are_read_of_a_large_file() -> None:
    noise = b"".join(sha256(str(n).encode()).digest() for n in range(300_000))
    small = {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}
    large = a_package_of({**small, "word/media/image1.png": noise})
    read = 0

    def counting(start: int, end: int) -> bytes:
        nonlocal read
        read += end - start
        return large[start:end]

    assert detect_file_type(len(large), counting) == "docx"
    assert read < 120_000


@pytest.mark.parametrize(
    "content",
    [
        b"A:" + b"\n " * 16_000,
        b"A: " + b" " * 32_000,
        b"a" * 32_000,
        b"A:\n" * 10_000,
        b"A:" + b"\r\n\t" * 10_000 + b"x",
    ],
)
def test_no_header_takes_long_to_refuse(content: bytes) -> None:
    started = time.process_time()  # what others do on the machine does not count

    assert kind(content) is None
    assert time.process_time() - started < 0.5


@settings(max_examples=500, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", PDF, PNG, JPEG, MAIL, an_office_file("xlsx")]),
    st.integers(0, 400),
)
def test_no_bytes_make_it_crash(noise: bytes, start: bytes, cut: int) -> None:
    assert kind(start[:cut] + noise + start[cut:]) in {None, *TYPES.values()}
