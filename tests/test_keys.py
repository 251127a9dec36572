"""API keys: made, listed, revoked, and looked up by a running server."""

import json
import stat

import pytest
from typer.testing import CliRunner

from policyqa import keys
from policyqa.cli import app
from policyqa.errors import KeyFileError
from policyqa.keys import Keys


@pytest.fixture
def path(tmp_path):
    return tmp_path / "api-keys.json"


def test_only_a_hash_is_kept(path):
    key = keys.add(path, "窓口システム")
    assert key.startswith("pqa_")
    assert len(key) == 4 + 43
    (row,) = json.loads(path.read_text("utf-8"))
    assert row.keys() == {"name", "created", "sha256"}
    assert key not in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_running_server_notices_at_once(path):
    known = Keys(path)
    assert not known
    first, second = keys.add(path, "first"), keys.add(path, "second")
    assert [known.name_of(first), known.name_of(second), known.name_of(f"{first}x")] == [
        "first",
        "second",
        None,
    ]
    keys.revoke(path, "first")
    assert [known.name_of(first), known.name_of(second)] == [None, "second"]
    path.unlink()
    assert known.name_of(second) is None


def test_a_damaged_file_lets_no_one_in(path, caplog):
    key = keys.add(path, "portal")
    known = Keys(path)
    path.write_text("{", "utf-8")
    assert known.name_of(key) is None
    assert "no API key is accepted: " in caplog.text
    with pytest.raises(KeyFileError, match="is no file of API keys; put a whole one back"):
        Keys(path)


@pytest.mark.parametrize("name", ["", "a b", "a\n", "x" * 65, "../a"])
def test_what_is_no_name(path, name):
    with pytest.raises(KeyFileError, match="is no name of a key"):
        keys.add(path, name)
    assert not path.exists()


def test_names_are_taken_once_and_revoked_once(path):
    keys.add(path, "portal")
    with pytest.raises(KeyFileError, match="there is a key portal already; revoke it first"):
        keys.add(path, "portal")
    keys.revoke(path, "portal")
    with pytest.raises(KeyFileError, match="there is no key portal in"):
        keys.revoke(path, "portal")


def test_a_folder_that_cannot_be_had(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match="cannot be written: "):
        keys.add(tmp_path / "file" / "api-keys.json", "portal")


def test_the_command_line(path):
    def run(*arguments):
        return (
            CliRunner()
            .invoke(
                app,
                ["key", *arguments],
                env={"POLICYQA_KEY_FILE": str(path)},
                catch_exceptions=False,
            )
            .stdout
        )

    key = run("add", "portal").strip()
    assert Keys(path).name_of(key) == "portal"
    (one,) = keys.kept(path)
    assert run("list") == f"{one.created}  {one.fingerprint}  portal\n"
    assert run("revoke", "portal") == ""
    assert run("list") == ""
