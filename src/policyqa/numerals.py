"""Numbers and dates to one form: 第七百九条, 第７０９条 and 第709条 are the same words.

Kanji numerals are read as statutes write them, with units (七百九) or by position (一〇九). The
years in which the eras began, their 元年, are those of their proclamation.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal

_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
_ERAS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}

_COMMAS = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])"
_ARABIC = rf"(?:{_COMMAS}|[0-9]+)"
_KANJI = "[〇零一二三四五六七八九十百千万億兆]+"
_MIXED = rf"(?:{_ARABIC}(?:\.[0-9]+)?[十百千万億兆]+)+{_ARABIC}?"
_NUMBER = rf"(?:{_MIXED}|{_ARABIC}|{_KANJI})"
_DIVISIONS = "条項号編章節款目"
_ORDERED = f"[{_DIVISIONS}部回次期版集類種]"
_COUNTED = (
    "(?:年|[箇かカヶヵケ][年月国所]|月|日(?![市本])|円|人|名|件|回|歳|才|週間|時間|倍|割|%|ポイント"
    "|パーセント|メートル|キロ|トン|平方|立方|棟|戸|台|社|分の[0-9一二三四五六七八九十百千])"
)

_ERA_YEAR = re.compile(rf"(?P<number>(?P<era>{'|'.join(_ERAS)})(?P<year>元|{_NUMBER}))(?=年)")
_ORDINAL = re.compile(rf"第(?P<number>{_NUMBER})(?={_ORDERED})")
_TABLE = re.compile(rf"(?<=[表式録図]第)(?P<number>{_NUMBER})")
# No branch: 第五条の一部, 第三条の十分な, 第四条の二つの.
_BRANCH = re.compile(
    rf"第[0-9]+[{_DIVISIONS}](?:の[0-9]+)*の(?P<number>{_KANJI})(?![部般定方つ人切者分])"
)
# 統一日 and 数十人 hold no number of their own.
_AMOUNT = re.compile(rf"(?<![何数幾統唯同均専純随逐第.])(?P<number>{_NUMBER})(?={_COUNTED})")
_LONG = re.compile(rf"(?<![0-9.])(?P<number>{_MIXED}|{_COMMAS})")
_FRACTION = re.compile(rf"(?<=[0-9]分の)(?P<number>{_KANJI})")
_MONTHS = re.compile(r"(?<=[0-9])(?P<number>[箇カヶヵケ])(?=[年月国所])")


_LONGEST = 30
"""Signs; a longer one is no number that anybody means."""


def to_int(numeral: str) -> int | None:
    """The value of a numeral: 七百九, 一〇九, ７０９, 1,000, 3万5千, 1.5億. None: it is no whole
    number."""
    text = unicodedata.normalize("NFKC", numeral).replace(",", "")
    if not 0 < len(text) <= _LONGEST:
        return None
    if all(sign in _DIGITS for sign in text):
        return int("".join(str(_DIGITS[sign]) for sign in text))
    if text.isascii() and text.isdecimal():
        return int(text)
    total = section = Decimal(0)
    number: Decimal | None = None
    for piece in re.findall(r"[0-9]+(?:\.[0-9]+)?|[〇零一二三四五六七八九]+|.", text):
        if piece in _SMALL:
            section += (1 if number is None else number) * _SMALL[piece]
            number = None
        elif piece in _LARGE:
            section += number or 0
            if not section:
                return None
            total, section, number = total + section * _LARGE[piece], Decimal(0), None
        elif number is None and (value := _plain(piece)) is not None:
            number = value
        else:
            return None
    total += section + (number or 0)
    return int(total) if total == total.to_integral_value() else None


def _plain(piece: str) -> Decimal | None:
    if piece[0].isascii() and piece[0].isdecimal():
        return Decimal(piece)
    value = to_int(piece) if piece[0] in _DIGITS else None
    return None if value is None else Decimal(value)


def to_kanji(number: int) -> str:
    """A number as statutes write it: 709 -> 七百九. Raises ValueError outside 1..99,999,999."""
    if not 1 <= number < 10**8:
        raise ValueError(f"no kanji numeral for {number}")
    high, low = divmod(number, 10**4)
    return (f"{_below_ten_thousand(high)}万" if high else "") + _below_ten_thousand(low)


def _below_ten_thousand(number: int) -> str:
    signs = "〇一二三四五六七八九"
    text = ""
    for unit, value in (("千", 1000), ("百", 100), ("十", 10)):
        count, number = divmod(number, value)
        text += (signs[count] if count > 1 else "") + unit if count else ""
    return text + (signs[number] if number else "")


def in_one_form(text: str, offsets: Sequence[int]) -> tuple[str, list[int]]:
    """Numbers of a text in NFKC in arabic digits, years of an era as years of the Gregorian
    calendar. `offsets`: for each character, and for the end, its place in some original text;
    returned likewise for the result."""
    kept = list(offsets)
    for pattern, value in _STEPS:
        text, kept = _substitute(text, kept, pattern, value)
    while True:  # 第九条の三の二: one branch after the other
        changed, kept = _substitute(text, kept, _BRANCH, _number)
        if changed == text:
            return text, kept
        text = changed


def _substitute(
    text: str,
    offsets: list[int],
    pattern: re.Pattern[str],
    value: Callable[[re.Match[str]], str | None],
) -> tuple[str, list[int]]:
    pieces: list[str] = []
    places: list[int] = []
    position = 0
    for match in pattern.finditer(text):
        new = value(match)
        start, end = match.span("number")
        if new is None or new == text[start:end]:
            continue
        pieces += [text[position:start], new]
        places += [*offsets[position:start], *[offsets[start]] * len(new)]
        position = end
    if not pieces:
        return text, offsets
    return "".join([*pieces, text[position:]]), [*places, *offsets[position:]]


def _number(match: re.Match[str]) -> str | None:
    value = to_int(match["number"])
    return None if value is None else str(value)


def _year(match: re.Match[str]) -> str | None:
    year = 1 if match["year"] == "元" else to_int(match["year"])
    return str(_ERAS[match["era"]] + year - 1) if year else None


_STEPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = (
    (_ERA_YEAR, _year),
    (_ORDINAL, _number),
    (_TABLE, _number),
    (_AMOUNT, _number),
    (_LONG, _number),
    (_FRACTION, _number),
    (_MONTHS, lambda match: "か"),
)
