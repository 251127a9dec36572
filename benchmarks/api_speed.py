"""How the API holds up: `python benchmarks/api_speed.py [SECONDS] [MINUTES]`.

A real server over the library that `policyqa eval beir` builds of JaQuAD's dev set, a client on the
same machine, questions that differ, nothing kept between them. 50 clients search, each as soon as
it is answered, for SECONDS (60); then 5 questions a second are asked for MINUTES (1).
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import httpx

sys.path.append(str(Path(__file__).parent.parent / "tests"))

import browsing
from policyqa.evaluation.beir import library_folder, read_beir_queries

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "eval" / "jaquad-dev"
CLIENTS = 50
PER_SECOND = 5


@dataclass
class Load:
    """What a load met with: seconds of each answer, and statuses."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def tell(self, what: str, wall: float) -> None:
        median, p95 = statistics.median(self.seconds), statistics.quantiles(self.seconds, n=20)[18]
        errors = self.statuses.total() - self.statuses[200]
        print(
            f"{what}: {len(self.seconds)} answers in {wall:.0f} s, "
            f"{len(self.seconds) / wall:.0f} a second; median {median:.3f} s, p95 {p95:.3f} s, "
            f"longest {max(self.seconds):.3f} s; {errors} errors"
        )


def main(seconds: float, minutes: float) -> None:
    library = library_folder(FOLDER)
    if not library.is_dir():
        print(f"no library at {library}; build it: policyqa eval beir {FOLDER}")
        return
    questions = [question.text for question in read_beir_queries(FOLDER)]
    with (
        tempfile.TemporaryDirectory() as folder,
        browsing.serving(library, Path(folder) / "log", rate_limit=0) as address,
    ):
        asyncio.run(measure(address, questions, seconds, minutes))


async def measure(address: str, questions: list[str], seconds: float, minutes: float) -> None:
    server = only_child()
    asked = cycle(questions)
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(
        base_url=address, timeout=60, limits=limits, trust_env=False
    ) as client:
        await at_once(client, asked, 5)
        print(f"memory after the start: {memory(server):.0f} MB")
        began = time.perf_counter()
        load = await at_once(client, asked, seconds)
        load.tell(f"{CLIENTS} clients search (bar p95 2 s)", time.perf_counter() - began)
        before = memory(server)
        began = time.perf_counter()
        load = await steadily(client, asked, round(minutes * 60 * PER_SECOND))
        load.tell(f"{PER_SECOND} a second ask (bar p95 0.5 s)", time.perf_counter() - began)
        after = memory(server)
        print(f"memory {after:.0f} MB (bar 1,500), {after - before:+.0f} MB meanwhile (bar 50)")


async def at_once(client: httpx.AsyncClient, asked: Iterator[str], seconds: float) -> Load:
    """Every client asks again as soon as it is answered."""
    load, end = Load(), time.perf_counter() + seconds

    async def one() -> None:
        while time.perf_counter() < end:
            await request(client, "search", next(asked), load)

    await asyncio.gather(*(one() for _ in range(CLIENTS)))
    return load


async def steadily(client: httpx.AsyncClient, asked: Iterator[str], count: int) -> Load:
    """A question every so often, however long the one before takes."""
    load, began = Load(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
            group.create_task(request(client, "ask", next(asked), load))
    return load


async def request(client: httpx.AsyncClient, route: str, question: str, load: Load) -> None:
    began = time.perf_counter()
    answer = await client.post(f"api/v1/{route}", json={"question": question})
    load.seconds.append(time.perf_counter() - began)
    load.statuses[answer.status_code] += 1


def only_child() -> int:
    """The server's process."""
    (child,) = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return int(child)


def memory(process: int) -> float:
    """Megabytes that a process has in memory."""
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    given = [float(value) for value in sys.argv[1:3]]
    main(*given, *(60.0, 1.0)[len(given) :])
