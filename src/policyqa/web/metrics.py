"""`/metrics`: what the server has done, for Prometheus. No label holds what users write."""

import time
from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What is counted as long as the server runs. Safe to use from several threads."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = Counter(
            "policyqa_requests",
            "Requests answered, by route, method and status.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self.seconds = Histogram(
            "policyqa_request_seconds",
            "Seconds until an answer begins, by route.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.questions = Counter(
            "policyqa_questions",
            "Questions of the page and the API, by outcome.",
            ("outcome",),
            registry=self._registry,
        )
        self.audit_failures = Counter(
            "policyqa_audit_failures",
            "Lines that the audit log could not take.",
            registry=self._registry,
        )

    def text(self, generation: str, queued: int) -> bytes:
        """All of it in Prometheus' text format, with what is so just now: the library's generation
        and how many of the page's events wait for their turn."""
        now = CollectorRegistry()
        name = "policyqa_generation"
        Gauge(name, "The generation that answers.", ("name",), registry=now).labels(generation).set(
            1
        )
        Gauge("policyqa_queue", "Events of the page that wait.", registry=now).set(queued)
        return generate_latest(self._registry) + generate_latest(now)


class Metered:
    """Counts every request, also those that are refused."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, seconds = time.monotonic(), 500, None

        async def sending(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status, seconds = message["status"], time.monotonic() - began
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            # Routers leave the route they chose in the scope; what never reached one has none.
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(route, method, str(status)).inc()
            if seconds is not None:
                self._metrics.seconds.labels(route).observe(seconds)
            found = scope["state"]["audit"].get("counts", {}).get("found")
            if found is not None:
                self._metrics.questions.labels("found" if found else "not_found").inc()


def metrics_router(metrics: Metrics, generation: str, queued: Callable[[], int]) -> APIRouter:
    """`queued` tells how many events of the page wait."""
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)
    def show() -> Response:
        return Response(metrics.text(generation, queued()), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router
