"""The audit log: who asked and opened what, as JSON lines."""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from policyqa.errors import PolicyQAError
from policyqa.web.paths import path_of

_ACTIONS = {
    "feedback": re.compile(r"/part/feedback"),
    "case": re.compile(r"/part/case"),
    "original": re.compile(r"/source/(?:passage|section|document|file)/.+", re.DOTALL),
    "genai": re.compile(r"/genai/.*", re.DOTALL),
    "api": re.compile(r"/api/(?!v1/health/).*", re.DOTALL),
    "page": re.compile(r"/gradio_api/queue/join"),
}
"""What a request is called that does not say it more exactly itself."""
_LONGEST_PATH = 200
# JSON escapes the controls below U+0020; these end lines, move cursors or turn text around, too.
_DECEIVING = re.compile("[\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

log = logging.getLogger(__name__)


class AuditLog:
    """A file of one JSON object a line; a full one is set aside. Safe to use from several threads,
    not from several processes."""

    def __init__(
        self,
        path: Path,
        *,
        questions: bool,
        megabytes: int,
        files: int,
        failed: Callable[[], None],
    ) -> None:
        """`questions` says whether questions are written, `files` how many full ones are kept;
        `failed` is called for every line that cannot be written.

        Raises PolicyQAError when even the first line cannot.
        """
        self._questions = questions
        self._failed = failed
        self._failing = False
        try:
            self._file = _File(path, megabytes * 2**20, files)
            self._append({"time": _now(), "action": "start"})
        except OSError as error:
            raise PolicyQAError(
                f"the audit log {path} cannot be written: {error.strerror}; "
                "give another file with POLICYQA_AUDIT_LOG"
            ) from error

    def write(
        self, state: Mapping[str, Any], action: str, path: str, status: int, seconds: float
    ) -> None:
        """Write what was done. `state` is a request's: its id, its caller, and in `audit` what its
        route says of it. Never fails: the answer goes out also when the disk is full."""
        caller, said = state["caller"], state["audit"]
        line = {
            "time": _now(),
            "request_id": state["request_id"],
            "by": caller.kind,
            "name": caller.name,
            "address": caller.address,
            "action": said.get("action", action),
            "path": path[:_LONGEST_PATH],
            "status": status,
            "counts": said.get("counts", {}),
            "took_ms": round(seconds * 1000),
        }
        if self._questions and "question" in said:
            line["question"] = said["question"]
        try:
            self._append(line)
            self._failing = False
        except (OSError, ValueError) as error:
            self._failed()
            # Once, not for every line.
            if not self._failing:
                log.error("the audit log cannot be written: %s", error)
            self._failing = True

    def close(self) -> None:
        self._file.close()

    def _append(self, line: Mapping[str, Any]) -> None:
        text = _DECEIVING.sub(_escaped, json.dumps(line, ensure_ascii=False))
        self._file.handle(logging.makeLogRecord({"msg": text}))


class Audited:
    """Writes a line for every request that is one of `_ACTIONS`, also for those that are refused.
    Of the page's events only these: what was asked is known, and written, when it is answered."""

    def __init__(self, app: ASGIApp, audit: AuditLog) -> None:
        self._app = app
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        action = _action(path_of(scope)) if scope["type"] == "http" else None
        if action is None:
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            if action != "page" or status >= 400:
                seconds = time.monotonic() - began
                self._audit.write(scope["state"], action, path_of(scope), status, seconds)


class _File(RotatingFileHandler):
    """A log file for its owner's eyes; what goes wrong is raised."""

    def __init__(self, path: Path, most_bytes: int, files: int) -> None:
        super().__init__(
            path,
            maxBytes=most_bytes,
            backupCount=files,
            encoding="utf-8",
            errors="backslashreplace",
        )

    def _open(self) -> TextIOWrapper:
        def opener(path: str, flags: int) -> int:
            return os.open(path, flags, 0o600)

        stream = open(self.baseFilename, "ab", opener=opener)  # noqa: SIM115 - the handler's
        return TextIOWrapper(stream, encoding=self.encoding, errors=self.errors)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the handler's
        error = sys.exception()
        if error is not None:
            raise error


def _action(path: str) -> str | None:
    return next((name for name, pattern in _ACTIONS.items() if pattern.fullmatch(path)), None)


def _escaped(character: re.Match[str]) -> str:
    return f"\\u{ord(character.group()):04x}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
