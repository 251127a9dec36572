"""What stands between the network and the application, and outlives it: keys, limits, counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import HTTPConnection

from policyqa import keys
from policyqa.errors import PolicyQAError
from policyqa.keys import Keys
from policyqa.settings import Settings
from policyqa.web.audit import AuditLog
from policyqa.web.limits import Limiter
from policyqa.web.metrics import Metrics
from policyqa.web.paths import path_of
from policyqa.web.proxies import Proxies


@dataclass(frozen=True, slots=True)
class Gate:
    """Made once for a server. As it is by default it fits a server for this machine alone: without
    keys, limits or an audit log."""

    bound_to_loopback: bool = True
    keys: Keys | None = None
    api_origins: Sequence[str] = ()
    proxies: Proxies = field(default_factory=Proxies)
    limiter: Limiter = field(default_factory=lambda: Limiter(0))
    metrics: Metrics = field(default_factory=Metrics)
    audit: AuditLog | None = None

    def answered(
        self,
        request: HTTPConnection,
        question: str,
        counts: Mapping[str, Any] | None,
        seconds: float,
    ) -> None:
        """Count and record a question of the page: what was found, or None where asking failed."""
        outcome = "failed" if counts is None else "found" if counts["found"] else "not_found"
        self.metrics.questions.labels(outcome).inc()
        if self.audit:
            said = {"action": "ask", "question": question, "counts": counts or {}}
            state = {**request.scope["state"], "audit": said}
            status = 500 if counts is None else 200
            self.audit.write(state, "ask", path_of(request.scope), status, seconds)


def gate_of(settings: Settings, *, bound_to_loopback: bool) -> Gate:
    """The gate that the settings describe. Raises PolicyQAError where a file it needs cannot be
    used, or they contradict each other."""
    if settings.user_header and not settings.trusted_proxies:
        raise PolicyQAError(
            f"the setting user_header ({settings.user_header}) is believed of no one; "
            "name the proxy that sets it in trusted_proxies"
        )
    metrics = Metrics()
    return Gate(
        bound_to_loopback,
        Keys(settings.key_file or keys.beside(settings.library)),
        settings.api_origins,
        Proxies(settings.trusted_proxies, settings.user_header),
        Limiter(settings.rate_limit),
        metrics,
        _audit_log(settings, metrics),
    )


def _audit_log(settings: Settings, metrics: Metrics) -> AuditLog | None:
    if settings.audit_log is None:
        return None
    return AuditLog(
        settings.audit_log,
        questions=settings.audit_questions,
        megabytes=settings.audit_size_mb,
        files=settings.audit_files,
        failed=metrics.audit_failures.inc,
    )
