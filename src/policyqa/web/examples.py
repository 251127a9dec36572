"""Example questions, made from the headings of the library's own documents."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from policyqa import strings
from policyqa.answering import READ_PASSAGES, answer
from policyqa.library import Library
from policyqa.models import Heading

MOST = 4
_READ_DOCUMENTS = 40
"""Documents whose headings are looked at; one heading of each is enough where there are many."""
_TRIED = 12
"""Questions that are asked at most, to find those that have an answer."""
_NUMBER = "[0-9０-９一二三四五六七八九十百千]+"
_LABEL = re.compile(
    rf"^(?:第{_NUMBER}[^　\s]*(?:[　\s]+|$)|[（(]{_NUMBER}[)）]|{_NUMBER}[.．、　\s]"
    r"|[①-⑳Ⅰ-Ⅻ][.．]?)+"
)
_TOPIC = re.compile(r"[ぁ-んァ-ヶー一-龠々a-zA-ZＡ-Ｚａ-ｚ・＝]{4,18}(?<!等)")
_GENERAL = re.compile(
    "はじめ|おわり|まえがき|あとがき|目次|参考|資料|付録|附則|別表|概要|目的|趣旨|背景|総則|総論"
    "|雑則|罰則|定義|通則|その他|注記|考え方|課題|まとめ|名称|構成|について|特集|特別な|特別の"
)


def examples(library: Library) -> list[str]:
    """Up to four questions that the library answers; the same for the same library."""
    documents = library.documents[:_READ_DOCUMENTS]
    found = _in_turn([topics(library.outline(document.id)) for document in documents])
    questions = (strings.EXAMPLE.format(topic=topic) for topic in islice(found, _TRIED))
    return list(islice((one for one in questions if _is_answered(library, one)), MOST))


def topics(headings: Iterable[Heading]) -> list[str]:
    """The headings that read well in a question, without their labels: those higher in the
    document first."""
    ordered = sorted(headings, key=lambda heading: heading.depth)
    found = (_LABEL.sub("", heading.text).strip() for heading in ordered)
    return list(
        dict.fromkeys(
            topic for topic in found if _TOPIC.fullmatch(topic) and not _GENERAL.search(topic)
        )
    )


def _in_turn(lists: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first of each list, then the second of each, and so on; each only once."""
    longest = max(map(len, lists), default=0)
    turns = (one[at] for at in range(longest) for one in lists if at < len(one))
    return iter(dict.fromkeys(turns))


def _is_answered(library: Library, question: str) -> bool:
    return answer(library.search(question, READ_PASSAGES)).found
