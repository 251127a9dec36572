"""Questions that users add to an evaluation set: one row each, in a file of their own."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filelock import FileLock

from policyqa.catalogue import DocumentRow
from policyqa.durable import replace_file
from policyqa.errors import EvaluationError
from policyqa.evaluation.questions import read_questions
from policyqa.japanese import squeeze
from policyqa.library import Library
from policyqa.originals import Original

FILE = Path("eval", "cases.jsonl")


def beside(library: Path) -> Path:
    """Where cases are kept unless said otherwise: where the project has its other question sets.
    Not below the working folder, which depends on how a server is started."""
    return library.resolve().parent / FILE


def gold_of(
    document: DocumentRow, documents: Iterable[DocumentRow], heading: str, page: int | None
) -> dict[str, Any]:
    """A place as a question's `relevant`: the document by its title (by its file where the title
    names others too), and in it the page, else the section with this heading."""
    same = [other for other in documents if squeeze(other.title) == squeeze(document.title)]
    gold: dict[str, Any]
    if document.title and len(same) == 1:
        gold = {"document": document.title}
    else:
        gold = {"file": Path(document.path).name}
    if page is not None:
        gold["page"] = page
    elif heading:
        gold["section"] = heading
    return gold


def gold_of_original(library: Library, original: Original) -> dict[str, Any]:
    """The place of a passage as a question's `relevant`. Of a 号 its 条: 第一項 alone would stand
    for that of any 条."""
    path = library.originals.unit(original.place).path
    heading = path[-1] if path else ""
    return gold_of(original.document, library.documents, heading, original.citation.page)


def add_case(path: Path, question: str, relevant: list[dict[str, Any]]) -> bool:
    """Append a question with its gold, none for one without an answer; False where it is there.

    Readers see the file before or after, never in between. Raises EvaluationError when the file
    is malformed or cannot be written.
    """
    identity = _id(question, relevant)
    row = {
        "id": identity,
        "question": question,
        "answerable": bool(relevant),
        "relevant": relevant,
        "answers": [],
        "kind": "case",
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            if _holds(path, identity):
                return False
            _append(path, json.dumps(row, ensure_ascii=False))
            return True
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror}") from error


def _id(question: str, relevant: list[dict[str, Any]]) -> str:
    identity = json.dumps([squeeze(question), relevant], ensure_ascii=False)
    return f"case-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"


def _holds(path: Path, identity: str) -> bool:
    if not path.exists() or path.stat().st_size == 0:
        return False
    return any(question.id == identity for question in read_questions(path))


def _append(path: Path, line: str) -> None:
    before = path.read_bytes() if path.exists() else b""
    joint = b"" if not before or before.endswith(b"\n") else b"\n"
    replace_file(path, before + joint + line.encode() + b"\n")
