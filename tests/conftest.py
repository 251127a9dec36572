"""Fixtures that more than one test module uses."""

from collections.abc import Iterator
from pathlib import Path

import playwright.sync_api
import pytest
from hypothesis import settings

import browsing
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


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; without it the test is skipped."""
    return browsing.CHROMIUM or pytest.skip(browsing.MISSING)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[playwright.sync_api.Browser]:
    """Chromium. Not for a whole session: Playwright's event loop runs as long."""
    with playwright.sync_api.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=browsing.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def real_library(juten: Path, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the user's document, built with the real encoder."""
    folder = tmp_path_factory.mktemp("browser") / "index"
    browsing.build(folder, juten)
    return folder


@pytest.fixture(scope="session")
def portals(chromium: str) -> Iterator[tuple[browsing.Portal, browsing.Portal]]:
    """The example portal on two origins: one that the server lists, one that it does not."""
    with browsing.portal() as listed, browsing.portal() as unlisted:
        yield listed, unlisted


@pytest.fixture(scope="session")
def server(
    real_library: Path, portals: tuple[browsing.Portal, browsing.Portal], tmp_path_factory
) -> Iterator[str]:
    """The address of the real server, in a process of its own."""
    log = tmp_path_factory.mktemp("server") / "log"
    with browsing.serving(real_library, log, frame_ancestors=[portals[0].origin]) as address:
        for portal in portals:
            portal.policyqa = address
        yield address


@pytest.fixture
def watched(
    browser: playwright.sync_api.Browser, server: str, request: pytest.FixtureRequest
) -> Iterator[browsing.Watched]:
    """The page, opened; parametrised with what a browser context is made with. Nothing may go out
    or go wrong in it."""
    with browsing.watching(browser, server, **getattr(request, "param", {})) as watched:
        yield watched
        assert watched.outside() == []
        assert watched.problems == []
