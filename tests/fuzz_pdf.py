"""`make fuzz`: broken PDFs for two minutes. Nothing but PolicyQAError may come out.

One document is written in three ways (plain, packed streams, objects in a stream), and broken both
inside, before it is packed, and outside. The reader's own workers and bounds are used, with two
workers for a few pages; what they make of each file is counted.
"""

import os
import re
import resource
import signal
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pdfs import LEFT, RIGHT_COLUMN, Sheet, wrapped
from policyqa.errors import PolicyQAError
from policyqa.readers import pdf
from policyqa.readers.pdf.workers import USUAL

SECONDS = float(os.environ.get("FUZZ_SECONDS", "120"))
LONGEST = 60
"""Seconds for one file, by all processes."""
LARGEST = 512 * 2**20
"""Bytes that this process may come to hold; of the workers each its own bound."""
PAGES = 5
WORKERS = [replace(USUAL, seconds=10, stretch=2, alone=alone) for alone in (1, PAGES)]
SEEN: Counter[str] = Counter()
FOLDER = Path(tempfile.mkdtemp(prefix="policyqa-fuzz-"))


@dataclass(frozen=True, slots=True)
class Part:
    """An object of a PDF: its text, and what its stream holds."""

    number: int
    text: bytes
    stream: bytes | None = None


def drawn(path: Path) -> bytes:
    """A valid PDF with columns, a table, notes and bookmarks; nothing in it is compressed."""
    sheet = Sheet(path)
    text = "　行政機関は、住民に情報を公開しなければならない。" * 4
    sheet.canvas.setTitle("行政の計画")
    for page in range(PAGES):
        sheet.bookmark(f"第{page + 1}章　行政", 0)
        sheet.text(LEFT, 80, f"第{page + 1}章　行政", 16)
        sheet.lines(LEFT, 110, wrapped(text))
        sheet.lines(RIGHT_COLUMN, 110, wrapped(text))
        sheet.area(60, 300, 260, 320)
        sheet.grid((60, 160, 260), (300, 320, 340, 360))
        for row in range(3):
            sheet.text(64, 314 + 20 * row, "道路", 9)
            sheet.text(164, 314 + 20 * row, "10億円", 9)
        sheet.text(LEFT, 715, "1　資料を参照した。", 7)
        sheet.next_page()
    return sheet.save().read_bytes()


def parts_of(data: bytes) -> list[Part]:
    found = []
    for match in re.finditer(rb"(\d+) 0 obj\s*(.*?)\s*endobj", data, re.DOTALL):
        text, mark, stream = match.group(2).partition(b"stream")
        content = stream.strip(b"\r\n").removesuffix(b"endstream").rstrip() if mark else None
        found.append(Part(int(match.group(1)), text.strip(), content))
    return found


def written(part: Part, pack: bool) -> bytes:
    """An object as it stands in a file, its stream packed or not."""
    if part.stream is None:
        return b"%d 0 obj\n%s\nendobj\n" % (part.number, part.text)
    stream = zlib.compress(part.stream) if pack else part.stream
    text = re.sub(rb"/Length \d+", b"/Length %d" % len(stream), part.text)
    if pack:
        text = text.replace(b"/Length", b"/Filter /FlateDecode /Length", 1)
    return b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (part.number, text, stream)


def in_file(parts: list[Part], pack: bool) -> tuple[bytes, dict[int, int]]:
    """The file's body, and where in it each object is."""
    data, places = b"%PDF-1.7\n", {}
    for part in parts:
        places[part.number] = len(data)
        data += written(part, pack)
    return data, places


def with_table(parts: list[Part], pack: bool) -> bytes:
    """The file with a table of its objects, as since PDF 1.0."""
    data, places = in_file(parts, pack)
    size = max(places) + 1
    rows = [b"%010d 00000 n \n" % places.get(number, 0) for number in range(1, size)]
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, b"".join(rows))
    trailer = b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, ROOT, len(data))
    return data + table + trailer


def with_object_stream(parts: list[Part]) -> bytes:
    """The file with all objects that have no stream in one that is packed, as since PDF 1.5."""
    inner = [part for part in parts if part.stream is None]
    starts, bodies = [], b""
    for part in inner:
        starts.append(b"%d %d" % (part.number, len(bodies)))
        bodies += part.text + b"\n"
    head = b" ".join(starts) + b"\n"
    own = max(part.number for part in parts) + 1
    text = b"<< /Type /ObjStm /N %d /First %d /Length 0 >>" % (len(inner), len(head))
    outer = [part for part in parts if part.stream is not None]
    data, places = in_file([*outer, Part(own, text, head + bodies)], pack=True)
    held = {part.number: index for index, part in enumerate(inner)}
    rows = b"".join(row(number, places, held, own) for number in range(own + 1))
    text = b"<< /Type /XRef /W [1 4 2] /Size %d %s /Length 0 >>" % (own + 1, ROOT)
    table = written(Part(own + 1, text, rows), pack=True)
    return data + table + b"startxref\n%d\n%%%%EOF\n" % len(data)


def row(number: int, places: dict[int, int], held: dict[int, int], stream: int) -> bytes:
    """An object's entry in a cross-reference stream: where it is, or in which object stream."""
    if number in held:
        kind, place, index = 2, stream, held[number]
    else:
        kind, place, index = int(number in places), places.get(number, 0), 0
    return bytes([kind]) + place.to_bytes(4, "big") + index.to_bytes(2, "big")


DRAWN = drawn(FOLDER / "seed.pdf")
PARTS = parts_of(DRAWN)
ROOT = b" ".join(re.findall(rb"/(?:Root|Info) \d+ 0 R", DRAWN))
WRITINGS: dict[str, Callable[[list[Part]], bytes]] = {
    "plain": lambda parts: with_table(parts, pack=False),
    "packed": lambda parts: with_table(parts, pack=True),
    "object stream": with_object_stream,
}
NUMBERS = [str(number).encode() for number in (0, -1, 1, 7, 65536, 2**31, 2**63, 1e30)]
SIGNS = [b"<<", b">>", b"[", b"]", b"/", b"(", b"<", b"\xfe\xff\xd8\x41", b"3 0 R", b"/Next 9 0 R"]
OPERATORS = [b" BT ", b" ET ", b" q ", b" Q ", b" Do ", b" Tf ", b" Tm ", b" cm ", b" re f "]
PIECES = st.one_of(st.binary(max_size=8), st.sampled_from([*NUMBERS, *SIGNS, *OPERATORS]))
EDITS = st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 12), PIECES), max_size=8)
INNER = st.lists(st.tuples(st.integers(0, len(PARTS) - 1), EDITS), max_size=4)


def edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """`data` with `cut` bytes at each place replaced by others."""
    changed = bytearray(data)
    for at, cut, piece in edits:
        start = at % (len(changed) + 1)
        changed[start : start + cut] = piece
    return bytes(changed)


def broken(inner: list[tuple[int, list[tuple[int, int, bytes]]]]) -> list[Part]:
    """The document's objects, some of them changed: in their streams, where they have one."""
    parts = list(PARTS)
    for index, edits in inner:
        part = parts[index]
        if part.stream is None:
            parts[index] = replace(part, text=edited(part.text, edits))
        else:
            parts[index] = replace(part, stream=edited(part.stream, edits))
    return parts


class HangError(BaseException):
    """The reader has not come back."""


def hang(*_: object) -> None:
    raise HangError


def check(data: bytes, alone: int) -> None:
    """Read `data`; fail unless it ends as it should, within its bounds."""
    path = FOLDER / "broken.pdf"
    path.write_bytes(data)
    signal.alarm(LONGEST)
    try:
        pdf.read(path, WORKERS[alone])
        SEEN["read"] += 1
    except PolicyQAError as error:
        reason = str(error)
        assert not re.search("fault of policyqa|died: status", reason), reason
        SEEN[kind_of(reason)] += 1
    finally:
        signal.alarm(0)
    assert peak(resource.RUSAGE_SELF) < LARGEST
    assert peak(resource.RUSAGE_CHILDREN) <= USUAL.memory


def kind_of(reason: str) -> str:
    """A refusal's reason without pdfium's words and without what to do."""
    return re.sub(r" \(Failed.*\)", "", reason.split(";")[0])


def peak(who: int) -> int:
    return resource.getrusage(who).ru_maxrss * 1024


RUN = settings(
    max_examples=30,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
WRITING, ALONE = st.sampled_from(sorted(WRITINGS)), st.integers(0, 1)


@RUN
@given(WRITING, INNER, EDITS, ALONE)
def spoil(writing, inner, outer, alone):
    check(edited(WRITINGS[writing](broken(inner)), outer), alone)


@RUN
@given(WRITING, INNER, ALONE)
def spoil_inside(writing, inner, alone):
    check(WRITINGS[writing](broken(inner)), alone)


@settings(RUN, max_examples=3)
@given(WRITING, st.floats(0, 1), ALONE)
def truncate(writing, share, alone):
    whole = WRITINGS[writing](PARTS)
    check(whole[: int(share * len(whole))], alone)


def main() -> None:
    end = time.monotonic() + SECONDS
    signal.signal(signal.SIGALRM, hang)
    for write in WRITINGS.values():
        check(write(PARTS), 0)
    assert SEEN["read"] == len(WRITINGS), "the seed itself must be read, however it is written"
    while time.monotonic() < end:
        spoil_inside()
        spoil()
        truncate()
    refused = sum(SEEN.values()) - SEEN["read"]
    print(f"{SEEN.pop('read')} files read, {refused} refused, no fault", file=sys.stderr)
    for reason, count in SEEN.most_common():
        print(f"  {count} refused: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
