"""Office files from public reports: which kind each is, and which are refused."""

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.files import PARTS, a_package, a_package_of, kind
from tests.support.office import MAIN, RELATIONSHIPS, TYPES, a_link, an_office_file, rename


def a_field(code: str) -> bytes:
    return f"<p><instrText>{code}</instrText></p>".encode()


def test_content_types_are_compared_without_case() -> None:
    """ECMA-376 part 2, 10.1.2.2: they are media types (RFC 2045)."""
    assert kind(an_office_file("docx", MAIN["docx"].upper() + " ")) == "docx"


@given(st.data())
def test_no_damage_to_a_package_is_an_error(data: st.DataObject) -> None:
    whole = bytearray(an_office_file("docx"))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))

    assert kind(bytes(whole[: data.draw(st.integers(0, len(whole)))])) in {None, "docx"}


# Five presentations and documents from the web among the test data of apache/poi end so.
@pytest.mark.parametrize("padding", [b"\n", b"\r\n", bytes(512)], ids=ascii)
def test_a_package_may_end_with_padding(padding: bytes) -> None:
    whole = an_office_file("docx")

    assert kind(whole + padding) == "docx"
    assert kind(whole[:-1] + b"\n") is None
    assert kind(whole + padding + b"x") is None
    assert kind(whole + padding + whole) is None


def a_part(body: str, encoding: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-16"?>{body}'.encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_parts_may_be_written_in_utf_16(encoding: str) -> None:
    """ECMA-376, part 2, 8.2.5; PHPOffice/PhpSpreadsheet, utf16be.xlsx, which has no mark."""
    override = f'<Override PartName="/{PARTS["docx"]}" ContentType="{MAIN["docx"]}"/>'
    parts = {
        "[Content_Types].xml": a_part(f"<Types>{override}</Types>", encoding),
        PARTS["docx"]: a_part("<p><instrText>PAGE</instrText></p>", encoding),
    }
    link = a_link("attachedTemplate", "https://evil.example/t.dotm")
    remote = {name: a_part(body.decode(), encoding) for name, body in link.items()}
    dde = {"word/header1.xml": a_part("<p><instrText>DDE c</instrText></p>", encoding)}

    assert kind(a_package_of(parts)) == "docx"
    assert kind(a_package_of(parts | remote)) is None
    assert kind(a_package_of(parts | dde)) is None


CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"


@pytest.mark.parametrize(
    ("target", "type_", "expected"),
    [
        (r"file:///C:\Users\ada\Prices.xlsx", CHART, "pptx"),
        (r"\\server\share\Prices.xlsx", CHART, None),
        ("https://fabrikam.example/Prices.xlsx", CHART, None),
        (r"file:///C:\Users\ada\Prices.xlsx", MAIN["docx"].replace(".main", ".header"), None),
    ],
)
def test_a_chart_may_name_the_workbook_that_it_was_copied_from(
    target: str, type_: str, expected: str | None
) -> None:
    """PowerPoint, "Keep source formatting and link data"; apache/tika, testPPT_charts.pptx."""
    declared = "".join(
        f'<Override PartName="/{part}" ContentType="{content_type}"/>'
        for part, content_type in ((PARTS["pptx"], MAIN["pptx"]), ("ppt/charts/chart1.xml", type_))
    )
    parts = {
        "[Content_Types].xml": f"<Types>{declared}</Types>".encode(),
        PARTS["pptx"]: b"<x/>",
        "ppt/charts/chart1.xml": b"<c:chartSpace xmlns:c='c'/>",
        **a_link("oleObject", target, part="ppt/charts/chart1.xml"),
    }

    assert kind(a_package_of(parts)) == expected


@pytest.mark.parametrize(
    ("workbook", "expected"),
    [
        (an_office_file("xlsx"), "pptx"),
        (an_office_file("xlsx", parts={"xl/printerSettings/printerSettings1.bin": b"x"}), "pptx"),
        (an_office_file("xlsx", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"), None),
        (an_office_file("xlsx", parts={"xl/vbaProject.bin": b"x"}), None),
        (an_office_file("xlsx", parts={"XL\\macrosheets\\sheet1.xml": b"<x/>"}), None),
        (an_office_file("xlsx")[:-1], None),
        (an_office_file("xlsx", parts={f"x{n}.xml": b"" for n in range(4_000)}), None),
    ],
    ids=["plain", "printer", "macro type", "VBA", "macro sheet", "cut", "three of many parts"],
)
def test_a_workbook_of_a_chart_has_no_macros_under_its_name(
    workbook: bytes, expected: str | None
) -> None:
    """domain.md, "Evidence files": no macro part under any name. Excel goes by the content."""
    names = [f"ppt/embeddings/Microsoft_Excel_Sheet{n}.xlsx" for n in range(3)]

    assert kind(an_office_file("pptx", parts=dict.fromkeys(names, workbook))) == expected


def use_backslashes(name: str) -> str:
    return name.replace("/", "\\")


# Office opens these, and so do LibreOffice and Numbers some (dotnet/Open-XML-SDK#1128,
# tafia/calamine#530, extend-hq/react-xlsx#21; apachepoi_49609.xlsx in python-excel/xlrd#96).
@pytest.mark.parametrize("spell", [use_backslashes, str.lower, str.upper])
@pytest.mark.parametrize("kind_", PARTS)
def test_names_of_parts_are_read_as_office_reads_them(
    kind_: str, spell: Callable[[str], str]
) -> None:
    package = an_office_file(kind_, parts=a_link("hyperlink", "https://fabrikam.example/"))

    assert kind(rename(package, spell)) == kind_


@pytest.mark.parametrize("spell", [use_backslashes, str.lower, str.upper])
@pytest.mark.parametrize(
    "parts",
    [
        a_link("attachedTemplate", "https://evil.example/t.dotm"),
        {"word/embeddings/object1.bin": b"x"},
        {"word/activeX/activeX1.xml": b"<x/>"},
        {"word/header1.xml": b"<p><instrText>DDE c</instrText></p>"},
    ],
)
def test_active_content_is_found_under_any_spelling(
    parts: dict[str, bytes], spell: Callable[[str], str]
) -> None:
    whole = an_office_file("docx", parts={spell(name): body for name, body in parts.items()})

    assert kind(whole) is None


@pytest.mark.parametrize("name", ["[CONTENT_TYPES].XML", "Word/Document.xml", "word\\document.xml"])
def test_a_part_with_two_spellings_is_refused(name: str) -> None:
    """ECMA-376 part 2, 6.2.2.3: no two parts have equivalent names."""
    assert kind(an_office_file("docx", parts={name: b"<x/>"})) is None


@pytest.mark.parametrize("kind_", PARTS)
def test_a_package_with_the_plain_main_type_is_taken(kind_: str) -> None:
    assert kind(an_office_file(kind_)) == kind_


def test_the_main_part_may_lie_where_its_relationship_says() -> None:
    links = f'<Relationship Type="{RELATIONSHIPS}/officeDocument" Target="/document.xml"/>'
    override = f'<Override PartName="/document.xml" ContentType="{MAIN["docx"]}"/>'
    package = a_package_of(
        {
            "[Content_Types].xml": f"<Types>{override}</Types>".encode(),
            "_rels/.rels": f"<Relationships>{links}</Relationships>".encode(),
            "document.xml": b"<x/>",
        }
    )

    assert kind(package) == "docx"


@pytest.mark.parametrize(
    ("kind_", "main"),
    [
        ("docx", TYPES + "wordprocessingml.template.main+xml"),
        ("docx", "application/vnd.ms-word.document.macroEnabled.main+xml"),
        ("xlsx", TYPES + "spreadsheetml.template.main+xml"),
        ("xlsx", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        ("xlsx", "application/vnd.ms-excel.sheet.binary.macroEnabled.main"),
        ("pptx", TYPES + "presentationml.template.main+xml"),
        ("pptx", TYPES + "presentationml.slideshow.main+xml"),
    ],
)
def test_templates_shows_and_macro_packages_are_refused(kind_: str, main: str) -> None:
    assert kind(an_office_file(kind_, main)) is None


@pytest.mark.parametrize(
    ("part", "expected"),
    [("docProps/thumbnail.jpeg", "docx"), ("word/x.bin", None), ("word/.BIN", None)],
)
def test_a_type_counts_only_for_parts_that_the_package_has(part: str, expected: str | None) -> None:
    """Some writers declare the type of embedded objects in every package."""
    ole = "application/vnd.openxmlformats-officedocument.oleObject"
    declared = f'<Default Extension="bin" ContentType="{ole}"/>'
    main = f'<Override PartName="/{PARTS["docx"]}" ContentType="{MAIN["docx"]}"/>'
    types = f"<Types>{declared}{main}</Types>".encode()

    package = a_package_of({"[Content_Types].xml": types, PARTS["docx"]: b"<x/>", part: b"x"})

    assert kind(package) == expected


# The code of a field begins where the one before it ends.
TWO_FIELDS = b"<p><instrText>PAGE</instrText><fldChar/><instrText>DDE c</instrText></p>"


NESTED = (
    b"<p><fldChar fldCharType='begin'/><instrText>XE \"</instrText><fldChar fldCharType='begin'/>"
    b"<instrText>DDE c</instrText><fldChar fldCharType='end'/><instrText>\"</instrText></p>"
)


@pytest.mark.parametrize(
    "parts",
    [
        a_link("attachedTemplate", "https://evil.example/t.dotm"),
        a_link("attachedTemplate", "HTTP://evil.example/t.dotm", mode="EXTERNAL"),
        a_link("attachedTemplate", r"\\evil.example\share\t.dotm"),
        a_link("attachedTemplate", r"file:///\\evil.example\share\t.dotm"),
        a_link("attachedTemplate", "file:////evil.example/share/t.dotm"),
        a_link("attachedTemplate", "file:///%5C%5Cevil.example/t.dotm"),
        a_link("attachedTemplate", "file://evil.example/share/t.dotm"),
        a_link("attachedTemplate", "//evil.example/t.dotm"),
        a_link("image", "file://10.0.0.1/share/x.png"),
        a_link("image", r" \\evil.example\share\x.png"),
        a_link("video", "https://video.example/embed/x"),
        a_link("aFChunk", "afchunk.rtf", mode="Internal"),  # CVE-2023-36884
        a_link("image", "mhtml:https://evil.example/x!y.png"),
        a_link("externalLinkPath", "https://fabrikam.example/sites/x/Prices.xlsx"),
        a_link("externalLinkPath", r"\\server\prices\Prices.xlsx"),
        a_link("vbaProject", "printerSettings1.bin", mode="Internal"),
        a_link("oleObject", "embeddings/x.xlsx", mode="Internal"),
        {"word/embeddings/oleObject1.bin": b"x"},
        {"word/media/image1.png": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)},
        {"word/header1.xml": b"<p><instrText>DDE</instrText><instrText>AUTO c</instrText></p>"},
        {"word/header1.xml": b"<x:p xmlns:x='w'><x:instrText>DDE c</x:instrText></x:p>"},
        {"word/header1.xml": b"<p><instrText>D&#68;E c</instrText></p>"},
        {"word/header1.xml": b"<p><instrText><![CDATA[DDE c]]></instrText></p>"},
        {"word/header1.xml": b"<p><instrText>D<!-- -->DE c</instrText></p>"},
        {"word/header1.xml": TWO_FIELDS},
        # Letters by their numbers (decalage2/oletools#242 and #205)
        {"word/header1.xml": a_field("QUOTE 68 68 69 65 85 84 79 32 99")},
        {"word/header1.xml": b'<w:fldSimple w:instr="QUOTE  68 68 69 32 34 99"/>'},
        {"word/header1.xml": b"<p><instrText>QUO</instrText><instrText>TE 68</instrText></p>"},
        # Behind the words of an address, and in a field within one
        {"word/header1.xml": a_field('HYPERLINK "https://x.example/" DDE c')},
        {"word/header1.xml": a_field('SET a HYPERLINK "DDE c"')},
        {"word/header1.xml": NESTED},
        a_link("xlIntlMacrosheet", "intl/sheet1.xml", mode="Internal", part="xl/workbook.xml"),
        a_link("image", "http:evil.example:x"),
        a_link("image", "x y:z//evil.example/x"),
        a_link("image", "file://localhost//evil.example/share/x.png"),
        a_link("image", "file://localhost.evil.example/x.png"),
        {"__MACOSX/word/header1.xml": b"<p><instrText>DDE c</instrText></p>"},
        {"word/header1.xml": "<p><instrText>DDE c</instrText></p>".encode("utf-16")},
        {"word/header1.xml": "<p><instrText>DDE c</instrText></p>".encode("utf-16-le")},
        {"word/header1.xml": b"<p><instrText>PAGE</instrText>"},
        {"word/footer1.xml": b"<w:fldSimple w:instr = ' DDE cmd '/>"},
        {"elsewhere/footer1.xml": b'<w:fldSimple w:instr=" DDE cmd "/>'},
        {"xl/links/externalLink1.xml": b"<externalLink><x:oleLink progId='cmd'/></externalLink>"},
        {"word/footer1.xml": b'<w:fldSimple w:instr=" DDE cmd "/>'},
        {"xl/externalLinks/externalLink1.xml": b"<externalLink><ddeLink ddeService='cmd'/>"},
        {"_rels/.rels": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"},
        {"_rels/.rels": b"<Relationships><unclosed>"},
    ],
)
def test_active_content_under_any_name_is_refused(parts: dict[str, bytes]) -> None:
    assert kind(an_office_file("docx", parts=parts)) is None


APPLE_DOUBLE = b"\0\5\x16\7\0\2\0\0Mac OS X        "


@pytest.mark.parametrize(
    "parts",
    [
        a_link("hyperlink", "https://fabrikam.example/"),
        # Word writes where the template lies on the author's computer (ECMA-376, 15.2.13)
        a_link("attachedTemplate", r"file:///C:\Users\ada\Templates\SOW.dotm"),
        a_link("attachedTemplate", "file:///C:/Users/ada%20k/Templates/SOW.dotm"),
        a_link("attachedTemplate", "file:///Users/ada/Library/SOW.dotx"),
        a_link("attachedTemplate", r"C:\Templates\SOW.dotm"),
        a_link("attachedTemplate", "Normal.dotm"),
        # Excel: a formula refers to a workbook on the author's computer (ECMA-376, 18.14.7)
        a_link("externalLinkPath", "Prices.xlsx", part="xl/externalLinks/externalLink1.xml"),
        a_link("externalLinkPath", r"file:///C:\Users\ada\Prices%202026.xlsx"),
        a_link("xlExternalLinkPath/xlPathMissing", "Prices.xlsx"),
        a_link("image", "file:///C:/Users/ada/Pictures/logo.png"),
        a_link("image", "cid:image001.png@01DC5A3B.4F2E1D00"),  # copied from a mail in Outlook
        # The word in an address or in the name of a file starts no program
        {"word/header1.xml": a_field('HYPERLINK "https://www.dde.example/sow"')},
        {"word/header1.xml": a_field('HYPERLINK "mailto:info@dde.example"')},
        {"word/header1.xml": a_field('HYPERLINK "https://fabrikam.example/SOW-DDE.pdf"')},
        {"word/header1.xml": a_field(' HYPERLINK "https://x.example/?q=DDE" \\o "DDE links"')},
        {"word/header1.xml": a_field(r'HYPERLINK "C:\\DDE\\sow.docx" \l "a"')},
        {"word/header1.xml": a_field('XE "DDE"')},  # an index (ECMA-376, part 1, 17.16.5.76)
        {"word/header1.xml": a_field("QUOTE 34")},  # a quotation mark in a mail merge
        {"word/header1.xml": a_field('QUOTE "1 January 2026"')},
        # Word 2011 for Mac (jgm/pandoc, test/docx/german_styled_lists.docx)
        a_link("attachedTemplate", "Macintosh%20HD:Users:ada:Library:SOW.dotx"),
        # PowerPoint for Mac (scanny/python-pptx, docs/dev/analysis): RFC 8089, 2
        a_link("image", "file://localhost/Users/ada/logo.jpg"),
        # Packed again on a Mac (RFC 1740)
        {"__MACOSX/word/._document.xml": APPLE_DOUBLE, "__MACOSX/_rels/._.rels": APPLE_DOUBLE},
        # Power Query keeps its definitions in UTF-16 ([MS-QDEFF], 2.2)
        {"customXml/item1.xml": '<?xml version="1.0" encoding="utf-16"?><D/>'.encode("utf-16")},
        # Digital signatures (ECMA-376, part 2, 12), task panes of add-ins ([MS-OWEXML]),
        # sensitivity labels ([MS-OFFCRYPTO], 2.6), and what Word leaves behind on saving
        {"_xmlsignatures/origin.sigs": b"", "_xmlsignatures/sig1.xml": b"<Signature/>"},
        {"word/webextensions/taskpanes.xml": b"<wetp:taskpanes xmlns:wetp='x'/>"},
        {"docMetadata/LabelInfo.xml": b"<clbl:labelList xmlns:clbl='x'/>"},
        {"[trash]/0000.dat": bytes(100)},
        # Programs that pack folders name them, too
        {"word/": b"", "word/media/": b""},
        {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": a_package(["x"])},
        {"word/footer1.xml": b"<w:p><w:instrText>PAGE</w:instrText>Address: Dderick</w:p>"},
        {"word/footer1.xml": b'<w:fldSimple w:instr="INCLUDETEXT addendum.docx"/>'},
        {"word/footer1.xml": b"<w:p>Read instrText instr='DDE' of the ddeLink</w:p>"},
        {"xl/printerSettings/printerSettings1.bin": b"DEVMODE"},
    ],
)
def test_what_ordinary_documents_have_is_taken(parts: dict[str, bytes]) -> None:
    assert kind(an_office_file("docx", parts=parts)) == "docx"


@pytest.mark.parametrize(
    "part",
    [
        b"<a>" + b"a" * 2_000_000 + b"</a>",
        b"<" + b"a" * 2_000_000,
        b"<instrText" * 200_000,
        b"<w:p><w:instrText>" + b"a" * 2_000_000 + b"</w:instrText></w:p>",
        b"<w:p><w:instrText/>" + b"<w:a/>" * 2_000_000 + b"</w:p>",
    ],
    ids=["word", "name", "unclosed", "code", "tags"],
)
def test_a_part_takes_no_longer_than_its_size(part: bytes) -> None:
    """Each of these took a pattern the square of its length: minutes to hours."""
    assert kind(an_office_file("docx", parts={"word/header1.xml": part})) in ("docx", None)


def test_relationships_of_many_parts_are_no_more_than_those_of_one_document() -> None:
    links = b"<r>" + b"<a/>" * 500_000 + b"</r>"

    packed = an_office_file("docx", parts={f"word/_rels/{n}.xml.rels": links for n in range(9)})

    assert kind(packed) is None


def test_a_package_that_unpacks_to_far_more_than_a_document_is_refused() -> None:
    bomb = {f"word/media/{n}.xml": bytes(30_000_000) for n in range(4)}

    packed = an_office_file("docx", parts=bomb)

    assert len(packed) < 1_000_000
    assert kind(packed) is None


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_package_packed_as_no_office_program_packs_has_no_kind(method: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as package:
        for name in ("[Content_Types].xml", PARTS["docx"]):
            package.writestr(name, b"<x/>")
    packed = target.getvalue()
    start = packed.index(b"[Content_Types].xml") + len(b"[Content_Types].xml")

    assert kind(packed) is None
    assert kind(packed[:start] + bytes(12) + packed[start + 12 :]) is None
