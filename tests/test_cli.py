"""The command line: one clear line and status 2 for bad input; nothing lost."""

import socket
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from policyqa.cli import app


def policyqa(*arguments, cwd, **variables):
    """Run the real command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "policyqa", *map(str, arguments)],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), **variables},
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
