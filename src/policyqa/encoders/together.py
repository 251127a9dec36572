"""Questions of several threads, encoded at once."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Encode = Callable[[Sequence[list[int]]], Sequence[Vector]]


@dataclass(eq=False, slots=True)
class _Asked:
    """A question in line. Awake it is done, with its vector or an error, or else is to encode."""

    tokens: list[int]
    awake: threading.Event = field(default_factory=threading.Event)
    done: bool = False
    vector: Vector = field(init=False)
    error: BaseException | None = None


class Together:
    """Token ids of one question in, its vector out; called by any thread.

    A question that comes while none is encoded is encoded alone, at once. Those that come meanwhile
    wait in line, and the first of them encodes as many as have at most `most` tokens together,
    padding included: several cost less than one after the other. What `encode` raises reaches each
    that was encoded with it.
    """

    def __init__(self, encode: Encode, most: int) -> None:
        self._encode = encode
        self._most = most
        self._lock = threading.Lock()
        self._line: deque[_Asked] = deque()
        self._busy = False

    def __call__(self, tokens: list[int]) -> Vector:
        own = _Asked(tokens)
        with self._lock:
            self._line.append(own)
            if not self._busy:
                self._busy = True
                own.awake.set()
        own.awake.wait()
        if not own.done:
            self._encode_first()
        if own.error:
            raise own.error
        return own.vector

    def _encode_first(self) -> None:
        """Encode those at the head of the line, and hand on to who is at the head then."""
        with self._lock:
            asked = self._taken()
        try:
            vectors = self._encode([one.tokens for one in asked])
            for one, vector in zip(asked, vectors, strict=True):
                one.vector = vector
        except BaseException as error:
            for one in asked:
                one.error = error
        finally:
            with self._lock:
                if self._line:
                    self._line[0].awake.set()
                else:
                    self._busy = False
            for one in asked:
                one.done = True
                one.awake.set()

    def _taken(self) -> list[_Asked]:
        taken = [self._line.popleft()]
        longest = len(taken[0].tokens)
        while self._line:
            longest = max(longest, len(self._line[0].tokens))
            if longest * (len(taken) + 1) > self._most:
                break
            taken.append(self._line.popleft())
        return taken
