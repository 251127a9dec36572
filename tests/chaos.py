"""Kill builds at random moments while files change and a server answers; nothing may be lost.

`python tests/chaos.py --kills 200 --seed 1` (make chaos) says what it saw and ends with status 1 at
the first fault. The folder of a failed run is kept.
"""

import argparse
import hashlib
import json
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import chaos_processes as processes
from fakes import FakeSource
from office_files import word
from policyqa.evaluation.questions import read_questions
from policyqa.feedback import Feedback
from policyqa.library import Library
from policyqa.store import KEPT_GENERATIONS

NAMES = [f"plan-{number}.{kind}" for number in (1, 2) for kind in ("txt", "md", "csv", "html")]
NAMES += ["plan-3.txt", "plan-3.docx"]
ALWAYS = "plan-3.txt"
"""Never removed or cut, so that there is always something to index."""
SECTIONS = 12
QUESTIONS = ["計画の目的", "標識", "そのきほんとなること"]
_MARKER = re.compile(r"標識(\d+)終")
_KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろ"


class FaultError(Exception):
    """Something that must never be seen."""


def expect(truth: bool, what: str) -> None:
    if not truth:
        raise FaultError(what)


class Corpus:
    """A folder of documents in several formats. Each sentence of a document bears the number of
    its revision, and every content that a file ever had is known by its hash."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self._chance = chance
        self._revision = 0
        self._known: dict[str, set[str]] = {}
        folder.mkdir()
        for name in NAMES:
            self._replace(name)

    def revisions(self, sha256: str) -> set[str]:
        """The numbers in the content with this hash: one, or none where it is cut short."""
        expect(sha256 in self._known, f"no file ever had the recorded hash {sha256}")
        return self._known[sha256]

    def hashes(self) -> dict[str, str]:
        """The files that are there now, with their hashes."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.iterdir()
        }

    def change(self) -> None:
        """Replace, overwrite, cut, or remove a file, or bring one back."""
        name = self._chance.choice(NAMES)
        path = self.folder / name
        act = self._chance.choice(["replace", "overwrite", "overwrite", "cut", "remove"])
        if name == ALWAYS or act == "replace" or not path.exists():
            self._replace(name)
        elif act == "overwrite":
            self._overwrite(path)
        elif act == "cut":
            data = path.read_bytes()
            self._learn(name, data[: len(data) // 2])
            with path.open("r+b") as stream:
                stream.truncate(len(data) // 2)
        else:
            path.unlink()

    def _replace(self, name: str) -> None:
        # Beside the folder, so that no unfinished file is ever seen in it.
        temporary = self.folder.parent / f"new-{name}"
        temporary.write_bytes(self._content(name))
        temporary.replace(self.folder / name)

    def _overwrite(self, path: Path) -> None:
        data = self._content(path.name)
        half = len(data) // 2
        self._learn(path.name, b"")
        self._learn(path.name, data[:half])
        with path.open("wb", buffering=0) as stream:
            stream.write(data[:half])
            time.sleep(0.01)
            stream.write(data[half:])

    def _content(self, name: str) -> bytes:
        self._revision += 1
        data = _content(self.folder.parent, name, self._revision)
        self._learn(name, data)
        return data

    def _learn(self, name: str, data: bytes) -> None:
        if name.endswith("docx"):
            found = {str(self._revision)}
        else:
            found = set(_MARKER.findall(data.decode(errors="ignore")))
        self._known[hashlib.sha256(data).hexdigest()] = found


def _content(folder: Path, name: str, revision: int) -> bytes:
    words = random.Random(name)
    texts = [
        f"{''.join(words.choices(_KANA, k=30))}の計画、標識{revision}終。" for _ in range(SECTIONS)
    ]
    kind = name.rpartition(".")[2]
    title = f"{name}の計画"
    if kind == "csv":
        return "\n".join(["番号,内容", *(f"{n},{text}" for n, text in enumerate(texts))]).encode()
    if kind == "md":
        parts = [f"## 第{n}\n\n{text}" for n, text in enumerate(texts, 1)]
        return "\n\n".join([f"# {title}", *parts]).encode()
    if kind == "html":
        parts = [f"<h2>第{n}</h2><p>{text}</p>" for n, text in enumerate(texts, 1)]
        body = f"<h1>{title}</h1>{''.join(parts)}"
        return f"<html><meta charset=utf-8><title>{title}</title><main>{body}</main>".encode()
    if kind == "docx":
        body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts)
        path = word(folder / f"made-{name}", body, title=title)
        return path.read_bytes()
    parts = [f"{n}．目的その{n}\n{text}" for n, text in enumerate(texts, 1)]
    return "\n".join([title, "", *parts]).encode()


@dataclass
class Asker:
    """Asks the server without a pause, from a thread of its own, and checks every answer."""

    corpus: Corpus
    port: int
    seen: Counter[str] = field(default_factory=Counter)
    """How many answers came from each generation."""
    fault: BaseException | None = None

    @contextmanager
    def asking(self):
        stop = threading.Event()
        thread = threading.Thread(target=self._ask_on, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        self.check()

    def check(self) -> None:
        if self.fault is not None:
            raise self.fault

    def ask(self, question: str) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self.port}/?q={quote(question)}"
        with urlopen(address, timeout=60) as response:
            return json.load(response)

    def _ask_on(self, stop: threading.Event) -> None:
        number = 0
        while not stop.is_set():
            try:
                found = self.ask(QUESTIONS[number % len(QUESTIONS)])
                check_answer(found, self.corpus)
            except BaseException as error:
                self.fault = error
                return
            self.seen[found["generation"]] += 1
            number += 1
            time.sleep(0.01)


def check_answer(found: dict[str, Any], corpus: Corpus) -> None:
    """An answer holds every chunk of its generation, each from the content its manifest names."""
    generation = found["generation"]
    expect(not found["refused"], f"the server refused: {found['refused']}")
    expect(
        len(found["passages"]) == found["chunks"],
        f"{len(found['passages'])} passages of {found['chunks']} in {generation}",
    )
    for passage in found["passages"]:
        file = passage["file"]
        expect(file in found["sources"], f"{generation} has no {file}, but a passage of it")
        allowed = corpus.revisions(found["sources"][file])
        marks = set(_MARKER.findall(passage["text"]))
        expect(marks <= allowed, f"{generation}: {file} has {allowed}, a passage of it {marks}")


class Campaign:
    """A corpus, its library, a server, and builds that are killed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.corpus = Corpus(folder / "corpus", self.chance)
        self.library = folder / "index"
        self.seen: Counter[str] = Counter()
        """What the kills left, and what the runs did."""
        self.operations, self.seconds = 1, 0.0
        self.kept: set[tuple[str, int]] = set()
        self.kept_next = 1
        self.finish()

    def run(self, kills: int) -> None:
        server, connection = processes.start(processes.serve, self.library)
        asker = Asker(self.corpus, connection.recv())
        with asker.asking():
            while self.seen["kills"] < kills:
                self.kill_one(self.chance.random() < 0.5)
                asker.check()
                if self.chance.random() < 0.4:
                    self.finish()
                if self.seen["kills"] % 10 == 5:
                    self.kill_a_keeper()
            self.finish()
            self.compare_with_fresh(asker)
        server.kill()
        server.join()
        self.check_kept()
        self.seen["answers"] = sum(asker.seen.values())
        self.seen["generations answered from"] = len(asker.seen)

    def kill_one(self, at_an_operation: bool) -> None:
        """Start a build; kill it before an operation on its files, or at any moment."""
        before = processes.live_and_whole(self.library).name
        for _ in range(self.chance.randint(1, 3)):
            self.corpus.change()
        kill_at = self.chance.randint(1, self.operations) if at_an_operation else 0
        process, connection = processes.start(
            processes.build, self.corpus.folder, self.library, kill_at
        )
        if at_an_operation:
            self._change_until(process, 10.0)
        else:
            self._change_until(process, self.chance.uniform(0, self.seconds))
            process.kill()
        process.join()
        said = received(connection)
        expect(process.exitcode in (0, -9), f"a build ended with {process.exitcode}: {said}")
        if process.exitcode == 0:
            self.seen["builds that were done before"] += 1
            return
        self.seen["kills"] += 1
        self._look(before, processes.live_and_whole(self.library).name)

    def _change_until(self, process: Any, seconds: float) -> None:
        """Change files until the process is done or the time is over."""
        end = time.monotonic() + seconds
        changing = self.chance.random() < 0.5
        while (left := end - time.monotonic()) > 0:
            process.join(min(left, 0.02 if changing else left))
            if process.exitcode is not None:
                return
            if changing:
                self.corpus.change()

    def _look(self, before: str, now: str) -> None:
        names = [path.name for path in (self.library / "generations").iterdir()]
        if before != now:
            self.seen["killed after CURRENT was replaced"] += 1
        elif any(name > now for name in names if not name.startswith(".")):
            self.seen["killed between rename and CURRENT"] += 1
        elif any(name.startswith(".draft-") for name in names):
            self.seen["killed with a draft"] += 1
        else:
            self.seen["killed while not writing a draft"] += 1

    def finish(self) -> None:
        """Run a build to its end; the library is then equal to the corpus, and nothing is left."""
        began = time.monotonic()
        process, connection = processes.start(
            processes.build, self.corpus.folder, self.library, 10**9
        )
        process.join()
        said = received(connection)
        expect(process.exitcode == 0, f"a build ended with {process.exitcode}: {said}")
        built = said[-1]
        if not built[1]["up_to_date"]:
            self.operations, self.seconds = built[2], time.monotonic() - began
        self.seen["builds to the end"] += 1
        self.seen["vectors kept"] += built[1]["reused"]
        generation = processes.live_and_whole(self.library)
        hashes, sources = self.corpus.hashes(), generation.manifest["sources"]
        skipped = {file["path"] for file in generation.manifest["skipped"]}
        expect(sources.keys() | skipped == hashes.keys(), f"{hashes.keys()} are there, not indexed")
        expect(sources.items() <= hashes.items(), "a recorded hash is not that of the file")
        left = {path.name for path in (self.library / "generations").iterdir()}
        expect(max(left) == generation.name, f"left behind: {left}")
        expect(len(left) <= KEPT_GENERATIONS, f"too many generations: {left}")
        expect(not any(name.startswith(".") for name in left), f"a draft was left: {left}")
        expect(not (self.library / ".CURRENT.new").exists(), ".CURRENT.new was left")

    def compare_with_fresh(self, asker: Asker) -> None:
        """The library gives what one built at once, with no vector kept, gives."""
        fresh = self.folder / "fresh"
        process, _ = processes.start(processes.build, self.corpus.folder, fresh)
        process.join()
        opened = Library.open(fresh, FakeSource())
        for question in QUESTIONS:
            found = asker.ask(question)["passages"]
            expected = [
                {"file": p.citation.file, "text": p.chunk.text, "score": p.score}
                for p in opened.search(question, 1000).passages
            ]
            expect(found == expected, f"another answer than of a fresh library to {question}")
        opened.close()

    def kill_a_keeper(self) -> None:
        """Kill a process that keeps opinions and cases."""
        process, connection = processes.start(processes.keep, self.folder, self.kept_next)
        self.kept.add(connection.recv())
        process.join(self.chance.uniform(0, 0.2))
        process.kill()
        process.join()
        self.kept.update(received(connection))
        self.kept_next += 1000
        self.seen["kills of a process that keeps opinions and cases"] += 1

    def check_kept(self) -> None:
        """Each opinion and case that was kept is there, once."""
        opinions = [opinion.question for opinion in Feedback(self.folder / "feedback.sqlite").all()]
        path = self.folder / "eval" / "cases.jsonl"
        cases = [question.text for question in read_questions(path)] if path.exists() else []
        for what, there in (("feedback", opinions), ("case", cases)):
            expected = {f"質問{number}" for kind, number in self.kept if kind == what}
            expect(expected <= set(there), f"lost: {what} {expected - set(there)}")
            expect(len(there) == len(set(there)), f"twice: {what}")
        self.seen["opinions and cases"] = len(self.kept)


def received(connection: Any) -> list[Any]:
    """What a process that has ended sent; a kill may cut the last message short."""
    messages = []
    try:
        while True:
            messages.append(connection.recv())
    except (EOFError, OSError):
        return messages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="policyqa-chaos-"))
    began = time.monotonic()
    campaign = Campaign(folder, arguments.seed)
    try:
        campaign.run(arguments.kills)
    except FaultError as fault:
        print(f"fault: {fault} (seed {arguments.seed}, kept in {folder})", file=sys.stderr)
        sys.exit(1)
    for name, count in campaign.seen.items():
        print(f"{count:7} {name}")
    print(f"no fault in {time.monotonic() - began:.0f} s (seed {arguments.seed})")


if __name__ == "__main__":
    main()
