"""The block of `key: value` lines between --- that Markdown files may begin with."""

import re
from collections.abc import Callable

from policyqa.readers import stated

_BLOCK = re.compile(
    r"---[ \t]*\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_ENTRY = re.compile(r"([A-Za-z_]+)[ \t]*:[ \t]+(.*)")
_QUOTED = re.compile(r"\"([^\"]*)\"(?:[ \t]+#.*)?|'([^']*)'(?:[ \t]+#.*)?")
_COMMENT = re.compile(r"[ \t]+#.*")
_STRUCTURED = ("[", "{", "|", ">", "&", "*", "!", "#")

_KEYS: dict[str, Callable[[str], str]] = {
    "title": stated.text,
    "publisher": stated.text,
    "date": stated.day,
    "url": stated.address,
    "licence": stated.text,
    "kind": stated.text,
    "language": stated.text,
    "in_force": stated.day,
}


def split(text: str) -> tuple[dict[str, str], str]:
    """What the front matter states, and the text behind it. Other keys, lists and values of more
    than one line are left out; so is the kind `statute`, which only statutes of e-Gov are."""
    match = _BLOCK.match(text)
    if match is None:
        return {}, text
    known = {}
    for line in match[1].split("\n"):
        entry = _ENTRY.fullmatch(line.rstrip())
        if entry and entry[1] in _KEYS:
            known[entry[1]] = _KEYS[entry[1]](_value(entry[2]))
    if known.get("kind") == "statute":
        del known["kind"]
    return {name: value for name, value in known.items() if value}, text[match.end() :]


def _value(written: str) -> str:
    written = written.strip()
    quoted = _QUOTED.fullmatch(written)
    if quoted:
        return quoted[1] or quoted[2] or ""
    return "" if written.startswith(_STRUCTURED) else _COMMENT.sub("", written)
