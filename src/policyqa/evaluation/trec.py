"""TREC's qrels and run files, in and out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from policyqa.errors import EvaluationError
from policyqa.evaluation.metrics import Row


def write_trec(folder: Path, report: Mapping[str, Any]) -> None:
    """Write qrels.txt and run.txt of a report's answerable questions into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for row in report["per_question"] if row["answerable"]]
    qrels = [
        f"{_token(row['id'])} 0 {_token(target)} {gain}"
        for row in rows
        for target, gain in row["gains"].items()
    ]
    run = [
        f"{_token(row['id'])} Q0 {_token(target)} {rank} {score} policyqa"
        for row in rows
        for rank, (target, score) in enumerate(row["ranking"], start=1)
    ]
    (folder / "qrels.txt").write_text(_lines(qrels), encoding="utf-8")
    (folder / "run.txt").write_text(_lines(run), encoding="utf-8")


def read_trec(qrels: Path, run: Path) -> list[Row]:
    """Rows for the ranking metrics out of a qrels and a run file.

    Raises EvaluationError with a line for every wrong row.
    """
    problems: list[str] = []
    gains: dict[str, dict[str, int]] = defaultdict(dict)
    ranking: dict[str, dict[str, float]] = defaultdict(dict)
    for place, parts in _read(qrels, 4, problems):
        try:
            gains[parts[0]][parts[2]] = int(parts[3])
        except ValueError:
            problems.append(f"{place}: the gain {parts[3]} is no whole number")
    for place, parts in _read(run, 6, problems):
        try:
            score = float(parts[4])
        except ValueError:
            problems.append(f"{place}: the score {parts[4]} is no number")
            continue
        if parts[2] in ranking[parts[0]]:
            problems.append(f"{place}: {parts[0]} has {parts[2]} twice")
        ranking[parts[0]][parts[2]] = score
    unknown = sorted(ranking.keys() - gains.keys())
    if unknown:
        problems.append(f"{run}: {len(unknown)} questions are not in {qrels}, first {unknown[0]}")
    if problems:
        raise EvaluationError("\n".join(problems))
    return [_row(question, gains[question], ranking.get(question, {})) for question in gains]


def _row(question: str, gains: dict[str, int], scores: dict[str, float]) -> Row:
    return {
        "id": question,
        "question": question,
        "answerable": any(gain > 0 for gain in gains.values()),
        "tags": [],
        "gains": gains,
        "ranking": sorted(scores.items(), key=lambda item: -item[1])[:1000],
        "section_hit": None,
        "page_hit": None,
        "answers": [],
        "evidence": [],
        "found": True,
        "probability": 1.0,
    }


def _read(path: Path, width: int, problems: list[str]) -> Iterable[tuple[str, list[str]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        parts = line.split()
        if len(parts) == width:
            yield f"{path}:{number}", parts
        elif parts:
            problems.append(f"{path}:{number}: {len(parts)} columns, not {width}")


def _token(text: str) -> str:
    """`text` as TREC's formats can hold it: without white space."""
    return "_".join(text.split())


def _lines(rows: Iterable[str]) -> str:
    return "".join(f"{row}\n" for row in rows)
