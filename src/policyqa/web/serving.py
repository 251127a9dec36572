"""Serve a library's live generation, and the next one as soon as it is there, without losing a
request: every answer comes from one whole generation.

Each generation has an application of its own. A request stays with the one it came to; a generation
is closed when the last of its requests has ended.
"""

import asyncio
import contextlib
import gc
import logging
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI
from fastapi.dependencies import models as dependency_models
from starlette.types import Message, Receive, Scope, Send

from policyqa.encoders import Encoder
from policyqa.errors import PolicyQAError
from policyqa.indexing import EncoderSource
from policyqa.library import Library
from policyqa.web.sessions import Sessions, session_of

LOOK_EVERY = 2.0
"""Seconds."""
_LONGEST_DRAIN = 300.0
"""Seconds that a generation which is no longer live waits for its last requests."""
_COLLECT_AFTER = 1.5
"""Seconds after which what a closed generation took in memory is free, if nothing is late."""
_MOST_COLLECTIONS = 5

log = logging.getLogger(__name__)

MakeApp = Callable[[Library], FastAPI]


@dataclass(frozen=True, slots=True)
class Refused:
    """A generation that CURRENT names and that is not served, and why."""

    generation: str
    reason: str


class LoadedOnce:
    """An encoder source that keeps what it has loaded: all generations share one encoder."""

    def __init__(self, source: EncoderSource) -> None:
        # What is loaded stays the same, whatever happens to its files.
        self.id = source.id
        self._source = source
        self._loaded: Encoder | None = None

    def load(self) -> Encoder:
        self._loaded = self._loaded or self._source.load()
        return self._loaded


class Live:
    """The ASGI application over the library at `folder`; `make_app` makes that of a generation.

    Raises LibraryError when the generation that is live at first cannot be opened. Later ones that
    cannot are refused, and the one before goes on serving.
    """

    def __init__(
        self,
        folder: Path,
        encoder: EncoderSource,
        make_app: MakeApp,
        look_every: float = LOOK_EVERY,
    ) -> None:
        self._folder = folder
        self._encoder = LoadedOnce(encoder)
        self._make_app = make_app
        self._look_every = look_every
        self.refused: Refused | None = None
        """The last generation that was refused, until another is served."""
        self._seen = _signature(folder)
        self._serving = self._open()
        self._retiring: dict[asyncio.Task[None], _Serving] = {}
        self._sessions: Sessions[_Serving] = Sessions()

    @property
    def library(self) -> Library:
        """The library as it is served now."""
        return self._serving.library

    @property
    def generation(self) -> str:
        """The name of the generation that is served."""
        return self._serving.library.generation.name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        path = scope["path"]
        if path.endswith("/gradio_api/queue/join"):
            name, receive = await session_of(receive)
            place = self._sessions.join(name, self._serving) if name else self._serving
            await place.answer(scope, receive, send)
        elif path.endswith("/gradio_api/queue/data"):
            await self._stream(scope, receive, send)
        elif "/gradio_api/heartbeat/" in path:
            await self._serving.answer_idly(scope, receive, send)
        else:
            await self._serving.answer(scope, receive, send)

    async def look(self) -> None:
        """Serve the generation that CURRENT names, unless it is served, or was refused, already."""
        seen = _signature(self._folder)
        if seen == self._seen:
            return
        self._seen = seen
        if seen.generation == self.generation:
            self.refused = None
            return
        try:
            opened = await asyncio.to_thread(self._open)
            await opened.start()
        except Exception as error:  # whatever is wrong with the new one, the old one goes on
            reason = str(error) if isinstance(error, PolicyQAError) else repr(error)
            self.refused = Refused(seen.generation, reason)
            log.error(
                "the new generation %s is not served, %s goes on serving: %s",
                seen.generation or "(none)",
                self.generation,
                reason,
                exc_info=None if isinstance(error, PolicyQAError) else error,
            )
            return
        before, self._serving, self.refused = self._serving, opened, None
        log.info("generation %s is served in place of %s", self.generation, before.name)
        self._retiring[asyncio.create_task(self._retire(before))] = before

    def let_idle_go(self) -> None:
        """End the streams of pages that wait for nothing."""
        for serving in (self._serving, *self._retiring.values()):
            serving.let_idle_go()

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        name = query.get("session_hash", [""])[0]
        place = self._sessions.open_stream(name)
        if place is None:
            await self._serving.answer_idly(scope, receive, send)
            return
        try:
            await place.answer(scope, receive, send)
        finally:
            self._sessions.close_stream(name)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self._serving.start()
        looking = asyncio.create_task(self._look_on())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        for task in self._retiring:
            task.cancel()
        for serving in (self._serving, *self._retiring.values()):
            await serving.end()
        await send({"type": "lifespan.shutdown.complete"})

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(self._look_every)
            await self.look()

    async def _retire(self, serving: "_Serving") -> None:
        """Close a generation once nothing of it is under way."""
        serving.let_idle_go()
        loop = asyncio.get_running_loop()
        latest = loop.time() + _LONGEST_DRAIN
        while (serving.requests or self._sessions.are_at(serving)) and loop.time() < latest:
            await asyncio.sleep(min(self._look_every, 0.5))
        if serving.requests:
            log.warning(
                "generation %s is closed with %s requests unanswered after %.0f s",
                serving.name,
                len(serving.requests),
                _LONGEST_DRAIN,
            )
        self._sessions.forget(serving)
        await serving.end()
        del self._retiring[asyncio.current_task()]  # type: ignore[arg-type]
        log.info("generation %s is closed", serving.name)
        library = weakref.ref(serving.library)
        del serving
        for _ in range(_MOST_COLLECTIONS):
            # The tasks of Gradio's queue find out within a second that it is closed.
            await asyncio.sleep(_COLLECT_AFTER)
            _collect()
            if library() is None:
                break

    def _open(self) -> "_Serving":
        """The live generation with its application. Raises LibraryError."""
        library = Library.open(self._folder, self._encoder)
        try:
            return _Serving(library, self._make_app(library))
        except BaseException:
            library.close()
            raise


class _Serving:
    """A generation, its application, and the requests it is answering."""

    def __init__(self, library: Library, app: FastAPI) -> None:
        self.library = library
        self.name = library.generation.name
        self.requests: set[asyncio.Task[Any]] = set()
        self._app = app
        self._idle: set[asyncio.Task[Any]] = set()
        self._ending = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Run what the application does before its first request."""
        started = asyncio.get_running_loop().create_future()
        # Begun and ended in one task, as its context managers need.
        self._life = asyncio.create_task(self._live(started))
        await started

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - requests are tasks
        self.requests.add(task)
        try:
            await self._app(scope, receive, send)
        finally:
            self.requests.discard(task)

    async def answer_idly(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that may never end and waits for nothing: a stream without an event."""
        begun = done = False

        async def noting(message: Message) -> None:
            nonlocal begun, done
            begun = True
            done = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        task = asyncio.create_task(self._app(scope, receive, noting))
        self._idle.add(task)
        try:
            await asyncio.wait([task])
        finally:
            self._idle.discard(task)
            task.cancel()
        if not task.cancelled():
            task.result()
            return
        if not begun:
            await send({"type": "http.response.start", "status": 503, "headers": []})
        if not done:
            await send({"type": "http.response.body", "body": b""})

    def let_idle_go(self) -> None:
        for task in self._idle:
            task.cancel()

    async def end(self) -> None:
        """Close the application, then the library; what is still under way is cut."""
        for task in self.requests:
            task.cancel()
        self._ending.set()
        if self._life:
            # Not awaited itself: who is cancelled while waiting does not cancel it.
            await asyncio.wait([self._life])
        self.library.close()

    async def _live(self, started: "asyncio.Future[None]") -> None:
        try:
            async with self._app.router.lifespan_context(self._app):
                started.set_result(None)
                await self._ending.wait()
        except Exception as error:
            if started.done():
                raise
            started.set_exception(error)


def _collect() -> None:
    """Free a closed application: until then its library stays in memory, and on disk, too, where
    the generation was deleted meanwhile."""
    # FastAPI remembers of 4,096 functions what kind they are, and with them all they refer to.
    for value in vars(dependency_models).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()
    # Applications refer to themselves in circles.
    gc.collect()


@dataclass(frozen=True, slots=True)
class _Signature:
    """What CURRENT names and when it was written: to write it again is to ask again."""

    generation: str
    written: int


def _signature(folder: Path) -> _Signature:
    try:
        file = folder / "CURRENT"
        return _Signature(file.read_text(errors="replace").strip(), file.stat().st_mtime_ns)
    except OSError:
        return _Signature("", 0)
