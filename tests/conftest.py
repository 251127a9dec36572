"""Fixtures that more than one test module uses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from fakes import FakeSource
from policyqa import indexing
from policyqa.library import Library

# How long an example takes says more about the machine than about the code.
settings.register_profile("policyqa", deadline=None)
settings.load_profile("policyqa")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def juten(repository: Path) -> Path:
    """The user's document."""
    return repository / "corpus" / "juten-shisaku.txt"


@pytest.fixture(scope="session")
def shared(repository: Path) -> Path:
    """Data too large for the repository; without it the test is skipped."""
    folder = repository.parent / "shared"
    if not (folder / "corpus").is_dir():
        pytest.skip(f"no shared data: statutes and white papers should lie in {folder / 'corpus'}")
    return folder


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture(scope="session")
def juten_folder(juten: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the user's document, built with the fake encoder. Not to be written to."""
    folder = tmp_path_factory.mktemp("juten") / "index"
    indexing.build([juten], folder, FakeSource())
    return folder


@pytest.fixture
def library(juten_folder: Path, source: FakeSource) -> Iterator[Library]:
    """The library of the user's document, opened."""
    opened = Library.open(juten_folder, source)
    yield opened
    opened.close()
