"""The command line: one clear line and status 2 for bad input; nothing lost."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from policyqa import indexing
from policyqa.cli import app
from sites import running
from statute_seed import JSON

SOURCE = str(Path(indexing.__file__).parent.parent)
"""What these tests import is what the command runs."""


def policyqa(*arguments, cwd, **variables):
    """Run the real command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "policyqa", *map(str, arguments)],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), "PYTHONPATH": SOURCE, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["index", "nowhere"], "nowhere does not exist"),
        (["index", "empty"], "no file in empty"),
        (["index", "broken"], "none of 2 files could be indexed (blank.txt: the file is empty)"),
        (["search", "質問"], "no library at index; build one with `policyqa index PATH...`"),
        (["search", "  "], "the question is empty"),
        (["search", "あ" * 1001], "the question has 1001 characters; write at most 1000"),
        (["ask", ""], "the question is empty"),
        (["ask", "質問", "--as-of", "昨日"], "昨日 is no day; write it as 2024-04-01"),
        (["search", "質問", "--from", "2024-13-01"], "2024-13-01 is no day"),
        (["check", "--library", "empty"], "no library at empty"),
        (["eval", "run", "missing.jsonl"], "no library at index"),
    ],
)
def test_bad_input_gets_one_line_and_status_2(tmp_path, arguments, says):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "blank.txt").write_text("\n")
    (tmp_path / "broken" / "picture.txt").write_bytes(bytes(range(256)) * 8)
    done = policyqa(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("policyqa: ")
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("variables", "file", "says"),
    [
        ({"POLICYQA_PORT": "many"}, "", "the setting port is wrong"),
        ({}, "colour = 1\n", "the setting colour is wrong"),
        ({}, "port = \n", "policyqa.toml cannot be read"),
        ({}, 'frame_ancestors = ["*"]', "the setting frame_ancestors.0 is wrong: * is no origin"),
        ({"POLICYQA_BASE_PATH": "app"}, "", "the setting base_path is wrong: app is no path"),
    ],
)
def test_wrong_settings(tmp_path, variables, file, says):
    (tmp_path / "policyqa.toml").write_text(file)
    done = policyqa("search", "質問", cwd=tmp_path, **variables)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert says in done.stderr


def test_a_taken_port_is_told_at_once(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = policyqa("serve", "--port", port, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"cannot listen on 127.0.0.1 port {port}" in done.stderr


def test_usage_errors_have_status_2():
    assert CliRunner().invoke(app, ["search", "質問", "--top-k", "0"]).exit_code == 2
    assert CliRunner().invoke(app, ["no-such-command"]).exit_code == 2


def test_help_names_every_command():
    shown = CliRunner().invoke(app, ["--help"]).output
    for command in ("index", "search", "ask", "check", "serve", "eval", "fetch"):
        assert command in shown


def test_fetch_keeps_what_worked_and_names_what_failed(tmp_path):
    with running() as site:
        site.put("/a.txt", "申請は窓口で受け付ける。\n".encode(), "text/plain")
        good, bad = (f"http://127.0.0.1:{site.port}/{name}.txt" for name in "ab")
        refused = policyqa("fetch", good, cwd=tmp_path)
        done = policyqa("fetch", bad, good, "--into", "docs", "--allow-private", cwd=tmp_path)
        again = policyqa("fetch", good, "--into=docs", "--allow-private", "--json", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"policyqa: {good}: 127.0.0.1 is no address of the open internet; "
        "give --allow-private if you mean it\n"
    )
    assert done.returncode == 2
    assert done.stdout == f"saved docs/a.txt  {good}\n"
    assert done.stderr == f"policyqa: {bad}: the server answers 404 Not Found\n"
    assert again.returncode == 0
    assert json.loads(again.stdout) == [
        {"address": good, "status": "unchanged", "file": "docs/a.txt", "reason": None}
    ]


def test_fetch_asks_the_law_api_of_the_settings(tmp_path):
    with running() as site:
        path = "/api/law_data/503AC0000000102?response_format=json&law_full_text_format=json"
        site.put(path, JSON.encode(), "application/json")
        base = f"http://127.0.0.1:{site.port}/api/"
        arguments = ["fetch", "law:503AC0000000102", "--allow-private"]
        done = policyqa(*arguments, cwd=tmp_path, POLICYQA_LAW_API=base)
    file = "corpus/503AC0000000102_20250601_504AC0000000068.json"
    assert done.stdout == f"saved {file}  law:503AC0000000102\n"
    assert (tmp_path / file).read_text(encoding="utf-8") == JSON
