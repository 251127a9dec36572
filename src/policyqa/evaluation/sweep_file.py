"""A sweep's file: what is asked of which documents, and the settings to try (docs/sweeps.md)."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard, get_args

import numpy as np

from policyqa.chunking import LIMIT
from policyqa.encoders import Runtime
from policyqa.evaluation.metrics import PER_QUESTION
from policyqa.evaluation.toml_file import SHORTEST_BUDGET, documents, one_path, read_toml, wrong
from policyqa.search.fusion import WEIGHTS

DEFAULT_OBJECTIVE = "nDCG@10"
_KEYS = {
    "questions", "corpus", "library", "method", "trials", "seed", "objective", "parameters"
}  # fmt: skip
_DIGITS = 4
"""Decimals of a weight that is drawn."""

Value = int | float | str
Changes = Mapping[str, Value]
"""Parameter to value, as the file names them: chunk_tokens, weights.dense, runtime, encoder."""


class _WrongError(ValueError):
    """What a value must be."""


@dataclass(frozen=True, slots=True)
class Range:
    """Any value from `low` to `high`; a whole number where `whole` says so."""

    low: float
    high: float
    whole: bool

    @property
    def values(self) -> int:
        """How many there are to draw."""
        if self.whole:
            return int(self.high - self.low) + 1
        return max(1, math.floor((self.high - self.low) * 10.0**_DIGITS))

    def draw(self, rng: np.random.Generator) -> Value:
        if self.whole:
            return int(rng.integers(int(self.low), int(self.high) + 1))
        return round(float(rng.uniform(self.low, self.high)), _DIGITS)


Choice = tuple[Value, ...] | Range


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep as its file has it. `questions` is a question set or, then without `corpus` and
    `library`, a BEIR folder. `trials` and `seed` are for random sweeps only."""

    path: Path
    questions: Path
    corpus: tuple[Path, ...]
    library: Path | None
    trials: int | None
    seed: int | None
    objective: str
    parameters: Mapping[str, Choice]

    def combinations(self) -> list[Changes]:
        """The combinations to try: all of them, or the distinct ones that the seed draws."""
        if self.trials is None:
            lists = [choice for choice in self.parameters.values() if isinstance(choice, tuple)]
            return [
                dict(zip(self.parameters, values, strict=True))
                for values in itertools.product(*lists)
            ]
        rng = np.random.default_rng(self.seed)
        drawn: dict[tuple[Value, ...], None] = {}
        while len(drawn) < self.trials:
            drawn[tuple(_draw(choice, rng) for choice in self.parameters.values())] = None
        return [dict(zip(self.parameters, values, strict=True)) for values in drawn]


def read_sweep(path: Path) -> Sweep:
    """Read a sweep's file. Paths in it are seen from its folder.

    Raises EvaluationError naming the file and the first wrong key.
    """
    said = read_toml(path, _KEYS)
    questions, corpus, library = _what_is_asked(path, said)
    method = said.get("method")
    if method not in ("grid", "random"):
        raise wrong(path, "method", 'must be "grid" or "random"')
    objective = said.get("objective", DEFAULT_OBJECTIVE)
    if objective not in PER_QUESTION:
        raise wrong(path, "objective", f"must be one of {', '.join(PER_QUESTION)}")
    trials, seed = (_random_only(path, said, key, method) for key in ("trials", "seed"))
    parameters = _parameters(path, said.get("parameters"), method, library)
    sweep = Sweep(path, questions, corpus, library, trials, seed, objective, parameters)
    there = _count(parameters.values())
    if trials is not None and trials > there:
        raise wrong(path, "trials", f"there are only {there} combinations; try all by grid")
    return sweep


# --- what is asked ---


def _what_is_asked(
    path: Path, said: Mapping[str, Any]
) -> tuple[Path, tuple[Path, ...], Path | None]:
    questions = one_path(path, "questions", said.get("questions"))
    if not questions.is_dir():
        return questions, *documents(path, said)
    for key in ("corpus", "library"):
        if key in said:
            raise wrong(path, key, "a BEIR folder brings its own documents; leave it out")
    return questions, (), None


def _random_only(path: Path, said: Mapping[str, Any], key: str, method: str) -> int | None:
    least = 1 if key == "trials" else 0
    if method == "grid":
        if key in said:
            raise wrong(path, key, 'is for method = "random" only')
        return None
    value = said.get(key)
    if not _is_whole(value) or value < least:
        raise wrong(path, key, f'method = "random" needs a whole number from {least}')
    return value


# --- parameters ---


def _parameters(path: Path, said: object, method: str, library: Path | None) -> dict[str, Choice]:
    if not isinstance(said, dict) or not said:
        raise wrong(path, "parameters", "must be a table of settings to try")
    found = {}
    for name, value in _flat(said).items():
        key = f"parameters.{name}"
        if name not in _CHECKS:
            raise wrong(path, key, f"unknown; known are {', '.join(_CHECKS)}")
        if library and name in ("chunk_tokens", "encoder"):
            raise wrong(path, key, "a built library has its own; say corpus in place of library")
        try:
            found[name] = _choice(name, value, method)
        except _WrongError as error:
            raise wrong(path, key, str(error)) from error
    return found


def _flat(said: Mapping[str, Any]) -> dict[str, Any]:
    """weights.dense, which TOML takes for a table in a table, as one name."""
    flat: dict[str, Any] = {}
    for name, value in said.items():
        if name == "weights" and isinstance(value, dict):
            flat |= {f"weights.{signal}": choice for signal, choice in value.items()}
        else:
            flat[name] = value
    return flat


def _choice(name: str, value: object, method: str) -> Choice:
    check = _CHECKS[name]
    if isinstance(value, list) and value:
        values = tuple(check(one) for one in value)
        if len(set(values)) < len(values):
            raise _WrongError("has a value twice")
        return values
    if not isinstance(value, dict) or check not in _NUMBERS:
        raise _WrongError(
            "must be a list of values"
            + (", or a table of min, max and step" if check in _NUMBERS else "")
        )
    return _range(check, value, method)


def _range(check: Callable[[object], Value], said: Mapping[str, Any], method: str) -> Choice:
    unknown = sorted(said.keys() - {"min", "max", "step"})
    if unknown:
        raise _WrongError(f"{unknown[0]} is unknown; a range has min, max and step")
    low, high = (float(check(said.get(key))) for key in ("min", "max"))
    if low >= high:
        raise _WrongError("min must be less than max")
    whole = check is _budget
    if "step" not in said:
        if method == "grid":
            raise _WrongError("a grid needs a step")
        return Range(low, high, whole)
    step = said["step"]
    if not (_is_whole(step) if whole else _is_number(step)) or step <= 0:
        raise _WrongError(f"step must be a {'whole ' if whole else ''}number above 0")
    # A last value that is the maximum but for rounding is one of them.
    values = (low + at * step for at in range(math.floor((high - low) / step + 1e-9) + 1))
    return tuple(int(value) if whole else round(value, 10) for value in values)


def _budget(value: object) -> Value:
    if not isinstance(value, int) or not _is_whole(value) or not SHORTEST_BUDGET <= value <= LIMIT:
        raise _WrongError(f"must be whole numbers from {SHORTEST_BUDGET} to {LIMIT}")
    return value


def _weight(value: object) -> Value:
    if not isinstance(value, int | float) or not _is_number(value) or not 0 <= value < math.inf:
        raise _WrongError("must be numbers from 0")
    return float(value)


def _runtime(value: object) -> Value:
    if value not in get_args(Runtime):
        raise _WrongError(f"must be of {', '.join(get_args(Runtime))}")
    return str(value)


def _encoder(value: object) -> Value:
    if not isinstance(value, str) or not value.strip():
        raise _WrongError('must be names or folders of models; "bundled" is the bundled one')
    return value


_NUMBERS = (_budget, _weight)
_CHECKS: Mapping[str, Callable[[object], Value]] = {
    "chunk_tokens": _budget,
    **dict.fromkeys((f"weights.{signal}" for signal in WEIGHTS), _weight),
    "runtime": _runtime,
    "encoder": _encoder,
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _count(choices: Iterable[Choice]) -> int:
    """How many combinations there are; of a drawn weight's values at least so many."""
    return math.prod(
        len(choice) if isinstance(choice, tuple) else choice.values for choice in choices
    )


def _draw(choice: Choice, rng: np.random.Generator) -> Value:
    if isinstance(choice, tuple):
        return choice[int(rng.integers(len(choice)))]
    return choice.draw(rng)
