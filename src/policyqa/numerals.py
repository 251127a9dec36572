"""Numbers and dates to one form: 第七百九条, 第７０９条 and 第709条 are the same words.

Kanji numerals are read as statutes write them, with units (七百九) or by position (一〇九). The
years in which the eras began, their 元年, are those of their proclamation.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal

_DIGITS = (
    {sign: value for value, sign in enumerate("〇一二三四五六七八九")}
    | {"零": 0}
    | {str(value): value for value in range(10)}
)
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
_ERAS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}

_KANJI = "〇零一二三四五六七八九十百千万億兆"
_COMMAS = r"[0-9]{1,3}(?:,[0-9]{3})+"
# All signs of a number that stand together: 1,000万, 3万五千, 1.5億. Not 1.三年: a heading.
_NUMBER = rf"[0-9{_KANJI}]+(?:(?<=[0-9])[.,](?=[0-9])[0-9{_KANJI}]+)*"
_STARTS = rf"(?<![0-9{_KANJI}])(?<![0-9][.,](?=[0-9]))"
_MIXED = rf"(?:(?:{_COMMAS}|[0-9]+)(?:\.[0-9]+)?[十百千万億兆]+)+[0-9]*"
_DIVISIONS = "条項号編章節款目"
_ORDERED = f"(?:[{_DIVISIONS}部回次期版集類種]|四半期)"
_MEASURED = "(?:倍|割|%|ポイント|パーセント|メートル|キロ|トン|平方|立方)"
# 四日市, 十日町 and 八戸市 are names.
_COUNTED = (
    "(?:年|[箇かカヶヵケ][年月国所]|月|日(?![市町本])|円|人|名|件|回|歳|才|週間|時間|棟|台|社"
    f"|戸(?![市町村郡])|分の[0-9〇一二三四五六七八九十百千]|{_MEASURED})"
)

_ERA_YEAR = re.compile(rf"(?P<number>(?P<era>{'|'.join(_ERAS)})(?P<year>元|{_NUMBER}))(?=年)")
_ORDINAL = re.compile(rf"第(?P<number>{_NUMBER})(?={_ORDERED})")
_TABLE = re.compile(rf"(?<=[表式録図]第)(?P<number>{_NUMBER})")
# ノ in statutes written in katakana. No branch: 第五条の一部, 第三条の十分な, 第四条の二つの.
_BRANCH = re.compile(
    rf"(?:第[0-9]+[{_DIVISIONS}]|[表式録図]第[0-9]+)(?:の[0-9]+)*"
    rf"(?P<number>[のノ](?P<branch>[{_KANJI}]+|[0-9]+))(?![部般定方つ人切者分])"
)
# 統一日 and 数十人 hold no number of their own.
_AMOUNT = re.compile(
    rf"{_STARTS}(?<![何数幾統唯同均専純随逐第])(?P<number>{_NUMBER})(?={_COUNTED})"
)
# 年十四・六パーセント; 二・三人 are two numbers.
_DECIMAL = re.compile(
    rf"{_STARTS}(?P<number>(?P<whole>[{_KANJI}]+)・(?P<part>[〇一二三四五六七八九]+))(?={_MEASURED})"
)
_LONG = re.compile(rf"{_STARTS}(?P<number>{_MIXED}|{_COMMAS})(?![0-9{_KANJI}])")
_FRACTION = re.compile(
    rf"(?<=[0-9]分の)(?P<number>(?P<whole>[{_KANJI}]+)(?:・(?P<part>[〇一二三四五六七八九]+))?)"
)
_MONTHS = re.compile(r"(?<=[0-9数何])(?P<number>[箇カヶヵケ])(?=[年月国所])")

# Commas that group no thousands, and fractions: 1,23 and 5.0.
_NO_NUMBER = re.compile(r"^,|[0-9]{4},|,(?![0-9]{3}(?![0-9]))|\.[0-9,]*$")
_PIECES = re.compile(r"[0-9]+(?:\.[0-9]+)?|[〇零一二三四五六七八九]+|.", re.DOTALL)
_LONGEST = 30
"""Signs; a longer one is no number that anybody means."""


def to_int(numeral: str) -> int | None:
    """The value of a numeral: 七百九, 一〇九, ７０９, 1,000, 3万5千, 1.5億. None: it is no whole
    number."""
    text = unicodedata.normalize("NFKC", numeral)
    if _NO_NUMBER.search(text):
        return None
    text = text.replace(",", "")
    if not 0 < len(text) <= _LONGEST:
        return None
    total = _sum(_PIECES.findall(text))
    return int(total) if total is not None and total == total.to_integral_value() else None


def _sum(pieces: list[str]) -> Decimal | None:
    """Digits, each with its unit: 3 万 5 千. Units must go down, so that 二十三十 has no value."""
    total = section = Decimal(0)
    number: Decimal | None = None
    small, large = 10**4, 10**16
    for piece in pieces:
        if _SMALL.get(piece, small) < small:
            small = _SMALL[piece]
            section += (1 if number is None else number) * small
            number = None
        elif _LARGE.get(piece, large) < large and (section or number):
            large, small = _LARGE[piece], 10**4
            total += (section + (number or 0)) * large
            section, number = Decimal(0), None
        elif number is None and piece[0] in _DIGITS:
            number = Decimal("".join(str(_DIGITS.get(sign, sign)) for sign in piece))
        else:
            return None
    return total + section + (number or 0)


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
        changed, kept = _substitute(text, kept, _BRANCH, _branch)
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


def _branch(match: re.Match[str]) -> str | None:
    value = to_int(match["branch"])
    return None if value is None else f"の{value}"


def _decimal(match: re.Match[str]) -> str | None:
    whole = to_int(match["whole"])
    if whole is None or match["part"] is None:
        return None if whole is None else str(whole)
    return f"{whole}." + "".join(str(_DIGITS[sign]) for sign in match["part"])


def _year(match: re.Match[str]) -> str | None:
    year = 1 if match["year"] == "元" else to_int(match["year"])
    return str(_ERAS[match["era"]] + year - 1) if year else None


_STEPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = (
    (_ERA_YEAR, _year),
    (_ORDINAL, _number),
    (_TABLE, _number),
    (_DECIMAL, _decimal),
    (_AMOUNT, _number),
    (_LONG, _number),
    (_FRACTION, _decimal),
    (_MONTHS, lambda match: "か"),
)
