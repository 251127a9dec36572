"""Passages to an answer: the sentences that support it, or an explicit "not found"."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policyqa.japanese import content_words, query_lemmas
from policyqa.models import Answer, Evidence, Passage, SearchResult, Span

READ_PASSAGES = 3
"""Evidence is sought in this many passages from the top."""
MOST_EVIDENCE = 2
LONGEST_EVIDENCE = 150
"""Characters; a longer sentence is cut at commas around its best part."""

# Weights of a sentence's own worth and of its passage's score. First guesses, tuned on nothing;
# docs/quality.md has what they reach.
_MEANING, _WORDS, _PASSAGE = 0.5, 0.35, 0.15

# A first, uncalibrated sense of "found": a logistic curve over the best sentence's cosine and the
# share of the question's words in the passages read. Set by eye on the user's document while
# sentences were still embedded with their title in front; not fitted since.
_FOUND_COSINE, _FOUND_WORDS, _FOUND_BIAS = 40.0, 5.0, -36.2


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    span: Span
    lemmas: frozenset[str]
    cosine: float


def answer(result: SearchResult) -> Answer:
    """Find up to two evidence sentences in the top passages, best first.

    Where the question names places, only these are read; where it says nothing else, they are the
    answer. Never found without evidence, nor when what it names is not in the library.
    """
    places = [passage for passage in result.passages if "place" in passage.signals]
    read = (places or result.passages)[:READ_PASSAGES]
    candidates = list(_candidates(read))
    if not candidates or (result.missing and not places):
        return Answer(False, 0.0, ())
    asked = query_lemmas(result.asked if places else result.question)
    if not asked:
        return Answer(True, 1.0, tuple(_openings(candidates)))
    weights = _rarity(candidates, asked)
    cosines = [candidate.cosine for candidate in candidates]
    scores = [
        _MEANING * scaled
        + _WORDS * _covered(candidate.lemmas, asked, weights)
        + _PASSAGE * candidate.passage.score
        for candidate, scaled in zip(candidates, _scaled(cosines), strict=True)
    ]
    order = sorted(range(len(candidates)), key=lambda index: -scores[index])
    evidence = tuple(_evidence(candidates[index], asked) for index in order[:MOST_EVIDENCE])
    seen = frozenset().union(*(candidate.lemmas for candidate in candidates))
    probability = _probability(max(cosines), len(seen & asked) / max(1, len(asked)))
    return Answer(probability >= 0.5, probability, evidence)


def _openings(candidates: Sequence[_Candidate]) -> Iterator[Evidence]:
    """How the first places begin; two sentences of a single one."""
    firsts = {candidate.passage.id: candidate for candidate in reversed(candidates)}
    chosen = list(reversed(firsts.values())) if len(firsts) > 1 else candidates
    for candidate in chosen[:MOST_EVIDENCE]:
        start, end = candidate.span
        for _, comma in _clauses(candidate.passage.chunk.text, candidate.span):
            if comma - start <= LONGEST_EVIDENCE:
                end = comma
        yield Evidence(candidate.passage, start, min(end, start + LONGEST_EVIDENCE))


def _candidates(passages: Sequence[Passage]) -> Iterator[_Candidate]:
    for passage in passages:
        words = content_words(passage.chunk.text)
        for sentence in passage.sentences:
            span = (sentence.start, sentence.end)
            lemmas = frozenset(word.lemma for word in words if span[0] <= word.start < span[1])
            yield _Candidate(passage, span, lemmas, sentence.cosine)


def _rarity(candidates: Sequence[_Candidate], asked: frozenset[str]) -> dict[str, float]:
    """How telling each asked word is among these sentences (inverse document frequency)."""
    counts = Counter(lemma for candidate in candidates for lemma in candidate.lemmas & asked)
    return {lemma: math.log(1 + len(candidates) / (1 + counts[lemma])) for lemma in asked}


def _covered(lemmas: frozenset[str], asked: frozenset[str], weights: dict[str, float]) -> float:
    total = sum(weights[lemma] for lemma in asked)
    return sum(weights[lemma] for lemma in lemmas & asked) / total if total else 0.0


def _scaled(cosines: Sequence[float]) -> list[float]:
    low, high = min(cosines), max(cosines)
    return [(cosine - low) / max(high - low, 1e-6) for cosine in cosines]


def _probability(cosine: float, covered: float) -> float:
    return 1 / (1 + math.exp(-(_FOUND_COSINE * cosine + _FOUND_WORDS * covered + _FOUND_BIAS)))


def _evidence(candidate: _Candidate, asked: frozenset[str]) -> Evidence:
    start, end = candidate.span
    if end - start > LONGEST_EVIDENCE:
        start, end = _best_part(candidate.passage.chunk.text, candidate.span, asked)
    return Evidence(candidate.passage, start, end)


def _best_part(text: str, span: Span, asked: frozenset[str]) -> Span:
    """The run of whole clauses, at most LONGEST_EVIDENCE long, with most of the asked words."""
    clauses = list(_clauses(text, span))
    best, best_count = (span[0], span[0] + LONGEST_EVIDENCE), -1
    for first, (start, _) in enumerate(clauses):
        for _, end in clauses[first:]:
            if end - start > LONGEST_EVIDENCE:
                break
            count = len({word.lemma for word in content_words(text[start:end])} & asked)
            # Of equal ones the longer is the better: it keeps the context.
            if (count, end - start) > (best_count, best[1] - best[0]):
                best, best_count = (start, end), count
    return best


def _clauses(text: str, span: Span) -> Iterator[Span]:
    start = span[0]
    for offset in range(span[0], span[1]):
        if text[offset] in "、，," or offset == span[1] - 1:
            yield start, offset + 1
            start = offset + 1
