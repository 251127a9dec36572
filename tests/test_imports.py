"""Imports go one way: a table of what each part of the package may import."""

import ast
from pathlib import Path

import pytest

import policyqa

PACKAGE = Path(policyqa.__file__).parent

NOUNS = {"models", "errors", "strings"}
# The four that know nothing of each other.
LEAVES = {"readers", "chunking", "encoders", "search"}
KEEPING = {"durable", "vectors", "store", "database", "catalogue"}
# How a document is laid out, what its places are called, its words and what it is compared by.
TREE = {"numerals", "japanese", "places", "units", "word_table", "duplicates"}
ASKING = {"lookup", "filters", "versions", "short_names"}
# What lies behind a passage.
BEHIND = {"citations", "originals"}
LIBRARY = (NOUNS | TREE | LEAVES | KEEPING | ASKING | BEHIND) | {
    "metadata",
    "snapshots",
    "indexing",
    "ranking",
    "library",
}
MAY_IMPORT: dict[str, set[str]] = {
    "policyqa": set(),
    "models": set(),
    "errors": set(),
    "strings": set(),
    "strings_api": set(),
    "strings_questions": set(),
    "strings_report": set(),
    "numerals": set(),
    "japanese": NOUNS | {"numerals"},
    "places": NOUNS | {"japanese"},
    "units": NOUNS | {"places"},
    "word_table": {"models"},
    "duplicates": {"japanese"},
    "short_names": set(),
    "delivery": set(),
    "durable": set(),
    "rendering": {"delivery"},
    **dict.fromkeys(LEAVES, NOUNS | TREE),
    "readers": NOUNS | TREE | {"delivery"},
    **dict.fromkeys(KEEPING - {"durable"}, NOUNS | TREE),
    "store": {"durable", "errors"},
    "versions": NOUNS | {"japanese"},
    "filters": NOUNS | TREE | {"catalogue"},
    "lookup": NOUNS | TREE | {"catalogue", "search", "short_names"},
    "citations": NOUNS | {"catalogue", "versions"},
    "originals": NOUNS | {"catalogue", "citations", "lookup", "store", "versions"},
    "metadata": {"errors", "models"},
    "feedback": {"errors"},
    "keys": {"errors"},
    "snapshots": NOUNS | {"database", "metadata", "readers"},
    "finding": {"database", "errors", "metadata", "store"},
    "indexing": NOUNS
    | TREE
    | LEAVES
    | KEEPING
    | {"policyqa", "finding", "metadata", "ranking", "snapshots"},
    "fetching": NOUNS | {"policyqa", "readers"},
    "ranking": NOUNS | {"japanese", "catalogue", "search", "store"},
    "library": LIBRARY - {"library"},
    "asked_for": NOUNS | {"japanese"},
    "evidence": NOUNS | {"japanese", "asked_for"},
    "answering": NOUNS | {"japanese", "evidence"},
    "evaluation": LIBRARY
    | {
        "policyqa",
        "answering",
        "evidence",
        "feedback",
        "finding",
        "strings_questions",
        "strings_report",
    },
    "progress": set(),
    "output": NOUNS,
    "settings": NOUNS | {"chunking", "encoders"},
    "doctor": LIBRARY | {"policyqa", "settings"},
    "web": LIBRARY
    | {"policyqa", "answering", "evaluation", "feedback", "keys"}
    | {"output", "settings", "strings_api"},
    "cli": LIBRARY
    | {"policyqa", "answering", "cli_eval", "cli_key", "output", "progress", "settings", "web"}
    | {"doctor", "feedback", "fetching", "metadata"},
    "cli_key": {"keys", "settings"},
    "cli_tables": {"evaluation"},
    "cli_suites": LIBRARY | {"cli_tables", "evaluation", "progress", "settings"},
    "cli_drafts": LIBRARY | {"cli_tables", "evaluation", "feedback", "settings"},
    "cli_drift": LIBRARY | {"cli_tables", "evaluation", "progress", "settings"},
    "cli_eval": LIBRARY
    | {"policyqa", "evaluation", "progress", "settings"}
    | {"cli_tables", "cli_suites", "cli_drafts", "cli_drift", "cli_report", "cli_sweep"},
    "cli_sweep": {"encoders", "evaluation", "progress", "search", "settings"},
    "cli_report": {"policyqa", "errors", "evaluation"},
    "__main__": {"cli"},
}


def part_of(path: Path) -> str:
    """The part of the package a file is: the module, or the folder it lies in."""
    name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "policyqa" if name == "__init__" else name


def imported(tree: ast.AST) -> set[str]:
    """The parts of policyqa that a module imports, wherever in it the statement stands."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    parts = [name.split(".") for name in names]
    ours = {part[1] if part[1:] else "policyqa" for part in parts if part[0] == "policyqa"}
    # What is no part is a name of the package itself: from policyqa import __version__.
    return {name if name in MAY_IMPORT else "policyqa" for name in ours}


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    part = part_of(path)
    assert part in MAY_IMPORT, f"say in this table what {part} may import"
    others = imported(ast.parse(path.read_text(encoding="utf-8"))) - {part}
    assert others <= MAY_IMPORT[part]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import json", set()),
        ("import policyqa", {"policyqa"}),
        ("import policyqa.store", {"store"}),
        ("from policyqa import __version__, store", {"policyqa", "store"}),
        ("from policyqa.readers.text import read", {"readers"}),
        ("def late():\n    from policyqa.web.server import serve", {"web"}),
    ],
)
def test_every_form_of_import_is_seen(code, expected):
    assert imported(ast.parse(code)) == expected


def test_the_table_has_no_circle():
    done: set[str] = set()
    while left := MAY_IMPORT.keys() - done:
        free = {part for part in left if MAY_IMPORT[part] <= done}
        assert free, f"a circle among {sorted(left)}"
        done |= free


def test_settings_are_read_by_the_command_line_and_the_page_only():
    readers = {part for part, allowed in MAY_IMPORT.items() if "settings" in allowed}
    assert readers == {
        *("cli", "cli_eval", "cli_suites", "cli_drafts", "cli_drift", "cli_key", "cli_sweep"),
        *("doctor", "web"),
    }


def test_the_four_leaves_never_import_each_other():
    for leaf in LEAVES:
        assert not MAY_IMPORT[leaf] & LEAVES
