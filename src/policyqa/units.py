"""A document laid out as running text: a section's own, or a whole 条 with its 項 and 号.

What is cut into chunks, and where each section's text stands in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from policyqa.models import Document, Section, Span, TextSpan

_PROVISIONS = frozenset({"paragraph", "item", "subitem", "rest"})
"""The kinds of section that are printed as running text below an article."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A section in its unit: unit.text[start:end] is its text with all below it, up to `own_end`
    its own. `chain` holds the document's root, all sections above, and this one."""

    chain: tuple[Section, ...]
    start: int
    own_end: int
    end: int
    parts: tuple["Part", ...] = ()

    @property
    def section(self) -> Section:
        return self.chain[-1]

    def walk(self) -> Iterator["Part"]:
        """This part, then those inside it, in reading order."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def smallest(self, span: Span) -> "Part":
        """The deepest part that holds all of `span`."""
        for part in self.parts:
            if part.start <= span[0] and span[1] <= part.end:
                return part.smallest(span)
        return self


@dataclass(frozen=True, slots=True)
class Unit:
    """A running text, where it is printed, and the section it is all of."""

    text: str
    spans: tuple[TextSpan, ...]
    whole: Part


def units(document: Document) -> list[Unit]:
    """The document's units. Their parts, one after the other, are in the order of Section.walk."""
    return list(_units((document.root,)))


def _units(chain: tuple[Section, ...]) -> Iterator[Unit]:
    section = chain[-1]
    # Where anything else stands among them, each is a unit of its own.
    runs_on = all(child.kind in _PROVISIONS for child in section.children)
    lines: list[str] = []
    whole = _part(chain, lines, 0) if runs_on else _alone(chain, lines)
    yield Unit("\n".join(lines), section.spans, whole)
    if not runs_on:
        for child in section.children:
            yield from _units((*chain, child))


def _alone(chain: tuple[Section, ...], lines: list[str]) -> Part:
    _add(chain[-1], lines)
    end = _length(lines)
    return Part(chain, 0, end, end)


def _part(chain: tuple[Section, ...], lines: list[str], start: int) -> Part:
    _add(chain[-1], lines)
    own_end = max(start, _length(lines))
    parts = []
    for child in chain[-1].children:
        parts.append(_part((*chain, child), lines, _length(lines) + bool(lines)))
    return Part(chain, start, own_end, max(own_end, _length(lines)), tuple(parts))


def _add(section: Section, lines: list[str]) -> None:
    if section.kind == "paragraph" and section.title:
        lines.append(section.title)
    text = f"{section.mark}　{section.text}" if section.mark else section.text
    if text:
        lines.append(text)


def _length(lines: list[str]) -> int:
    return sum(map(len, lines)) + max(0, len(lines) - 1)
