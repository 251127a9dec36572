"""Benchmarks take minutes; here is what can break in them unseen."""

import ingest_speed


def test_what_ingest_speed_watches_is_there():
    assert [name for owner, name, _ in ingest_speed.WATCHED if not hasattr(owner, name)] == []
