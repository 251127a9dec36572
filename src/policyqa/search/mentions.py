"""The grammar of places: provisions, appendices and pages as they are written, and statutes' names.

It reads text in one form (`japanese.canonical_with_offsets`): lower case, numbers in digits. What
repeats in a pattern is bounded, so that the time taken grows with the text and no faster.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policyqa.japanese import canonical_with_offsets, normalise_with_offsets
from policyqa.numerals import in_one_form, to_int

_KANJI = "〇一二三四五六七八九十百千"
# Without 第, numbers in kanji are still as they were written: 行手法三十九条.
_NUMBER = rf"(?:(?<![0-9])[0-9]{{1,5}}|(?<![{_KANJI}])[{_KANJI}]{{1,9}})"
# 第五条の三つの要件 and 第五条の二項 have no branch.
_BRANCHES = (
    rf"(?:の(?:[0-9]{{1,4}}|[{_KANJI}]{{1,6}})"
    rf"(?![0-9{_KANJI}部般定方つ人切者分点個種件名年月日割%回条項号])){{0,6}}"
)
_LAW_NUMBER = (
    r"(?<![0-9])(?:1[89]|20)[0-9]{2}年(?:[0-9]{1,2}月[0-9]{1,2}日)?"
    r"[^第()、。\s0-9]{0,30}?(?:法律|[政省府勅閣]令|規則|条例|布告)第[0-9]{1,4}号"
)
_PARTS = {
    "article": rf"第?{_NUMBER}条(?![例約件理文]){_BRANCHES}",
    "paragraph": rf"第?{_NUMBER}項(?!目){_BRANCHES}",
    "item": rf"第?{_NUMBER}号(?![室館機車線棟議被様]){_BRANCHES}",
    "subitem": r"[ア-ン](?![ァ-ヺー])(?:\([0-9]{1,3}\))?",
}
_RANKS = {name: rank for rank, name in enumerate(_PARTS)}
_DIVISION = (
    rf"第{_NUMBER}(?:[編款章]|節(?![目約電])|部(?![分門会局長署数])|目(?![標的次])){_BRANCHES}"
)
_TABLE = rf"別表(?:第{_NUMBER}{_BRANCHES}(?![0-9項号]))?"
_FORM = (
    rf"第{_NUMBER}号様式{_BRANCHES}|(?:別記)?(?:様式|書式)第{_NUMBER}号?{_BRANCHES}"
    rf"|(?:別図|付録|附録|別記)第{_NUMBER}号?{_BRANCHES}"
)
_PAGE = (
    r"(?<![a-z])pp?\.?\s?(?P<page>[0-9]{1,4})(?![0-9a-z])"
    rf"|(?<!全)第?(?P<leaf>{_NUMBER})(?:ページ|頁)(?![以数分程]|にわた)"
)
# 前 in 従前の, 次 in 年次: no provision.
_RELATIVE = (
    r"(?:同|(?<![以従直事午])前(?P<count>[二三四五六七八九十各])?|(?<![年順逐一二])次)"
    r"(?P<unit>[条項号])(?![例約件目])"
)
_FIRST = re.compile(
    rf"(?P<supplement>附則(?:\((?P<amendment>{_LAW_NUMBER})\))?)|(?P<other>{_TABLE}|{_FORM})"
    rf"|(?P<divisions>(?:{_DIVISION}){{1,6}})|{_PAGE}|(?P<relative>{_RELATIVE})|"
    + "|".join(rf"(?P<{name}>{_PARTS[name]})" for name in ("article", "paragraph", "item"))
)
_NEXT = re.compile("の?(?:" + "|".join(rf"(?P<{name}>{_PARTS[name]})" for name in _PARTS) + ")")
_STEP = re.compile(rf"第?({_NUMBER})([条項号編章節款部目])")
_DAY = re.compile(r"(?<=年)[0-9]+月[0-9]+日")

_SIGNS = r"(?:(?!及び|並び|又は|若しくは|第)[\u4e00-\u9fff々〇ァ-ヺー・a-z])"
_KINDS = "(?:法律|法|令|規則|条例|規程|憲法|条約|協定|議定書|規約|要綱|要領)"
# Names of statutes are mostly without hiragana; before 関する they have some.
_RUN = re.compile(rf"{_SIGNS}+")
_ENDS = re.compile(rf".*{_KINDS}(?=附則|別表|様式|別記|書式|中?$)", re.DOTALL)
_GOES_ON = re.compile(r"(?:[のにをがはでとびやり、]|[\u3041-\u3096\u4e00-\u9fff々〇ァ-ヺー・])+$")
_LINKS = ("関する", "関し", "ための", "係る", "伴う", "おける", "対する", "改正する", "廃止する")
# What stands before a name: 次に、 について, 及び, and what is left of 第1条中 without its digits.
_NO_PART = re.compile(
    r"^(?:.*(?:は、?|において、?|については?、?|日が|日前に|、|による|により|教えて|の規定))?"
    r"(?:[条項号](?:中|の)?)?(?:及び|並びに|又は|若しくは|と|や|の|が|を|に|で|する|もの)*"
)
# 第一条中地方自治法: what is left of 第1条 once its digits are out, and words before a name.
_QUALIFIERS = re.compile(r"^[条項号編章節款目]?(?:中(?![小央間])|現行|最新|当該|本件|等)?")
# 新特許法 and 改正前の特許法 are not the 特許法 of today.
_OTHER_VERSION = re.compile(r"(?:改正[前後]の|[新旧])$")
_BEFORE_TITLE = re.compile(
    r"(?:現行|最新|当該|本件|改正|[年月日中]|[^\u4e00-\u9fff々ァ-ヺー新旧]|^)$"
)
_OWN = re.compile(r"^(?:この|本|当)(?:法律|法|政令|省令|府令|規則|条例|規程|要綱|要領)$")
_SAME = re.compile(rf"^同{_KINDS}$")
_NO_LAW = re.compile("(?:[方手用療司立文作製違適合不無]法|[命指法]令|法律)")
_AFTER_NAME = re.compile(r"[」』]?(?:\((?=[^()]{0,150}(?:号|以下))[^()]{1,160}\))?の?")
_WINDOW = 120
"""Signs; no statute's name is longer by much."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one form with its offsets in the original."""

    original: str
    form: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch in the original, white space around it left out."""
        first, last = self.offsets[start], self.offsets[end]
        position = end
        # A sign that stands for several (㈱) is taken whole.
        while last == self.offsets[end - 1] and position < len(self.form):
            position += 1
            last = self.offsets[position]
        piece = self.original[first:last]
        return first, first + len(piece.rstrip())

    def written(self, law: "Law") -> str:
        """A statute's name as the original has it."""
        start, end = self.span(law.start, law.name_end)
        return self.original[start:end].lstrip("「『")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place as written, text[start:end]; each part as a key, empty where it is not named.

    `relative` is 同, 前 or 次 and `unit` what it stands before; `count` is 二 in 前二項.
    """

    start: int
    end: int
    supplement: str = ""
    article: str = ""
    paragraph: str = ""
    item: str = ""
    subitem: str = ""
    other: str = ""
    page: int | None = None
    relative: str = ""
    unit: str = ""
    count: str = ""


@dataclass(frozen=True, slots=True)
class Law:
    """A statute's name, text[start:name_end]; what belongs to it goes on to `end`.

    `kind` is title (a known name), number (a law number), name (known by its form), own (この法律)
    or same (同法).
    """

    start: int
    name_end: int
    end: int
    kind: str


def canonical(text: str) -> Text:
    """A text in one form, its white space kept."""
    return Text(text, *canonical_with_offsets(text))


def squeezed(question: str) -> Text:
    """A question in one form, without white space but where it divides Latin words."""
    normal, offsets = normalise_with_offsets(question)
    kept = [
        index
        for index, sign in enumerate(normal)
        if not sign.isspace() or _divides(normal[index - 1 : index], normal[index + 1 : index + 2])
    ]
    form, kept_offsets = in_one_form(
        "".join(normal[index] for index in kept),
        [*(offsets[index] for index in kept), len(question)],
    )
    return Text(question, form, kept_offsets)


def _divides(before: str, after: str) -> bool:
    return (before + after).isascii() and before.isalnum() and after.isalnum()


def mentions(text: str) -> Iterator[Mention]:
    """All places in `text`, in order, none inside another."""
    position = 0
    while match := _FIRST.search(text, position):
        mention = _go_on(text, _first(match))
        yield mention
        position = mention.end


def _first(match: re.Match[str]) -> Mention:
    start, end = match.span()
    number = match["page"] or match["leaf"]
    if number:
        return Mention(start, end, page=to_int(number))
    if match["relative"]:
        sign = match["relative"][0]
        return Mention(start, end, relative=sign, unit=match["unit"], count=match["count"] or "")
    if match["supplement"]:
        amendment = match["amendment"]
        key = f"附則({without_day(amendment)})" if amendment else "附則"
        return Mention(start, end, supplement=key)
    if match["other"] or match["divisions"]:
        return Mention(start, end, other=_key(match["other"] or match["divisions"]))
    return _with_part(Mention(start, start), match)


def _go_on(text: str, mention: Mention) -> Mention:
    """With the smaller parts that follow: 第五条 第一項 第二号 イ."""
    if mention.other or mention.page is not None:
        return mention
    rank = _rank(mention)
    while match := _NEXT.match(text, mention.end):
        name = match.lastgroup or ""
        if _RANKS[name] <= rank or (name == "subitem" and rank < 0):
            break
        rank = _RANKS[name]
        mention = _with_part(mention, match)
    return mention


def _with_part(mention: Mention, match: re.Match[str]) -> Mention:
    name = match.lastgroup or ""
    part: dict[str, Any] = {name: _key(match[name])}
    return replace(mention, end=match.end(), **part)


def _rank(mention: Mention) -> int:
    if mention.unit:
        return "条項号".index(mention.unit)
    return next((rank for name, rank in _RANKS.items() if getattr(mention, name)), -1)


def _key(place: str) -> str:
    """第三九条 without its 第, or with kanji numerals: 第39条."""
    numbered = _STEP.sub(lambda step: f"第{to_int(step[1])}{step[2]}", place)
    return re.sub(rf"(?<=の)[{_KANJI}]+", lambda branch: str(to_int(branch[0])), numbered)


def without_day(number: str) -> str:
    """A law number as keys have it: 1999年12月8日法律第151号 -> 1999年法律第151号."""
    return _DAY.sub("", number)


class Titles:
    """Known names of documents (titles, short names, law numbers) as `japanese.place_key` gives
    them. Made once: a library may have a hundred thousand."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name for name in names if name)
        lengths: dict[str, set[int]] = {}
        for name in self._names:
            lengths.setdefault(name[-1], set()).add(len(name))
        self._lengths = {sign: sorted(found, reverse=True) for sign, found in lengths.items()}

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def ending(self, text: str, end: int) -> Iterator[int]:
        """Where the names begin that end at `end`, the longest first."""
        for length in self._lengths.get(text[end - 1], ()):
            if length <= end and text[end - length : end] in self._names:
                yield end - length


def laws(text: str, titles: Titles) -> list[Law]:
    """The statutes that `text` names, in order, none inside another."""
    found = sorted(_candidates(text, titles), key=lambda law: (law.start, -law.name_end))
    kept: list[Law] = []
    for law in found:
        if not kept or law.start >= kept[-1].end:
            kept.append(law)
    return kept


def _candidates(text: str, titles: Titles) -> Iterator[Law]:
    # Of two that are the same stretch, the first is kept.
    yield from _known(text, titles)
    for match in re.finditer(_LAW_NUMBER, text):
        yield _law(text, match.start(), match.end(), "number")
    for run in _RUN.finditer(text):
        law = _named_by_form(text, run.start(), run[0])
        if law:
            yield law


def _known(text: str, titles: Titles) -> Iterator[Law]:
    for end in range(1, len(text) + 1):
        start = next(titles.ending(text, end), None)
        if (
            start is not None
            and _BEFORE_TITLE.search(text, max(0, start - 2), start)
            and not _OTHER_VERSION.search(text, max(0, start - 4), start)
        ):
            yield _law(text, start, end, "title")


def _named_by_form(text: str, start: int, run: str) -> Law | None:
    match = _ENDS.match(run)
    if not match:
        return None
    name = match[0]
    end = start + len(name)
    qualifier = _QUALIFIERS.match(name)
    start += len(qualifier[0]) if qualifier else 0
    name = text[start:end]
    if text.endswith("この", 0, start):
        start -= 2
    if _OWN.match(text[start:end]):
        return _law(text, start, end, "own")
    if _SAME.match(name):
        return _law(text, start, end, "same")
    start = _real_start(text, start)
    if _NO_LAW.fullmatch(text, start, end):
        return None
    return _law(text, start, end, "name")


def _real_start(text: str, start: int) -> int:
    """Where a name begins that has hiragana before its last run of signs."""
    before = text[max(0, start - _WINDOW) : start]
    version = _OTHER_VERSION.search(before)
    if version:
        return start - (version.end() - version.start())
    if text[start : start + 1] == "年" and re.search(r"(?<![0-9])[0-9]{4}$", before):
        return start - 4
    if not before.endswith(_LINKS):
        return start
    words = _GOES_ON.search(before)
    if not words:
        return start
    junk = _NO_PART.match(words[0])
    return start - len(words[0]) + (junk.end() if junk else 0)


def _law(text: str, start: int, end: int, kind: str) -> Law:
    after = _AFTER_NAME.match(text, end)
    opened = start - (text[start - 1 : start] in ("「", "『"))
    return Law(max(0, opened), end, after.end() if after else end, kind)
