"""Run files on disk: read, and anything written whole or not at all."""

import json
from pathlib import Path
from typing import Any

from policyqa.durable import replace_file
from policyqa.errors import EvaluationError


def read_run(path: Path) -> dict[str, Any]:
    """A run as `policyqa eval run --json` wrote it. Raises EvaluationError when it is none."""
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{path} is no run written with --json ({error})") from error
    if not isinstance(run, dict):
        raise EvaluationError(f"{path} is no run written with --json")
    return run


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises EvaluationError when it cannot be written."""
    try:
        replace_file(path, content)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror}") from error
