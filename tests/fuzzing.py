"""What the fuzzing of the readers shares: how a file is judged, and the loop."""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

from policyqa.errors import PolicyQAError
from policyqa.readers import read
from policyqa.units import units

SECONDS = float(os.environ.get("FUZZ_SECONDS", "120"))
SLOWEST = 20
"""Processor seconds for one small file."""
FOLDER = Path(tempfile.mkdtemp(prefix="policyqa-fuzz-"))
SEEN: Counter[str] = Counter()
RUN = settings(
    max_examples=200,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def check(data: bytes, suffix: str) -> None:
    """Read `data`; fail unless it is refused in one line, or read as something that can be kept,
    in time."""
    path = FOLDER / f"broken.{suffix}"
    path.write_bytes(data)
    began, refused = time.process_time(), ""
    try:
        document = read(path)
    except PolicyQAError as error:
        refused = str(error)
    if refused:
        assert "\n" not in refused
        SEEN[f"{suffix} refused"] += 1
    else:
        assert any(unit.text for unit in units(document)), "an empty document was read"
        for _, section in document.root.walk():
            assert "\n" not in section.heading + section.mark
        for unit in units(document):
            unit.text.encode()
        json.dumps([document.title, dict(document.metadata)], ensure_ascii=False).encode()
        SEEN[f"{suffix} read"] += 1
    assert time.process_time() - began < SLOWEST, "it took too long"


def run(*attempts: Callable[[], None]) -> None:
    """Call the attempts in turn until the time is over; say what was seen."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for attempt in attempts:
            attempt()
    counts = ", ".join(f"{count} {name}" for name, count in sorted(SEEN.items()))
    print(f"{counts}; no fault", file=sys.stderr)
