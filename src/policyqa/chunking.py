"""Documents to chunks: whole sentences packed to a budget in encoder tokens."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from policyqa.japanese import sentences, words
from policyqa.models import Chunk, Document, Span, TextSpan
from policyqa.places import path_of
from policyqa.units import Part, Unit, units

_LONGEST_LEAD = 25
"""Characters."""

CountTokens = Callable[[Sequence[str]], list[int]]
"""Texts to their lengths in encoder tokens."""

DEFAULT_BUDGET = 200
LIMIT = 480
"""No chunk is longer than this many tokens, so that titles fit in front within 512."""


def chunk(
    document: Document, count_tokens: CountTokens, budget: int = DEFAULT_BUDGET
) -> list[list[Chunk]]:
    """Cut each of a document's units into chunks of about `budget` tokens, at most LIMIT.

    A chunk never crosses a section border, except that it may hold several 項 of a 条 or 号 of a
    項; nor the border between prose and footnotes. A sentence stays whole unless it alone is over
    LIMIT. A 条 over the budget is cut between its 項, a 項 between its 号, each piece after the
    first with the 柱書 that it depends on in front.
    """
    return [list(_chunks(unit, count_tokens, min(budget, LIMIT))) for unit in units(document)]


def _chunks(unit: Unit, count_tokens: CountTokens, budget: int) -> Iterator[Chunk]:
    if not unit.whole.parts:
        for span in _sentence_runs(unit, (0, len(unit.text)), count_tokens, budget):
            yield _chunk(unit, span)
        return
    cutter = _Cutter(unit, count_tokens, budget)
    for lead, span in cutter.cut(unit.whole, ()):
        yield _chunk(unit, span, lead)


_Cut = tuple[tuple[Span, ...], Span]
"""What is repeated in front of a chunk, and its own span."""


class _Cutter:
    """Cuts a unit of several provisions."""

    def __init__(self, unit: Unit, count_tokens: CountTokens, budget: int) -> None:
        self._unit = unit
        self._count_tokens = count_tokens
        self._budget = budget
        parts = list(unit.whole.walk())
        own = count_tokens([unit.text[part.start : part.own_end] for part in parts])
        self._own = dict(zip(parts, own, strict=True))

    def cut(self, part: Part, lead: tuple[Span, ...]) -> Iterator[_Cut]:
        """The chunks of a part that depends on `lead`."""
        room = self._room(lead)
        if self._tokens(part) <= room:
            if part.end > part.start:
                yield lead, (part.start, part.end)
        elif part.parts:
            yield from self._cut_between(part, lead)
        else:
            yield from self._cut_own(part, lead, room)

    def _cut_between(self, part: Part, lead: tuple[Span, ...]) -> Iterator[_Cut]:
        own = (part.start, part.own_end)
        inner = (*lead, own) if part.own_end > part.start else lead
        if self._length(inner) + self._budget > LIMIT:
            # Too long to be repeated.
            yield from self._cut_own(part, (), self._budget)
            own, lead, inner = (part.parts[0].start,) * 2, (), ()
        room = self._room(inner)
        lengths = [self._tokens(below) for below in part.parts]
        for first, last in _pack(lengths, [False] * len(lengths), room):
            span = (part.parts[first].start, part.parts[last - 1].end)
            if last == first + 1 and lengths[first] > room:
                cuts = list(self.cut(part.parts[first], inner))
                # No room for the part's own text in front of any of them.
                if first == 0 and own[1] > own[0] and all(own not in front for front, _ in cuts):
                    yield from self._cut_own(part, lead, self._budget)
                yield from cuts
            elif first == 0:
                yield lead, (own[0], span[1])
            else:
                yield inner, span

    def _cut_own(self, part: Part, lead: tuple[Span, ...], room: int) -> Iterator[_Cut]:
        own = (part.start, part.own_end)
        for span in _sentence_runs(self._unit, own, self._count_tokens, room):
            # A single sentence may be as long as LIMIT.
            fits = self._length((*lead, span)) <= LIMIT
            yield (lead if fits else ()), span

    def _room(self, lead: Sequence[Span]) -> int:
        return max(self._budget - self._length(lead), self._budget // 2)

    def _tokens(self, part: Part) -> int:
        return sum(self._own[inner] for inner in part.walk())

    def _length(self, lead: Sequence[Span]) -> int:
        return sum(self._count_tokens([self._unit.text[start:end] for start, end in lead]))


def _sentence_runs(
    unit: Unit, within: Span, count_tokens: CountTokens, budget: int
) -> Iterator[Span]:
    """Runs of whole sentences within a span of a unit."""
    offset, text = within[0], unit.text[within[0] : within[1]]
    spans = _fitting(text, sentences(text), count_tokens)
    notes = min((span.start for span in unit.spans if span.kind == "note"), default=math.inf)
    prose = [span for span in spans if span[0] + offset < notes]
    for part in (prose, spans[len(prose) :]):
        if not part:
            continue
        lengths = count_tokens([text[start:end] for start, end in part])
        leads = [_is_lead(text, span) for span in part]
        for first, last in _pack(lengths, leads, budget):
            yield part[first][0] + offset, part[last - 1][1] + offset


def _chunk(unit: Unit, span: Span, lead: tuple[Span, ...] = ()) -> Chunk:
    start, end = span
    part = unit.whole.smallest(span)
    places = tuple(_places(unit.spans, span))
    first, last = part.section.first_page, part.section.last_page
    if places:
        first, last = min(place.page for place in places), max(place.page for place in places)
    text = "\n".join(unit.text[piece[0] : piece[1]] for piece in (*lead, span))
    return Chunk(path_of(part.chain), text, start, end, first, last, places, lead)


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
