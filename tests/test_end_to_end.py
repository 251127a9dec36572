"""The main job for real: the real encoder, the user's document, the command line, the page."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from test_web import ARRIVE, ask, call

TITLE = "デジタル田園都市国家構想総合戦略に位置づける重点的施策"


def policyqa(*arguments, expect=0):
    done = subprocess.run(
        [sys.executable, "-m", "policyqa", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == expect, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def library(tmp_path_factory, repository):
    folder = tmp_path_factory.mktemp("real") / "index"
    summary = json.loads(policyqa("index", repository / "corpus", "--library", folder, "--json"))
    assert (summary["documents"], summary["sections"]) == (1, 3)
    assert summary["added"] == ["juten-shisaku.txt"]
    assert summary["embedded"] > summary["reused"] == 0
    return folder


def test_indexing_again_does_nothing(library, repository):
    again = json.loads(policyqa("index", repository / "corpus", "--library", library, "--json"))
    assert (again["up_to_date"], again["embedded"], again["added"]) == (True, 0, [])


def test_search(library):
    question = "仙台市ではどのような農業用ロボットが開発されましたか。"
    result = json.loads(policyqa("search", question, "--library", library, "--json"))
    assert result["question"] == question
    first = result["passages"][0]
    assert first["rank"] == 1
    assert first["citation"]["text"] == f"「{TITLE}」３．スタートアップ・エコシステム拠点都市"
    assert first["citation"]["file"] == "juten-shisaku.txt"
    assert first["citation"]["section"] == ["３．スタートアップ・エコシステム拠点都市"]
    assert first["citation"]["page"] is None
    assert 0 <= first["score"] <= 1
    assert {"dense", "lexical"} <= first["signals"].keys()
    marked = {first["text"][start:end] for start, end in first["highlights"]}
    assert "仙台市" in marked


def test_ask(library):
    question = "先導的なスマートシティは2025年までに何地域つくる目標ですか。"
    result = json.loads(policyqa("ask", question, "--library", library, "--json"))
    assert result["found"] is True
    evidence = result["answer"]["evidence"][0]
    assert "100地域" in evidence["text"] == result["answer"]["text"]
    passage = result["passages"][evidence["passage"] - 1]
    assert passage["text"][evidence["start"] : evidence["end"]] == evidence["text"]
    assert evidence["citation"] == f"「{TITLE}」１．スマートシティ"


def test_ask_for_what_is_not_there(library):
    result = json.loads(
        policyqa(
            "ask", "マイナンバーカードの交付枚数は何枚ですか。", "--library", library, "--json"
        )
    )
    assert result["found"] is False
    assert result["answer"]["text"] == ""


def test_check_finds_the_library_whole(library):
    assert "is whole" in policyqa("check", "--library", library)


def test_the_page_answers(library):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "policyqa", "serve", "--library", library, "--port", str(port)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HTTP_PROXY": "http://127.0.0.1:9"},
    )
    try:
        said = server.stderr.readline()
        assert f"http://127.0.0.1:{port}" in said
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as web:
            page = _wait_for_page(web)
            assert re.search(r'<html lang="ja"', page)
            question = "2022年度に選定されたスマートシティ関連事業は何地域ですか。"
            assert "51地域" in re.sub("<[^>]+>", "", ask(web, question))
            call(web, ARRIVE, [], "?q=都市&kind=議事録%0A偽の行")
    finally:
        server.send_signal(signal.SIGINT)
        said = server.communicate(timeout=30)[1]
    assert said == "", "what is asked is not for the log"


def _wait_for_page(web):
    for _ in range(120):
        try:
            return web.get("/").text
        except httpx.ConnectError:
            time.sleep(0.25)
    raise AssertionError("the server did not answer within 30 s")
