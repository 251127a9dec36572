"""Japanese text: normalising with offsets kept, words (fugashi), sentences, wrapped lines."""

import csv
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import fugashi

from policyqa.models import Span, Word
from policyqa.numerals import in_one_form

# C0/C1 controls but tab, newline and form feed; zero-width and byte-order marks; half surrogate
# pairs; the replacement character that stands where a converter lost something.
_BROKEN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064"
    "\ud800-\udfff\ufeff\ufffd]"
)
# What MeCab stops at (NUL), cannot take (half a surrogate pair) or does not know as white space.
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HALF_WIDTH_MARKS = "ﾞﾟ"
_OPENING = "（(「『［[｛{〔【〈《“"
_CLOSING = "）)」』］]｝}〕】〉》”"
_PAIRS = dict(zip(_CLOSING, _OPENING, strict=True))
_LONGEST_BRACKET = 400
"""A bracket open for longer than this many characters does not hold a sentence together."""
_TERMINATORS = "。．.！？!?"
_LATIN = re.compile(r"[A-Za-zＡ-Ｚａ-ｚÀ-ɏ]")
_LATIN_BEFORE_BREAK = re.compile(r"[A-Za-zÀ-ɏ][,;:.!?'’\")\]%]*$|[0-9][,;:.!?)\]%]*$")
_LATIN_AFTER_BREAK = re.compile(r"^[(\[\"'‘]*[A-Za-z0-9À-ɏ]")

# Words that carry no meaning of their own in a question or a passage, by UniDic part of speech.
FUNCTION_WORDS = {"助詞", "助動詞", "補助記号", "空白", "接続詞"}
_AFFIXES = {"接頭辞", "接尾辞"}
_LEMMA = fugashi.UnidicFeatures26._fields.index("lemma") - 3
"""Among a word's features, behind three levels of its part of speech."""


def clean(text: str) -> str:
    """Line ends as `\\n`; control, zero-width and replacement characters removed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BROKEN.sub("", text)


def normalise(text: str) -> str:
    """The form in which texts are compared: NFKC, lower case."""
    return normalise_with_offsets(text)[0]


def normalise_with_offsets(text: str) -> tuple[str, list[int]]:
    """Normalise, and give for each character of the result its offset in `text`.

    The offsets have one more entry than the result: the length of `text`.
    """
    if any(map(_joins, text)):
        starts = [at for at, sign in enumerate(text) if not at or not _joins(sign)]
        pieces = [_normal(text[start:end]) for start, end in pairwise([*starts, len(text)])]
    else:
        starts = list(range(len(text)))
        pieces = list(map(_normal, text))
    normal = "".join(pieces)
    if len(normal) == len(pieces):
        return normal, [*starts, len(text)]
    each = (start for start, piece in zip(starts, pieces, strict=True) for _ in piece)
    return normal, [*each, len(text)]


# Both kept for the signs of a language: a search normalises some thousands of them.
@lru_cache(maxsize=8192)
def _joins(sign: str) -> bool:
    """Whether it is one with the sign before it."""
    return sign in _HALF_WIDTH_MARKS or unicodedata.combining(sign) > 0


@lru_cache(maxsize=8192)
def _normal(signs: str) -> str:
    return unicodedata.normalize("NFKC", signs).lower()


def squeeze(text: str) -> str:
    """NFKC without any white space: how headings and titles are matched."""
    return re.sub(r"\s+", "", normalise(text))


def canonical_with_offsets(text: str) -> tuple[str, list[int]]:
    """Normalised, numbers and dates in one form; offsets as `normalise_with_offsets` gives them."""
    return in_one_form(*normalise_with_offsets(text))


@lru_cache(maxsize=8192)
def place_key(text: str) -> str:
    """A place as it is looked up: squeezed, numbers and dates in one form (第七百九条: 第709条)."""
    squeezed = squeeze(text)
    return in_one_form(squeezed, range(len(squeezed) + 1))[0]


# A MeCab tagger serves one thread at a time. One for each thread would map the dictionary anew for
# each: 100 MB of a server's memory. Nothing is lost, since it holds Python's own lock meanwhile.
_tagger_lock = threading.Lock()
_tagger = cache(fugashi.Tagger)


def words(text: str) -> list[Word]:
    """All words of `text` in order, white space left out; numbers and dates in one form.

    Offsets are those of `text`: 令和五 is the word 2023.
    """
    normal, offsets = canonical_with_offsets(text)
    with _tagger_lock:
        # The nodes are the tagger's own until it is called again.
        return _words(_tagger()(_UNREADABLE.sub(" ", normal)), offsets)


def _words(nodes: Iterable[Any], offsets: list[int]) -> list[Word]:
    found: list[Word] = []
    position = 0
    for node in nodes:
        position += len(node.white_space)
        end = position + len(node.surface)
        start, after = offsets[position], _end_offset(offsets, end)
        lemma, *kind = _features(node.feature_raw)
        found.append(Word(start, after, lemma or node.surface, *kind))
        position = end
    return found


def _end_offset(offsets: list[int], end: int) -> int:
    # One character may become several (㈱ -> (株)): a word that ends inside them ends after them.
    inside = offsets[end - 1]
    while offsets[end] == inside:
        end += 1
    return offsets[end]


@lru_cache(maxsize=16384)
def _features(raw: str) -> tuple[str, str, str, str]:
    """A word's lemma, two levels of its part of speech, and what it names, out of the line of CSV
    that MeCab has of it. No lemma for a word that is not in the dictionary.

    Kept, since the same words come again and again and their objects are slow to make.
    """
    pos, pos2, pos3, *others = next(csv.reader([raw]))
    # UniDic writes loan words as カード-card and homographs as 市-地名.
    lemma = others[_LEMMA].split("-")[0] if len(others) > _LEMMA else ""
    return normalise(lemma), pos, pos2, pos3 if pos2 == "固有名詞" else ""


@lru_cache(maxsize=256)
def content_words(text: str) -> tuple[Word, ...]:
    """The words of `text` that carry meaning: particles, auxiliaries and signs left out.

    Kept, since a question's are asked for again and again.
    """
    return tuple(word for word in words(text) if word.pos not in FUNCTION_WORDS)


def tokenise(text: str) -> list[str]:
    """The lemmas of the content words of `text`, in order: what is indexed and asked for."""
    return [word.lemma for word in content_words(text)]


@lru_cache(maxsize=4096)
def distinct_lemmas(text: str) -> frozenset[str]:
    """The distinct lemmas of a question or a title."""
    return frozenset(tokenise(text))


def matching_spans(words: Iterable[Word], lemmas: Iterable[str]) -> tuple[Span, ...]:
    """Where a text with these content words has one of `lemmas`; neighbours that touch are one
    span."""
    wanted = set(lemmas)
    spans: list[Span] = []
    for word in words:
        if word.lemma not in wanted:
            continue
        # Words that share a character (㍿ -> 株式会社) touch too.
        touches = bool(spans) and word.start <= spans[-1][1]
        # する and 的 alone say nothing.
        if (word.pos in _AFFIXES or word.pos2 == "非自立可能") and not touches:
            continue
        if touches:
            spans[-1] = (spans[-1][0], word.end)
        else:
            spans.append((word.start, word.end))
    return tuple(spans)


def sentences(text: str) -> list[Span]:
    """The sentences of `text` as spans, white space trimmed, in order.

    A newline always ends a sentence. A full stop ends one outside brackets, unless the words around
    it say that it does not: a numeral before (3.5, １．), a particle after (Yahoo!の).
    """
    spans: list[Span] = []
    start = 0
    for line in text.split("\n"):
        for first, last in _sentences_of_line(line):
            spans.append((start + first, start + last))
        start += len(line) + 1
    return spans


def _sentences_of_line(line: str) -> Iterator[Span]:
    start = 0
    for end in [*_sentence_ends(line), len(line)]:
        piece = line[start:end]
        first = start + len(piece) - len(piece.lstrip())
        last = start + len(piece.rstrip())
        if first < last:
            yield first, last
        start = end


def _sentence_ends(line: str) -> Iterator[int]:
    if not any(sign in line[:-1] for sign in _TERMINATORS):
        return
    held = _bracketed(line)
    found = words(line)
    end = 0
    for index, word in enumerate(found):
        if word.start < end or line[word.end - 1] not in _TERMINATORS or word.start in held:
            continue
        after = found[index + 1] if index + 1 < len(found) else None
        if line[word.end - 1] != "。" and not _really_ends(line, found[index - 1], word, after):
            continue
        end = word.end
        while end < len(line) and line[end] in _CLOSING + _TERMINATORS:
            end += 1
        yield end


def _really_ends(line: str, before: Word, stop: Word, after: Word | None) -> bool:
    sign = line[stop.end - 1]
    if after is None:
        return True
    if sign in ".．":
        if before.pos2 == "数詞" or before.end != stop.start:
            return False
        # In Latin text a stop is followed by a space and a capital; in Japanese, by Japanese.
        if sign == ".":
            return after.start > stop.end and line[after.start].isupper()
        return not _LATIN.match(line[after.start])
    return after.pos not in ("助詞", "助動詞")


def _bracketed(line: str) -> set[int]:
    """Offsets that stand inside a matched pair of brackets of ordinary length."""
    held: set[int] = set()
    opened: list[tuple[str, int]] = []
    for offset, sign in enumerate(line):
        if sign in _OPENING:
            opened.append((sign, offset))
        elif sign in _PAIRS:
            while opened and opened[-1][0] != _PAIRS[sign]:
                opened.pop()
            if opened:
                start = opened.pop()[1]
                if offset - start <= _LONGEST_BRACKET:
                    held.update(range(start, offset))
    return held


def open_brackets(text: str) -> int:
    """How many brackets `text` opens without closing them."""
    opened: list[str] = []
    for sign in text:
        if sign in _OPENING:
            opened.append(sign)
        elif sign in _PAIRS and opened and opened[-1] == _PAIRS[sign]:
            opened.pop()
    return len(opened)


def join_lines(before: str, after: str) -> str:
    """Put a wrapped line's two parts together: a space between Latin words, none elsewhere."""
    before, after = before.rstrip(), after.lstrip()
    latin = _LATIN_BEFORE_BREAK.search(before) and _LATIN_AFTER_BREAK.match(after)
    digits = before[-1:].isdigit() and after[:1].isdigit()
    hyphen = before[-1:] == "-"
    return f"{before}{' ' if latin and not digits and not hyphen else ''}{after}"
