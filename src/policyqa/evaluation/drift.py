"""A suite against two generations of a library: where the gold changed or is gone, which citations
read differently, which answers are others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from policyqa import store
from policyqa.answering import answer
from policyqa.errors import EvaluationError
from policyqa.evaluation.questions import Gold, Question, read_question_files
from policyqa.indexing import EncoderSource
from policyqa.japanese import squeeze
from policyqa.library import Library
from policyqa.models import Citation
from policyqa.search.fusion import WEIGHTS

PREVIOUS, CURRENT = "previous", "current"

State = Literal["same", "changed", "vanished", "new", "missing"]
"""Of a question's gold: its text is another, it is not there any more, it is there only now, it is
in neither generation. White space and the width of signs make no difference."""

_WORST_FIRST: Sequence[State] = ("vanished", "changed", "missing", "new", "same")
LOST: frozenset[State] = frozenset({"vanished", "changed"})
"""What became of gold that has to be looked at again."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """What a generation answers: whether it was found, and the citation of the first passage and
    of the first evidence sentence, empty where there is none."""

    found: bool
    passage: str
    evidence: str


@dataclass(frozen=True, slots=True)
class _Gold:
    """A gold place in a generation: the citations of the sections there, in order, and their text
    in one form; neither where there is no such place."""

    citations: tuple[str, ...]
    text: str


_Seen = tuple[list[_Gold], Found]
"""A question in a generation: each of its gold places, and the answer."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What became of a question. `gold` tells of the worst of its places; the citations are those
    of its gold that are only in one of the generations."""

    id: str
    question: str
    gold: State
    citations_before: list[str]
    citations_after: list[str]
    before: Found
    after: Found

    @property
    def is_any(self) -> bool:
        citations = self.citations_before or self.citations_after
        return self.gold != "same" or bool(citations) or self.before != self.after


class _LoadedOnce:
    """An encoder for both generations, loaded with the first."""

    def __init__(self, source: EncoderSource) -> None:
        self.id = source.id
        self.load = cache(source.load)


def generation_named(library: Path, name: str) -> str:
    """The name of a kept generation; `previous` and `current` name two. Raises LibraryError,
    EvaluationError where there is no previous one."""
    if name == CURRENT:
        return store.current(library).name
    if name != PREVIOUS:
        return store.generation(library, name).name
    live = store.current(library).name
    older = [kept for kept in store.kept(library) if kept < live]
    if not older:
        raise EvaluationError(
            f"{library} has no generation before the current one; drift needs a library that was "
            "built at least twice"
        )
    return older[-1]


def drift(
    paths: Sequence[Path],
    library: Path,
    encoder: EncoderSource,
    before: str,
    after: str,
    *,
    weights: Mapping[str, float] = WEIGHTS,
    progress: Progress = lambda step, done, of: None,
) -> list[Drift]:
    """Every question of the sets, asked of the two generations with these names.

    Raises EvaluationError for wrong rows; gold that is in neither generation is told as missing.
    """
    questions = read_question_files(paths)
    once = _LoadedOnce(encoder)
    seen = [
        _seen(questions, library, once, name, weights, step, progress)
        for name, step in ((before, PREVIOUS), (after, CURRENT))
    ]
    return [_drift(question, *both) for question, *both in zip(questions, *seen, strict=True)]


def _seen(
    questions: Sequence[Question],
    folder: Path,
    encoder: EncoderSource,
    name: str,
    weights: Mapping[str, float],
    step: str,
    progress: Progress,
) -> list[_Seen]:
    library = Library.open(folder, encoder, named=name)
    try:
        golds = [gold for question in questions for gold in question.gold]
        sections = library.section_texts(lambda place: any(gold.covers(place) for gold in golds))
        rows = []
        for number, question in enumerate(questions, start=1):
            places = [_place(gold, sections) for gold in question.gold]
            rows.append((places, _answer(library, question, weights)))
            progress(step, number, len(questions))
        return rows
    finally:
        library.close()


def _place(gold: Gold, sections: Sequence[tuple[Citation, str]]) -> _Gold:
    covered = [(citation, text) for citation, text in sections if gold.covers(citation)]
    return _Gold(
        tuple(dict.fromkeys(str(citation) for citation, _ in covered)),
        squeeze("".join(text for _, text in covered)),
    )


def _answer(library: Library, question: Question, weights: Mapping[str, float]) -> Found:
    result = library.search(question.text, weights=weights)
    found = answer(result)
    return Found(
        found.found,
        str(result.passages[0].citation) if result.passages else "",
        str(found.evidence[0].citation) if found.found else "",
    )


def _drift(question: Question, before: _Seen, after: _Seen) -> Drift:
    states = [_state(*both) for both in zip(before[0], after[0], strict=True)]
    old, new = (
        list(dict.fromkeys(citation for place in places for citation in place.citations))
        for places, _ in (before, after)
    )
    return Drift(
        question.id,
        question.text,
        min(states, key=_WORST_FIRST.index, default="same"),
        [citation for citation in old if citation not in new],
        [citation for citation in new if citation not in old],
        before[1],
        after[1],
    )


def _state(before: _Gold, after: _Gold) -> State:
    if not after.citations:
        return "vanished" if before.citations else "missing"
    if not before.citations:
        return "new"
    return "same" if before.text == after.text else "changed"


def as_json(suite: str, before: str, after: str, drifts: Sequence[Drift]) -> dict[str, Any]:
    """What drifted as JSON data, with how many questions were asked."""
    return {
        "suite": suite,
        "from": before,
        "to": after,
        "questions": len(drifts),
        "drifted": [asdict(row) for row in drifts if row.is_any],
    }
