"""What a sweep keeps on disk, by content: libraries, signals of questions, trials.

vectors/<encoder>.sqlite   embeddings, shared by all libraries
libraries/<key>/           a library by files, chunk budget and encoder; <key>.json: its building
signals/<key>.sqlite       what the signals gave each question, by library, questions, runtime
trials/<key>.json          a run, by all of these and the weights: written whole or not at all
"""

import hashlib
import io
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import numpy as np

from policyqa.encoders import Runtime
from policyqa.errors import EvaluationError
from policyqa.evaluation.runner import Asked, versions
from policyqa.evaluation.sweep_file import Changes
from policyqa.ranking import Signals
from policyqa.search.fusion import WEIGHTS

BUNDLED = "bundled"
"""How a sweep's file names the bundled encoder."""

# What decides a trial's figures besides library and questions.
_CODE = ("*.py", "encoders/*.py", "evaluation/*.py", "search/*.py")


@dataclass(frozen=True, slots=True)
class Point:
    """The settings of a trial. `weights` add up to 1; `encoder` None is the bundled one."""

    chunk_tokens: int
    runtime: Runtime
    encoder: str | None
    weights: Mapping[str, float]

    def changed(self, changes: Changes) -> "Point":
        """The same with a combination of a sweep. Weights are relative to each other, those of
        self included: they are scaled to add up to 1, for which scores and "found" are made."""
        weights = {
            name: float(changes.get(f"weights.{name}", own)) for name, own in self.weights.items()
        }
        total = sum(weights.values())
        if not total:
            raise EvaluationError("the weights of a combination are all 0; give one of them more")
        encoder = changes.get("encoder", self.encoder)
        return replace(
            self,
            chunk_tokens=int(changes.get("chunk_tokens", self.chunk_tokens)),
            runtime=cast(Runtime, changes.get("runtime", self.runtime)),
            encoder=None if encoder in (BUNDLED, None) else str(encoder),
            weights={name: round(value / total, 6) for name, value in weights.items()},
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "encoder": self.encoder or BUNDLED}


def digest_of(*values: object) -> str:
    """A short name for content; values are JSON data."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


@cache
def code() -> str:
    """A digest of the code that searches, answers and measures, and of what it depends on."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256(json.dumps(versions()).encode())
    for pattern in _CODE:
        for module in sorted(package.glob(pattern)):
            digest.update(module.read_bytes())
    return digest.hexdigest()


class KeptSignals:
    """The signals of questions in a file, each kept as soon as it is there. A context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._told():
            self._connection = sqlite3.connect(path)
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS signals"
                " (key TEXT PRIMARY KEY, told TEXT NOT NULL, arrays BLOB NOT NULL)"
            )

    def __enter__(self) -> "KeptSignals":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def of(self, item: Asked, make: Callable[[], Signals]) -> Signals:
        """The signals of a question as it is put; made and kept where they are not there yet."""
        key = digest_of(item.question.text, sorted(item.without))
        with self._told():
            row = self._connection.execute(
                "SELECT told, arrays FROM signals WHERE key = ?", (key,)
            ).fetchone()
        if row:
            return _unpacked(*row)
        signals = make()
        with self._told(), self._connection:
            self._connection.execute(
                "INSERT INTO signals VALUES (?, ?, ?)", (key, *_packed(signals))
            )
        return signals

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise EvaluationError(
                f"{self._path} cannot be used ({error}); free space or delete the file"
            ) from error


def _packed(signals: Signals) -> tuple[str, bytes]:
    stream = io.BytesIO()
    arrays: dict[str, Any] = {**signals.values, "vector": signals.vector, "rows": signals.rows}
    np.savez(stream, **arrays)
    return json.dumps(dict(signals.steps)), stream.getvalue()


def _unpacked(told: str, arrays: bytes) -> Signals:
    with np.load(io.BytesIO(arrays)) as loaded:
        values = {name: loaded[name] for name in WEIGHTS if name in loaded}
        return Signals(loaded["vector"], loaded["rows"], values, json.loads(told))
