"""The name under which a reviewer saves a partner's file."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.evidence import TYPES
from chalicelib.domain.file_names import clean_file_name

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("typed", "content_type", "saved"),
    [
        ("signed sow.pdf", PDF, "signed sow.pdf"),
        ("Angebot 2026.10 für Müller.PDF", PDF, "Angebot 2026.10 für Müller.pdf"),
        ("Offer v2.1", PDF, "Offer v2.1.pdf"),
        ("契約書.pdf", PDF, "契約書.pdf"),
        ("photo.jpeg", "image/jpeg", "photo.jpg"),
        ("mail.eml", "message/rfc822", "mail.eml"),
        ("without extension", DOCX, "without extension.docx"),
        ("signed_sow.hta", PDF, "signed_sow.pdf"),
        ("offer.html", PDF, "offer.pdf"),
        ("proof.docm", DOCX, "proof.docx"),
        ("proof.pdf.exe", PDF, "proof.pdf"),
        ("sow.jar", DOCX, "sow.docx"),
        ("x.pdf\u2007\u2007\u2007\u2007.scr", PDF, "x.pdf"),
        ("invoice\u202efdp.exe", PDF, "invoicefdp.pdf"),
        ("a\u200e\u061cb.pdf", PDF, "ab.pdf"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("..%2f..%5cpasswd", PDF, "passwd.pdf"),
        ("Vertrag%20f%C3%BCr%20M%C3%BCller.pdf", PDF, "Vertrag für Müller.pdf"),
        ("Rabatt 20%ff.pdf", PDF, "Rabatt 20_ff.pdf"),
        ("a%0D%0Ab%252e.pdf", PDF, "ab_2e.pdf"),
        ("C:\\fakepath\\sow.pdf", PDF, "sow.pdf"),  # HTML, "fakepath srsly"
        ("Ve\u0301rtrag.pdf", PDF, "Vértrag.pdf"),  # as macOS stores names
        ("SOW - Copy.pdf.download", PDF, "SOW - Copy.pdf"),
        ("NUL.tar.pdf", PDF, "_NUL.tar.pdf"),
        ("..\\..\\startup\\run.bat", PDF, "run.pdf"),
        ("CON", PDF, "_CON.pdf"),
        ("com1.pdf", PDF, "_com1.pdf"),
        ("...", PDF, "evidence.pdf"),
        ("\u200b", PDF, "evidence.pdf"),
        ("a\r\nb\0.pdf", PDF, "ab.pdf"),
        ('a"b|c?.pdf', PDF, "a_b_c_.pdf"),
        ("NUL .tar.pdf", PDF, "_NUL .tar.pdf"),  # Python, `os.path.isreserved`
        ("\u3164.pdf", PDF, "evidence.pdf"),  # Unicode, "Default_Ignorable": a Hangul filler
        ("\u2800\u2800.pdf", PDF, "evidence.pdf"),  # blank Braille patterns
        ("\ufe0f.pdf", PDF, "evidence.pdf"),  # a variation selector alone
        ("SOW.pdf\u3164\u3164\u3164.exe", PDF, "SOW.pdf"),
        ("a\u2800b.pdf", PDF, "a b.pdf"),
        ("Vertrag Fabrikam S.A.", PDF, "Vertrag Fabrikam S.A.pdf"),
    ],
)
def test_the_stem_stays_and_the_extension_follows_the_type(
    typed: str, content_type: str, saved: str
) -> None:
    assert clean_file_name(typed, content_type) == saved


@given(st.text(max_size=400), st.sampled_from(sorted(TYPES)))
def test_no_name_leads_elsewhere_or_misleads(typed: str, content_type: str) -> None:
    saved = clean_file_name(typed, content_type)

    stem, _, extension = saved.rpartition(".")
    assert extension in {"pdf", "docx", "xlsx", "pptx", "png", "jpg", "eml"}
    assert 0 < len(stem) <= 151
    assert not set(saved) & set('/\\<>:"|?*%')
    assert not [c for c in saved if unicodedata.category(c)[0] == "C"]
    assert stem == stem.strip(" .") or stem == "_" + stem[1:].strip(" .")
    assert clean_file_name(saved, content_type) == saved


@pytest.mark.parametrize("name", ["あ" * 200, "😀" * 200, "a" * 300, "ő" * 149])
def test_a_name_fits_file_systems_that_count_bytes(name: str) -> None:
    cleaned = clean_file_name(f"{name}.docx", DOCX)

    assert len(cleaned.encode()) <= 255  # ext4 and APFS
    assert cleaned.endswith(".docx")
