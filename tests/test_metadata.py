"""metadata.toml: what it may say, where it counts, what is wrong with it, and writing it."""

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyqa import indexing, metadata, store
from policyqa.errors import LibraryError
from policyqa.library import Library
from policyqa.models import Citation, Document, Section

PLAN = "住宅計画\n\n１．目的\n住宅の省エネルギー化を進める。\n"
STATUTE = Document("道路法", Section("", ""), {"kind": "statute", "in_force": "2024-04-01"})


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of documents: one of them in a subfolder."""
    folder = tmp_path / "文書"
    (folder / "令和６年").mkdir(parents=True)
    (folder / "計画.txt").write_text(PLAN, encoding="utf-8")
    (folder / "令和６年" / "道路.txt").write_text(PLAN.replace("住宅", "道路"), encoding="utf-8")
    return folder


def say(folder: Path, text: str) -> None:
    (folder / "metadata.toml").write_text(text, encoding="utf-8")


def said(folder: Path, *given_paths: Path) -> dict[str, dict[str, str]]:
    files = sorted(folder.rglob("*.txt"))
    found = metadata.for_files(files, given_paths or [folder])
    return {file.name: values for file, values in found.items()}


# --- what it says ---

ALL = """
["計画.txt"]
title = "住宅の計画　第２版"
publisher = "国土交通省"
date = 2022-12-23
url = "https://www.mlit.go.jp/計画.pdf"
licence = "公共データ利用規約（第1.0版）"
kind = "計画"
language = "ja"
in_force = "2023-04-01"
"""


def test_all_keys(folder):
    say(folder, ALL)
    assert said(folder) == {
        "計画.txt": {
            "title": "住宅の計画　第２版",
            "publisher": "国土交通省",
            "date": "2022-12-23",
            "url": "https://www.mlit.go.jp/計画.pdf",
            "licence": "公共データ利用規約（第1.0版）",
            "kind": "計画",
            "language": "ja",
            "in_force": "2023-04-01",
        },
        "道路.txt": {},
    }


def test_without_a_file_nothing_is_said(folder):
    assert said(folder) == {"計画.txt": {}, "道路.txt": {}}


@pytest.mark.parametrize(
    ("top", "below", "expected"),
    [
        ('[default]\nkind = "計画"', "", "計画"),
        ('[default]\nkind = "計画"\n["令和６年/道路.txt"]\nkind = "指針"', "", "指針"),
        ('["令和６年/道路.txt"]\nkind = "指針"\n[default]\nkind = "計画"', "", "指針"),
        ('[default]\nkind = "計画"', '[default]\nkind = "通知"', "通知"),
        ('["令和６年/道路.txt"]\nkind = "指針"', '[default]\nkind = "通知"', "通知"),
        ("", '[default]\nkind = "通知"\n["道路.txt"]\nkind = "基準"', "基準"),
        ("", '["./道路.txt"]\nkind = "基準"', "基準"),
        ('"令和６年/道路.txt".kind = "指針"', "", "指針"),
        ('\ufeff[default]\r\nkind = "計画"\r\n', "", "計画"),
    ],
)
def test_the_nearest_word_counts(folder, top, below, expected):
    say(folder, top)
    say(folder / "令和６年", below)
    assert said(folder)["道路.txt"] == {"kind": expected}


def test_what_the_nearest_leaves_open_is_taken_from_above(folder):
    say(folder, '[default]\npublisher = "国土交通省"\nkind = "計画"')
    say(folder / "令和６年", '["道路.txt"]\nkind = "基準"')
    assert said(folder)["道路.txt"] == {"publisher": "国土交通省", "kind": "基準"}


def test_only_folders_that_are_given_count(folder):
    say(folder, '[default]\nkind = "計画"')
    say(folder / "令和６年", '[default]\nlanguage = "ja"')
    road = folder / "令和６年" / "道路.txt"
    assert metadata.for_files([road], [road]) == {road: {"language": "ja"}}
    assert metadata.for_files([road], [folder / "令和６年"]) == {road: {"language": "ja"}}
    both = {road: {"kind": "計画", "language": "ja"}}
    assert metadata.for_files([road], [road, folder]) == both


def test_a_name_as_macos_writes_it(folder):
    (folder / "ガイド.txt").write_text(PLAN, encoding="utf-8")
    say(folder, '["カ\u3099イト\u3099.txt"]\nkind = "手引"')
    assert said(folder)["ガイド.txt"] == {"kind": "手引"}


# --- what is wrong with it ---

NO_FILE = (
    'there is no file "{}" in this folder; name files by their path below it, or remove the table'
)
KEYS = "title, publisher, date, url, licence, kind, language, in_force, fetched"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('["計画.txt"]\ntitel = "計画"', 2, f'unknown key "titel"; allowed: {KEYS}'),
        (
            "[計画.txt]",
            1,
            "it is no valid TOML (Invalid initial character for a key part)",
        ),
        (
            '[plan.txt]\ntitle = "計画"',
            1,
            f'unknown key "txt" (put a file name in quotes); allowed: {KEYS}',
        ),
        ('["計画.txt"]\n\ntitle = 5', 3, "title must be one line of text"),
        ('["計画.txt"]\ntitle = " "', 2, "title must be one line of text"),
        ('["計画.txt"]\ntitle = """\n計画\n第２版"""', 2, "title must be one line of text"),
        ('["計画.txt"]\nkind = ["計画"]', 2, "kind must be one line of text"),
        ('["計画.txt"]\ndate = 2022', 2, "date must be a day such as 2024-04-01"),
        ('["計画.txt"]\ndate = "2022-02-30"', 2, "date must be a day such as 2024-04-01"),
        ('["計画.txt"]\ndate = "令和4年"', 2, "date must be a day such as 2024-04-01"),
        ('["計画.txt"]\ndate = 2022-12-23T09:00:00', 2, "date must be a day such as 2024-04-01"),
        ('["計画.txt"]\nin_force = true', 2, "in_force must be a day such as 2024-04-01"),
        (
            '["計画.txt"]\nurl = "file:///etc/passwd"',
            2,
            "url must be an address that begins with http:// or https://",
        ),
        (
            '["計画.txt"]\nurl = "https://[::1"',
            2,
            "url must be an address that begins with http:// or https://",
        ),
        (
            '["計画.txt"]\nlanguage = "日本語"',
            2,
            "language must be a language tag such as ja or en-GB",
        ),
        (
            'title = "計画"',
            1,
            '"title" stands in no table; put it below ["file name"] or [default]',
        ),
        ('["計画.txt"]\ntitle = "計画', 2, "it is no valid TOML (Unterminated string)"),
        (
            '["計画.txt"]\nkind = "a"\nkind = "b"',
            3,
            "it is no valid TOML (Cannot overwrite a value)",
        ),
        ('["計画.txt"]\nkind = [\n"a",', 3, "it is no valid TOML (Invalid value)"),
        (
            '[default]\nkind = "計画"\n\n["ない.txt"]\nkind = "計画"',
            4,
            NO_FILE.format("ない.txt"),
        ),
        (
            '["../文書/計画.txt"]\nkind = "計画"',
            1,
            NO_FILE.format("../文書/計画.txt"),
        ),
        # The same key in several tables; a text that looks like a key; another line end.
        (
            '[default]\nkind = "a"\n["計画.txt"]\nkind = "b"\n["令和６年/道路.txt"]\nkind = 1',
            6,
            "kind must be one line of text",
        ),
        (
            "[\"令和６年/道路.txt\"]\ntitle = '''date = 1'''\n# date = 1\n[\"計画.txt\"]\ndate = 1",
            5,
            "date must be a day such as 2024-04-01",
        ),
        ('["計画.txt"]\r\nkind = "a"\r\ndate = 1\r\n', 3, "date must be a day such as 2024-04-01"),
        ('"計画.txt" = {kind = "a", date = 1}', 1, "date must be a day such as 2024-04-01"),
        ('["計画.txt"]\nkind = "a"\n["計画.txt".date]', 3, "date must be a day such as 2024-04-01"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(folder, text, line, message):
    (folder / "metadata.toml").write_bytes(text.encode())
    with pytest.raises(LibraryError) as raised:
        said(folder)
    assert str(raised.value) == f"{folder / 'metadata.toml'}, line {line}: {message}"


def test_another_encoding(folder):
    (folder / "metadata.toml").write_bytes('[default]\nkind = "計画"'.encode("cp932"))
    with pytest.raises(LibraryError, match=r"metadata.toml, line 2: it is not UTF-8; save it as"):
        said(folder)


def test_absurd_toml(folder):
    for text in ("a = " + "[" * 100_000, "a = " + "9" * 10_000):
        say(folder, text)
        with pytest.raises(LibraryError, match=r"metadata.toml, line 1: it is no valid TOML"):
            said(folder)


# --- documents ---


def test_a_document_as_it_is_said_to_be():
    document = Document("計画", Section("", ""), {"publisher": "甲", "licence": "乙"}, 3, {1: "i"})
    changed = metadata.with_metadata(
        document, {"title": "計画　改", "publisher": "丙", "date": "2024-04-01"}
    )
    expected = {"publisher": "丙", "licence": "乙", "date": "2024-04-01"}
    assert changed == Document("計画　改", Section("", ""), expected, 3, {1: "i"})
    assert metadata.with_metadata(document, {}) == document


def test_a_statute_stays_one():
    overrides = {"kind": "法律", "in_force": "2025-04-01"}
    changed = metadata.with_metadata(STATUTE, overrides)
    assert changed.metadata == {"kind": "statute", "in_force": "2025-04-01"}
    with pytest.raises(
        LibraryError, match=r"「計画」, which is no statute of e-Gov; give it another"
    ):
        metadata.with_metadata(Document("計画", Section("", "")), {"kind": "statute"})


def test_the_library_has_what_was_said(folder, tmp_path, source):
    say(folder, '["計画.txt"]\ntitle = "住宅の計画"\npublisher = "国土交通省"\ndate = 2022-12-23')
    index = tmp_path / "index"
    summary = indexing.build([folder], index, source)
    assert (summary.added, summary.skipped) == (["令和６年/道路.txt", "計画.txt"], [])
    assert "住宅の計画 １．目的" in source.encoder.encoded
    opened = Library.open(index, source)
    best = opened.search("住宅の省エネルギー化", 1).passages[0].citation
    opened.close()
    assert (best.title, best.publisher, best.date) == ("住宅の計画", "国土交通省", "2022-12-23")
    assert best.full == "「住宅の計画」１．目的（国土交通省、2022年12月23日）"


def test_the_database_keeps_the_hash_of_the_file(folder, tmp_path, source):
    indexing.build([folder / "計画.txt"], tmp_path / "plain", source)
    say(folder, '["計画.txt"]\nkind = "計画"')
    indexing.build([folder / "計画.txt"], tmp_path / "said", source)
    hashes = []
    for index in ("plain", "said"):
        with sqlite3.connect(store.current(tmp_path / index).folder / store.DATABASE) as rows:
            hashes += rows.execute("SELECT sha256 FROM documents").fetchall()
    assert hashes[0] == hashes[1]


def test_a_change_is_a_change_of_those_it_speaks_of(folder, tmp_path, source):
    index = tmp_path / "index"
    indexing.build([folder], index, source)
    say(folder, '["計画.txt"]\npublisher = "国土交通省"')
    summary = indexing.build([folder], index, source)
    assert (summary.up_to_date, summary.changed) == (False, ["計画.txt"])
    # The title is part of what is embedded, the publisher is not.
    assert summary.embedded == 0
    assert indexing.build([folder], index, source).up_to_date is True
    say(folder, '# 改訂\n["計画.txt"]\npublisher = "国土交通省"')
    assert indexing.build([folder], index, source).up_to_date is True
    say(folder, '[default]\nlanguage = "ja"')
    assert indexing.build([folder], index, source).changed == ["令和６年/道路.txt", "計画.txt"]
    (folder / "metadata.toml").unlink()
    assert indexing.build([folder], index, source).changed == ["令和６年/道路.txt", "計画.txt"]


def test_a_wrong_file_leaves_the_library_as_it_was(folder, tmp_path, source):
    index = tmp_path / "index"
    before = indexing.build([folder], index, source).generation
    say(folder, "[default]\ndate = 1")
    with pytest.raises(LibraryError, match=r"metadata.toml, line 2: date must be a day"):
        indexing.build([folder], index, source)
    assert store.current(index).name == before


def test_it_is_no_document_though_it_is_given(folder, tmp_path, source):
    say(folder, '[default]\nlanguage = "ja"')
    paths = [folder / "計画.txt", folder / "metadata.toml"]
    summary = indexing.build(paths, tmp_path / "index", source)
    assert (summary.added, summary.skipped) == (["計画.txt"], [])


def test_the_repository_s_own(repository):
    document = repository / "corpus" / "juten-shisaku.txt"
    assert metadata.for_files([document], [repository / "corpus"]) == {document: {"language": "ja"}}


# --- citations ---


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, "「住宅の計画」１．目的"),
        ({"publisher": "国土交通省"}, "「住宅の計画」１．目的（国土交通省）"),
        ({"date": "2024-04-01"}, "「住宅の計画」１．目的（2024年4月1日）"),
        ({"date": "令和６年春"}, "「住宅の計画」１．目的（令和６年春）"),
        ({"url": "https://example.jp/a"}, "「住宅の計画」１．目的https://example.jp/a"),
        (
            {"publisher": "国土交通省", "date": "2024-12-23", "url": "https://example.jp/a"},
            "「住宅の計画」１．目的（国土交通省、2024年12月23日）https://example.jp/a",
        ),
        (
            {"publisher": "国土交通省", "page": 4, "page_last": 5},
            "「住宅の計画」１．目的（pp.4-5）（国土交通省）",
        ),
    ],
)
def test_a_full_citation(known, expected):
    assert Citation("id", "住宅の計画", "計画.txt", ("１．目的",), **known).full == expected


# --- writing ---

BEFORE = """# 出典

[default]
language = "ja"  # すべて

["計画.txt"]
title = "計画"
# 確認済み
kind = "計画"

["令和６年/道路.txt"]
kind = "基準"
"""
VALUES = {"title": "住宅の「計画」\\", "date": "2024-04-01", "url": "https://example.jp/a"}
TABLE = """["計画.txt"]
title = "住宅の「計画」\\\\"
date = 2024-04-01
url = "https://example.jp/a"
"""


def read(folder: Path) -> str:
    return (folder / "metadata.toml").read_bytes().decode()


def test_an_entry_in_a_new_file(folder):
    metadata.add_entry(folder, "計画.txt", VALUES)
    assert read(folder) == TABLE
    assert said(folder)["計画.txt"] == VALUES
    assert {path.name for path in folder.iterdir()} == {"metadata.toml", "計画.txt", "令和６年"}


def test_an_entry_in_place_of_another(folder):
    say(folder, BEFORE)
    metadata.add_entry(folder, "計画.txt", VALUES)
    old = '["計画.txt"]\ntitle = "計画"\n# 確認済み\nkind = "計画"\n'
    assert read(folder) == BEFORE.replace(old, TABLE + "# 確認済み\n")
    metadata.add_entry(folder, "計画.txt", {"kind": "計画"})
    new = '["計画.txt"]\nkind = "計画"\n# 確認済み\n'
    assert read(folder) == BEFORE.replace(old, new)


def test_an_entry_at_the_end(folder):
    say(folder, '[default]\r\nlanguage = "ja"')
    metadata.add_entry(folder, "計画.txt", VALUES)
    expected = '[default]\nlanguage = "ja"\n\n' + TABLE
    assert read(folder) == expected.replace("\n", "\r\n")


def test_an_entry_in_place_of_keys_without_a_table(folder):
    say(
        folder, '"計画.txt".kind = "計画"\n"計画.txt".language = "ja"\n[default]\nlanguage = "ja"\n'
    )
    metadata.add_entry(folder, "計画.txt", VALUES)
    assert read(folder) == '[default]\nlanguage = "ja"\n\n' + TABLE


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"date": "令和6年"}, "計画.txt: date must be a day such as 2024-04-01"),
        ({"titel": "計画"}, f'計画.txt: unknown key "titel"; allowed: {KEYS}'),
    ],
)
def test_a_wrong_entry_is_not_written(folder, values, message):
    say(folder, BEFORE)
    with pytest.raises(LibraryError) as raised:
        metadata.add_entry(folder, "計画.txt", values)
    assert str(raised.value) == message
    assert read(folder) == BEFORE


def test_a_broken_file_is_not_written_to(folder):
    say(folder, "[default")
    with pytest.raises(LibraryError, match=r"metadata.toml, line 1: it is no valid TOML"):
        metadata.add_entry(folder, "計画.txt", VALUES)
    assert read(folder) == "[default"


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1)
NAMES = st.sampled_from(
    ["計画.txt", "a b.txt", 'a"b.txt', "下/道.txt", "#.txt", "].txt", "default.txt"]
)
ENTRIES = st.lists(
    st.tuples(NAMES, st.fixed_dictionaries({}, optional={"title": WORDS, "kind": WORDS})),
    max_size=6,
)


@given(ENTRIES, st.sampled_from(["", "# 注\n\n", '[default]\nkind = "計画"\n', '"計画.txt" = {}']))
def test_entries_can_be_read_back(tmp_path_factory, entries, before):
    folder = tmp_path_factory.mktemp("entries")
    say(folder, before)
    expected = {}
    for name, values in entries:
        metadata.add_entry(folder, name, values)
        expected[name] = values
    for name in expected:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    (folder / "計画.txt").write_text("")
    default = {"kind": "計画"} if "default" in before else {}
    for name, values in expected.items():
        found = metadata.for_files([folder / name], [folder])[folder / name]
        assert found == {**default, **values}, json.dumps(read(folder), ensure_ascii=False)
    assert read(folder).startswith(before if before.startswith(("#", "[")) else "")
