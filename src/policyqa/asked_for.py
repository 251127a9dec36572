"""What a question asks for (a day, a number of something, a person, a place), and whether a
sentence has such a thing that the question does not have itself (pure functions)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from policyqa.japanese import content_words, normalise, words
from policyqa.models import Word

_NUMBER = r"(?:[0-9][0-9,.]*|[〇一二三四五六七八九十百千万億兆]+)"
_TIMES = re.compile(rf"{_NUMBER}(?:年|月|日|世紀|時)|[0-9]+年代|元年|[^\s]時代")
_TIME_UNIT = re.compile(r"何(年|月|日|時|世紀)")
# Not 三年間, 三年後.
_YEARS = re.compile(rf"(?:{_NUMBER}|元)年(?![間生後前])")
_NUMBERS = re.compile(_NUMBER)
_NAMES = {"who": "人名", "where": "地名"}
KINDS = ("time", "count", "amount", "who", "where")

_TIME = re.compile(
    r"いつ|何(?:年(?![間生])|月(?!分)|日(?!間)|時(?!間)|世紀|曜)|年代|時期|日付|期限|\bwhen\b"
)
# 何色 and 何科 ask for a name, not for a number.
_NAMED_KINDS = "色語科属目系"
_AMOUNT = re.compile(
    r"いくつ|いくら|何[a-z%]|何パーセント|どの(?:くらい|ぐらい|程度)|どれ(?:くらい|ぐらい|ほど|だけ)|何割"
    r"|(?:人口|面積|高さ|長さ|距離|重さ|人数|件数|枚数|数|率|割合|年齢|価格|金額|費用|料金|予算|額|期間)"
    r"(?:は|って)|how (?:many|much|long|far|old)"
)
_WHO = re.compile(
    r"誰|だれ|どなた|何という人|(?:人|人物|者|作家|監督|大臣|長官|社長|大統領|首相)(?:の名前)?は(?:何|どの)"
    r"|\bwho\b"
)
_WHERE = re.compile(
    r"どこ|どちら|(?:何|どの)(?:県|市|国|州|区|町|村|都市|自治体|場所|地方|地域|島|駅|大学|学校)"
    r"|(?:場所|出身地|所在地|首都|都市|窓口)は(?:何|どの)|\bwhere\b"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """`kind` is one of KINDS, or empty for anything else. `unit` is the lemma of what is counted,
    or that of a time (年 in 何年に); `known` what the question itself has of the kind."""

    kind: str
    unit: str = ""
    known: frozenset[str] = frozenset()


def asked_for(question: str) -> Asked:
    """What kind of thing answers a question."""
    text = normalise(question)
    kind, unit = _kind(text, words(question))
    known = _things(kind, unit, text, content_words(question))
    if kind == "time":
        known |= set(_TIMES.findall(text))
    return Asked(kind, unit, frozenset(known))


def _kind(text: str, found: Sequence[Word]) -> tuple[str, str]:
    if _TIME.search(text):
        unit_of_time = _TIME_UNIT.search(text)
        return "time", unit_of_time[1] if unit_of_time else ""
    unit = _counted(found)
    if unit:
        return "count", unit
    for kind, pattern in (("amount", _AMOUNT), ("who", _WHO), ("where", _WHERE)):
        if pattern.search(text):
            return kind, ""
    return "", ""


def _counted(found: Sequence[Word]) -> str:
    """The lemma of what 何 counts: 人 in 何人, 年間 in 何年間保存. The dictionary tells this 何
    (a numeral) from that of 何ですか."""
    for word, after in pairwise(found):
        if (word.lemma, word.pos2) == ("何", "数詞") and after.pos in ("名詞", "接尾辞"):
            return after.lemma if after.lemma not in _NAMED_KINDS else ""
    return ""


def fits(asked: Asked, text: str, content: Sequence[Word]) -> float:
    """How well `text`, with its content words, can hold the answer: 0 (nothing of the kind that is
    not in the question, or no telling), 0.3 (perhaps), 1."""
    normal = normalise(text)
    if _things(asked.kind, asked.unit, normal, content) - asked.known:
        return 1.0
    # Another time or number, or a name that the dictionary does not know as one.
    if asked.kind == "time" and set(_TIMES.findall(normal)) - asked.known:
        return 0.3
    if asked.kind == "count" and _NUMBERS.search(normal):
        return 0.3
    if asked.kind in _NAMES and any(word.name or _is_katakana(word.lemma) for word in content):
        return 0.3
    return 0.0


def _things(kind: str, unit: str, text: str, content: Sequence[Word]) -> set[str]:
    if kind == "time":
        if unit in ("", "年"):
            return set(_YEARS.findall(text))
        return set(re.findall(_NUMBER + unit, text))
    if kind == "count":
        return {
            word.lemma
            for word, after in pairwise(content)
            if word.pos2 == "数詞" and after.lemma == unit
        }
    if kind == "amount":
        return set(_NUMBERS.findall(text))
    return {word.lemma for word in content if word.name == _NAMES.get(kind)}


def _is_katakana(lemma: str) -> bool:
    return bool(re.fullmatch("[ァ-ヺー]{3,}", lemma))
