"""The OpenAPI document, made once and served by us: no page, no asset from anywhere."""

import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from policyqa import __version__, strings
from policyqa.web.api_errors import ProblemRoute
from policyqa.web.api_models import Problem

PATH = "/api/v1/openapi.json"
_DESCRIPTION = """Search policy documents; answers with exact citations.

Offsets count Unicode code points. Errors are problem details (RFC 9457): `type` ends with a stable
code, `title` and `detail` are Japanese. Unknown fields and parameters are refused."""
_SECURITY = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "x-api-key",
        "description": "Made by `policyqa key add NAME`; not needed where the server is bound to "
        "the loopback address.",
    }
}
_ANYWHERE = (
    "key-missing",
    "key-wrong",
    "origin-not-allowed",
    "method-not-allowed",
    "rate-limited",
    "internal",
    "not-ready",
)
"""Problems that any route may end with."""
_PUBLIC = ("/api/v1/health/live", "/api/v1/health/ready")


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may end with these problems, besides those of any route."""
    by_status: dict[int | str, list[str]] = {}
    for code in (*codes, *_ANYWHERE):
        by_status.setdefault(strings.PROBLEMS[code][0], []).append(code)
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {
            "description": f"Problem: {', '.join(named)}.",
            "content": {"application/problem+json": schema},
        }
        for status, named in by_status.items()
    }


def openapi_router(routers: Sequence[APIRouter], base_path: str) -> APIRouter:
    """The address of the document that describes these routers, which lie below `base_path`."""
    router = APIRouter(route_class=ProblemRoute)

    @router.get(PATH, response_class=JSONResponse, responses=problems())
    async def openapi(request: Request) -> Response:
        """This document."""
        request.state.audit["action"] = "openapi"
        return Response(body, media_type="application/json")

    routes = [route for one in (*routers, router) for route in one.routes]
    body = json.dumps(_document(routes, base_path), ensure_ascii=False).encode()
    return router


def _document(routes: Sequence[BaseRoute], base_path: str) -> dict[str, Any]:
    document = get_openapi(
        title="policyqa",
        version=__version__,
        description=_DESCRIPTION,
        routes=routes,
        servers=[{"url": base_path.rstrip("/") or "/"}],
    )
    components = document["components"]
    schemas = components["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    # FastAPI's own form of errors, which no route answers.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = _SECURITY
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                del operation["responses"]["422"]
            operation["security"] = [] if path in _PUBLIC else [{"ApiKey": []}, {}]
    return document
