"""Passages to an answer: the sentences that support it, or an explicit "not found"."""

import math
from collections.abc import Mapping, Sequence

from policyqa.evidence import Candidate, candidates, evidence, opening, ordered
from policyqa.japanese import distinct_lemmas
from policyqa.models import Answer, Evidence, Passage, SearchResult

READ_PASSAGES = 4
"""Evidence is sought in this many passages from the top."""
MOST_EVIDENCE = 3
THRESHOLD = 0.13
"""An answer counts as found from this probability on."""

# Fitted by `make tune`; docs/retrieval.md has the curve.
FOUND_WEIGHTS: Mapping[str, float] = {
    "sentence": 33.94,
    "passage": 22.84,
    "words": 0.94,
    "rise": 1.15,
}
FOUND_BIAS = -48.9
_NAMED = 0.0
"""How far a place that is named stands out."""


def answer(result: SearchResult) -> Answer:
    """Find up to three evidence sentences in the top passages, best first.

    Where the question names places, only these are read; where it says nothing else, they are the
    answer. Never found without evidence, nor when what it names is not in the library, nor when it
    has no words (？, an emoji).
    """
    places = [passage for passage in result.passages if "place" in passage.signals]
    read = (places or result.passages)[:READ_PASSAGES]
    question = result.asked if places else result.question
    sentences = candidates(read, question)
    if not sentences or (result.missing and not places):
        return Answer(False, 0.0, ())
    if not distinct_lemmas(question):
        return Answer(True, 1.0, _openings(sentences)) if places else Answer(False, 0.0, ())
    best = ordered(sentences)[:MOST_EVIDENCE]
    probability = found_probability(found_features(result, sentences))
    return Answer(
        probability >= THRESHOLD, probability, tuple(evidence(one, question) for one in best)
    )


def found_features(result: SearchResult, sentences: Sequence[Candidate]) -> dict[str, float]:
    """What tells whether a question is answered: the best sentence's and passage's cosine, the
    share of the question's words in the passages read (the rarer in the library counting more),
    and how far the first passage stands out: its standard deviations above the mean, less those of
    the highest of so many candidates by chance.

    A place that is named was not ranked: its best sentence stands for it."""
    read = list({sentence.passage.id: sentence.passage for sentence in sentences}.values())
    seen = frozenset().union(*(_lemmas(passage) for passage in read))
    total = sum(result.idf.values())
    sentence = max(sentence.cosine for sentence in sentences)
    return {
        "sentence": sentence,
        "passage": max(passage.signals.get("dense", sentence) for passage in read),
        "words": sum(value for lemma, value in result.idf.items() if lemma in seen) / (total or 1),
        "rise": _rise(read[0].score, result.candidates),
    }


def found_probability(features: Mapping[str, float]) -> float:
    """The calibrated probability that the passages answer the question."""
    value = sum(FOUND_WEIGHTS[name] * feature for name, feature in features.items())
    return 1 / (1 + math.exp(-(value + FOUND_BIAS)))


def _rise(score: float, candidates: int) -> float:
    if score == 1:
        return _NAMED
    # About the expected maximum of so many standard normal values.
    return math.log(score / (1 - score)) - math.sqrt(2 * math.log(max(candidates, 1)))


def _lemmas(passage: Passage) -> frozenset[str]:
    place = passage.citation
    own = frozenset(word.lemma for word in passage.words)
    return own | distinct_lemmas(" ".join((place.title, *place.section)))


def _openings(sentences: Sequence[Candidate]) -> tuple[Evidence, ...]:
    """How the first places begin; the first sentences of a single one."""
    firsts = {sentence.passage.id: sentence for sentence in reversed(sentences)}
    chosen = list(reversed(firsts.values())) if len(firsts) > 1 else sentences
    return tuple(opening(sentence) for sentence in chosen[:MOST_EVIDENCE])
