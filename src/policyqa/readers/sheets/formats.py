"""What a cell shows: dates as ISO, numbers by their simple formats, text without odd signs."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from policyqa.japanese import clean, join_lines

_MIDNIGHT = time()
_LITERAL = r'(?:"[^"]*"|\\.|[¥￥$€△▲+\-− ()（）円%％人件年月日:/])*'
_SIMPLE = re.compile(
    rf"(?P<before>{_LITERAL})(?P<whole>[#0?,]*[#0?])(?P<scale>,*)(?:\.(?P<part>[0#?]+))?"
    rf"(?P<after>{_LITERAL})"
)
"""A section of a number format that has digits in one place and literal text around them."""
_NOT_SHOWN = re.compile(r"_.|\*.|\[(?:[A-Za-z]+[0-9]*|\$-[0-9A-Fa-f]+)\]")
"""Padding, fill, colour, language."""
_CURRENCY = re.compile(r"\[\$([^\]\"-]+)(?:-[0-9A-Fa-f]+)?\]")
_QUOTED = re.compile(r'"([^"]*)"|\\(.)')
_LONGEST_FORMAT = 255
_MOST_DIGITS = 16
"""Excel keeps 15. With _MOST_PLACES they fit into decimal's 28 digits."""
_MOST_PLACES = 10


def shown(value: object, number_format: str) -> str:
    """A cell's value as text."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int() | float():
            return _number(value, number_format)
        case datetime():
            return _day_and_time(value)
        case time():
            return _time(value)
        case date():
            return value.isoformat()
        case timedelta():
            return _hours(value)
    text = str(value)
    if "_x" not in text:
        return text
    from openpyxl.utils.escape import unescape

    return str(unescape(text))


def cell_text(text: str) -> str:
    """A cell's lines, cleaned, empty ones left out."""
    lines = clean(text).replace("\f", "\n").replace("\x0b", "\n").replace("\t", " ").split("\n")
    return "\n".join(filter(None, map(str.strip, lines)))


def one_line(text: str) -> str:
    """The lines of a cell joined, as wrapped lines are."""
    first, *others = text.split("\n")
    for line in others:
        first = join_lines(first, line)
    return first


def _day_and_time(value: datetime) -> str:
    day = value.date().isoformat()
    return day if value.time() == _MIDNIGHT else f"{day} {_time(value.time())}"


def _time(value: time) -> str:
    return value.isoformat("seconds" if value.second else "minutes")


def _hours(value: timedelta) -> str:
    minutes = round(value.total_seconds() / 60)
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


def _number(value: float, number_format: str) -> str:
    section = _section(number_format, negative=value < 0)
    plain = format(value, ".15g") if isinstance(value, float) else str(value)
    if section is None:
        return plain
    exact = Decimal(repr(value))
    if not exact.is_finite() or abs(exact.adjusted()) >= _MOST_DIGITS:
        return plain
    if section.absolute:
        exact = abs(exact)
    sign, digits = _digits(exact.scaleb(section.power), section.whole, section.part)
    return f"{sign}{section.before}{digits}{section.after}"


@dataclass(frozen=True, slots=True)
class _Section:
    """One of a number format's sections: literal text around digits. `power` of ten scales."""

    before: str
    whole: str
    part: str
    after: str
    power: int
    absolute: bool


@lru_cache(maxsize=1024)
def _section(number_format: str, negative: bool) -> _Section | None:
    """The section that counts for a number; None where the format is not a simple one."""
    if len(number_format) > _LONGEST_FORMAT:
        return None
    sections = _NOT_SHOWN.sub("", _CURRENCY.sub(r'"\1"', number_format)).split(";")
    absolute = negative and len(sections) > 1
    match = _SIMPLE.fullmatch(sections[1] if absolute else sections[0])
    if match is None or len(match["part"] or "") > _MOST_PLACES:
        return None
    percent = "%" in _QUOTED.sub("", match["before"] + match["after"])
    return _Section(
        before=_literal(match["before"]),
        whole=match["whole"],
        part=match["part"] or "",
        after=_literal(match["after"]),
        power=2 * percent - 3 * len(match["scale"]),
        absolute=absolute,
    )


def _digits(exact: Decimal, whole: str, part: str) -> tuple[str, str]:
    """The sign and the digits of a number that is shown by `whole`.`part` (#,##0 and 0#)."""
    rounded = exact.quantize(Decimal(1).scaleb(-len(part)), ROUND_HALF_UP)
    front, _, back = f"{abs(rounded):f}".partition(".")
    front = front.lstrip("0").zfill(whole.count("0"))
    least = len(part.rstrip("#?"))
    back = back[:least] + back[least:].rstrip("0")
    if "," in whole and front:
        front = f"{int(front):,}"
    return "-" if rounded < 0 else "", front + (f".{back}" if back else "")


def _literal(text: str) -> str:
    return _QUOTED.sub(lambda match: match[1] or match[2] or "", text)
