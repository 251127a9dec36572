"""What the TOML files of suites and sweeps have in common: a wrong one is refused with its key."""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from policyqa import store
from policyqa.errors import EvaluationError

SHORTEST_BUDGET = 50
"""As the setting chunk_tokens has it."""


def read_toml(path: Path, known: Collection[str]) -> Mapping[str, Any]:
    """What a file says. Raises EvaluationError when it cannot be read or has an unknown key."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error
    unknown = sorted(said.keys() - set(known))
    if unknown:
        raise wrong(path, unknown[0], f"unknown; known are {', '.join(sorted(known))}")
    return said


def wrong(path: Path, key: str, what: str) -> EvaluationError:
    """The error that says what a key of the file must be."""
    return EvaluationError(f"{path}: {key}: {what}")


def one_path(path: Path, key: str, value: object) -> Path:
    """A path, seen from the file's folder, of something that exists."""
    if not isinstance(value, str) or not value:
        raise wrong(path, key, "must be a path")
    found = path.parent / value
    if not found.exists():
        raise wrong(path, key, f"{found} does not exist")
    return found


def several_paths(path: Path, key: str, value: object) -> tuple[Path, ...]:
    """A list of such paths, which may be empty."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise wrong(path, key, "must be a list of paths")
    return tuple(one_path(path, key, one) for one in value)


def documents(path: Path, said: Mapping[str, Any]) -> tuple[tuple[Path, ...], Path | None]:
    """The files and folders of `corpus`, or the library of `library`: one of them must be said."""
    given = [key for key in ("corpus", "library") if key in said]
    if len(given) != 1:
        raise wrong(path, "corpus", "say either corpus = [files and folders] or library = folder")
    if given == ["library"]:
        library = one_path(path, "library", said["library"])
        if not store.exists(library):
            raise wrong(path, "library", f"no library at {library}; build one or say corpus")
        return (), library
    corpus = several_paths(path, "corpus", said["corpus"])
    if not corpus:
        raise wrong(path, "corpus", "must name a file or folder at least")
    return corpus, None
