"""Questions of several threads, encoded at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from policyqa.encoders.together import Together


class Encode:
    """Gives each question its first token as vector; the first call waits until it is let go."""

    def __init__(self):
        self.runs = []
        self.began, self.go_on = threading.Event(), threading.Event()

    def __call__(self, tokens):
        self.runs.append([len(question) for question in tokens])
        if not self.began.is_set():
            self.began.set()
            assert self.go_on.wait(60)
        if any(0 in question for question in tokens):
            raise ValueError("zero")
        return [np.array([question[0]], np.float32) for question in tokens]


@pytest.fixture
def pool():
    with ThreadPoolExecutor() as pool:
        yield pool


def asked_meanwhile(pool, together, encode, questions):
    """Futures: the first question is under way while the others line up one after the other."""
    futures = [pool.submit(together, questions[0])]
    assert encode.began.wait(60)
    for number, question in enumerate(questions[1:], start=1):
        futures.append(pool.submit(together, question))
        end = time.monotonic() + 60
        while len(together._line) < number:
            assert time.monotonic() < end
            time.sleep(0.001)
    encode.go_on.set()
    return futures


@pytest.mark.parametrize(
    ("lengths", "runs"),
    [
        ([4], [[4]]),
        ([1, 1, 1, 1], [[1], [1, 1, 1]]),
        # 6 tokens together at most, padding included; in line, never past one that waits longer
        ([1, 2, 3, 1, 6], [[1], [2, 3], [1], [6]]),
        ([1, 3, 1, 3, 3], [[1], [3, 1], [3, 3]]),
        # longer than all that may be run together: alone
        ([1, 2, 9, 2], [[1], [2], [9], [2]]),
    ],
)
def test_what_waits_is_run_together(pool, lengths, runs):
    encode = Encode()
    together = Together(encode, 6)
    questions = [[number + 1] * length for number, length in enumerate(lengths)]
    futures = asked_meanwhile(pool, together, encode, questions)
    assert [future.result(60).tolist() for future in futures] == [[q[0]] for q in questions]
    assert encode.runs == runs
    # And nothing is held: the next one is run at once.
    assert together([7]).tolist() == [7]
    assert encode.runs[-1] == [1]


def test_an_error_reaches_those_that_were_run_together(pool):
    encode = Encode()
    together = Together(encode, 4)
    futures = asked_meanwhile(pool, together, encode, [[1], [2, 2], [0, 0], [3, 3]])
    for future in futures[1:3]:
        with pytest.raises(ValueError, match="zero"):
            future.result(60)
    assert [futures[0].result(60).tolist(), futures[3].result(60).tolist()] == [[1], [3]]
