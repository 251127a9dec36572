"""What a place in a document is called: how it is cited, and the names it is looked up by."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from policyqa.japanese import place_key
from policyqa.models import Section

Chain = Sequence[Section]
"""A section with all above it, the document's root first."""

_ENDS = re.compile(r"第([0-9]+)([条項号])((?:の[0-9]+)*)")
_MOST_IN_RANGE = 2000
_DAY_OF_LAW = re.compile(r"(?<=年)[0-9]+月[0-9]+日")
_ORDERED = re.compile(r"第[0-9]+[^0-9]")

ANY_AMENDMENT = "附則(*)"
"""Stands in keys for the 附則 of any amending law."""


def path_of(chain: Chain) -> tuple[str, ...]:
    """The headings from the top."""
    return tuple(section.heading for section in chain if section.heading)


def place_of(chain: Chain) -> str:
    """How a statute's provision is cited after its title: 第十三条第二項第一号, 附則第二条.

    A 条 of a single 項 is cited without it. Empty for what is no provision.
    """
    section = chain[-1]
    if not section.kind:
        return ""
    if section.kind == "division":
        labels = [above.label for above in chain if above.kind in ("division", "supplement")]
    else:
        labels = [
            below.label
            for above, below in pairwise(chain)
            if below.kind != "division" and not _is_sole(above, below)
        ]
    return "".join(labels)


def names_of(title: str, metadata: Mapping[str, str]) -> list[str]:
    """All names of a document in one form: its title, law number, and the file's own
    abbreviations."""
    names = [title, metadata.get("law_number", ""), *metadata.get("abbreviations", "").split("、")]
    return sorted({place_key(name) for name in names if name})


def keys_of(chain: Chain) -> tuple[str, ...]:
    """All names of a place in one form (`japanese.place_key`), without the document's title."""
    section = chain[-1]
    if section.kind == "rest":
        return ()
    if section.kind in ("", "division"):
        # A heading without a number is a subject, which a question may well be about.
        found = [place_key(section.heading) if section.label else "", *_numbered(chain)]
    else:
        found = [""]
        for above, below in pairwise(chain):
            longer = [key + name for key in found for name in _names(below)]
            # 第二条第一号 and 第二条第一項第一号 are the same place.
            skipped = found if _is_sole(above, below) and below is not section else []
            found = [*longer, *skipped]
    return tuple(dict.fromkeys(key for key in found if key))


def _numbered(chain: Chain) -> Iterator[str]:
    """第1編第2章第3節, 第2章第3節, 第3節: as many of the numbered headings as one cares to name."""
    name = ""
    for section in reversed(chain):
        label = place_key(section.label)
        if not _ORDERED.fullmatch(re.sub(r"の[0-9]+", "", label)):
            return
        name = label + name
        yield name


def _names(section: Section) -> list[str]:
    label = place_key(section.label)
    if section.kind == "division":
        return [""]
    if section.kind == "supplement" and "(" in label:
        return [label, _DAY_OF_LAW.sub("", label), ANY_AMENDMENT]
    if section.kind == "article":
        return [label, *(f"第{number}" for number in _within(label))]
    return [label]


def _within(label: str) -> Iterable[str]:
    """The articles in a range that was deleted: 第55条から第63条まで: 55条, 56条 ... 63条."""
    ends = list(_ENDS.finditer(label))
    if len(ends) < 2 or ends[0].end() == len(label):
        return []
    single = [f"{end[1]}{end[2]}{end[3]}" for end in ends]
    if "から" not in label and "乃至" not in label:
        return single
    first, last = ends[0], ends[-1]
    if first[1] == last[1]:
        stem = f"{first[1]}{first[2]}"
        low, high = _last_number(first[3]), _last_number(last[3])
        return [f"{stem}の{number}" for number in _range(low, high)] or single
    # 第九条の二から: 第九条 itself stays.
    lowest = int(first[1]) + bool(first[3])
    return [*single, *(f"{number}{first[2]}" for number in _range(lowest, int(last[1])))]


def _last_number(branch: str) -> int:
    return int(branch.rsplit("の", 1)[-1] or 0) if branch else 0


def _range(low: int, high: int) -> range:
    return range(low, min(high, low + _MOST_IN_RANGE) + 1)


def _is_sole(above: Section, below: Section) -> bool:
    """Whether `below` is the only 項 of a 条; not where an extract leaves the others out."""
    if below.kind != "paragraph" or above.kind != "article" or below.label != "第一項":
        return False
    return sum(child.kind == "paragraph" for child in above.children) == 1
