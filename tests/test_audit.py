"""The audit log, and what `/metrics` counts, of the real page with a fake encoder."""

import json
import re
import stat

import pytest
from fastapi.testclient import TestClient

from fakes import FakeSource
from policyqa.answering import answer
from policyqa.errors import PolicyQAError
from policyqa.library import Library
from policyqa.web.app import create_app
from policyqa.web.audit import AuditLog
from policyqa.web.caller import Caller
from policyqa.web.gate import Gate
from policyqa.web.metrics import Metrics
from test_web import ASK, QUESTION, call

STATE = {"request_id": "r" * 32, "caller": Caller("key", "窓口", "192.0.2.1"), "audit": {}}


def log_at(path, metrics, **changed):
    options = {"questions": False, "megabytes": 1, "files": 2, **changed}
    return AuditLog(path, failed=metrics.audit_failures.inc, **options)


def lines_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def page(juten_folder, tmp_path):
    """A client, the file of the audit log, and the library."""
    path, metrics = tmp_path / "audit.jsonl", Metrics()
    audit = log_at(path, metrics)
    library = Library.open(juten_folder, FakeSource())
    app = create_app(
        library,
        allowed_hosts=["127.0.0.1"],
        feedback=tmp_path / "feedback.sqlite",
        gate=Gate(metrics=metrics, audit=audit),
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client, path, library
    audit.close()


def test_what_the_page_does_is_written(page):
    client, path, library = page
    call(client, ASK, [QUESTION, *[None] * 6])
    same = {"sec-fetch-site": "same-origin"}
    sent = {"question": QUESTION, "verdict": "up"}
    client.post("/part/feedback", json=sent, headers=same)
    document = library.documents[0].id
    client.get(f"/source/document/{document}")
    client.get("/theme.css")
    found = answer(library.search(QUESTION, 6)).found
    start, *lines = lines_of(path)
    assert start["action"] == "start"
    assert [(one["action"], one["path"], one["status"], one["counts"]) for one in lines] == [
        ("ask", "/gradio_api/queue/join", 200, {"passages": 5, "found": found}),
        ("feedback", "/part/feedback", 204, {}),
        ("original", f"/source/document/{document}", 200, {}),
    ]
    assert {one["by"] for one in lines} == {"open"}
    assert len({one["request_id"] for one in lines}) == 3
    assert QUESTION not in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_metrics(page):
    client, _, library = page
    call(client, ASK, [QUESTION, *[None] * 6])
    client.get("/secret-question")
    text = client.get("/metrics").text
    outcome = "found" if answer(library.search(QUESTION, 6)).found else "not_found"
    for line in (
        f'policyqa_questions_total{{outcome="{outcome}"}} 1.0',
        'policyqa_requests_total{method="GET",route="other",status="404"} 1.0',
        f'policyqa_generation{{name="{library.generation.name}"}} 1.0',
        "policyqa_queue 0.0",
        "policyqa_audit_failures_total 0.0",
    ):
        assert line in text.splitlines()
    assert re.search(
        r'requests_total\{method="POST",route="[^"]*queue/join",status="200"\} 1.0', text
    )
    assert "process_resident_memory_bytes" in text
    assert "secret-question" not in text


def test_questions_only_where_switched_on(tmp_path):
    path = tmp_path / "audit.jsonl"
    audit = log_at(path, Metrics(), questions=True)
    said = {"action": "search", "question": "予算は？", "counts": {"passages": 5}}
    audit.write({**STATE, "audit": said}, "api", "/api/v1/search", 200, 0.0124)
    line = lines_of(path)[1]
    assert re.fullmatch(r"[\d-]+T[\d:.]+\+00:00", line.pop("time"))
    assert line == {
        "request_id": "r" * 32,
        "by": "key",
        "name": "窓口",
        "address": "192.0.2.1",
        "action": "search",
        "path": "/api/v1/search",
        "status": 200,
        "counts": {"passages": 5},
        "took_ms": 12,
        "question": "予算は？",
    }


def test_a_line_cannot_be_forged(tmp_path):
    path = tmp_path / "audit.jsonl"
    audit = log_at(path, Metrics(), questions=True)
    evil = 'a\n{"action": "x"}\r\u2028\u2029\x85\x9b\x00\u202e\ud800"'
    said = {"question": evil}
    audit.write({**STATE, "audit": said}, "api", f"/api/{evil}", 200, 0.0)
    _, line = lines_of(path)
    assert line["question"] == evil
    assert line["path"] == f"/api/{evil}"


def test_full_files_are_set_aside(tmp_path):
    path = tmp_path / "audit.jsonl"
    audit = log_at(path, Metrics(), questions=True)
    for _ in range(45):
        audit.write({**STATE, "audit": {"question": "あ" * 30_000}}, "api", "/api/", 200, 0.0)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"]
    assert all(file.stat().st_size < 2**20 + 100_000 for file in tmp_path.iterdir())
    assert stat.S_IMODE((tmp_path / "audit.jsonl.1").stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_ends_the_start(tmp_path):
    with pytest.raises(PolicyQAError, match="give another file with POLICYQA_AUDIT_LOG"):
        log_at(tmp_path / "none" / "audit.jsonl", Metrics())
    with pytest.raises(PolicyQAError, match="No space left on device"):
        log_at("/dev/full", Metrics())


def test_later_failures_are_counted_and_told_once(tmp_path, caplog):
    path, metrics = tmp_path / "audit.jsonl", Metrics()
    audit = log_at(path, metrics)
    audit._file.stream.close()
    for _ in range(3):
        audit.write(STATE, "api", "/api/", 200, 0.0)
    assert b"policyqa_audit_failures_total 3.0" in metrics.text("g", 0)
    assert caplog.text.count("the audit log cannot be written") == 1
