"""The questions of a report as the data that its page holds; small, since thousands must fit."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policyqa.evaluation.metrics import Row
from policyqa.evaluation.report.figures import Outcome, Report
from policyqa.evaluation.report.wording import moves

EXCERPTS = (300, 200, 140, 100, 60, 30)
"""Characters of a passage that are shown: the first with which the page is small enough."""
LARGEST = 13_000_000
"""Bytes of data in a page, so that the whole stays under 15 MB."""


def embedded(report: Report) -> str:
    """The data of the questions, for a script element.

    A passage stands in it once, however many questions rank it. With thousands of questions over
    thousands of long passages the excerpts get shorter until the data fits.
    """
    for excerpt in EXCERPTS:
        data = in_script(_data(report, excerpt))
        if len(data.encode(errors="replace")) <= LARGEST:
            break
    return data


def in_script(value: object) -> str:
    """JSON that can stand in a script element."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # "<" is nowhere in JSON but in strings; without it nothing can end the script element.
    return written.replace("<", "\\u003c")


def _data(report: Report, excerpt: int) -> dict[str, Any]:
    pool = _Pool(excerpt)
    before: Sequence[Outcome | None] = report.before or [None] * len(report.rows)
    # Without a baseline nothing has moved; the page then shows no such column.
    changes = moves(report) or [0] * len(report.rows)
    return {
        "compared": report.before is not None,
        "rows": [
            _row(row, now, old, change, pool)
            for row, now, old, change in zip(
                report.rows, report.outcomes, before, changes, strict=True
            )
        ],
        "passages": pool.passages,
        "signals": pool.signals,
        "excerpt": excerpt if pool.cut else None,
    }


class _Pool:
    """Distinct passages, by their number, and the names of all signals."""

    def __init__(self, excerpt: int) -> None:
        self._excerpt = excerpt
        self._numbers: dict[tuple[str, str], int] = {}
        self.signals: list[str] = []
        self.cut = False

    @property
    def passages(self) -> list[tuple[str, str]]:
        """[citation, excerpt] each."""
        return list(self._numbers)

    def add(self, citation: str, text: str) -> int:
        self.cut |= len(text) > self._excerpt
        if len(text) > self._excerpt:
            text = f"{text[: self._excerpt]}…"
        return self._numbers.setdefault((citation, text), len(self._numbers))

    def values(self, signals: Mapping[str, float]) -> list[float | None]:
        self.signals += [name for name in signals if name not in self.signals]
        return [round(signals[name], 3) if name in signals else None for name in self.signals]


def _row(
    row: Mapping[str, Any], now: Outcome, before: Outcome | None, change: int, pool: _Pool
) -> dict[str, Any]:
    took = row.get("took_ms")
    return {
        "id": row["id"],
        "q": row["question"],
        "a": row["answerable"],
        "tags": row["tags"],
        "w": row["answers"],
        "e": row["evidence"],
        "ms": round(sum(took.values()), 1) if took else None,
        "now": _outcome(now),
        "old": _outcome(before) if before else None,
        "m": change,
        "p": list(_passages(row, pool)),
    }


def _outcome(outcome: Outcome) -> list[Any]:
    """[right, found, probability, rank, nDCG@10, F1]."""
    return [
        outcome.right,
        outcome.found,
        round(outcome.probability, 3),
        outcome.rank,
        None if outcome.ndcg is None else round(outcome.ndcg, 3),
        None if outcome.f1 is None else round(outcome.f1, 3),
    ]


def _passages(row: Mapping[str, Any], pool: _Pool) -> Iterator[list[Any]]:
    """[passage, gold, score, signals] of each ranked passage, best first."""
    if "passages" in row:
        for passage in row["passages"]:
            number = pool.add(passage["citation"], passage["text"])
            signals = pool.values(passage.get("signals") or {})
            yield [number, bool(passage.get("gold")), round(passage["score"], 3), signals]
        return
    # A run of before passages were kept tells their citations, and which cite the gold.
    for place, citation in enumerate(row.get("citations") or ()):
        yield [pool.add(citation, ""), _hit(row, place), None, []]


def _hit(row: Mapping[str, Any], place: int) -> bool:
    hits: Sequence[Sequence[bool]] = [row[key] or () for key in ("section_hit", "page_hit")]
    return any(place < len(hit) and hit[place] for hit in hits)


def first_citation(row: Row) -> str:
    """The citation of a question's first passage; empty where there is none."""
    kept: Mapping[str, Any] = row
    if kept.get("passages"):
        return str(kept["passages"][0]["citation"])
    return str(next(iter(kept.get("citations") or ()), ""))
