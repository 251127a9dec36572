"""Kills, a full disk, files that change while they are read, damaged bytes: nothing is lost, and no
answer comes from what is not whole.

`make chaos` runs the first of these at length. Small disks are mounted, which needs root.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
from safetensors.numpy import save_file

import browsing
import chaos_processes as processes
from chaos import Campaign, FaultError, check_answer, received
from fakes import FakeEncoder, FakeSource
from policyqa import indexing, store
from policyqa.encoders import prepared
from policyqa.errors import EncoderError, LibraryError
from policyqa.library import Library
from policyqa.vectors import VectorCache

HOUSING = "住宅計画\n\n１．目的\n住宅の省エネルギー化を進める。\n２．期間\n令和４年度から始める。\n"
ROADS = "道路計画\n\n１．目的\n道路の安全を高める。\n２．予算\n百億円を充てる。\n"


@pytest.fixture
def documents(tmp_path) -> Path:
    """A folder of two documents."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "housing.txt").write_text(HOUSING, encoding="utf-8")
    (folder / "roads.txt").write_text(ROADS, encoding="utf-8")
    return folder


def texts_of(index: Path) -> set[str]:
    """What the library answers with."""
    opened = Library.open(index, FakeSource())
    found = {passage.chunk.text for passage in opened.search("計画", 100).passages}
    opened.close()
    return found


def revise(documents: Path, number: int) -> str:
    """Change a document; returns its new sentence."""
    sentence = f"住宅の改修を{number}件進める。"
    text = HOUSING.replace("住宅の省エネルギー化を進める。", sentence)
    (documents / "housing.txt").write_text(text, encoding="utf-8")
    return sentence


# --- kills ---


def test_builds_killed_at_random_moments(tmp_path):
    campaign = Campaign(tmp_path, seed=1)
    campaign.run(50)
    assert campaign.seen["kills"] == 50
    assert campaign.seen["answers"] > 0
    assert campaign.seen["opinions and cases"] > 0


def test_a_build_killed_before_each_operation_on_files(documents, tmp_path):
    index = tmp_path / "index"
    for number in range(store.KEPT_GENERATIONS):
        revise(documents, number)
        indexing.build([documents], index, FakeSource())
    kill_at, replaced, ended = 0, 0, None
    while ended != 0:
        kill_at += 1
        live = store.current(index).name
        revise(documents, 1000 + kill_at)
        process, connection = processes.start(processes.build, documents, index, kill_at)
        process.join()
        ended = process.exitcode
        assert ended in (-9, 0), received(connection)
        now = processes.live_and_whole(index)
        replaced += ended != 0 and now.name != live
        assert len(texts_of(index)) == now.manifest["counts"]["chunks"] == 4
    # Drafts, fsyncs, the rename, CURRENT, the removal of the oldest.
    assert kill_at > 50
    assert replaced > 1
    assert revise(documents, 1000 + kill_at) in texts_of(index)
    assert indexing.build([documents], index, FakeSource()).up_to_date
    left = [path.name for path in (index / "generations").iterdir()]
    assert len(left) <= store.KEPT_GENERATIONS
    assert not any(name.startswith(".") for name in left)


def test_the_harness_sees_a_mixture(tmp_path):
    campaign = Campaign(tmp_path, seed=1)
    opened = Library.open(campaign.library, FakeSource())
    passages = opened.search("計画", 1000).passages
    answer = {
        "generation": opened.generation.name,
        "sources": opened.generation.manifest["sources"],
        "chunks": len(passages),
        "passages": [{"file": p.citation.file, "text": p.chunk.text} for p in passages],
        "refused": [],
    }
    opened.close()
    check_answer(answer, campaign.corpus)
    text = answer["passages"][-1]["text"]
    answer["passages"][-1]["text"] = text.replace("標識", "標識9")
    with pytest.raises(FaultError, match="a passage of it"):
        check_answer(answer, campaign.corpus)
    with pytest.raises(FaultError, match="passages of"):
        check_answer({**answer, "passages": answer["passages"][1:]}, campaign.corpus)


def test_a_second_process_waits_and_goes_on_when_the_first_is_killed(documents, tmp_path):
    index = tmp_path / "index"
    first, held = processes.start(processes.build_held, documents, index)
    assert held.recv() == ("asked",)
    second, connection = processes.start(processes.build, documents, index)
    waiting = f"another process is building {index}; waiting for it"
    assert connection.recv() == ("said", waiting)
    assert second.is_alive()
    first.kill()
    second.join()
    assert second.exitcode == 0
    assert received(connection)[-1][1]["added"] == ["housing.txt", "roads.txt"]


# --- files that change ---


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_recorded_is_what_was_read(documents, tmp_path):
    changed = ROADS.replace("百億円", "二百億円")

    def change(step: str, done: int, of: int) -> None:
        # housing.txt has been read, roads.txt has not.
        if (step, done) == ("read", 1):
            (documents / "roads.txt").write_text(changed, encoding="utf-8")
            revise(documents, 7)

    index = tmp_path / "index"
    indexing.build([documents], index, FakeSource(), progress=change)
    sources = store.current(index).manifest["sources"]
    assert sources["roads.txt"] == sha256(documents / "roads.txt")
    assert sources["housing.txt"] == hashlib.sha256(HOUSING.encode()).hexdigest()
    assert any("二百億円を充てる。" in text for text in texts_of(index))
    again = indexing.build([documents], index, FakeSource())
    assert (again.up_to_date, again.changed) == (False, ["housing.txt"])
    assert indexing.build([documents], index, FakeSource()).up_to_date


def test_a_file_gone_or_cut_short_before_its_turn_is_read_by_the_next_run(documents, tmp_path):
    def change(step: str, done: int, of: int) -> None:
        if (step, done) == ("read", 1):
            (documents / "roads.txt").write_bytes(b"")
            (documents / "water.txt").unlink()

    (documents / "water.txt").write_text("水道計画\n\n水道を直す。\n", encoding="utf-8")
    index = tmp_path / "index"
    built = indexing.build([documents], index, FakeSource(), progress=change)
    assert built.skipped == [
        {"path": "roads.txt", "reason": "the file is empty"},
        {"path": "water.txt", "reason": "cannot be read: No such file or directory"},
    ]
    (documents / "roads.txt").write_text(ROADS, encoding="utf-8")
    again = indexing.build([documents], index, FakeSource())
    assert (again.added, again.skipped) == (["roads.txt"], [])


def test_a_file_that_never_keeps_still_is_skipped(documents, tmp_path):
    path = documents / "moving.txt"
    path.write_bytes(b"a" * (32 << 20))
    stop = threading.Event()

    def write() -> None:
        with path.open("r+b", buffering=0) as stream:
            while not stop.is_set():
                stream.seek(0)
                stream.write(b"b")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        built = indexing.build([documents], tmp_path / "index", FakeSource())
    finally:
        stop.set()
        thread.join()
    assert built.skipped == [
        {"path": "moving.txt", "reason": "it is being written to; run again when that is done"}
    ]
    assert built.added == ["housing.txt", "roads.txt"]


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(documents, tmp_path):
    closed = documents / "closed"
    closed.mkdir()
    (closed / "parks.txt").write_text("公園計画\n\n公園を増やす。\n", encoding="utf-8")
    closed.chmod(0)
    # Root may read everything, unless that capability is taken away.
    caps = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if os.geteuid() != 0:
        caps = []
    try:
        done = policyqa("index", documents, "--library", tmp_path / "index", before=caps)
    finally:
        closed.chmod(0o700)
    assert done.returncode == 2
    expected = f"policyqa: {closed} cannot be read: Permission denied; nothing was changed\n"
    assert done.stderr == expected


def policyqa(*arguments, before=(), **variables):
    """Run the real command in a process of its own."""
    return subprocess.run(
        [*before, sys.executable, "-m", "policyqa", *map(str, arguments)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


# --- a full disk ---


@contextlib.contextmanager
def small_disk(place: Path, size: str):
    """A file system of its own at `place`."""
    place.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(
            f"no small disk can be mounted ({mounted.stderr.strip()}); run the tests as root, in "
            "a container with --cap-add SYS_ADMIN"
        )
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path, room: int) -> Path:
    """Leave `room` bytes free. The file returned makes room when it is deleted."""
    ballast = disk / "ballast"
    status = os.statvfs(disk)
    with ballast.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(1, status.f_bavail * status.f_frsize - room))
    return ballast


def used(disk: Path) -> int:
    status = os.statvfs(disk)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


def build_at_every_fill(documents: Path, index: Path, disk: Path) -> int:
    """Build where more and more room is left, until it is enough; returns how often it was not."""
    indexing.build([documents], index, FakeSource())
    failed, room = 0, 0
    step = max(4096, used(disk) // 12)
    while True:
        live = store.current(index).name
        sentence = revise(documents, 1000 + room)
        ballast = fill(disk, room)
        process, connection = processes.start(processes.build, documents, index)
        process.join()
        said = received(connection)
        ballast.unlink()
        if process.exitcode == 0:
            return failed
        failed += 1
        assert process.exitcode == 2, said
        (kind, line) = said[-1]
        assert kind == "error"
        assert "\n" not in line
        assert line.startswith(("the library cannot be written (", f"the library at {index} could"))
        assert "free space" in line
        assert processes.live_and_whole(index).name == live
        # There is room again.
        again = indexing.build([documents], index, FakeSource())
        assert again.changed == ["housing.txt"]
        assert any(sentence in text for text in texts_of(index))
        assert not any((index / "generations").glob(".*"))
        room += step


def test_a_full_disk_below_the_library(documents, tmp_path):
    with small_disk(tmp_path / "disk", "32m") as disk:
        assert build_at_every_fill(documents, disk / "index", disk) >= 4


def test_a_full_disk_below_the_kept_vectors(documents, tmp_path):
    with small_disk(tmp_path / "index" / "vectors", "1m") as disk:
        text = "\n".join(f"施策その{number}を進める。" for number in range(200))
        (documents / "long.txt").write_text(f"計画\n\n{text}\n", encoding="utf-8")
        assert build_at_every_fill(documents, tmp_path / "index", disk) >= 1


def write_weights(folder: Path) -> None:
    # Its writer raises an error of its own.
    save_file({"weights": np.zeros(4 << 20, np.float32)}, folder / "model.safetensors")


def write_cut_short(folder: Path) -> None:
    # As a writer of C++ that is not asked whether it failed.
    with (folder / "model.bin").open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(b"\0" * 4096)


@pytest.mark.parametrize("write", [write_weights, write_cut_short])
def test_a_full_disk_below_the_encoders_cache(tmp_path, write):
    with small_disk(tmp_path / "disk", "8m") as disk:
        expected = f"the encoder could not be written to {disk}: No space left on device; free 1 GB"
        with pytest.raises(EncoderError, match=re.escape(expected)):
            prepared.folder(disk / "encoder", write)
        assert list(disk.iterdir()) == []


def test_the_command_tells_of_a_full_disk_in_one_line(documents, tmp_path):
    """With the real encoder: a full disk, then one that is only read."""
    with small_disk(tmp_path / "disk", "16m") as disk:
        index = disk / "index"
        assert policyqa("index", documents, "--library", index).returncode == 0
        revise(documents, 1)
        ballast = fill(disk, 64 << 10)
        done = policyqa("index", documents, "--library", index)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert line.startswith("policyqa: the library cannot be written (")
        ballast.unlink()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with browsing.serving(index, tmp_path / "log") as address, urlopen(address) as page:
            assert page.status == 200
        done = policyqa("index", documents, "--library", index)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert "Read-only file system" in line


# --- damaged bytes ---


def damages(data: bytes) -> list[bytes]:
    """`data` with one byte flipped at several places, cut by one, and grown by one."""
    last = len(data) - 1
    places = {0, 1, last // 4, last // 2, 3 * last // 4, last - 1, last} & set(range(len(data)))
    flipped = []
    for place in sorted(places):
        changed = bytearray(data)
        changed[place] ^= 1
        flipped.append(bytes(changed))
    return [*flipped, data[:-1], data + b"\0"]


def test_every_file_of_a_generation_with_one_byte_wrong_is_refused(juten_folder, tmp_path):
    index = Path(shutil.copytree(juten_folder, tmp_path / "index"))
    folder = store.current(index).folder
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) > 8
    for path in files:
        data = path.read_bytes()
        for damaged in damages(data):
            path.write_bytes(damaged)
            with pytest.raises(LibraryError, match="is damaged"):
                Library.open(index, FakeSource())
            with pytest.raises(LibraryError, match="is damaged"):
                processes.live_and_whole(index)
        path.write_bytes(data)
    Library.open(index, FakeSource()).close()


def test_a_current_with_one_byte_wrong_never_names_another_generation(documents, tmp_path):
    index = tmp_path / "index"
    for number in range(2):
        revise(documents, number)
        indexing.build([documents], index, FakeSource())
    live = store.current(index).name
    data = (index / "CURRENT").read_bytes()
    refused = 0
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            (index / "CURRENT").write_bytes(changed)
            try:
                # At its end, white space of another kind does no harm.
                assert store.current(index).name == live
            except LibraryError:
                refused += 1
    assert refused >= 8 * (len(data) - 1)


TEXTS = [f"施策その{number}を進める。" for number in range(150)]


def test_kept_vectors_with_one_byte_wrong_are_made_anew(tmp_path):
    encoder = FakeEncoder()

    def vectors() -> tuple[np.ndarray, int]:
        with VectorCache(tmp_path, "fake@1") as cache:
            return cache.vectors(TEXTS, encoder.encode_passages, lambda done, of: None)

    expected, _ = vectors()
    path = tmp_path / "fake@1.sqlite"
    data = path.read_bytes()
    places = [*range(120), *range(120, len(data), 997)]
    anew = 0
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1 << zlib.crc32(bytes([place % 251])) % 8
        path.write_bytes(changed)
        found, computed = vectors()
        assert np.array_equal(found, expected)
        anew += computed > 0
        assert vectors()[1] == 0
    # Every vector flipped is one of them; unused bytes need no repair.
    assert anew > len(places) // 3


def test_a_damaged_generation_keeps_its_vectors(documents, tmp_path):
    index = tmp_path / "index"
    indexing.build([documents], index, FakeSource())
    path = store.current(index).folder / "dense" / "body.faiss"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    said: list[str] = []
    built = indexing.build([documents], index, FakeSource(), say=said.append)
    assert "changed since it was built: dense/body.faiss" in said[0]
    assert (built.up_to_date, built.embedded) == (False, 0)
    assert processes.live_and_whole(index).name == built.generation
