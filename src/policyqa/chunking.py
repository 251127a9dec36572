"""Documents to chunks: whole sentences packed to a budget in encoder tokens."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from policyqa.japanese import sentences, words
from policyqa.models import Chunk, Document, Section, Span, TextSpan

_LONGEST_LEAD = 25
"""Characters."""

CountTokens = Callable[[Sequence[str]], list[int]]
"""Texts to their lengths in encoder tokens."""

DEFAULT_BUDGET = 200
LIMIT = 480
"""No chunk is longer than this many tokens, so that titles fit in front within 512."""


def chunk(
    document: Document, count_tokens: CountTokens, budget: int = DEFAULT_BUDGET
) -> list[Chunk]:
    """Cut every section's own text into chunks of about `budget` tokens, at most LIMIT.

    A chunk never crosses a section border, nor the one between prose and footnotes. A sentence
    stays whole unless it alone is over LIMIT.
    """
    return [
        piece
        for path, section in document.root.walk()
        for piece in _section_chunks(path, section, count_tokens, min(budget, LIMIT))
    ]


def _section_chunks(
    path: tuple[str, ...], section: Section, count_tokens: CountTokens, budget: int
) -> Iterator[Chunk]:
    spans = _fitting(section.text, sentences(section.text), count_tokens)
    notes = min((span.start for span in section.spans if span.kind == "note"), default=math.inf)
    prose = [span for span in spans if span[0] < notes]
    for part in (prose, spans[len(prose) :]):
        if not part:
            continue
        lengths = count_tokens([section.text[start:end] for start, end in part])
        leads = [_is_lead(section.text, span) for span in part]
        for first, last in _pack(lengths, leads, budget):
            yield _chunk(path, section, (part[first][0], part[last - 1][1]))


def _chunk(path: tuple[str, ...], section: Section, span: Span) -> Chunk:
    start, end = span
    places = tuple(_places(section.spans, span))
    first, last = section.first_page, section.last_page
    if places:
        first, last = min(place.page for place in places), max(place.page for place in places)
    return Chunk(path, section.text[start:end], start, end, first, last, places)


def _places(spans: Sequence[TextSpan], within: Span) -> Iterator[TextSpan]:
    """Where the text from `within` is printed, with offsets that count from its beginning."""
    first, last = within
    for span in spans:
        if span.start < last and span.end > first:
            start, end = max(span.start, first) - first, min(span.end, last) - first
            yield replace(span, start=start, end=end)


def _is_lead(text: str, span: Span) -> bool:
    """Whether the span is a short line of its own without a full stop, such as the label of a box:
    it belongs with what follows."""
    start, end = span
    alone = text[start - 1 : start] in ("", "\n") and text[end : end + 1] == "\n"
    return alone and end - start <= _LONGEST_LEAD and text[end - 1] not in "。．.！？!?）)」』"


def _pack(lengths: Sequence[int], leads: Sequence[bool], budget: int) -> Iterator[Span]:
    """Runs of items of about equal total length, none over `budget` unless a single item is. A
    lead stays with the item after it, if they fit."""
    total = sum(lengths)
    target = total / max(1, math.ceil(total / budget))
    first, filled = 0, 0
    for index, length in enumerate(lengths):
        # Closing here must leave the run nearer to the target than taking one more would.
        overshoots = filled + length - target > target - filled
        if index > first and (filled + length > budget or overshoots):
            border = index
            # One lead goes along, if it fits; a list of short lines is not all leads.
            if leads[index - 1] and index - 1 > first and lengths[index - 1] + length <= budget:
                border -= 1
            yield first, border
            first, filled = border, sum(lengths[border:index])
        filled += length
    yield first, len(lengths)


def _fitting(text: str, spans: Sequence[Span], count_tokens: CountTokens) -> list[Span]:
    """The spans, each one over LIMIT cut into pieces that are not."""
    lengths = count_tokens([text[start:end] for start, end in spans])
    fitting: list[Span] = []
    for span, length in zip(spans, lengths, strict=True):
        fitting.extend([span] if length <= LIMIT else _cut(text, span, count_tokens))
    return fitting


def _cut(text: str, span: Span, count_tokens: CountTokens) -> Iterator[Span]:
    """Halve a long sentence at the comma nearest to its middle, else between two words."""
    start, end = span
    if end - start < 2 or count_tokens([text[start:end]])[0] <= LIMIT:
        yield span
        return
    middle = _middle(text[start:end]) + start
    yield from _cut(text, (start, middle), count_tokens)
    yield from _cut(text, (middle, end), count_tokens)


def _middle(sentence: str) -> int:
    half = len(sentence) / 2
    commas = [offset + 1 for offset, sign in enumerate(sentence[:-1]) if sign in "、，,；;"]
    near = [offset for offset in commas if abs(offset - half) < half / 2]
    borders = [word.start for word in words(sentence) if word.start > 0]
    places = near or borders or [len(sentence) // 2]
    return min(places, key=lambda offset: abs(offset - half))
