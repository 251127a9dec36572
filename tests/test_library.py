"""Build a library, open it, search it; what happens when files change, break or are no documents.

With the fake encoder: nothing here says how good an answer is.
"""

import json
import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fakes import FakeEncoder, FakeSource
from policyqa import indexing, store
from policyqa.answering import answer
from policyqa.errors import LibraryError, QuestionError
from policyqa.library import LONGEST_QUESTION, Library
from policyqa.vectors import VectorCache

HOUSING = (
    "住宅計画\n\n１．目的\n住宅の省エネルギー化を進める。\n２．期間\n令和４年度から五年間とする。\n"
)
ROADS = "道路計画\n\n１．目的\n道路の安全を高める。\n２．予算\n百億円を充てる。\n"


@pytest.fixture
def documents(tmp_path) -> Path:
    """A folder of two documents."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "housing.txt").write_text(HOUSING, encoding="utf-8")
    (folder / "roads.txt").write_text(ROADS, encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path) -> Path:
    """Where a test builds its library."""
    return tmp_path / "index"


def generations(index: Path) -> list[str]:
    return sorted(path.name for path in (index / "generations").iterdir())


def paths_of(index: Path, source: FakeSource) -> list[str]:
    opened = Library.open(index, source)
    try:
        return [document.path for document in opened.documents]
    finally:
        opened.close()


# --- build ---


def test_a_first_build_adds_everything(documents, index, source):
    summary = indexing.build([documents], index, source)
    assert summary.up_to_date is False
    assert (summary.documents, summary.sections, summary.chunks) == (2, 4, 4)
    assert (summary.added, summary.changed, summary.removed) == (
        ["housing.txt", "roads.txt"],
        [],
        [],
    )
    assert summary.skipped == []
    # A body and a title for each chunk, and each sentence, embedded once.
    assert (summary.embedded, summary.reused) == (12, 0)
    assert sorted(source.encoder.encoded) == sorted(
        [
            "住宅計画 １．目的",
            "住宅計画 １．目的\n住宅の省エネルギー化を進める。",
            "住宅計画 ２．期間",
            "住宅計画 ２．期間\n令和４年度から五年間とする。",
            "道路計画 １．目的",
            "道路計画 １．目的\n道路の安全を高める。",
            "道路計画 ２．予算",
            "道路計画 ２．予算\n百億円を充てる。",
            "住宅の省エネルギー化を進める。",
            "令和４年度から五年間とする。",
            "道路の安全を高める。",
            "百億円を充てる。",
        ]
    )
    assert json.loads(indexing.as_json(summary))["added"] == ["housing.txt", "roads.txt"]


def test_unchanged_files_build_nothing(documents, index, source):
    first = indexing.build([documents], index, source)
    second = indexing.build([documents], index, source)
    assert second.up_to_date is True
    assert second.generation == first.generation
    assert (second.embedded, second.reused) == (0, 0)
    assert (second.documents, second.sections, second.chunks) == (2, 4, 4)
    assert (second.added, second.changed, second.removed) == ([], [], [])
    assert generations(index) == [first.generation]


def test_changes_are_listed_and_only_new_text_is_embedded(documents, index, source):
    indexing.build([documents], index, source)
    source.encoder.encoded.clear()
    (documents / "roads.txt").unlink()
    (documents / "housing.txt").write_text(HOUSING.replace("五年間", "十年間"), encoding="utf-8")
    (documents / "parks.txt").write_text("公園計画\n\n公園を増やす。\n", encoding="utf-8")
    summary = indexing.build([documents], index, source)
    assert (summary.added, summary.changed, summary.removed) == (
        ["parks.txt"],
        ["housing.txt"],
        ["roads.txt"],
    )
    assert source.encoder.encoded == [
        "公園計画",
        "公園を増やす。",
        "公園計画\n公園を増やす。",
        "令和４年度から十年間とする。",
        "住宅計画 ２．期間\n令和４年度から十年間とする。",
    ]
    assert (summary.embedded, summary.reused) == (5, 4)
    assert paths_of(index, source) == ["housing.txt", "parks.txt"]


def test_rebuild_builds_again_and_lists_no_change(documents, index, source):
    first = indexing.build([documents], index, source)
    second = indexing.build([documents], index, source, rebuild=True)
    assert second.up_to_date is False
    assert second.generation != first.generation
    assert (second.added, second.changed, second.removed) == ([], [], [])
    assert (second.embedded, second.reused) == (0, 12)


def test_another_chunk_length_or_encoder_builds_again(documents, index):
    indexing.build([documents], index, FakeSource())
    assert indexing.build([documents], index, FakeSource(), chunk_tokens=50).up_to_date is False
    summary = indexing.build([documents], index, FakeSource("fake@2"), chunk_tokens=50)
    assert (summary.up_to_date, summary.embedded, summary.reused) == (False, 12, 0)


def test_chunk_ids_are_stable_across_a_rebuild(documents, index, source):
    def ids() -> dict[str, str]:
        opened = Library.open(index, source)
        found = opened.search("計画の目的", 100).passages
        opened.close()
        return {passage.chunk.text: passage.id for passage in found}

    indexing.build([documents], index, source)
    before = ids()
    (documents / "added.txt").write_text("公園計画\n\n公園を増やす。\n", encoding="utf-8")
    indexing.build([documents], index, source)
    after = ids()
    assert len(before) == 4
    assert after.items() > before.items()
    assert len(set(after.values())) == 5


def test_the_same_text_twice_in_a_section_has_two_ids(tmp_path, index, source):
    file = tmp_path / "twice.txt"
    file.write_text("計画\n\n１．目的\n" + "同じ文である。" * 20, encoding="utf-8")
    summary = indexing.build([file], index, source, chunk_tokens=7)
    assert summary.chunks == 20
    opened = Library.open(index, source)
    (passage,) = opened.search("同じ文", 20).passages
    ids = {chunk.id for chunk in opened._catalogue.chunks(range(20)).values()}
    opened.close()
    # Passages that say the same are shown once.
    assert len(passage.duplicates) == 19
    assert len(ids) == 20


def test_a_chunk_is_found_by_its_own_words_those_beside_it_and_its_title(tmp_path, index, source):
    file = tmp_path / "fields.txt"
    text = "計画\n\n１．目的\n道路を直す。公園を増やす。住宅を建てる。\n２．期間\n五年とする。\n"
    file.write_text(text, encoding="utf-8")
    indexing.build([file], index, source, chunk_tokens=7)
    opened = Library.open(index, source)

    def words(question: str) -> dict[str, float]:
        found = opened.search(question, 10).passages
        return {passage.chunk.text: round(passage.signals["lexical"], 3) for passage in found}

    roads, aim, period = words("道路"), words("目的"), words("五年")
    opened.close()
    assert roads["道路を直す。"] > roads["公園を増やす。"] > roads["住宅を建てる。"] == 0
    assert aim["道路を直す。"] > 0 == aim["五年とする。"]
    # Another section is not beside.
    assert period["五年とする。"] > 0 == period["住宅を建てる。"]


def test_files_given_one_by_one_and_twice(documents, index, source):
    paths = [documents / "roads.txt", documents / "housing.txt", documents]
    assert indexing.build(paths, index, source).added == ["housing.txt", "roads.txt"]


def test_subfolders_hidden_files_and_libraries(documents, source):
    (documents / "令和４年").mkdir()
    shutil.copy(documents / "roads.txt", documents / "令和４年" / "道路.txt")
    (documents / ".hidden.txt").write_text("隠れた文である。", encoding="utf-8")
    (documents / ".git").mkdir()
    (documents / ".git" / "config.txt").write_text("隠れた文である。", encoding="utf-8")
    (documents / "~$roads.txt").write_text("開いている印である。", encoding="utf-8")
    index = documents / "index"
    expected = ["housing.txt", "roads.txt", "令和４年/道路.txt"]
    assert indexing.build([documents], index, source).added == expected
    assert indexing.build([documents], index, source).up_to_date is True
    other = indexing.build([documents], documents / "other", source)
    assert (other.added, other.skipped) == (expected, [])


def test_generations_are_kept_three_at_most(documents, index, source):
    built = [indexing.build([documents], index, source, rebuild=True).generation for _ in range(5)]
    assert generations(index) == built[2:]
    assert (index / "CURRENT").read_text() == f"{built[4]}\n"
    assert store.current(index).name == built[4]


def test_the_live_generation_is_kept_though_a_clock_was_set_back(documents, index, source):
    first = indexing.build([documents], index, source).generation
    for year in (2997, 2998, 2999):
        later = f"{year}0101T000000000000Z-{first.split('-')[1]}"
        shutil.copytree(index / "generations" / first, index / "generations" / later)
    last = indexing.build([documents], index, source, rebuild=True).generation
    assert store.current(index).name == last
    # What is named after the live one was never live: a killed build left it.
    assert generations(index) == [first, last]


# --- files that are no documents ---


def test_what_cannot_be_read_is_skipped_and_named(documents, index, source):
    (documents / "empty.txt").write_bytes(b"")
    (documents / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    (documents / "sheet.ods").write_bytes(b"PK\x03\x04")
    (documents / "gone.txt").symlink_to(documents / "nowhere.txt")
    summary = indexing.build([documents], index, source)
    reasons = {file["path"]: file["reason"] for file in summary.skipped}
    assert reasons.keys() == {"empty.txt", "picture.txt", "sheet.ods", "nowhere.txt"}
    assert reasons["empty.txt"] == "the file is empty"
    assert reasons["picture.txt"] == "binary data, not text"
    assert reasons["sheet.ods"].startswith("unsupported file type .ods; supported: ")
    assert reasons["nowhere.txt"] == "cannot be read: No such file or directory"
    assert summary.added == ["housing.txt", "roads.txt"]
    assert paths_of(index, source) == ["housing.txt", "roads.txt"]
    # They stay named while nothing changes.
    assert indexing.build([documents], index, source).skipped == summary.skipped


def test_a_missing_path(documents, index, source):
    missing = documents / "missing"
    with pytest.raises(LibraryError, match=r"missing does not exist; give a file or a folder"):
        indexing.build([documents, missing], index, source)
    assert not index.exists()


def test_an_empty_folder(tmp_path, index, source):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(LibraryError, match=r"^no file in .*nothing; put documents there first$"):
        indexing.build([tmp_path / "nothing"], index, source)


def test_nothing_but_files_that_cannot_be_read(tmp_path, index, source):
    (tmp_path / "empty.txt").write_bytes(b"")
    with pytest.raises(
        LibraryError, match=r"^none of 1 files could be indexed \(empty.txt: the fi"
    ):
        indexing.build([tmp_path / "empty.txt"], index, source)
    assert not store.exists(index)


def test_a_document_of_one_line_can_be_found(tmp_path, index, source):
    file = tmp_path / "line.txt"
    file.write_text("重点施策の一覧", encoding="utf-8")
    indexing.build([file], index, source)
    opened = Library.open(index, source)
    assert [passage.chunk.text for passage in opened.search("重点施策").passages] == [
        "重点施策の一覧"
    ]
    opened.close()


def test_a_library_that_cannot_be_written(documents, tmp_path, source):
    place = tmp_path / "file"
    place.write_text("no folder")
    with pytest.raises(LibraryError, match=r"^the library cannot be written \(.*file: File exists"):
        indexing.build([documents], place, source)


def test_a_vector_cache_that_cannot_be_opened(documents, index, source):
    (index / "vectors" / "fake@1.sqlite").mkdir(parents=True)
    with pytest.raises(LibraryError, match=r"^the library cannot be written \(.*unable to open"):
        indexing.build([documents], index, source)


# --- a build that fails, builds at the same time ---


class FailureError(Exception):
    """What no part of policyqa expects."""


class BrokenEncoder(FakeEncoder):
    def encode_passages(self, texts):
        raise FailureError


def test_the_library_stays_live_when_a_build_fails(documents, index, source):
    live = indexing.build([documents], index, source).generation
    (documents / "parks.txt").write_text("公園計画\n\n公園を増やす。\n", encoding="utf-8")
    with pytest.raises(FailureError):
        indexing.build([documents], index, FakeSource(encoder=BrokenEncoder()))
    assert generations(index) == [live]
    assert paths_of(index, source) == ["housing.txt", "roads.txt"]
    assert indexing.build([documents], index, source).added == ["parks.txt"]


def test_a_first_build_that_failed_leaves_nothing_to_index(documents, source):
    index = documents / "index"
    with pytest.raises(FailureError):
        indexing.build([documents], index, FakeSource(encoder=BrokenEncoder()))
    summary = indexing.build([documents], index, source)
    assert (summary.added, summary.skipped) == (["housing.txt", "roads.txt"], [])


def test_a_draft_that_a_crash_left_is_removed(documents, index, source):
    indexing.build([documents], index, source)
    left = index / "generations" / ".draft-1"
    left.mkdir()
    (left / "library.sqlite").write_bytes(b"half")
    live = indexing.build([documents], index, source, rebuild=True).generation
    assert not left.exists()
    assert store.current(index).name == live


def test_what_was_embedded_before_a_failure_is_not_embedded_again(documents, index):
    class FailsLater(FakeEncoder):
        def encode_passages(self, texts):
            if self.encoded:
                raise FailureError
            return super().encode_passages(texts)

    text = "計画\n\n" + "\n".join(f"施策その{number}を進める。" for number in range(300))
    (documents / "long.txt").write_text(text, encoding="utf-8")
    with pytest.raises(FailureError):
        indexing.build([documents], index, FakeSource(encoder=FailsLater()), chunk_tokens=10)
    summary = indexing.build([documents], index, FakeSource(), chunk_tokens=10)
    assert summary.reused == 128
    assert summary.embedded + summary.reused == 300 + 300 + 1 + 12


def test_an_open_library_goes_on_while_others_are_built(documents, index, source):
    indexing.build([documents], index, source)
    opened = Library.open(index, source)
    for _ in range(4):
        indexing.build([documents], index, source, rebuild=True)
    assert opened.generation.name not in generations(index)
    assert opened.search("道路の安全").passages[0].chunk.text == "道路の安全を高める。"
    opened.close()


class WaitingEncoder(FakeEncoder):
    """Says when it is first asked, then waits to be let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.go = threading.Event()

    def encode_passages(self, texts):
        self.asked.set()
        assert self.go.wait(30)
        return super().encode_passages(texts)


def test_a_second_builder_waits_for_the_first(documents, index):
    slow = WaitingEncoder()
    said: list[str] = []

    def say(message: str) -> None:
        said.append(message)
        slow.go.set()

    with ThreadPoolExecutor() as pool:
        first = pool.submit(indexing.build, [documents], index, FakeSource(encoder=slow))
        assert slow.asked.wait(30)
        second = pool.submit(indexing.build, [documents], index, FakeSource(), say=say)
        assert second.result(30).up_to_date is True
    assert said == [f"another process is building {index}; waiting for it"]
    assert first.result().generation == second.result().generation
    assert generations(index) == [first.result().generation]


# --- open ---


def test_open_without_a_library(index, source):
    with pytest.raises(
        LibraryError, match=r"^no library at .*index; build one with `policyqa index"
    ):
        Library.open(index, source)


def test_open_refuses_another_encoder(juten_folder):
    with pytest.raises(
        LibraryError, match=r"was built with the encoder fake@1, the settings say fa"
    ):
        Library.open(juten_folder, FakeSource("fake@2"))


class WideEncoder(FakeEncoder):
    dimension = 65


def test_open_refuses_another_dimension(juten_folder):
    with pytest.raises(LibraryError, match=r"is damaged \(body vectors do not fit\)"):
        Library.open(juten_folder, FakeSource(encoder=WideEncoder()))


def test_open_refuses_another_kind_of_index(juten_folder, tmp_path):
    built = store.current(juten_folder)
    with store.draft(tmp_path) as draft:
        shutil.copytree(built.folder, draft, dirs_exist_ok=True)
        (draft / "manifest.json").unlink()
        clustered = {"kind": "IVF,SQ8", "nlist": 14, "nprobe": 1}
        kinds = {**built.manifest["dense"], "title": clustered}
        store.publish(tmp_path, draft, {**built.manifest, "dense": kinds})
    with pytest.raises(LibraryError, match=r"is damaged \(title vectors do not fit\)"):
        Library.open(tmp_path, FakeSource())


FILES = [
    "dense/body.faiss",
    "dense/title.faiss",
    "lexical/data.csc.index.npy",
    "lexical/params.index.json",
    "lexical/vocab.index.json",
    "library.sqlite",
]


@pytest.fixture
def copied(juten_folder, tmp_path) -> store.Generation:
    """A library of the user's document that a test may damage."""
    return store.current(Path(shutil.copytree(juten_folder, tmp_path / "copied")))


def library_of(generation: store.Generation) -> Path:
    return generation.folder.parent.parent


def test_the_manifest_names_every_file(copied):
    files = {
        path.relative_to(copied.folder).as_posix()
        for path in copied.folder.rglob("*")
        if path.is_file()
    }
    assert files - {"manifest.json"} == copied.manifest["files"].keys()
    assert set(FILES) < files
    assert store.damaged_files(copied) == []


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", ["cut", "grown", "gone"])
def test_open_refuses_a_file_of_the_wrong_size(copied, source, file, damage):
    path = copied.folder / file
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-1] if damage == "cut" else data + b"\0")
    with pytest.raises(
        LibraryError, match=rf"\({file} is missing or has the wrong size\); build it"
    ):
        Library.open(library_of(copied), source)


@pytest.mark.parametrize("file", FILES)
def test_check_finds_a_flipped_bit(copied, file):
    path = copied.folder / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert store.damaged_files(copied) == [file]


@pytest.mark.parametrize("file", FILES)
def test_open_refuses_a_file_that_is_something_else(copied, source, file):
    path = copied.folder / file
    path.write_bytes(b"?" * path.stat().st_size)
    expected = rf"is damaged \(changed since it was built: {file}\); build it again"
    with pytest.raises(LibraryError, match=expected):
        Library.open(library_of(copied), source)


def test_open_refuses_what_this_version_cannot_load(copied, source):
    library = library_of(copied)
    with store.draft(library) as folder:
        shutil.copytree(copied.folder, folder, dirs_exist_ok=True)
        (folder / "manifest.json").unlink()
        path = folder / "lexical" / "params.index.json"
        path.write_bytes(path.read_bytes().replace(b'"backend"', b'"bickend"'))
        store.publish(library, folder, copied.manifest)
    with pytest.raises(LibraryError, match=r"is damaged \(TypeError while opening it\)"):
        Library.open(library, source)


def test_open_refuses_a_changed_manifest(copied, source):
    path = copied.folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"fake@1", b"fake@2"))
    with pytest.raises(LibraryError, match=r"is damaged \(manifest.json was changed\)"):
        Library.open(library_of(copied), source)


def test_open_refuses_a_missing_manifest(copied, source):
    (copied.folder / "manifest.json").unlink()
    with pytest.raises(LibraryError, match=r"\(manifest.json cannot be read: No such file"):
        Library.open(library_of(copied), source)


@pytest.mark.parametrize(
    "name", [b"", b"nothing\n", b"../..\n", b"\xff\x00", b"20200101T000000000000Z-0123456789ab"]
)
def test_open_refuses_a_current_that_names_nothing(copied, source, name):
    (library_of(copied) / "CURRENT").write_bytes(name)
    with pytest.raises(LibraryError, match=r"is damaged \(CURRENT names no generation\)"):
        Library.open(library_of(copied), source)


def test_a_damaged_library_is_built_anew(documents, index, source):
    first = indexing.build([documents], index, source).generation
    os.truncate(index / "generations" / first / store.DATABASE, 10)
    said: list[str] = []
    summary = indexing.build([documents], index, source, say=said.append)
    assert len(said) == 1
    assert "damaged (library.sqlite is missing or has the wrong size)" in said[0]
    assert summary.up_to_date is False
    assert (summary.embedded, summary.reused) == (0, 12)
    assert paths_of(index, source) == ["housing.txt", "roads.txt"]


def test_a_library_of_another_format_is_refused(copied, source):
    library = library_of(copied)
    with store.draft(library) as folder:
        shutil.copy(copied.folder / store.DATABASE, folder)
        store.publish(library, folder, {**copied.manifest, "format": store.FORMAT + 1})
    expected = rf"has format {store.FORMAT + 1}, this policyqa reads {store.FORMAT}; build it again"
    with pytest.raises(LibraryError, match=expected):
        Library.open(library, source)


# --- search ---


def test_search_finds_the_place(library):
    result = library.search("大学総合振興パッケージを策定したのはいつですか。", 3)
    assert [passage.rank for passage in result.passages] == [1, 2, 3]
    scores = [passage.score for passage in result.passages]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    best = result.passages[0]
    assert "令和４年２月に「地域中核・特色ある大学総合振興パッケージ」を策定。" in best.chunk.text
    assert str(best.citation) == (
        "「デジタル田園都市国家構想総合戦略に位置づける重点的施策」２．大学を核とした産学官協創都市"
    )
    assert best.citation.file == "juten-shisaku.txt"
    assert best.signals.keys() == {"dense", "dense_title", "sentence", "lexical"}
    marked = {best.chunk.text[start:end] for start, end in best.highlights}
    assert "大学総合振興パッケージ" in marked
    assert result.steps.keys() == {"lookup", "encode", "dense", "lexical", "fuse", "fetch"}


def test_every_chunk_can_be_found_and_cites_its_section(library, juten):
    passages = library.search("構想", 1000).passages
    assert len(passages) == library.generation.manifest["counts"]["chunks"]
    assert {passage.citation.section for passage in passages} == {
        ("１．スマートシティ",),
        ("２．大学を核とした産学官協創都市",),
        ("３．スタートアップ・エコシステム拠点都市",),
    }
    assert all(passage.chunk.section == passage.citation.section for passage in passages)
    assert len({passage.id for passage in passages}) == len(passages)


@pytest.mark.parametrize("top_k", [1, 2, 5])
def test_top_k(library, top_k):
    assert len(library.search("スマートシティ", top_k).passages) == top_k


def test_a_question_is_cleaned(library):
    asked = "スマートシティの目標は"
    result = library.search("\ufeff  スマート\u200bシティの目標は\x00\n")
    assert result.question == asked
    assert result.passages == library.search(asked).passages


@pytest.mark.parametrize("question", ["", " 　\n\t", "\x00\ufeff\u200b"])
def test_an_empty_question(library, question):
    with pytest.raises(QuestionError, match=r"^the question is empty; write a question$"):
        library.search(question)


def test_the_longest_question(library):
    assert library.search("長" * LONGEST_QUESTION).passages
    with pytest.raises(
        QuestionError, match=r"^the question has 1001 characters; write at most 1000$"
    ):
        library.search("長" * (LONGEST_QUESTION + 1))


@pytest.mark.parametrize(
    "question", ["？", "😀", "\ud83d市", "'; DROP TABLE chunks; --", "%s {} \\"]
)
def test_odd_questions_are_only_questions(library, question):
    assert len(library.search(question, 3).passages) == 3


def test_search_from_several_threads(library):
    questions = ["スマートシティ", "大学", "スタートアップ", "交付金"] * 5
    expected = [library.search(question).passages for question in questions]
    with ThreadPoolExecutor(4) as pool:
        found = [result.passages for result in pool.map(library.search, questions)]
    assert found == expected


def test_evidence_lies_in_its_passage(library):
    result = library.search("2025年までに先導的なスマートシティを何地域つくる目標ですか。")
    found = answer(result)
    assert "100地域" in found.evidence[0].text
    for evidence in found.evidence:
        assert evidence.text in evidence.passage.chunk.text
        assert evidence.passage in result.passages


def test_the_manifest_says_what_was_built(documents, index, source):
    indexing.build([documents], index, source)
    manifest = store.current(index).manifest
    assert manifest["format"] == store.FORMAT
    assert manifest["encoder"] == {"id": "fake@1", "dimension": 64}
    assert manifest["dense"] == {
        "body": {"kind": "SQfp16"},
        "title": {"kind": "SQ8"},
        "sentence": {"kind": "SQ8"},
    }
    assert manifest["counts"] == {"documents": 2, "sections": 4, "chunks": 4, "sentences": 4}
    assert manifest["sources"].keys() == {"housing.txt", "roads.txt"}


# --- the cache of vectors ---

TEXTS = [f"施策その{number}を進める。" for number in range(200)]


def cached(folder: Path, encoder: FakeEncoder, texts: list[str]) -> tuple[np.ndarray, int]:
    with VectorCache(folder, "fake@1") as cache:
        return cache.vectors(texts, encoder.encode_passages, lambda done, of: None)


def test_each_text_is_embedded_once(tmp_path):
    encoder = FakeEncoder()
    vectors, computed = cached(tmp_path, encoder, [*TEXTS, *TEXTS[:10]])
    assert computed == 200
    assert np.array_equal(vectors, FakeEncoder().encode_passages([*TEXTS, *TEXTS[:10]]))
    again, computed = cached(tmp_path, encoder, TEXTS[::-1])
    assert computed == 0
    assert np.array_equal(again, vectors[199::-1])
    assert len(encoder.encoded) == 200


def test_progress_of_embedding(tmp_path):
    steps: list[tuple[int, int]] = []
    with VectorCache(tmp_path, "fake@1") as cache:
        cache.vectors(TEXTS, FakeEncoder().encode_passages, lambda *step: steps.append(step))
    assert steps == [(128, 200), (200, 200)]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE vectors SET vector = zeroblob(256) WHERE key = ?",
        "UPDATE vectors SET crc = crc + 1 WHERE key = ?",
        "UPDATE vectors SET vector = CAST(x'ff' AS TEXT) WHERE key = ?",
        "UPDATE vectors SET vector = 7 WHERE key = ?",
        "DELETE FROM vectors WHERE key = ?",
    ],
)
def test_a_damaged_entry_is_computed_again(tmp_path, damage):
    encoder = FakeEncoder()
    vectors, _ = cached(tmp_path, encoder, TEXTS)
    with sqlite3.connect(tmp_path / "fake@1.sqlite") as connection:
        (key,) = connection.execute("SELECT key FROM vectors LIMIT 1").fetchone()
        connection.execute(damage, (key,))
    connection.close()
    for expected in (1, 0):
        again, computed = cached(tmp_path, encoder, TEXTS)
        assert computed == expected
        assert np.array_equal(again, vectors)


@pytest.mark.parametrize(
    ("start", "data"),
    [(0, b"no database"), (0, b"\0" * 4096), (5000, b"\xff" * 9000)],
    ids=["header", "first page", "pages"],
)
def test_a_damaged_cache_is_made_anew(tmp_path, start, data):
    vectors, _ = cached(tmp_path, FakeEncoder(), TEXTS)
    with (tmp_path / "fake@1.sqlite").open("r+b") as stream:
        stream.seek(start)
        stream.write(data)
    again, computed = cached(tmp_path, FakeEncoder(), TEXTS)
    assert computed == 200
    assert np.array_equal(again, vectors)


def test_the_name_of_an_encoder_may_hold_a_path(tmp_path):
    with VectorCache(tmp_path, "../models/e5@1") as cache:
        cache.vectors(TEXTS[:1], FakeEncoder().encode_passages, lambda done, of: None)
    assert [path.name for path in tmp_path.iterdir()] == [".._models_e5@1.sqlite"]
