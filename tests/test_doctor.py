"""`policyqa doctor`: each thing that is wrong is told, with what to do about it."""

import json
import socket

import pytest

from browsing import free_port
from policyqa import __version__, doctor, store
from test_cli import policyqa


def by_area(done):
    findings = json.loads(done.stdout)["findings"]
    return {finding["area"]: finding for finding in findings}


def test_without_a_library_there_is_one_problem(tmp_path):
    (tmp_path / "policyqa.toml").write_text(f"port = {free_port()}\n")
    done = policyqa("doctor", cwd=tmp_path, POLICYQA_ENCODER="./nothing")
    assert done.returncode == 1
    assert f"ok       versions   policyqa {__version__}, Python 3." in done.stdout
    assert (
        "problem  library    no library at index\n"
        f"{'':19} -> build one with `policyqa index PATH...`\n" in done.stdout
    )
    assert "ok       settings   encoder = ./nothing (environment)" in done.stdout
    assert "(policyqa.toml)" in done.stdout
    assert "problem  encoder" in done.stdout


def test_a_library_that_is_whole(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "bridges.txt").write_text("橋の点検\n\n市は、橋を五年ごとに点検する。\n", "utf-8")
    port = str(free_port())
    assert policyqa("index", "corpus", cwd=tmp_path).returncode == 0
    done = policyqa("doctor", "--json", cwd=tmp_path, POLICYQA_PORT=port)
    assert done.returncode == 0, done.stdout
    found = by_area(done)
    assert found["documents"]["says"] == "1 as they were indexed"
    assert found["encoder"]["verdict"] == "ok"
    assert found["port"]["says"] == f"127.0.0.1 port {port} is free"
    (corpus / "bridges.txt").write_text("橋の点検\n\n市は、橋を毎年点検する。\n", "utf-8")
    done = policyqa("doctor", "--json", cwd=tmp_path, POLICYQA_PORT=port)
    assert done.returncode == 0
    assert by_area(done)["documents"] == {
        "area": "documents",
        "verdict": "warning",
        "says": "1 changed and 0 gone since they were indexed",
        "do": "run `policyqa index PATH...` again",
    }
    generation = store.current(tmp_path / "index").folder
    (generation / "library.sqlite").write_bytes(b"")
    done = policyqa("doctor", "--json", cwd=tmp_path, POLICYQA_PORT=port)
    assert done.returncode == 1
    assert "library.sqlite is missing or has the wrong size" in by_area(done)["library"]["says"]


def test_a_taken_port_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = policyqa(
            "doctor", "--json", cwd=tmp_path, POLICYQA_PORT=port, POLICYQA_ENCODER="./nothing"
        )
    port_found = by_area(done)["port"]
    assert port_found["verdict"] == "warning"
    assert port_found["says"] == f"127.0.0.1 port {port}: Address already in use"


@pytest.mark.parametrize(
    ("said", "parts"),
    [("a is gone; put it back", ("a is gone", "put it back")), ("no more", ("no more", ""))],
)
def test_what_is_wrong_and_what_to_do(said, parts):
    assert doctor._parted(said) == parts
