"""Which sentences of a question's top passages hold its answer (pure functions)."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from policyqa.asked_for import KINDS, Asked, asked_for, fits
from policyqa.japanese import distinct_lemmas
from policyqa.models import Evidence, Passage, Span, Word

LONGEST_EVIDENCE = 150
"""Characters; a longer sentence is cut at commas around its best part."""

WEIGHTS: Mapping[str, float] = {
    "meaning": 9.0,
    "words": 7.9,
    "title": 5.2,
    "beside": 2.2,
    "time": 3.2,
    "count": 4.2,
    "amount": 3.2,
    "who": 4.0,
    "where": 1.3,
    "rank": 1.1,
}
"""Weight of each feature; docs/retrieval.md has how they were fitted (`make tune`)."""

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, its content words, and what speaks for it (`features`):

    - meaning: its cosine with the question, less the best one's
    - words: share of the question's words that it has, the rarer among the candidates counting more
    - title: share of those it has not, but its passage's title and headings have
    - beside: the same for the sentences before and after it
    - time, count, amount, who, where: whether it has such a thing, where that is asked for
    - rank: how many passages are before its own, negative
    """

    passage: Passage
    span: Span
    words: tuple[Word, ...]
    cosine: float
    features: Mapping[str, float]


def candidates(passages: Sequence[Passage], question: str) -> list[Candidate]:
    """Every sentence of `passages` with its features for `question`."""
    found = [
        (passage, sentence, _words_in(passage, (sentence.start, sentence.end)))
        for passage in passages
        for sentence in passage.sentences
    ]
    if not found:
        return []
    lemmas = [frozenset(word.lemma for word in words) for _, _, words in found]
    wanted = asked_for(question)
    asked = distinct_lemmas(question)
    rarity = _rarity(lemmas, asked)
    best_cosine = max(sentence.cosine for _, sentence, _ in found)
    titles = {passage.id: _title_lemmas(passage) for passage in passages}
    ranks = {passage.id: rank for rank, passage in enumerate(passages)}
    made = []
    for at, (passage, sentence, words) in enumerate(found):
        own = lemmas[at]
        near = frozenset().union(
            *(
                lemmas[other]
                for other in (at - 1, at + 1)
                if 0 <= other < len(found) and found[other][0] is passage
            )
        )
        fit = fits(wanted, passage.chunk.text[sentence.start : sentence.end], words)
        features = {
            "meaning": sentence.cosine - best_cosine,
            "words": _share(own, rarity),
            "title": _share(titles[passage.id] - own, rarity),
            "beside": _share(near - own, rarity),
            **{kind: fit if wanted.kind == kind else 0.0 for kind in KINDS},
            "rank": -float(ranks[passage.id]),
        }
        span = (sentence.start, sentence.end)
        made.append(Candidate(passage, span, words, sentence.cosine, features))
    return made


def ordered(found: Sequence[Candidate], weights: Weights = WEIGHTS) -> list[Candidate]:
    """Best first; of equals, the earlier."""
    return sorted(
        found,
        key=lambda item: -sum(weights[name] * value for name, value in item.features.items()),
    )


def evidence(candidate: Candidate, question: str) -> Evidence:
    """The sentence, or its best part where it is longer than LONGEST_EVIDENCE."""
    start, end = candidate.span
    if end - start > LONGEST_EVIDENCE:
        start, end = _best_part(candidate, distinct_lemmas(question), asked_for(question))
    return Evidence(candidate.passage, start, end)


def opening(candidate: Candidate) -> Evidence:
    """The sentence from its beginning, cut at a comma where it is too long."""
    start, end = candidate.span
    if end - start > LONGEST_EVIDENCE:
        fitting = [
            comma
            for _, comma in _clauses(candidate.passage.chunk.text, candidate.span)
            if comma - start <= LONGEST_EVIDENCE
        ]
        end = fitting[-1] if fitting else start + LONGEST_EVIDENCE
    return Evidence(candidate.passage, start, end)


def _words_in(passage: Passage, span: Span) -> tuple[Word, ...]:
    return tuple(word for word in passage.words if span[0] <= word.start < span[1])


def _title_lemmas(passage: Passage) -> frozenset[str]:
    place = passage.citation
    return distinct_lemmas(" ".join((place.title, *place.section)))


def _rarity(sentences: Sequence[frozenset[str]], asked: frozenset[str]) -> dict[str, float]:
    """How telling each asked word is among these sentences (inverse document frequency), as a
    share of all."""
    counts = Counter(lemma for lemmas in sentences for lemma in lemmas & asked)
    telling = {lemma: math.log(1 + len(sentences) / (1 + counts[lemma])) for lemma in asked}
    total = sum(telling.values())
    return {lemma: value / total for lemma, value in telling.items()}


def _share(lemmas: frozenset[str], rarity: Mapping[str, float]) -> float:
    return sum(value for lemma, value in rarity.items() if lemma in lemmas)


def _best_part(candidate: Candidate, asked: frozenset[str], wanted: Asked) -> Span:
    """The run of whole clauses, at most LONGEST_EVIDENCE long, that has the kind of thing asked
    for and most of the asked words; of equals the longer, which keeps the context."""
    text, span = candidate.passage.chunk.text, candidate.span
    clauses = list(_clauses(text, span))
    best, best_worth = (span[0], span[0] + LONGEST_EVIDENCE), (-1.0, 0)
    for first, (start, _) in enumerate(clauses):
        for _, end in clauses[first:]:
            if end - start > LONGEST_EVIDENCE:
                break
            words = [word for word in candidate.words if start <= word.start < end]
            count = len({word.lemma for word in words} & asked)
            worth = (count + 2 * fits(wanted, text[start:end], words), end - start)
            if worth > best_worth:
                best, best_worth = (start, end), worth
    return best


def _clauses(text: str, span: Span) -> Iterator[Span]:
    start = span[0]
    for offset in range(span[0], span[1]):
        if text[offset] in "、，," or offset == span[1] - 1:
            yield start, offset + 1
            start = offset + 1
