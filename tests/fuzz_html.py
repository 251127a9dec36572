"""`make fuzz`: broken web pages and Markdown for two minutes. Nothing but PolicyQAError may come
out, and none may take long."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

import test_markdown
import test_web_page
from fuzzing import RUN, check, run

PLACES = st.integers(0, 10_000)
TABLE = (
    "<table><caption>表</caption><thead><tr><th rowspan=2>甲<th colspan=2>乙"
    "<tr><th>丙<th>丁</thead>"
    "<tr><td rowspan=3>一<td colspan=2>二<tr><td>三<td>四</table>"
)
PAGES = [test_web_page.MINISTRY, test_web_page.CITY, TABLE]
SEEDS = {"html": "".join(PAGES), "md": test_markdown.GUIDE}
TAGS = sorted(set(re.findall(r"</?[a-z1-6]+[^>]*>", SEEDS["html"]))) + [
    *("<td rowspan=99999 colspan=9999>", "<ol start=-5 type=i reversed>", "<li value=999999999>"),
    *("<table role=presentation>", "<base href=x>", "<frameset>", "<plaintext>", "<math><mi>"),
    *("<br>" * 50, "<img alt=&#0;>", "<title>", "</body>", "</html>", "<pre>", "<a>" * 30),
    *("<details open><summary>", "<h1>", "<h6>", "<dl><div>", "<template><p>", "<![CDATA["),
]
WRITTEN = [
    *(
        "",
        " ",
        "　",
        "\n\n",
        "\x00",
        "\ud800",
        "\u2062",
        "\u2063",
        "\u2028",
        "&#x2062;",
        "&#xD800;",
    ),
    *(
        "&#0;",
        "１．",
        "第一条　",
        "附則",
        "Ｑ",
        "か。",
        "|",
        "：",
        "\t- ",
        "> ",
        "```\n",
        "---\n",
        "# ",
    ),
    *(
        "1. ",
        "[a]: b\n",
        "![",
        "](",
        "`" * 9,
        "**",
        "<b>",
        "|-|-|\n",
        "|a|b|\n",
        "===\n",
        "    ",
        "\\",
    ),
]
BYTES = [
    *(b"<", b">", b"&", b'"', b"<!--", b"-->", b"\x00", b"\xff", b"\xfe\xff", b"\x1b$B", b"\x81"),
    *(b"<div>" * 300, b"> " * 200, b"- " * 200, b"[" * 3000, b"![" * 900, b"*a" * 900, b"|" * 900),
    *(
        b"charset=utf-7",
        b"charset=gb2312",
        b"charset=utf-16",
        b"<?xml encoding='x'?>",
        b"\r",
        b"\v",
    ),
]


TOKENS = {
    "html": re.split("(<[^>]*>)", SEEDS["html"]),
    "md": re.split(r"(\n|[|*`#>]+)", SEEDS["md"]),
}


@RUN
@given(
    st.sampled_from(sorted(SEEDS)),
    st.lists(
        st.tuples(
            PLACES,
            st.integers(0, 4),
            st.one_of(st.sampled_from(TAGS), st.sampled_from(WRITTEN)),
            st.integers(1, 3),
        ),
        min_size=1,
        max_size=12,
    ),
)
def edited_tokens(suffix, edits):
    tokens = list(TOKENS[suffix])
    for at, cut, piece, times in edits:
        place = at % (len(tokens) + 1)
        tokens[place : place + cut] = [piece] * times
    check("".join(tokens).encode("utf-8", "replace"), suffix)


@RUN
@given(
    st.sampled_from(sorted(SEEDS)),
    st.lists(st.one_of(st.sampled_from(TAGS), st.sampled_from(WRITTEN)), max_size=60),
)
def made_up(suffix, pieces):
    check("".join(pieces).encode("utf-8", "replace"), suffix)


@RUN
@given(
    st.sampled_from(sorted(SEEDS)),
    st.sampled_from(["utf-8", "cp932", "euc_jp", "utf-16"]),
    st.lists(
        st.tuples(
            PLACES, st.integers(0, 12), st.one_of(st.binary(max_size=8), st.sampled_from(BYTES))
        ),
        min_size=1,
        max_size=6,
    ),
)
def edited_bytes(suffix, encoding, edits):
    data = bytearray(SEEDS[suffix].encode(encoding, "replace"))
    for at, cut, piece in edits:
        place = at % len(data)
        data[place : place + cut] = piece
    check(bytes(data), suffix)


@settings(RUN, max_examples=20)
@given(st.sampled_from(sorted(SEEDS)), PLACES)
def truncated(suffix, length):
    check(SEEDS[suffix].encode()[:length], suffix)


@settings(RUN, max_examples=5)
@given(
    st.sampled_from(sorted(SEEDS)),
    st.one_of(st.sampled_from(TAGS), st.sampled_from(WRITTEN)),
    st.one_of(st.sampled_from(TAGS), st.sampled_from(WRITTEN)),
)
def repeated(suffix, first, second):
    check(f"{first}甲{second}".encode("utf-8", "replace") * 2000, suffix)


if __name__ == "__main__":
    run(edited_tokens, made_up, edited_bytes, truncated, repeated)
