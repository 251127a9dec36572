"""Numbers and bullets in the forms that office programs count in."""

from collections.abc import Callable

from policyqa.numerals import to_kanji

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_LEGAL = str.maketrans("一二三百", "壱弐参百")
_AIUEO = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
)
_IROHA = (
    "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
)
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_BULLETS = {
    "\uf06c": "●",
    "\uf06e": "■",
    "\uf071": "□",
    "\uf0a8": "□",
    "\uf0d8": "➢",
    "\uf0e8": "→",
    "\uf0e0": "→",
    "\uf0fc": "✓",
    "\uf0fe": "☑",
}
"""Signs of the font Wingdings."""


def plain_sign(text: str) -> str:
    """A bullet in any font: a sign that says nothing outside its font becomes a plain dot."""
    return "".join(
        _BULLETS.get(sign, "・") if "\ue000" <= sign <= "\uf8ff" else sign for sign in text
    )


def _from(signs: str) -> Callable[[int], str]:
    """The nth sign; after the last, from the first again."""
    return lambda count: signs[(count - 1) % len(signs)]


def _circled(count: int) -> str:
    for first, last, base in ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1)):
        if first <= count <= last:
            return chr(base + count - first)
    return str(count)


def _enclosed(base: int, last: int) -> Callable[[int], str]:
    return lambda count: chr(base + count - 1) if count <= last else str(count)


def _letters(count: int) -> str:
    """a … z, aa, bb."""
    return chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 20)


def _roman(count: int) -> str:
    if count > 3999:
        return str(count)
    text = ""
    for worth, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    ):
        times, count = divmod(count, worth)
        text += sign * times
    return text


def _digits(count: int) -> str:
    return str(count).translate(str.maketrans("0123456789", "〇一二三四五六七八九"))


def _kanji(count: int) -> str:
    return to_kanji(count) if count < 10**8 else str(count)


def _full_width(count: int) -> str:
    return str(count).translate(_FULL_WIDTH)


_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda count: "",
    "decimalZero": lambda count: f"{count:02}",
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": _enclosed(0x2474, 20),
    "decimalEnclosedFullstop": _enclosed(0x2488, 20),
    "numberInDash": lambda count: f"- {count} -",
    "upperLetter": lambda count: _letters(count).upper(),
    "lowerLetter": _letters,
    "upperRoman": lambda count: _roman(count).upper(),
    "lowerRoman": _roman,
    # Half-width kana are cited in full width.
    "aiueo": _from(_AIUEO),
    "aiueoFullWidth": _from(_AIUEO),
    "iroha": _from(_IROHA),
    "irohaFullWidth": _from(_IROHA),
    "japaneseCounting": _kanji,
    "chineseCounting": _kanji,
    "chineseCountingThousand": _kanji,
    "taiwaneseCounting": _kanji,
    "taiwaneseCountingThousand": _kanji,
    "japaneseLegal": lambda count: _kanji(count).translate(_LEGAL),
    "japaneseDigitalTenThousand": _digits,
    "ideographDigital": _digits,
    "ideographTraditional": _from(_STEMS),
    "ideographZodiac": _from(_BRANCHES),
    "ideographEnclosedCircle": _enclosed(0x3280, 10),
}
"""Formats not named here are shown in plain digits."""


def format_number(count: int, kind: str) -> str:
    """A number in one of Word's formats. What cannot be counted in it (0) is in plain digits."""
    return _FORMATS.get(kind, str)(count) if count > 0 or kind == "none" else str(count)
