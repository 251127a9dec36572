"""Where Gradio's sessions are: an event is put into a queue by one request (join) and its results
come by another (stream), which must go to the generation that has the event.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.types import Message, Receive

LARGEST_BODY = 64 * 1024
"""Bytes of a request that are looked at; the guard refuses longer ones."""
_LONGEST_NAME = 64
_AWAITED = 30.0
"""Seconds from a join within which the page opens the stream; it does so at once."""
_MOST = 4096

Place = TypeVar("Place")


@dataclass(slots=True)
class _Session(Generic[Place]):
    place: Place
    streams: int = 0
    awaited_until: float = 0.0


class Sessions(Generic[Place]):
    """The places of the sessions that have an event under way; the oldest of 4,096 is forgotten."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: OrderedDict[str, _Session[Place]] = OrderedDict()

    def join(self, name: str, live: Place) -> Place:
        """Where an event of this session goes: where an earlier one still is, else to `live`."""
        session = self._under_way(name) or _Session(live)
        session.awaited_until = self._now() + _AWAITED
        self._known[name] = session
        self._known.move_to_end(name)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return session.place

    def open_stream(self, name: str) -> Place | None:
        """Where the results of this session's events come from; None where nothing is awaited."""
        session = self._under_way(name)
        if session is None:
            return None
        session.streams += 1
        session.awaited_until = 0.0
        return session.place

    def close_stream(self, name: str) -> None:
        """A stream that was opened has ended."""
        session = self._known.get(name)
        if session:
            session.streams -= 1
            self._under_way(name)

    def are_at(self, place: Place) -> bool:
        """Whether any session has an event under way there."""
        names = [name for name, session in self._known.items() if session.place is place]
        return any(self._under_way(name) for name in names)

    def forget(self, place: Place) -> None:
        """Nothing goes there any more."""
        for name in [name for name, session in self._known.items() if session.place is place]:
            del self._known[name]

    def _under_way(self, name: str) -> _Session[Place] | None:
        session = self._known.get(name)
        if session and session.streams <= 0 and session.awaited_until < self._now():
            del self._known[name]
            return None
        return session


async def session_of(receive: Receive) -> tuple[str | None, Receive]:
    """The session that a request's JSON body names, and the body to be read again."""
    messages: list[Message] = []
    body = b""
    while True:
        message = await receive()
        messages.append(message)
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > LARGEST_BODY:
            break
    read = iter(messages)

    async def again() -> Message:
        return next(read, None) or await receive()

    return _named(body), again


def _named(body: bytes) -> str | None:
    try:
        sent = json.loads(body) if len(body) <= LARGEST_BODY else None
    except (ValueError, RecursionError):
        return None
    name = sent.get("session_hash") if isinstance(sent, dict) else None
    return name if isinstance(name, str) and len(name) <= _LONGEST_NAME else None
