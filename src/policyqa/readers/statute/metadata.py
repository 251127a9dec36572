"""What is known of a statute's version: from the file's name, the Law element, the API's answer.

All values are strings, dates are ISO 8601; what is unknown is missing. The law's id is never made
up from its number: the id also tells which house a bill came from.
"""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from policyqa.readers.statute.element import Element
from policyqa.readers.statute.flow import text

_LAW_ID = r"[1-5][0-9]{2}[0-9A-Z]{12}"
_VERSION = re.compile(rf"({_LAW_ID})(?:_([0-9]{{8}})_([0-9A-Z]{{15}}))?")
_NO_LAW = "0" * 15
"""Stands for the amending law of a statute as it was promulgated."""
_ERAS = {"Meiji": 1868, "Taisho": 1912, "Showa": 1926, "Heisei": 1989, "Reiwa": 2019}
_REPEALED = frozenset({"Repeal", "Expire", "LossOfEffectiveness"})

Metadata = dict[str, str]


def of_file(path: Path) -> Metadata:
    """From 334AC0000000121_20250601_504AC0000000068.html: law, in force since, amended by."""
    match = _VERSION.fullmatch(path.stem)
    if match is None:
        return {}
    law_id, in_force, amending = match.groups("")
    amended_by = "" if amending == _NO_LAW else amending
    return _known({"law_id": law_id, "in_force": _iso(in_force), "amended_by": amended_by})


def of_law(law: Element) -> Metadata:
    """From the Law element: number, date of promulgation, other titles."""
    number, body = law.find("LawNum"), law.find("LawBody")
    title = body.find("LawTitle") if body else None
    return _known(
        {
            "law_number": text(number) if number else "",
            "promulgated": _promulgated(law),
            "abbreviations": _list(title.get("Abbrev")) if title else "",
            "title_kana": title.get("Kana") if title else "",
        }
    )


def of_api(answer: Mapping[str, object]) -> Metadata:
    """From law_info and revision_info of the API's answer."""
    law, revision = _strings(answer.get("law_info")), _strings(answer.get("revision_info"))
    repealed = revision.get("repeal_status") in _REPEALED
    return _known(
        {
            "law_id": law.get("law_id", ""),
            "law_number": law.get("law_num", ""),
            "promulgated": _iso(law.get("promulgation_date", "")),
            "in_force": _iso(revision.get("amendment_enforcement_date", "")),
            "amended_by": revision.get("amendment_law_num", "")
            or revision.get("amendment_law_id", ""),
            "abbreviations": _list(revision.get("abbrev", "")),
            "title_kana": revision.get("law_title_kana", ""),
            "repealed": _iso(revision.get("repeal_date", "")) if repealed else "",
        }
    )


def _known(found: Metadata) -> Metadata:
    return {name: value.strip() for name, value in found.items() if value.strip()}


def _strings(found: object) -> Metadata:
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _promulgated(law: Element) -> str:
    era = _ERAS.get(law.get("Era"))
    parts = [law.get(name) for name in ("Year", "PromulgateMonth", "PromulgateDay")]
    if era is None or not all(re.fullmatch("[0-9]{1,2}", part) for part in parts):
        return ""
    year, month, day = map(int, parts)
    return _iso(f"{era + year - 1:04}{month:02}{day:02}")


def _iso(written: str) -> str:
    """2025-06-01 or 20250601 as ISO; empty where there is no such day."""
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        return ""


def _list(names: str) -> str:
    """Several abbreviations are separated by 「、」."""
    return "、".join(name.strip() for name in re.split("[,，、]", names) if name.strip())
