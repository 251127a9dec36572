"""Statutes by e-Gov's law API, version 2: `law:` and a law's id, number or version.

law_data answers with law_info, revision_info and law_full_text; `asof` is the day on which the
version must be in force (https://laws.e-gov.go.jp/api/2/swagger-ui).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from policyqa.errors import FetchError

PREFIX = "law:"
_ID = re.compile(r"[0-9]{3}[0-9A-Z]{12}")
_REVISION = re.compile(rf"({_ID.pattern})_([0-9]{{8}}_[0-9A-Z]{{15}})")
_PAGES = "https://laws.e-gov.go.jp/law"
_FORMAT = {"response_format": "json", "law_full_text_format": "json"}


@dataclass(frozen=True, slots=True)
class Law:
    """A statute asked for: its id, number (平成五年法律第八十八号) or version; the day it is to be
    in force on, today if none."""

    id: str
    day: date | None

    def url(self, api: str) -> str:
        asof = {"asof": self.day.isoformat()} if self.day else {}
        return f"{api.rstrip('/')}/law_data/{quote(self.id, safe='')}?{urlencode(_FORMAT | asof)}"


def law_of(address: str) -> Law:
    """From law:405AC0000000088 or law:405AC0000000088@2024-04-01. Raises FetchError."""
    law_id, at, written = address.removeprefix(PREFIX).strip().partition("@")
    if not law_id:
        raise FetchError("no statute is named; write law:405AC0000000088")
    if at and _REVISION.fullmatch(law_id):
        raise FetchError("this names a version already; leave out the day behind the @")
    try:
        return Law(law_id, date.fromisoformat(written) if at else None)
    except ValueError as error:
        raise FetchError(f"{written or 'nothing'} is no day; write it as 2024-04-01") from error


def version_of(law: Law, answer: bytes) -> str:
    """{law_id}_{in force}_{amending law}, as e-Gov names its files, or {law_id} where the answer
    tells no version. Raises FetchError when it is no answer of the API, or one of another law."""
    try:
        known = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise FetchError("the answer is not that of the law API") from error
    law_id = _string(known, "law_info", "law_id")
    if not _ID.fullmatch(law_id):
        raise FetchError("the answer is not that of the law API")
    if law.id[:15] != law_id and _ID.fullmatch(law.id[:15]):
        raise FetchError(f"the law API answers with another statute ({law_id})")
    version = _string(known, "revision_info", "law_revision_id") or _version(law_id, known)
    return version if _REVISION.fullmatch(version) and version.startswith(law_id) else law_id


def page_of(version: str) -> str:
    """The address of e-Gov's page of this version, which is the one to cite."""
    return f"{_PAGES}/{version.replace('_', '/', 1)}"


def _version(law_id: str, known: object) -> str:
    in_force = _string(known, "revision_info", "amendment_enforcement_date").replace("-", "")
    return f"{law_id}_{in_force}_{_string(known, 'revision_info', 'amendment_law_id')}"


def _string(known: object, *path: str) -> str:
    for name in path:
        known = known.get(name) if isinstance(known, Mapping) else None
    return known if isinstance(known, str) else ""
