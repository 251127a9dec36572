"""The common form of a statute's provisions, and the Section tree built from it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

from policyqa.models import Section
from policyqa.numerals import to_int, to_kanji

_COUNTED = {"paragraph": "項", "item": "号"}
_NUMBER = re.compile(r"[0-9]{1,6}(?:_[0-9]{1,6})*(?::[0-9]{1,6}(?:_[0-9]{1,6})*)?")
_ENDS = re.compile("から|及び|乃至")
_BRANCHES = re.compile("[のノ]")
_SUPPLEMENT = re.compile(r"附則(（.+）)?(抄)?")
_RELATED = re.compile(r"(.+?)[ 　]*(（.*関係）)")


@dataclass(frozen=True, slots=True)
class Draft:
    """A provision as found: its content is lines of text and the provisions inside, in order.

    `number` is written as in e-Gov's Num: 2, 1_2 (の二), 3:5 (三から五まで); empty: unknown.
    """

    kind: str
    label: str = ""
    title: str = ""
    mark: str = ""
    number: str = ""
    content: tuple["Draft | str", ...] = ()


def division(printed: str) -> Draft:
    """第一章　総則"""
    label, _, title = re.sub("[ 　]+", "　", printed).partition("　")
    return Draft("division", label, title)


def supplement(printed: str, amending_law: str = "", extract: bool = False) -> Draft:
    """附　則　（昭和二四年五月三一日法律第一五七号）　抄"""
    squeezed = re.sub(r"\s", "", printed) or "附則"
    match = _SUPPLEMENT.fullmatch(squeezed)
    name = "附則" if match else squeezed
    law = match[1] if match and match[1] else f"（{amending_law}）" if amending_law else ""
    return Draft("supplement", name + law, "抄" if extract or (match and match[2]) else "")


def appendix(printed: str, related: str = "") -> Draft:
    """別表第一（第二十条関係）"""
    match = None if related else _RELATED.fullmatch(printed)
    label, title = match.groups() if match else (printed, related)
    return Draft("appendix", label, title)


def numbered(kind: str, mark: str, number: str = "", title: str = "") -> Draft:
    """A 項, 号, イ with the number printed before it."""
    label = mark if kind == "subitem" else ""
    return Draft(kind, label, title, mark, number or number_of(mark))


def number_of(mark: str) -> str:
    """A printed number as e-Gov writes it in Num: ② -> 2, 一の二 -> 1_2, 三から五まで -> 3:5."""
    plain = unicodedata.normalize("NFKC", mark).strip("() .").removesuffix("まで")
    ends = [
        "_".join(str(to_int(part) or "") for part in _BRANCHES.split(end))
        for end in _ENDS.split(plain)
    ]
    number = ":".join(ends)
    return number if _NUMBER.fullmatch(number) else ""


def nest(items: Iterable[tuple[int, Draft] | str]) -> tuple[Draft | str, ...]:
    """Provisions and lines as they stand one after the other, to a tree.

    A smaller level is a wider provision; a line belongs to the one that is open.
    """
    root = Draft("")
    stack: list[tuple[int, Draft, list[Draft | str]]] = [(-1, root, [])]

    def close(level: int) -> None:
        while stack[-1][0] >= level:
            _, draft, content = stack.pop()
            stack[-1][2].append(replace(draft, content=(*draft.content, *content)))

    for item in items:
        if isinstance(item, str):
            stack[-1][2].append(item)
        else:
            close(item[0])
            stack.append((*item, []))
    close(0)
    return tuple(stack[0][2])


def section(draft: Draft, position: int = 1) -> Section:
    """The section of a provision, the `position`th of its kind in the one above."""
    own = list(takewhile(lambda piece: isinstance(piece, str), draft.content))
    return Section(
        label=draft.label or _ordinal(draft, position),
        title=draft.title,
        text="\n".join(str(line) for line in own),
        children=tuple(_children(draft.content[len(own) :])),
        kind=draft.kind,
        mark=draft.mark,
    )


def _children(content: Sequence[Draft | str]) -> Iterator[Section]:
    """What follows the own text. Lines among the provisions stay where they are read."""
    counts: Counter[str] = Counter()
    for kind, run in groupby(content, key=lambda piece: isinstance(piece, Draft)):
        if not kind:
            yield Section("", "", "\n".join(str(line) for line in run), kind="rest")
            continue
        for piece in run:
            if isinstance(piece, Draft):
                counts[piece.kind] += 1
                yield section(piece, counts[piece.kind])


def _ordinal(draft: Draft, position: int) -> str:
    """第二項, 第一号の二, 第三号から第五号まで; by position where no number is known."""
    unit = _COUNTED.get(draft.kind)
    if unit is None:
        return ""
    number = draft.number if _NUMBER.fullmatch(draft.number) else str(position)
    try:
        ends = [_label(end, unit) for end in number.split(":")]
    except ValueError:  # 第〇項
        ends = [_label(str(position), unit)]
    if len(ends) == 1:
        return ends[0]
    return "及び".join(ends) if "及び" in draft.mark else f"{ends[0]}から{ends[1]}まで"


def _label(number: str, unit: str) -> str:
    first, *branches = [to_kanji(int(part)) for part in number.split("_")]
    return f"第{first}{unit}" + "".join(f"の{branch}" for branch in branches)
