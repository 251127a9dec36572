"""`make fuzz`: PDFs with broken bytes for two minutes. Nothing but PolicyQAError may come out.

Each file is read in a process of its own, since a fault in pdfium would end this one.
"""

import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pdfs import LEFT, RIGHT_COLUMN, Sheet, wrapped
from policyqa.errors import PolicyQAError
from policyqa.readers import read

SECONDS = float(os.environ.get("FUZZ_SECONDS", "120"))
MEMORY = 2 * 2**30
"""Bytes of address space."""
LONGEST = 20
"""Seconds for one file."""
SEEN: Counter[str] = Counter()


def seed(folder: Path) -> bytes:
    """A valid PDF with columns, a table, notes and bookmarks; nothing in it is compressed."""
    sheet = Sheet(folder / "seed.pdf")
    text = "　行政機関は、住民に情報を公開しなければならない。" * 4
    for page in range(3):
        sheet.bookmark(f"第{page + 1}章　行政", 0)
        sheet.text(LEFT, 80, f"第{page + 1}章　行政", 16)
        sheet.lines(LEFT, 110, wrapped(text))
        sheet.lines(RIGHT_COLUMN, 110, wrapped(text))
        sheet.grid((60, 160, 260), (300, 320, 340, 360))
        for row in range(3):
            sheet.text(64, 314 + 20 * row, "道路", 9)
            sheet.text(164, 314 + 20 * row, "10億円", 9)
        sheet.text(LEFT, 715, "1　資料を参照した。", 7)
        sheet.next_page()
    return sheet.save().read_bytes()


FOLDER = Path(tempfile.mkdtemp(prefix="policyqa-fuzz-"))
SEED = seed(FOLDER)
NUMBERS = [str(number).encode() for number in (0, -1, 1, 7, 65536, 2**31, 2**63, 1e30)]
PIECES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from([*NUMBERS, b"<<", b">>", b"[", b"]", b"/", b"(", b"BT", b"q", b"Do", b"R"]),
)
EDITS = st.lists(
    st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 12), PIECES), min_size=1, max_size=12
)


def broken(edits: list[tuple[int, int, bytes]]) -> bytes:
    """The seed with `cut` bytes at each place replaced by others."""
    data = bytearray(SEED)
    for at, cut, piece in edits:
        data[at : at + cut] = piece
    return bytes(data)


def check(data: bytes) -> None:
    """Read `data` in a child process; fail unless it ends as it should."""
    path = FOLDER / "broken.pdf"
    path.write_bytes(data)
    child = os.fork()
    if child == 0:
        os._exit(_read(path))
    _, status = os.waitpid(child, 0)
    assert not os.WIFSIGNALED(status), signal.Signals(os.WTERMSIG(status)).name
    code = os.WEXITSTATUS(status)
    assert code in (0, 3), "see the traceback above"
    SEEN["refused" if code else "read"] += 1


def _read(path: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(LONGEST)
    try:
        read(path)
    except PolicyQAError:
        return 3
    except BaseException:
        traceback.print_exc()
        return 4
    return 0


RUN = settings(
    max_examples=200,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@RUN
@given(EDITS)
def spoil(edits):
    check(broken(edits))


@settings(RUN, max_examples=20)
@given(st.integers(0, len(SEED)))
def truncate(length):
    check(SEED[:length])


if __name__ == "__main__":
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        spoil()
        truncate()
    print(f"{SEEN['read']} files read, {SEEN['refused']} refused, no fault", file=sys.stderr)
