"""`policyqa doctor`: each thing that is wrong is told, with what to do about it."""

import socket

import pytest

from browsing import free_port
from policyqa import __version__, doctor, indexing, store
from policyqa.doctor import Finding
from policyqa.settings import Settings
from test_cli import policyqa


def examined(**settings):
    """What is found, by area; of an area with several lines the last one."""
    return {finding.area: finding for finding in doctor.examine(Settings(**settings))}


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


def test_a_library_that_is_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    corpus, port = tmp_path / "corpus", free_port()
    corpus.mkdir()
    (corpus / "bridges.txt").write_text("橋の点検\n\n市は、橋を五年ごとに点検する。\n", "utf-8")
    indexing.build([corpus], tmp_path / "index", Settings().encoder_choice)
    found = examined(port=port)
    assert not any(finding.verdict == "problem" for finding in found.values())
    assert found["documents"].says == "1 as they were indexed"
    assert found["encoder"].verdict == "ok"
    assert found["port"].says == f"127.0.0.1 port {port} is free"
    (corpus / "bridges.txt").write_text("橋の点検\n\n市は、橋を毎年点検する。\n", "utf-8")
    assert examined(port=port)["documents"] == Finding(
        "documents",
        "warning",
        "1 changed and 0 gone since they were indexed",
        "run `policyqa index PATH...` again",
    )
    generation = store.current(tmp_path / "index").folder
    (generation / "library.sqlite").write_bytes(b"")
    damaged = examined(port=port)["library"]
    assert damaged.verdict == "problem"
    assert "library.sqlite is missing or has the wrong size" in damaged.says


def test_a_taken_port_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = doctor._port(Settings(port=port))
    assert found.verdict == "warning"
    assert found.says == f"127.0.0.1 port {port}: Address already in use"


def test_as_json():
    found = [Finding("a", "problem", "b", "c"), Finding("d", "warning", "e")]
    assert doctor.as_json(found) == {
        "problems": 1,
        "findings": [
            {"area": "a", "verdict": "problem", "says": "b", "do": "c"},
            {"area": "d", "verdict": "warning", "says": "e", "do": ""},
        ],
    }


@pytest.mark.parametrize(
    ("said", "parts"),
    [("a is gone; put it back", ("a is gone", "put it back")), ("no more", ("no more", ""))],
)
def test_what_is_wrong_and_what_to_do(said, parts):
    assert doctor._parted(said) == parts
