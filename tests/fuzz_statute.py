"""`make fuzz`: broken statutes for two minutes. Nothing but PolicyQAError may come out.

The seed is edited as a tree (written as XML and as JSON), as a web page's tags, and as bytes.
"""

import copy
import json
import re
import xml.etree.ElementTree as ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

import statute_seed
from fuzzing import RUN, check, run

PLACES = st.integers(0, 10_000)
SEEDS = {"xml": statute_seed.XML, "json": statute_seed.JSON, "html": statute_seed.HTML}
TAGS = sorted(set(re.findall(r"<(\w+)", statute_seed.XML))) + [
    *("Preamble", "EnactStatement", "AmendProvision", "NewProvision", "Remarks", "QuoteStruct"),
    *("AppdxStyle", "SupplProvisionAppdxTable", "Subitem10", "Subitem11", "RelatedArticleNum", "b"),
]
VALUES = [
    "",
    "0",
    "-1",
    "1_2",
    "3:5",
    "5:",
    "_",
    "1" * 40,
    "２",
    "三から五まで",
    "甲\n乙",
    "　",
    "\x00",
]
VALUES += [
    "\ud800",
    "\u200b",
    "一ノ二",
    "百千万億兆",
    "第一章",
    "附則（）抄",
    "Heisei",
    "9999-99-99",
]
WRONG = [
    None,
    1,
    1e400,
    True,
    [],
    {},
    "甲",
    {"tag": "Law"},
    {"tag": [], "attr": {}, "children": []},
]
BYTES = [
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&#xD800;",
    b"&a;",
    b"<!--",
    b"]]>",
    b"<![CDATA[",
    b"\xff",
    b"\x00",
]
BYTES += [b'"', b"{", b"[" * 2000, b"<b>" * 300, b"<div>" * 300, b"<?xml ?>", b"\\ud800", b"1e999"]
BYTES += [b'<!DOCTYPE Law [<!ENTITY a "&a;">]>', b"charset=utf-7", b"\xfe\xff", b"</section>"]

TREE_EDITS = st.lists(
    st.tuples(
        st.sampled_from(["drop", "copy", "move", "wrap", "tag", "number", "text"]),
        PLACES,
        PLACES,
        st.sampled_from(TAGS),
        st.sampled_from(VALUES),
    ),
    min_size=1,
    max_size=8,
)


def nodes(tree: dict) -> list[dict]:
    """All elements of the seed's tree."""
    below = [node for child in tree["children"] if isinstance(child, dict) for node in nodes(child)]
    return [tree, *below]


def edit(tree: dict, kind: str, at: int, to: int, tag: str, value: str) -> None:
    """One change of the tree in place."""
    everywhere = nodes(tree)
    parent, target = everywhere[at % len(everywhere)], everywhere[to % len(everywhere)]
    place = to % (len(parent["children"]) + 1)
    if kind == "tag":
        parent["tag"] = tag
    elif kind == "number":
        having = [node for node in everywhere if node["attr"]]
        attributes = having[at % len(having)]["attr"] if having else parent["attr"]
        attributes[("Num", "Year", "AmendLawNum", "Extract")[to % 4]] = value
    elif kind == "text":
        parent["children"].insert(place, value)
    elif kind == "wrap":
        for _ in range(to % 130):
            parent["children"] = [{"tag": tag, "attr": {}, "children": parent["children"]}]
    elif kind == "drop":
        del parent["children"][place : place + 1]
    else:
        moved = copy.deepcopy(target)
        if kind == "move":
            target["children"] = []
        parent["children"].insert(place, moved)


def element(node: dict) -> ElementTree.Element:
    made = ElementTree.Element(node["tag"], node["attr"])
    for child in node["children"]:
        if isinstance(child, dict):
            made.append(element(child))
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + child
        else:
            made.text = (made.text or "") + child
    return made


@RUN
@given(TREE_EDITS)
def edited_tree(edits):
    answer = statute_seed.as_json()
    for change in edits:
        edit(answer["law_full_text"], *change)
    check(json.dumps(answer).encode(), "json")
    law = ElementTree.tostring(element(answer["law_full_text"]), "unicode")
    check(law.encode("utf-8", "replace"), "xml")


@RUN
@given(PLACES, st.sampled_from(["tag", "attr", "children"]), st.sampled_from(WRONG))
def wrong_type(at, part, value):
    answer = statute_seed.as_json()
    everywhere = nodes(answer["law_full_text"])
    everywhere[at % len(everywhere)][part] = value
    check(json.dumps(answer).encode(), "json")
    answer = statute_seed.as_json()
    info = ("law_info", "revision_info", "law_full_text")[at % 3]
    answer[info] = value
    check(json.dumps(answer).encode(), "json")


PAGE = re.split("(<[^>]*>)", statute_seed.HTML)
NAMES = sorted(set(re.findall(r"_div_\w+|active \w+|id=\"\w+\"", statute_seed.HTML)))


@RUN
@given(
    st.lists(
        st.tuples(
            PLACES, st.integers(0, 3), PLACES, st.sampled_from(NAMES), st.sampled_from(VALUES)
        ),
        min_size=1,
        max_size=8,
    )
)
def edited_page(edits):
    tokens = list(PAGE)
    for at, cut, to, name, value in edits:
        place = at % len(tokens)
        renamed = re.sub(r"_div_\w+|active \w+|id=\"\w+\"", name, tokens[to % len(tokens)])
        tokens[place : place + cut] = [renamed, value]
    check("".join(tokens).encode("utf-8", "replace"), "html")


@RUN
@given(
    st.sampled_from(sorted(SEEDS)),
    st.lists(
        st.tuples(
            PLACES, st.integers(0, 12), st.one_of(st.binary(max_size=8), st.sampled_from(BYTES))
        ),
        min_size=1,
        max_size=6,
    ),
)
def edited_bytes(suffix, edits):
    data = bytearray(SEEDS[suffix].encode())
    for at, cut, piece in edits:
        place = at % len(data)
        data[place : place + cut] = piece
    check(bytes(data), suffix)


@settings(RUN, max_examples=20)
@given(st.sampled_from(sorted(SEEDS)), PLACES)
def truncated(suffix, length):
    check(SEEDS[suffix].encode()[:length], suffix)


if __name__ == "__main__":
    run(edited_tree, wrong_type, edited_page, edited_bytes, truncated)
