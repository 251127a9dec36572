"""The server asked to end, in a process of its own: requests under way finish, idle ones do not
hold it up."""

import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from browsing import free_port, wait_for

QUESTION = "先導的なスマートシティは何地域つくる目標ですか。"
BODY = {
    "fn_index": 0,
    "data": [QUESTION, [], [], [], "", "", ""],
    "session_hash": "slow",
    "event_data": None,
}


@pytest.fixture
def server(juten_folder, tmp_path):
    """The process and its address; a question takes two seconds."""
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, str(Path(__file__).with_name("slow_server.py"))]
    with log.open("w") as said:
        process = subprocess.Popen(
            [*command, str(juten_folder), str(port), "2"], stdout=subprocess.PIPE, stderr=said
        )
        try:
            address = f"http://127.0.0.1:{port}/"
            wait_for(address, process, log)
            yield process, address, log
        finally:
            process.kill()
            process.communicate()


def client(address):
    return httpx.Client(base_url=address, trust_env=False, timeout=60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_finishes(server, number):
    process, address, log = server
    with client(address) as page, ThreadPoolExecutor() as pool:
        page.post("/gradio_api/queue/join", json=BODY).raise_for_status()
        stream = pool.submit(page.get, "/gradio_api/queue/data?session_hash=slow")
        assert process.stdout.readline() == b"asked\n"
        process.send_signal(number)
        answer = stream.result(60)
        assert process.wait(60) == 0
    assert "先導的なスマートシティの100地域" in re.sub(r"<[^>]*>", "", answer.text)
    assert '"msg":"close_stream"' in answer.text
    assert log.read_text() == ""
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)


def test_an_idle_stream_does_not_hold_it_up(server):
    process, address, log = server
    with client(address) as page, page.stream("GET", "/gradio_api/heartbeat/idle") as idle:
        assert idle.status_code == 200
        process.terminate()
        # Waiting for it would take 20 s, and be told.
        assert process.wait(60) == 0
        idle.read()
    assert log.read_text() == ""
