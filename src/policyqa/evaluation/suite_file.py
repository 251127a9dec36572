"""A suite's file: what is asked of which documents, with which settings, and the bars to pass
(docs/evaluation-reference.md)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeGuard, get_args

from policyqa.chunking import LIMIT
from policyqa.encoders import Runtime
from policyqa.evaluation.metrics import CLASSIFYING, LOWER_IS_BETTER, PER_QUESTION
from policyqa.evaluation.toml_file import (
    SHORTEST_BUDGET,
    documents,
    read_toml,
    several_paths,
    wrong,
)
from policyqa.search.fusion import WEIGHTS

_KEYS = {
    "name", "library", "corpus", "questions", "foreign", "left_out", "baseline", "settings", "bars"
}  # fmt: skip
_SETTINGS = {"chunk_tokens", "encoder", "runtime", "weights"}
_TAG = "kind:"


@dataclass(frozen=True, slots=True)
class Bar:
    """What a metric, of the questions with a tag or of all, must reach or must not pass."""

    metric: str
    tag: str | None
    kind: Literal["min", "max"]
    bar: float


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite as its file has it. `questions` is a BEIR folder where there is neither `library`
    nor `corpus`. `settings` are those of policyqa.toml that it replaces; `baseline` is where its
    accepted run is kept."""

    path: Path
    name: str
    library: Path | None
    corpus: tuple[Path, ...]
    questions: tuple[Path, ...]
    foreign: tuple[Path, ...]
    left_out: bool
    baseline: Path
    settings: Mapping[str, Any]
    weights: Mapping[str, float]
    bars: tuple[Bar, ...]


def read_suite(path: Path) -> Suite:
    """Read a suite's file. Paths in it are seen from its folder.

    Raises EvaluationError naming the file and the first wrong key.
    """
    said = read_toml(path, _KEYS)
    questions, library, corpus = _what_is_asked(path, said)
    settings = dict(_table(path, said, "settings"))
    weights = _weights(path, settings.pop("weights", WEIGHTS))
    _check_settings(path, settings, library)
    return Suite(
        path,
        _text(path, "name", said.get("name", path.stem)),
        library,
        corpus,
        questions,
        several_paths(path, "foreign", said.get("foreign", [])),
        _flag(path, "left_out", said.get("left_out", False)),
        path.parent / _text(path, "baseline", said.get("baseline", f"baselines/{path.stem}.json")),
        settings,
        weights,
        tuple(_bar(path, key, value) for key, value in _table(path, said, "bars").items()),
    )


def _table(path: Path, said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = said.get(key, {})
    if not isinstance(table, dict):
        raise wrong(path, key, f"must be a table, [{key}]")
    return table


def _text(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise wrong(path, key, "must be a text")
    return value


def _flag(path: Path, key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong(path, key, "must be true or false")
    return value


# --- what is asked ---


def _what_is_asked(
    path: Path, said: Mapping[str, Any]
) -> tuple[tuple[Path, ...], Path | None, tuple[Path, ...]]:
    questions = several_paths(path, "questions", said.get("questions"))
    if not questions:
        raise wrong(path, "questions", "must name a question set at least")
    folders = [question for question in questions if question.is_dir()]
    if folders:
        if len(questions) > 1 or not said.keys().isdisjoint(("library", "corpus")):
            raise wrong(
                path, "questions", f"the BEIR folder {folders[0]} brings its own documents; leave "
                "library, corpus and other questions out"
            )  # fmt: skip
        return questions, None, ()
    corpus, library = documents(path, said)
    return questions, library, corpus


# --- settings ---


def _check_settings(path: Path, settings: Mapping[str, Any], library: Path | None) -> None:
    unknown = sorted(settings.keys() - _SETTINGS)
    if unknown:
        known = ", ".join(sorted(_SETTINGS))
        raise wrong(path, f"settings.{unknown[0]}", f"unknown; known are {known}")
    budget = settings.get("chunk_tokens", SHORTEST_BUDGET)
    if type(budget) is not int or not SHORTEST_BUDGET <= budget <= LIMIT:
        what = f"must be a whole number from {SHORTEST_BUDGET} to {LIMIT}"
        raise wrong(path, "settings.chunk_tokens", what)
    if library and "chunk_tokens" in settings:
        what = "a built library has its own; say corpus in place of library"
        raise wrong(path, "settings.chunk_tokens", what)
    if settings.get("runtime", get_args(Runtime)[0]) not in get_args(Runtime):
        raise wrong(path, "settings.runtime", f"must be of {', '.join(get_args(Runtime))}")
    if "encoder" in settings:
        _text(path, "settings.encoder", settings["encoder"])


def _weights(path: Path, value: object) -> Mapping[str, float]:
    names = ", ".join(WEIGHTS)
    if not isinstance(value, dict) or value.keys() != WEIGHTS.keys():
        raise wrong(path, "settings.weights", f"must be a table of {names}")
    if not all(_is_number(weight) and weight >= 0 for weight in value.values()) or not math.isclose(
        sum(value.values()), 1
    ):
        raise wrong(path, "settings.weights", "must be numbers from 0 that add up to 1")
    return {name: float(value[name]) for name in WEIGHTS}


# --- bars ---


def _bar(path: Path, key: str, value: object) -> Bar:
    tag, metric = _named(key)
    if metric not in (*PER_QUESTION, *CLASSIFYING):
        known = ", ".join((*PER_QUESTION, *CLASSIFYING))
        raise wrong(path, f"bars.{key}", f"no metric {metric}; there are {known}")
    if _is_number(value):
        if metric in LOWER_IS_BETTER:
            raise wrong(path, f"bars.{key}", f"lower is better; write {{max = {value}}}")
        return Bar(metric, tag, "min", float(value))
    if isinstance(value, dict) and len(value) == 1:
        ((kind, bar),) = value.items()
        if kind in ("min", "max") and _is_number(bar):
            return Bar(metric, tag, kind, float(bar))
    raise wrong(path, f"bars.{key}", "must be a number, {min = number} or {max = number}")


def _named(key: str) -> tuple[str | None, str]:
    """The tag, if any, and the metric of a bar: nDCG@10, kind:factoid/nDCG@10."""
    if not key.startswith(_TAG):
        return None, key
    tag, _, metric = key.removeprefix(_TAG).rpartition("/")
    return tag, metric


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
