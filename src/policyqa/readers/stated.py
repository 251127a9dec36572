"""Metadata as files state it: what is not plainly a day or an address is not taken."""

import re
from datetime import date

from policyqa.japanese import clean

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?")
_ADDRESS = re.compile(r"https?://[^\s/<>\"]+[^\s<>\"]*", re.IGNORECASE)
_LONGEST = 500


def text(written: str) -> str:
    """On one line; empty where it is too long to be a name."""
    line = " ".join(clean(written).split())
    return line if len(line) <= _LONGEST else ""


def day(written: str) -> str:
    """The day of an ISO 8601 date or time; empty where it is none."""
    match = _DAY.fullmatch(text(written))
    try:
        return date.fromisoformat(match[1]).isoformat() if match else ""
    except ValueError:
        return ""


def address(written: str) -> str:
    """An absolute http(s) address; empty where it is none."""
    line = text(written)
    return line if _ADDRESS.fullmatch(line) else ""
