"""Which places a question names, and which a provision's text refers to (pure functions).

Keys are those of `places.keys_of`: 第39条第1項, 附則(1999年法律第151号)第3条, 別表第1, 第1章第2節.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policyqa.japanese import place_key
from policyqa.search.mentions import (
    Law,
    Mention,
    Text,
    Titles,
    canonical,
    laws,
    mentions,
    squeezed,
    without_day,
)

_JOINTS = re.compile(
    r"(?:ただし書|本文|前段|後段|各号|から|まで|及び|並びに|又は|若しくは|および|または|[、,・とや~])+"
)
_OTHER_VERSION = re.compile(r"(?:改正[前後]の|[新旧])$")
_ASKED_AFTER = 30
"""In a question, signs after which a 項 still belongs to the 条 before it."""
_COUNTS = {sign: number for number, sign in enumerate("一二三四五六七八九十", 1)}
_MOST_BEFORE = 20
"""Further back 同条 does not go; 前各項 of more is not worth listing."""
_LABEL = re.compile(
    r"第[0-9]+[部編章節款項目条]?|(?<![0-9.])[0-9]+(?:[.-][0-9]+)*[.)]?|\([0-9a-zア-ン]{1,3}\)|(?<![a-z])[ivx]+[.)]?"
    r"|(?<![ァ-ヺー])[ア-ン][.)]?"
)
_LONGEST_HEADING = 60
_MOST_CANDIDATES = 300


@dataclass(frozen=True, slots=True)
class Named:
    """A place named in a text: text[start:end] is all of the mention.

    `law` is the statute's name as written, empty where none is named (in a provision's text: its
    own statute). `key` is empty for a mere page. With a `step`, the place is the 条 or 号 so many
    places after (before, if negative) the one at `key` among its siblings, and in it `rest`:
    前条第二項 in 第十三条 is key 第13条, step -1, rest 第2項. Numbers alone do not tell which 条
    that is, because of 第十二条の二.
    """

    start: int
    end: int
    law: str = ""
    key: str = ""
    page: int | None = None
    step: int = 0
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """The provision a text stands in: its statute's title key, `base` (empty, 附則 or
    附則(1999年法律第151号)), 第13条, 第2項, 第1号; empty where there is none."""

    law: str
    base: str = ""
    article: str = ""
    paragraph: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """What a mention means. `law` is None where it cannot be looked up."""

    law: str | None
    base: str = ""
    article: str = ""
    paragraph: str = ""
    item: str = ""
    subitem: str = ""
    other: str = ""
    page: int | None = None
    step: int = 0
    stepped: str = ""

    def named(self, start: int, end: int) -> Named:
        parts = [self.base + self.article + self.other, self.paragraph, self.item, self.subitem]
        # The part that is stepped from ends the key.
        kept = {"条": 1, "号": 3}.get(self.stepped, len(parts))
        key, rest = "".join(parts[:kept]), "".join(parts[kept:])
        return Named(start, end, self.law or "", key, self.page, self.step, rest)


_NOWHERE = _Place(None)


def named_places(question: str, titles: Titles) -> list[Named]:
    """The places that `question` names, in order.

    The longest of `titles` that ends before the place wins, and holds until another statute is
    named; any other statute is recognised by the form of its name.
    """
    text = squeezed(question)
    found = laws(text.form, titles)
    named: list[Named] = []
    before, end = _NOWHERE, 0
    for mention in _outside(found, mentions(text.form)):
        start, law, mention = _asked(text, found, mention)
        # 三条市 and 五条 are places of another kind.
        if start == mention.start and mention.page is None and text.form[start] in _COUNTS:
            continue
        gap = text.form[end : mention.start]
        place = _of_question(mention, law, start < mention.start, before, gap)
        if place is None:
            continue
        named.append(place.named(*text.span(start, mention.end)))
        before, end = place, mention.end
    return named


def _outside(found: Sequence[Law], all_mentions: Iterator[Mention]) -> Iterator[Mention]:
    """Without what belongs to a statute's name: 法律第88号."""
    ahead = iter(found)
    law = next(ahead, None)
    for mention in all_mentions:
        while law and law.end <= mention.start:
            law = next(ahead, None)
        if not law or mention.start < law.start:
            yield mention


def _asked(text: Text, found: Sequence[Law], mention: Mention) -> tuple[int, str, Mention]:
    """Where the whole mention starts, the statute that is named for it, and the place itself."""
    start = mention.start
    ahead = [law for law in _last_before(found, start) if _holds(text, law)]
    if ahead and ahead[-1].end == start:
        law = ahead.pop()
        start = law.start
        amending = law.kind == "number" and mention.supplement == "附則"
        if not amending:
            return start, _name(text, law, ahead), mention
        number = without_day(text.form[law.start : law.name_end])
        mention = replace(mention, supplement=f"附則({number})")
        if ahead and ahead[-1].end == start:
            start = ahead[-1].start
    return start, _name(text, ahead[-1], ahead[:-1]) if ahead else "", mention


def _last_before(found: Sequence[Law], start: int) -> Sequence[Law]:
    index = bisect_right(found, start, key=lambda law: law.end)
    return found[max(0, index - _MOST_BEFORE) : index]


def _holds(text: Text, law: Law) -> bool:
    """Whether a name is surely a statute's: a place follows, or it is no mere 規則 or 条例."""
    if re.match(r"[第附別様0-9一二三四五六七八九十]", text.form[law.end : law.end + 1]):
        return True
    length = law.name_end - law.start
    return law.kind == "title" or (law.kind in ("name", "number") and length > 2)


def _name(text: Text, law: Law, earlier: Sequence[Law]) -> str:
    if law.kind in ("own", "same"):
        return text.written(earlier[-1]) if earlier else ""
    return text.written(law)


def _of_question(
    mention: Mention, law: str, with_law: bool, before: _Place, gap: str
) -> _Place | None:
    if mention.page is not None:
        return _Place(law, page=mention.page)
    if mention.relative:
        same = mention.relative == "同" and mention.unit == "条" and before.article
        return _below(before, mention, "article") if same else None
    place = _written(mention, law)
    if mention.other or mention.supplement:
        return place
    joined = bool(_JOINTS.fullmatch(gap))
    if mention.article:
        return replace(place, base=before.base) if joined and not with_law else place
    if with_law:
        return place
    smaller = "article" if mention.paragraph else "paragraph"
    close = len(gap) <= _ASKED_AFTER and not re.search(r"[。?\u4e00-\u9fff]$", gap)
    return _below(before, mention, smaller) if close and before.article else None


def _written(mention: Mention, law: str | None) -> _Place:
    return _Place(
        law,
        mention.supplement,
        mention.article,
        mention.paragraph,
        mention.item,
        mention.subitem,
        mention.other,
    )


def _below(place: _Place, mention: Mention, kept: str) -> _Place:
    """Another place in the same 条 (項, 号) as `place`."""
    paragraph = mention.paragraph if kept == "article" else place.paragraph
    item = place.item if kept == "item" else mention.item
    return replace(place, paragraph=paragraph, item=item, subitem=mention.subitem)


def heading_candidates(question: str) -> list[str]:
    """All stretches of a question that may be a numbered heading, as keys, longest first.

    They begin with a label as headings do (1. (1) 第1章 i ア), have at least one more sign, and at
    most 60. No more than 300 are given.
    """
    key = place_key(question)
    found = {
        key[label.start() : end]
        for label in _LABEL.finditer(key)
        for end in range(label.end() + 1, min(len(key), label.start() + _LONGEST_HEADING) + 1)
    }
    return sorted(found, key=lambda candidate: (-len(candidate), candidate))[:_MOST_CANDIDATES]


def references_in(text: str, home: Home, titles: Titles) -> list[Named]:
    """The places that a provision's text refers to, in order, as absolute keys.

    前二項 is two places with the same span. Left out is what cannot be looked up by its name: the
    articles of an amending law in its own 附則, 前各号 behind the last 号, 同項 where nothing went
    before. `law` is empty for the statute the text is in.
    """
    canon = canonical(text)
    context = _Context(canon, home, laws(canon.form, titles))
    named: list[Named] = []
    for mention in _outside(context.laws, mentions(canon.form)):
        if mention.page is not None or _is_label(canon.form, mention):
            continue
        start, places = context.read(mention)
        span = canon.span(start, mention.end)
        named += [place.named(*span) for place in places if place.law is not None]
    return named


def _is_label(form: str, mention: Mention) -> bool:
    """第三十七条　厚生労働大臣は: the provision itself."""
    return form[mention.end : mention.end + 1] == " " and form[
        max(0, mention.start - 1) : mention.start
    ] in ("", "\n")


class _Context:
    """Reads a provision's mentions in order and keeps what 同条 and a bare 第二項 go back to."""

    def __init__(self, text: Text, home: Home, found: Sequence[Law]) -> None:
        self.text = text
        self.home = home
        self.laws = found
        self._by_end = {law.end: law for law in found}
        self._last_law: str | None = None
        # All that came before, what is in closed brackets left out; where the last of it ended.
        self._before: list[_Place] = []
        self._end = 0
        self._position = 0
        self._opened: list[tuple[int, int]] = []

    def read(self, mention: Mention) -> tuple[int, list[_Place]]:
        """Where the whole mention starts, and the places it means."""
        law = self._by_end.get(mention.start)
        start = law.start if law else mention.start
        self._pass_brackets(start)
        gap = self.text.form[self._end : start]
        places = list(self._places(mention, law, gap))
        self._before += places or [_NOWHERE]
        self._end = self._position = mention.end
        return start, places

    def _pass_brackets(self, until: int) -> None:
        """After （第三項を除く。） goes on what stood before it."""
        for index in range(self._position, until):
            sign = self.text.form[index]
            if sign == "(":
                self._opened.append((len(self._before), self._end))
            elif sign == ")" and self._opened:
                kept, end = self._opened.pop()
                # Brackets right behind a mention belong to it.
                self._end = index + 1 if self.text.form[end : end + 1] == "(" else end
                del self._before[kept:]
            elif sign == "\n":
                self._opened.clear()

    def _places(self, mention: Mention, law: Law | None, gap: str) -> Iterator[_Place]:
        if mention.relative == "同":
            yield self._same(mention)
        elif mention.relative:
            yield from self._beside(mention)
        elif law:
            yield self._of_law(mention, law)
        elif mention.supplement or mention.other:
            yield self._own(mention)
        elif self._before and (_JOINTS.fullmatch(gap) or (gap == "(" and not mention.article)):
            yield self._joined(mention, self._before[-1])
        else:
            yield self._own(mention)

    def _same(self, mention: Mention) -> _Place:
        kept = {"条": "article", "項": "paragraph", "号": "item"}[mention.unit]
        for place in reversed(self._before[-_MOST_BEFORE:]):
            if getattr(place, kept):
                return _below(place, mention, kept)
        return _NOWHERE

    def _beside(self, mention: Mention) -> Iterator[_Place]:
        if mention.unit == "項":
            yield from self._paragraphs_beside(mention)
            return
        home = _Place("", self.home.base, self.home.article)
        if mention.unit == "号":
            home = replace(home, paragraph=self.home.paragraph, item=self.home.item)
        if mention.count == "各" or not (home.item if mention.unit == "号" else home.article):
            return
        place = _below(home, mention, "article" if mention.unit == "条" else "item")
        for step in _steps(mention):
            yield replace(place, step=step, stepped=mention.unit)

    def _paragraphs_beside(self, mention: Mention) -> Iterator[_Place]:
        match = re.fullmatch(r"第([0-9]+)項", self.home.paragraph)
        if not match:
            return
        number = int(match[1])
        steps = range(1 - number, 0) if mention.count == "各" else _steps(mention)
        for step in list(steps)[-_MOST_BEFORE:]:
            if number + step > 0:
                place = _Place("", self.home.base, self.home.article, f"第{number + step}項")
                yield replace(place, item=mention.item, subitem=mention.subitem)

    def _of_law(self, mention: Mention, law: Law) -> _Place:
        if law.kind == "own":
            return self._own(mention)
        if law.kind != "same":
            self._last_law = self.text.written(law)
        return _written(mention, self._last_law)

    def _joined(self, mention: Mention, before: _Place) -> _Place:
        """第五条第一項及び第二項: what is not repeated is what stood before."""
        if mention.article:
            return replace(_written(mention, before.law), base=before.base)
        if before.other:
            return self._own(mention)
        return _below(before, mention, "article" if mention.paragraph else "paragraph")

    def _own(self, mention: Mention) -> _Place:
        """A place of the statute itself. In an amending law's 附則, that law's own articles are
        those of the 附則 alone."""
        home = self.home
        amending = "(" in home.base
        if mention.supplement:
            base = home.base if amending else mention.supplement
            return replace(_written(mention, ""), base=base)
        if mention.article or mention.other:
            before = self.text.form[max(0, mention.start - 4) : mention.start]
            nowhere = amending or _OTHER_VERSION.search(before)
            return _NOWHERE if nowhere else _written(mention, "")
        place = _Place("", home.base, home.article, home.paragraph)
        return _below(place, mention, "article" if mention.paragraph else "paragraph")


def _steps(mention: Mention) -> range:
    if mention.relative == "次":
        return range(1, 2)
    return range(-_COUNTS.get(mention.count, 1), 0)
