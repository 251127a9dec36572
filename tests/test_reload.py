"""A new generation served in place of the old one: no request is lost, none is mixed."""

import json
import re
import shutil
import threading
import time
import uuid
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from fakes import FakeEncoder, FakeSource
from policyqa import durable, indexing, store
from policyqa.web.app import create_app
from policyqa.web.serving import LOOK_EVERY, Live, Refused
from policyqa.web.sessions import Sessions

BRIDGES = "橋の点検\n\n市は、橋を五年ごとに点検する。\n"
SCHOOLS = "学校の給食\n\n市は、学校の給食を無料にする。\n"
ROADS = "道路の除雪\n\n市は、道路の雪を夜のうちに取り除く。\n"
QUESTION = "橋は何年ごとに点検しますか。"


class GatedEncoder(FakeEncoder):
    """Holds every question about the gate until it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.held = threading.Event()
        self.gate = threading.Event()

    def encode_queries(self, texts):
        if "門" in texts[0]:
            self.held.set()
            assert self.gate.wait(60)
        return super().encode_queries(texts)


@pytest.fixture
def documents(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "bridges.txt").write_text(BRIDGES, encoding="utf-8")
    (folder / "schools.txt").write_text(SCHOOLS, encoding="utf-8")
    return folder


@pytest.fixture
def index(documents, tmp_path):
    """Makes the library equal to the documents; the name of the live generation."""

    def build():
        return indexing.build([documents], tmp_path / "index", FakeSource()).generation

    build()
    return build


@pytest.fixture
def source():
    encoder = GatedEncoder()
    yield FakeSource(encoder=encoder)
    encoder.gate.set()


@pytest.fixture
def live(index, source, tmp_path):
    def make(library):
        return create_app(library, allowed_hosts=["127.0.0.1"])

    return Live(tmp_path / "index", source, make, look_every=0.02)


@pytest.fixture
def client(live):
    with TestClient(live, base_url="http://127.0.0.1") as client:
        yield client


def eventually(holds):
    """Until `holds()`; a minute is for busy machines."""
    for _ in range(3000):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that within a minute")


def point_at(library, name):
    """Make a generation the live one as the indexer does: CURRENT is never seen half written."""
    durable.replace_file(library / "CURRENT", f"{name}\n".encode())


def join(client, session, question, documents=()):
    """Put the question into Gradio's queue, with all fields of the page."""
    data = [question, list(documents), [], [], "", "", ""]
    body = {"fn_index": 0, "data": data, "session_hash": session, "event_data": None}
    assert client.post("/gradio_api/queue/join", json=body).status_code == 200


def stream(client, session):
    """What the page shows for each event of a session, without marks."""
    answer = client.get("/gradio_api/queue/data", params={"session_hash": session})
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line[:6] == "data: "]
    done = [event for event in events if event["msg"] == "process_completed"]
    assert all(event["success"] for event in done), done
    return [re.sub(r"<[^>]*>", "", event["output"]["data"][1]) for event in done]


def ask(client, question, documents=()):
    session = uuid.uuid4().hex
    join(client, session, question, documents)
    (results,) = stream(client, session)
    return results


def test_a_new_generation_is_looked_for_within_five_seconds():
    assert LOOK_EVERY <= 5


def test_a_new_generation_is_served(client, live, documents, index):
    assert "橋を五年ごとに点検する" in ask(client, QUESTION)
    assert "収録文書 2件" in client.get("/").text
    (documents / "roads.txt").write_text(ROADS, encoding="utf-8")
    (documents / "bridges.txt").unlink()
    (documents / "schools.txt").unlink()
    name = index()
    eventually(lambda: live.generation == name)
    assert "収録文書 1件" in client.get("/").text
    results = ask(client, "道路の雪はいつ取り除きますか。")
    assert "道路の雪を夜のうちに取り除く" in results
    assert "橋を五年ごとに点検する" not in ask(client, QUESTION)
    assert live.refused is None


def test_the_encoder_is_loaded_once(client, live, documents, index, source):
    before = live.library
    (documents / "roads.txt").write_text(ROADS, encoding="utf-8")
    name = index()
    eventually(lambda: live.generation == name)
    assert live.library is not before
    assert live.library.encoder is before.encoder is source.encoder


def test_what_an_old_page_offers_may_still_be_chosen(client, live, documents, index):
    ids = {document.title: document.id for document in live.library.documents}
    bridges, schools = ids["橋の点検"], ids["学校の給食"]
    (documents / "bridges.txt").unlink()
    (documents / "metadata.toml").write_text('["schools.txt"]\npublisher = "見本市"\n', "utf-8")
    name = index()
    eventually(lambda: live.generation == name)
    assert "学校の給食を無料にする" in ask(client, "学校の給食", [schools])
    assert "絞り込みの条件に合う文書がありません。" in ask(client, QUESTION, [bridges])


def test_an_answer_comes_from_the_generation_that_was_asked(
    client, live, documents, index, source, tmp_path
):
    before = live.library
    asked = uuid.uuid4().hex
    with ThreadPoolExecutor() as pool:
        join(client, asked, "門 橋の点検")
        answer = pool.submit(stream, client, asked)
        assert source.encoder.held.wait(60)
        (documents / "bridges.txt").unlink()
        name = index()
        eventually(lambda: live.generation == name)
        # What mapped and open files hold must be enough.
        shutil.rmtree(tmp_path / "index" / "generations" / before.generation.name)
        assert "橋を五年ごとに点検する" not in ask(client, QUESTION)
        # A further question of the same page goes where its stream comes from.
        join(client, asked, QUESTION)
        source.encoder.gate.set()
        first, second = answer.result(60)
    assert "橋を五年ごとに点検する" in first
    assert "橋を五年ごとに点検する" in second


def test_a_question_joined_before_the_swap_is_answered_after_it(
    client, live, documents, index, source
):
    asked = uuid.uuid4().hex
    join(client, asked, QUESTION)
    (documents / "bridges.txt").unlink()
    name = index()
    eventually(lambda: live.generation == name)
    (results,) = stream(client, asked)
    assert "橋を五年ごとに点検する" in results
    # Then the page asks the new one.
    join(client, asked, QUESTION)
    (results,) = stream(client, asked)
    assert "橋を五年ごとに点検する" not in results


def test_many_questions_over_several_swaps(client, live, documents, index):
    stop = threading.Event()

    def asking():
        told = []
        while not stop.is_set():
            told.append(ask(client, "第1版ですか。給食はどうなりますか。"))
        return told

    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(asking) for _ in range(3)]
        for version in range(1, 5):
            for name in ("bridges", "schools"):
                text = f"給食の計画\n\n給食は第{version}版の{name}による。\n"
                (documents / f"{name}.txt").write_text(text, encoding="utf-8")
            name = index()
            eventually(lambda name=name: live.generation == name)
        stop.set()
        told = [results for answers in asked for results in answers.result(60)]
    assert told
    for results in told:
        assert len(set(re.findall("第([1-4])版の", results))) <= 1


def test_a_generation_that_nobody_asks_any_more_is_freed(client, live, documents, index):
    before = weakref.ref(live.library)
    (documents / "roads.txt").write_text(ROADS, encoding="utf-8")
    name = index()
    eventually(lambda: live.generation == name)
    eventually(lambda: before() is None)


def chopped(folder, _):
    (folder / "library.sqlite").write_bytes((folder / "library.sqlite").read_bytes()[:-100])


def flipped(folder, _):
    file = folder / "library.sqlite"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


def gone(folder, _):
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (chopped, "library.sqlite is missing or has the wrong size"),
        (flipped, "changed since it was built: library.sqlite"),
        (gone, "CURRENT names no generation"),
    ],
)
def test_a_bad_generation_is_refused(
    client, live, documents, index, tmp_path, caplog, harm, reason
):
    good = live.generation
    (documents / "roads.txt").write_text(ROADS, encoding="utf-8")
    # Built aside: the server must not see it whole.
    shutil.copytree(tmp_path / "index", tmp_path / "aside")
    name = indexing.build([documents], tmp_path / "aside", FakeSource()).generation
    folder = tmp_path / "index" / "generations" / name
    shutil.copytree(tmp_path / "aside" / "generations" / name, folder)
    harm(folder, name)
    point_at(tmp_path / "index", name)
    eventually(lambda: live.refused is not None and live.refused.generation == name)
    assert reason in live.refused.reason
    assert live.generation == good
    assert "橋を五年ごとに点検する" in ask(client, QUESTION)
    said = [record for record in caplog.records if "is not served" in record.message]
    assert len(said) == 1
    # Mended, and CURRENT written again: it is tried again.
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tmp_path / "aside" / "generations" / name, folder)
    point_at(tmp_path / "index", name)
    eventually(lambda: live.generation == name)
    assert live.refused is None


def test_another_encoder_is_refused(client, live, documents, tmp_path):
    good = live.generation
    name = indexing.build([documents], tmp_path / "index", FakeSource(id="fake@2")).generation
    eventually(lambda: live.refused is not None)
    assert live.refused == Refused(
        name,
        f"the library at {tmp_path / 'index'} was built with the encoder fake@2, the settings say "
        "fake@1; build it again with `policyqa index PATH...`",
    )
    assert live.generation == good


def test_another_format_is_refused(client, live, documents, index, tmp_path):
    good = live.generation
    folder = tmp_path / "index" / "generations" / good
    manifest = json.loads((folder / "manifest.json").read_text())
    raw = json.dumps({**manifest, "format": store.FORMAT + 1}).encode()
    name = f"20990101T000000000000Z-{store._digest(raw)}"
    shutil.copytree(folder, folder.with_name(name))
    (folder.with_name(name) / "manifest.json").write_bytes(raw)
    point_at(tmp_path / "index", name)
    eventually(lambda: live.refused is not None)
    assert f"has format {store.FORMAT + 1}" in live.refused.reason
    assert live.generation == good


def test_a_library_that_is_gone_is_served_on(client, live, tmp_path):
    (tmp_path / "index" / "CURRENT").unlink()
    eventually(lambda: live.refused is not None)
    assert "no library at" in live.refused.reason
    assert "橋を五年ごとに点検する" in ask(client, QUESTION)


def test_deep_links_work_after_a_swap(client, live, documents, index):
    passage = live.library.search(QUESTION).passages[0].id
    (documents / "roads.txt").write_text(ROADS, encoding="utf-8")
    name = index()
    eventually(lambda: live.generation == name)
    assert client.get(f"/source/passage/{passage}").status_code == 200


# --- which generation a session is at ---


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_a_session_stays_where_its_event_is():
    sessions = Sessions(Clock())
    assert sessions.join("a", "old") == "old"
    assert sessions.join("a", "new") == "old"
    assert sessions.open_stream("a") == "old"
    assert sessions.are_at("old")
    sessions.close_stream("a")
    assert not sessions.are_at("old")
    assert sessions.join("a", "new") == "new"
    assert sessions.open_stream("unknown") is None


def test_a_session_whose_stream_never_comes_is_forgotten():
    clock = Clock()
    sessions = Sessions(clock)
    sessions.join("a", "old")
    clock.now += 31
    assert not sessions.are_at("old")
    assert sessions.join("a", "new") == "new"


def test_a_question_during_a_stream_may_have_a_stream_of_its_own():
    sessions = Sessions(Clock())
    sessions.join("a", "old")
    sessions.open_stream("a")
    sessions.join("a", "new")
    sessions.close_stream("a")
    assert sessions.open_stream("a") == "old"


def test_sessions_take_bounded_memory():
    sessions = Sessions(Clock())
    for number in range(5000):
        sessions.join(str(number), "old")
    assert len(sessions._known) == 4096
    assert sessions.open_stream("0") is None
    assert sessions.open_stream("4999") == "old"


def test_nothing_goes_to_what_is_closed():
    sessions = Sessions(Clock())
    sessions.join("a", "old")
    sessions.forget("old")
    assert sessions.join("a", "new") == "new"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"session_hash": 5}', b'{"session_hash": "' + b"a" * 70000],
)
def test_a_body_that_names_no_session_is_refused_as_ever(client, body):
    headers = {"content-type": "application/json"}
    answer = client.post("/gradio_api/queue/join", content=body, headers=headers)
    assert answer.status_code in {413, 422}


def test_a_library_that_cannot_be_opened_at_first(tmp_path):
    with pytest.raises(store.LibraryError, match="no library at"):
        Live(tmp_path, FakeSource(), lambda library: create_app(library, allowed_hosts=[]))


def test_the_first_library_is_closed_at_the_end(live):
    with TestClient(live, base_url="http://127.0.0.1") as client:
        client.get("/")
    with pytest.raises(store.LibraryError):
        live.library.search(QUESTION)
