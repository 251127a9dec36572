"""API keys: made once, kept as hashes in a file, looked up by the server.

A key is 256 random bits, so one round of SHA-256 keeps it: there is nothing to guess that a slow
hash would have to protect, as there is with passwords.
"""

import hashlib
import hmac
import json
import logging
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from policyqa.errors import KeyFileError

FILE = "api-keys.json"
PREFIX = "pqa_"
"""By which scanners, and people, know such a key."""
_NAME = re.compile(r"[\w.-]{1,64}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key. `created` is ISO 8601 in UTC."""

    name: str
    created: str
    sha256: str

    @property
    def fingerprint(self) -> str:
        """Tells keys apart; says nothing of the key."""
        return self.sha256[:8]


def beside(library: Path) -> Path:
    """Where keys are kept unless said otherwise. Not in the library's folder, which may be deleted
    and built anew at any time."""
    return library.resolve().parent / FILE


def kept(path: Path) -> list[Key]:
    """The keys of a file, the oldest first; none where there is no file.

    Raises KeyFileError when it cannot be read.
    """
    try:
        return [Key(**row) for row in json.loads(path.read_bytes())]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise KeyFileError(
            f"{path} is no file of API keys; put a whole one back, or remove it and make new keys "
            "with `policyqa key add NAME`"
        ) from error


def add(path: Path, name: str) -> str:
    """Make a key and keep its hash; the key itself. Raises KeyFileError where the name is taken
    or is none, or the file cannot be written."""
    if not _NAME.fullmatch(name):
        raise KeyFileError(f"{name!r} is no name of a key; write letters, digits, . _ - (1 to 64)")
    key = PREFIX + secrets.token_urlsafe(32)
    with _changing(path):
        keys = kept(path)
        if any(one.name == name for one in keys):
            raise KeyFileError(f"there is a key {name} already; revoke it first, or name another")
        created = datetime.now(UTC).isoformat(timespec="seconds")
        _write(path, [*keys, Key(name, created, _hash(key))])
    return key


def revoke(path: Path, name: str) -> None:
    """Forget a key. Raises KeyFileError where there is none of that name."""
    with _changing(path):
        keys = kept(path)
        left = [key for key in keys if key.name != name]
        if len(left) == len(keys):
            raise KeyFileError(f"there is no key {name} in {path}; see `policyqa key list`")
        _write(path, left)


class Keys:
    """The keys of a file, read again whenever it has changed, so that a key added or revoked counts
    at once."""

    def __init__(self, path: Path) -> None:
        """Raises KeyFileError when the file is there and cannot be read."""
        self._path = path
        self._seen = _state(path)
        self._keys = kept(path)

    def __bool__(self) -> bool:
        self._refresh()
        return bool(self._keys)

    def name_of(self, key: str) -> str | None:
        """The name of a key; None for what is no key."""
        self._refresh()
        given, name = _hash(key), None
        # All are compared, each in constant time.
        for one in self._keys:
            if hmac.compare_digest(one.sha256, given):
                name = one.name
        return name

    def _refresh(self) -> None:
        state = _state(self._path)
        if state == self._seen:
            return
        self._seen = state
        try:
            self._keys = kept(self._path)
        except KeyFileError as error:
            # A revoked key may be among those known before: none counts until the file is whole.
            log.error("no API key is accepted: %s", error)
            self._keys = []


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _state(path: Path) -> tuple[int, int, int] | None:
    """What differs when the file has been replaced; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def _changing(path: Path) -> Iterator[None]:
    """One process at a time changes the file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            yield
    except OSError as error:
        raise KeyFileError(f"{path} cannot be written: {error.strerror}") from error


def _write(path: Path, keys: Sequence[Key]) -> None:
    """Replace the file; readers see the old one or the new one."""
    text = json.dumps([asdict(key) for key in keys], ensure_ascii=False, indent=1)
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)
