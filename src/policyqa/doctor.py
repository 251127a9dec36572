"""`policyqa doctor`: what the installation is like, and what to do about what is wrong with it."""

import importlib.metadata
import os
import platform
import shutil
import socket
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from policyqa import __version__, japanese, store
from policyqa.encoders import EncoderChoice
from policyqa.errors import PolicyQAError
from policyqa.library import Library
from policyqa.settings import Settings

Verdict = Literal["ok", "warning", "problem"]

_PACKAGES = ("faiss-cpu", "bm25s", "fugashi", "unidic-lite", "openvino", "gradio", "torch")
_GIGABYTE = 1_000_000_000
_ENOUGH_DISK = 1.0
"""Gigabytes: a converted encoder and three generations of a small library."""
_ENOUGH_MEMORY = 1.5
"""Gigabytes that a server may take."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not well."""

    area: str
    verdict: Verdict
    says: str
    do: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Everything that is looked at, in the order in which it is printed. Changes nothing, except
    that an encoder that was never used is prepared in the cache."""
    return [
        *_versions(),
        *_settings(settings),
        _words(),
        _memory(),
        _disk("library", settings.library),
        _disk("cache", settings.encoder_choice.cache_folder),
        *_library(settings),
        _port(settings),
    ]


def as_json(findings: list[Finding]) -> dict[str, Any]:
    """What `policyqa doctor --json` prints."""
    return {
        "problems": sum(finding.verdict == "problem" for finding in findings),
        "findings": [asdict(finding) for finding in findings],
    }


def _versions() -> Iterator[Finding]:
    system = f"{platform.system()} {platform.machine()}"
    yield Finding("versions", "ok", f"policyqa {__version__}, Python {platform.python_version()}")
    yield Finding("versions", "ok", f"{system}, {os.cpu_count()} cores")
    found, missing = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    yield Finding("versions", "ok", ", ".join(found))
    # An offline bundle comes without torch, and needs none.
    if lost := [name for name in missing if name != "torch"]:
        yield Finding("versions", "problem", f"not installed: {', '.join(lost)}", "install again")


def _settings(settings: Settings) -> Iterator[Finding]:
    file = Path("policyqa.toml")
    written = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    given = {name.upper() for name in os.environ}
    for name in type(settings).model_fields:
        if f"POLICYQA_{name.upper()}" in given:
            origin = "environment"
        elif name in written:
            origin = str(file)
        elif name in settings.model_fields_set:
            origin = "command line"
        else:
            continue
        yield Finding("settings", "ok", f"{name} = {getattr(settings, name)} ({origin})")
    yield Finding("settings", "ok", "all others have their defaults")


def _words() -> Finding:
    try:
        words = japanese.distinct_lemmas("行政手続")
    except Exception as error:  # the dictionary fails in ways of its own
        return Finding("dictionary", "problem", f"{error}", "install unidic-lite again")
    return Finding("dictionary", "ok", f"UniDic tells words apart ({len(words)} in 行政手続)")


def _memory() -> Finding:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
        free = kilobytes["MemAvailable"] / 1e6
    except (OSError, KeyError):
        return Finding("memory", "ok", "this system does not tell how much is free")
    if free < _ENOUGH_MEMORY:
        do = f"a server may take {_ENOUGH_MEMORY} GB: end other programs or add memory"
        return Finding("memory", "warning", f"{free:.1f} GB available", do)
    return Finding("memory", "ok", f"{free:.1f} GB available")


def _disk(area: str, folder: Path) -> Finding:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free / _GIGABYTE
    says = f"{folder}: {free:.1f} GB free"
    if not os.access(there, os.W_OK):
        do = f"`policyqa index` must be able to write to {there}; a server need not"
        return Finding(area, "warning", f"{says}, not writable", do)
    if free < _ENOUGH_DISK:
        return Finding(area, "warning", says, f"free {_ENOUGH_DISK:.0f} GB")
    return Finding(area, "ok", f"{says}, writable")


def _library(settings: Settings) -> Iterator[Finding]:
    try:
        generation = store.current(settings.library)
    except PolicyQAError as error:
        yield Finding("library", "problem", *_parted(error))
        yield from _encoder(settings.encoder_choice)
        return
    counts = generation.manifest["counts"]
    age = datetime.now(UTC) - datetime.fromisoformat(generation.manifest["created"])
    yield Finding(
        "library",
        "ok",
        f"generation {generation.name}, {age.days} days old, files of the right size: "
        f"{counts['documents']} documents, {counts['chunks']} chunks",
    )
    loads = list(_encoder(settings.encoder_choice))
    yield from loads
    if any(finding.verdict == "problem" for finding in loads):
        return
    try:
        library = Library.open(settings.library, settings.encoder_choice)
    except PolicyQAError as error:
        yield Finding("library", "problem", *_parted(error))
        return
    try:
        yield _files(library)
    finally:
        library.close()


def _files(library: Library) -> Finding:
    """Whether the documents are still those that were indexed."""
    states = [library.originals.file(document.id).state for document in library.documents]
    changed, gone = states.count("changed"), states.count("gone")
    if changed or gone:
        return Finding(
            "documents",
            "warning",
            f"{changed} changed and {gone} gone since they were indexed",
            "run `policyqa index PATH...` again",
        )
    return Finding("documents", "ok", f"{len(states)} as they were indexed")


def _encoder(choice: EncoderChoice) -> Iterator[Finding]:
    try:
        encoder = choice.load()
    except Exception as error:  # whatever a foreign model or runtime ends with
        said = error if isinstance(error, PolicyQAError) else f"{type(error).__name__}: {error}"
        yield Finding("encoder", "problem", *_parted(said))
        return
    says = f"{choice.id} loads ({type(encoder).__name__}, {encoder.dimension} numbers)"
    yield Finding("encoder", "ok", says)


def _port(settings: Settings) -> Finding:
    where = f"{settings.host} port {settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            do = "well if it is the server that runs; else give another with POLICYQA_PORT"
            return Finding("port", "warning", f"{where}: {error.strerror}", do)
    return Finding("port", "ok", f"{where} is free")


def _parted(error: object) -> tuple[str, str]:
    """What is wrong, and what to do: our messages have both, parted by the first semicolon."""
    says, _, do = str(error).partition("; ")
    return says, do
