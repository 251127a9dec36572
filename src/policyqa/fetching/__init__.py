"""Web pages, files and statutes from the network into a folder of documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from policyqa.errors import PolicyQAError
from policyqa.fetching import files, law_api
from policyqa.fetching.addresses import web_address
from policyqa.fetching.content import suffix_of, with_charset
from policyqa.fetching.download import Access, Limits, download
from policyqa.fetching.files import Page, Record
from policyqa.readers import READERS, read

__all__ = ["Access", "Fetched", "Limits", "Record", "Target", "fetch", "fetch_all"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: the folder, the function that keeps entries, the law API's address, the day."""

    folder: Path
    record: Record
    law_api: str
    day: date = field(default_factory=date.today)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of an address. Only a failure has a reason and no file."""

    address: str
    status: Literal["saved", "updated", "unchanged", "failed"]
    file: str | None = None
    reason: str | None = None


def fetch_all(addresses: Sequence[str], target: Target, access: Access) -> Iterator[Fetched]:
    """Fetch one after the other; one that fails stops no other."""
    for address in addresses:
        try:
            yield fetch(address, target, access)
        except PolicyQAError as error:
            yield Fetched(address, "failed", reason=str(error))


def fetch(address: str, target: Target, access: Access) -> Fetched:
    """Fetch a web address, or a statute: law:405AC0000000088, law:405AC0000000088@2024-04-01.

    The same address again replaces its file, if its content has changed; other files are never
    touched. Raises FetchError, or ReadError when what came cannot be indexed.
    """
    is_law = address.startswith(law_api.PREFIX)
    page = _statute(address, target.law_api, access) if is_law else _page(address, access)
    path, status = files.save(page, target.folder, target.day, target.record, read)
    return Fetched(address, status, str(path))


def _page(address: str, access: Access) -> Page:
    asked = web_address(address)
    answer = download(address, access)
    suffix = suffix_of(asked, answer, READERS)
    page = suffix == ".html"
    return Page(
        url=str(asked),
        stem=files.stem_of(answer.url, answer.filename, suffix),
        suffix=suffix,
        content=with_charset(answer.content, answer.charset) if page else answer.content,
    )


def _statute(address: str, api: str, access: Access) -> Page:
    law = law_api.law_of(address)
    url = law.url(api)
    answer = download(url, access)
    suffix = suffix_of(web_address(url), answer, {".json"})
    version = law_api.version_of(law, answer.content)
    return Page(law_api.page_of(version), version, suffix, answer.content)
