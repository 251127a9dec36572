"""Office files that are not opened: each with one line that says what to do."""

import struct
import subprocess
import sys
import zipfile

import pytest

from office_files import replace_part, slides, word
from policyqa.errors import ReadError
from policyqa.readers import read
from policyqa.readers.archive import check_archive

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
DTD = '<?xml version="1.0"{}?><!--{}--><!DOCTYPE a [<!ENTITY x "xxxx">]><a>&x;</a>'
SHEET_TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
    b'PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'spreadsheetml.sheet.main+xml"/></Types>'
)


@pytest.fixture
def file(tmp_path):
    return word(tmp_path / "文書.docx", "<w:p><w:r><w:t>本文。</w:t></w:r></w:p>")


def refusal(path) -> str:
    with pytest.raises(ReadError) as refused:
        read(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("suffix", [".docx", ".pptx"])
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (OLE, "encrypted or in the format of before 2007"),
        ("ただのテキスト".encode(), "the file is damaged (File is not a zip file); save it anew"),
    ],
)
def test_what_is_no_archive(tmp_path, suffix, data, reason):
    path = tmp_path / f"文書{suffix}"
    path.write_bytes(data)
    assert reason in refusal(path)


def test_a_folder(tmp_path):
    (tmp_path / "文書.docx").mkdir()
    assert refusal(tmp_path / "文書.docx") == "cannot be read: Is a directory"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file(file, share):
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    assert "the file is damaged" in refusal(file)


def test_a_part_with_a_wrong_checksum(file):
    data = file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        part = archive.getinfo("word/document.xml")
    start = part.header_offset + 30 + len(part.filename) + part.compress_size // 2
    file.write_bytes(data[:start] + bytes([data[start] ^ 0xFF]) + data[start + 1 :])
    assert "the file is damaged" in refusal(file)


def test_an_encrypted_part(file):
    data = bytearray(file.read_bytes())
    place = data.index(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 4)
    file.write_bytes(bytes(data))
    assert "password" in refusal(file)


def test_a_bomb(file):
    replace_part(file, "word/media/bomb.bin", bytes(12 * 2**20))
    assert "decompression bomb" in refusal(file)


def test_a_part_that_declares_a_huge_size(file):
    data = bytearray(file.read_bytes())
    place = data.index(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 2**30)
    file.write_bytes(bytes(data))
    assert "too large when unpacked" in refusal(file)


def test_too_many_parts(file):
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(10_001):
            archive.writestr(f"x/{number}", b"")
    assert "too large when unpacked; split it" in refusal(file)


@pytest.mark.parametrize("comment", ["", "あ" * 9000], ids=["first", "behind a long comment"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type(file, encoding, comment):
    declared = ' encoding="UTF-16"' if encoding == "utf-16" else ""
    xml = DTD.format(declared, comment).encode(encoding)
    replace_part(file, "customXml/item1.xml", xml)
    assert refusal(file) == "the file has XML with a document type, which is not read"


def test_the_words_doctype_in_a_text_are_no_document_type(file):
    word(file, "<w:p><w:r><w:t>&lt;!DOCTYPE html&gt;</w:t></w:r></w:p>", title="例")
    assert read(file).root.text == "<!DOCTYPE html>"


def test_another_kind_of_file(tmp_path, file):
    show = slides(tmp_path / "資料.pptx", [("題", "文")])
    show = show.rename(tmp_path / "資料.docx")
    assert refusal(show) == "the file is no .docx file but a .pptx file; rename it"
    assert refusal(file.rename(tmp_path / "文書.pptx")) == (
        "the file is no .pptx file but a .docx file; rename it"
    )


def test_a_sheet_is_known_by_its_main_part(tmp_path):
    path = tmp_path / "表.xlsx"
    replace_part(word(path, ""), "[Content_Types].xml", SHEET_TYPES)
    check_archive(path)


def swap_type(path, old: bytes, new: bytes):
    with zipfile.ZipFile(path) as archive:
        types = archive.read("[Content_Types].xml")
    assert old in types
    return replace_part(path, "[Content_Types].xml", types.replace(old, new))


@pytest.mark.parametrize(
    "kind",
    [
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    ],
)
def test_macros_and_templates(file, kind):
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    swap_type(file, plain, kind)
    assert refusal(file) == "the file has macros or is a template; save it as plain .docx"


def test_strict_open_xml(file):
    replace_part(
        file,
        "_rels/.rels",
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Target="word/document.xml" Type='
        b'"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"/>'
        b"</Relationships>",
    )
    assert "Strict Open XML format; save it as plain .docx" in refusal(file)


def test_an_archive_of_something_else(tmp_path):
    path = tmp_path / "写真.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("写真.jpg", b"")
    assert refusal(path) == "the file is a ZIP archive but no .docx file; unpack it"


def test_no_main_part(file):
    swap_type(file, b"wordprocessingml.document.main", b"wordprocessingml.other")
    assert "has no main part, so it is no .docx file" in refusal(file)


def test_the_libraries_are_loaded_with_the_first_such_file_only():
    code = (
        "import sys, policyqa.readers;"
        "print({'docx', 'openpyxl', 'pptx', 'PIL'} & sys.modules.keys())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
