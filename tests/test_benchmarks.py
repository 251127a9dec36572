"""Benchmarks take minutes; here is what can break in them unseen."""

import runpy
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def test_what_ingest_speed_watches_is_there():
    watched = runpy.run_path(str(BENCHMARKS / "ingest_speed.py"))["WATCHED"]
    assert [name for owner, name, _ in watched if not hasattr(owner, name)] == []
