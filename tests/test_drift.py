"""A suite against two generations of a library, with the fake encoder."""

import json

import pytest
from typer.testing import CliRunner

from policyqa import indexing, store
from policyqa.cli import app
from policyqa.errors import EvaluationError, LibraryError
from policyqa.evaluation.drift import Drift, Found, drift, generation_named
from policyqa.library import Library

PLAN = """住宅計画

１．断熱

住宅の断熱を進める。毎年百戸とする。

２．耐震

住宅の耐震を進める。

３．補助

補助金を出す。
"""
QUESTIONS = [
    ("same", "住宅の耐震は。", "２．耐震"),
    ("changed", "住宅の断熱は何戸か。", "１．断熱"),
    ("vanished", "補助金は。", "３．補助"),
    ("new", "空き家の活用は。", "４．空き家"),
    ("missing", "空港は。", "９．空港"),
]


def question(identity, text, section):
    relevant = [{"file": "plan.txt", "section": section}] if section else []
    return {"id": identity, "question": text, "relevant": relevant}


def write_questions(path, rows):
    lines = [json.dumps(question(*row), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def build(folder, text, source):
    (folder / "plan.txt").write_text(text, encoding="utf-8")
    return indexing.build([folder / "plan.txt"], folder / "index", source).generation


@pytest.fixture
def two(tmp_path, source):
    """The names of two generations of a library: the plan and what became of it."""
    first = build(tmp_path, PLAN, source)
    later = PLAN.replace("百戸", "二百戸").replace("３．補助", "４．空き家").replace(
        "補助金を出す。", "空き家を活用する。"
    )  # fmt: skip
    return first, build(tmp_path, later, source)


def test_what_became_of_the_gold(tmp_path, source, two):
    path = write_questions(tmp_path / "set.jsonl", QUESTIONS)
    rows = drift([path], tmp_path / "index", source, *two)
    assert {row.id: row.gold for row in rows} == {row[0]: row[0] for row in QUESTIONS}
    by_id = {row.id: row for row in rows}
    assert by_id["vanished"].citations_before == ["「住宅計画」３．補助"]
    assert by_id["vanished"].citations_after == []
    assert by_id["new"].citations_after == ["「住宅計画」４．空き家"]
    assert (by_id["same"].citations_before, by_id["same"].is_any) == ([], False)
    assert by_id["vanished"].before.passage == "「住宅計画」３．補助"
    assert by_id["vanished"].after.passage != "「住宅計画」３．補助"


def test_a_generation_against_itself(tmp_path, source, two):
    path = write_questions(tmp_path / "set.jsonl", QUESTIONS[:2])
    rows = drift([path], tmp_path / "index", source, two[0], two[0])
    assert not any(row.is_any for row in rows)


def test_white_space_and_width_are_no_change(tmp_path, source, two):
    second = build(tmp_path, PLAN.replace("住宅の耐震を進める。", "住宅の耐震を\n進める。"), source)
    third = build(tmp_path, PLAN.replace("２．耐震", "２．　耐震"), source)
    path = write_questions(tmp_path / "set.jsonl", QUESTIONS[:1])
    (row,) = drift([path], tmp_path / "index", source, second, third)
    assert row.gold == "same"


def test_a_new_title_reads_differently(tmp_path, source):
    first = build(tmp_path, PLAN, source)
    second = build(tmp_path, PLAN.replace("住宅計画", "住生活基本計画"), source)
    path = write_questions(tmp_path / "set.jsonl", QUESTIONS[:1])
    (row,) = drift([path], tmp_path / "index", source, first, second)
    assert row == Drift(
        "same",
        "住宅の耐震は。",
        "same",
        ["「住宅計画」２．耐震"],
        ["「住生活基本計画」２．耐震"],
        Found(row.before.found, "「住宅計画」２．耐震", row.before.evidence),
        Found(row.after.found, "「住生活基本計画」２．耐震", row.after.evidence),
    )


def test_one_of_two_places_is_gone(tmp_path, source, two):
    row = question("both", "住宅の耐震と補助は。", "２．耐震")
    row["relevant"].append({"file": "plan.txt", "section": "３．補助"})
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    (found,) = drift([path], tmp_path / "index", source, *two)
    assert found.gold == "vanished"


def test_generations_by_name(tmp_path, source, two):
    library = tmp_path / "index"
    first, second = two
    assert store.kept(library) == [first, second]
    assert generation_named(library, "current") == second
    assert generation_named(library, "previous") == first
    assert generation_named(library, first) == first
    with pytest.raises(LibraryError, match=f"no generation x in {library}; kept are {first}, "):
        generation_named(library, "x")
    opened = Library.open(library, source, named=first)
    assert opened.generation.name == first
    assert "百戸" in opened.search("断熱").passages[0].chunk.text
    opened.close()


def test_a_damaged_older_generation_is_refused(tmp_path, two):
    manifest = tmp_path / "index" / "generations" / two[0] / "manifest.json"
    manifest.write_text(manifest.read_text() + " ")
    with pytest.raises(LibraryError, match=r"manifest\.json was changed"):
        store.generation(tmp_path / "index", two[0])


def test_a_library_built_once_has_nothing_to_drift_from(tmp_path, source):
    build(tmp_path, PLAN, source)
    with pytest.raises(EvaluationError, match="has no generation before the current one"):
        generation_named(tmp_path / "index", "previous")


# --- the command line, with the real encoder ---


def drift_command(*arguments):
    return CliRunner().invoke(app, ["eval", "drift", *map(str, arguments)])


def test_the_command_lists_what_changed(tmp_path):
    documents = tmp_path / "plan.txt"
    library = tmp_path / "index"
    for text in (PLAN, PLAN.replace("３．補助", "５．補助").replace("百戸", "二百戸")):
        documents.write_text(text, encoding="utf-8")
        made = CliRunner().invoke(app, ["index", str(documents), "--library", str(library)])
        assert made.exit_code == 0, made.output
    path = write_questions(tmp_path / "set.jsonl", QUESTIONS[:3])
    told = drift_command(path, "--library", library)
    assert told.exit_code == 0, told.output
    first, second = store.kept(library)
    head, *lines = told.stdout.splitlines()
    assert head == f"{path}: 3 questions, {first} to {second}"
    assert lines[:2] == ["changed  住宅の断熱は何戸か。", "  gold changed"]
    vanished = lines.index("vanished  補助金は。")
    assert lines[vanished + 1 : vanished + 3] == [
        "  gold vanished",
        "  cited as: 「住宅計画」３．補助 -> none",
    ]
    assert "  first passage: 「住宅計画」３．補助 -> 「住宅計画」５．補助" in lines
    failed = drift_command(path, "--library", library, "--json", "--fail-on-change")
    assert failed.exit_code == 1
    data = json.loads(failed.stdout)
    assert (data["from"], data["to"], data["questions"]) == (first, second, 3)
    assert {row["id"]: row["gold"] for row in data["drifted"]} == {
        "changed": "changed",
        "vanished": "vanished",
    }


def test_a_suite_says_what_is_searched(repository):
    done = drift_command(repository / "eval" / "juten.toml", "--library", "index")
    assert "says what is searched; leave --library out" in str(done.exception)
