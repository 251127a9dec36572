"""A BEIR folder as documents and questions: corpus.jsonl, queries.jsonl, qrels/test.tsv.

A row of the corpus is a document with one section: `title` is the section's title, `text` its body.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from policyqa.database import Source
from policyqa.errors import EvaluationError
from policyqa.evaluation.questions import Question
from policyqa.japanese import clean
from policyqa.models import Document, Section


@dataclass(frozen=True, slots=True)
class BeirSet:
    """A BEIR folder as read. `gains` is question id -> {corpus id: gain}."""

    documents: list[tuple[Source, Document]]
    questions: list[Question]
    gains: dict[str, dict[str, int]]
    titles: dict[str, str]


def read_beir(folder: Path) -> BeirSet:
    """Read a BEIR folder. Raises EvaluationError with a line for every wrong row."""
    problems: list[str] = []
    corpus = _rows(folder / "corpus.jsonl", problems)
    queries = _rows(folder / "queries.jsonl", problems)
    gains = _qrels(folder / "qrels" / "test.tsv", corpus.keys(), queries.keys(), problems)
    if problems:
        raise EvaluationError("\n".join(problems))
    return BeirSet(
        documents=[_document(identity, row) for identity, row in corpus.items()],
        questions=[_question(identity, row, gains) for identity, row in queries.items()],
        gains=gains,
        titles={identity: row.get("title", "") for identity, row in corpus.items()},
    )


def library_folder(folder: Path) -> Path:
    """Where the library of a BEIR folder is built: in the user's cache."""
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    cache = Path(platformdirs.user_cache_dir("policyqa"))
    return cache / "beir" / f"{folder.resolve().name}-{name}"


def read_beir_queries(folder: Path) -> list[Question]:
    """The questions alone, for asking them of another corpus."""
    problems: list[str] = []
    queries = _rows(folder / "queries.jsonl", problems)
    if problems:
        raise EvaluationError("\n".join(problems))
    return [_question(identity, row, {}) for identity, row in queries.items()]


def _rows(path: Path, problems: list[str]) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for number, line in _lines(path):
        try:
            row = json.loads(line)
            identity, text = row["_id"], row["text"]
        except (ValueError, KeyError, TypeError):
            problems.append(f"{path}:{number}: not a JSON object with _id and text")
            continue
        if not isinstance(identity, str) or not identity or identity in rows:
            problems.append(f"{path}:{number}: the _id {identity!r} is no string or not unique")
        elif not isinstance(text, str) or not text.strip():
            problems.append(f"{path}:{number}: the text is empty")
        else:
            rows[identity] = row
    return rows


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        # Not splitlines: a text may hold U+2028, which is no line end in JSON.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error
    yield from ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _qrels(path: Path, corpus: Any, queries: Any, problems: list[str]) -> dict[str, dict[str, int]]:
    gains: dict[str, dict[str, int]] = defaultdict(dict)
    for number, line in _lines(path):
        parts = line.rstrip("\r").split("\t")
        if number == 1 and parts[0] == "query-id":
            continue
        try:
            query, document, gain = parts[0], parts[1], int(parts[2])
        except (IndexError, ValueError):
            problems.append(f"{path}:{number}: not query-id, corpus-id and a whole number")
            continue
        if query not in queries:
            problems.append(f"{path}:{number}: queries.jsonl has no {query}")
        elif document not in corpus:
            problems.append(f"{path}:{number}: corpus.jsonl has no {document}")
        elif document in gains[query]:
            problems.append(f"{path}:{number}: {query} and {document} stand above already")
        else:
            gains[query][document] = gain
    return dict(gains)


def _document(identity: str, row: dict[str, Any]) -> tuple[Source, Document]:
    title, text = clean(row.get("title") or ""), clean(row["text"])
    digest = hashlib.sha256(json.dumps([title, text]).encode()).hexdigest()
    section = Section("", title, text)
    root = Section("", "", children=(section,)) if title else Section("", "", text)
    return Source(None, identity, digest), Document(title="", root=root)


def _question(identity: str, row: dict[str, Any], gains: dict[str, dict[str, int]]) -> Question:
    metadata = row.get("metadata") or {}
    return Question(
        id=identity,
        text=row["text"],
        answerable=any(gain > 0 for gain in gains.get(identity, {}).values()),
        answers=tuple(metadata.get("answers") or ()),
        tags=tuple(metadata.get("tags") or ()),
    )
