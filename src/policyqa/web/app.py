"""The web application: FastAPI with the Gradio page mounted on it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from policyqa.evaluation import cases
from policyqa.feedback import Feedback, beside
from policyqa.library import Library
from policyqa.web.access import Access, Identified
from policyqa.web.api import api_router
from policyqa.web.audit import Audited
from policyqa.web.documents import outline_html
from policyqa.web.gate import Gate
from policyqa.web.genai import genai_router
from policyqa.web.guard import BasePath, Guard, PageHeaders
from policyqa.web.metrics import Metered, metrics_router
from policyqa.web.openapi import openapi_router
from policyqa.web.page_images import PageImages
from policyqa.web.parts import part_router
from policyqa.web.source import source_router
from policyqa.web.theme import theme
from policyqa.web.ui import page

_STATIC = Path(__file__).parent / "static"


def create_app(
    library: Library,
    *,
    allowed_hosts: Sequence[str],
    frame_ancestors: Sequence[str] = (),
    base_path: str = "/",
    feedback: Path | None = None,
    case_file: Path | None = None,
    gate: Gate | None = None,
) -> FastAPI:
    """The application for an opened library.

    `allowed_hosts` are the Host names answered to, `frame_ancestors` the origins that may frame
    the page, `base_path` is the path that all its addresses begin with; `feedback` and `case_file`
    are the files that users add to, unset: beside the library. `gate` outlives the application;
    unset, it is one for this machine alone.
    """
    gate = gate or Gate()
    demo = page(library, gate)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        # Ends the tasks of Gradio's queue, which nothing else does.
        demo.close(verbose=False)

    # FastAPI's documentation pages load their assets from a CDN.
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.get("/part/outline/{document}")(_outline_part(library))
    app.mount("/policyqa", StaticFiles(directory=_STATIC))
    images = PageImages()
    app.include_router(source_router(library, images))
    opinions = Feedback(feedback or beside(library.folder))
    api = (api_router(library, opinions, images), genai_router(library))
    for router in (*api, openapi_router(api, base_path)):
        app.include_router(router)
    app.include_router(part_router(library, opinions, case_file or cases.beside(library.folder)))
    app.include_router(
        metrics_router(gate.metrics, library.generation.name, lambda: len(demo._queue))
    )
    gr.mount_gradio_app(
        app,
        demo,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1kb",
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        allowed_paths=[],
        theme=theme(),
    )
    # The last added is the outermost.
    app.add_middleware(Guard)
    app.add_middleware(Access, gate=gate)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts))
    if gate.audit:
        app.add_middleware(Audited, audit=gate.audit)
    app.add_middleware(Metered, metrics=gate.metrics)
    app.add_middleware(Identified, proxies=gate.proxies)
    app.add_middleware(PageHeaders, frame_ancestors=tuple(frame_ancestors))
    app.add_middleware(BasePath, base_path=base_path)
    return app


def _outline_part(library: Library) -> Callable[[str], HTMLResponse]:
    known = frozenset(document.id for document in library.documents)

    def outline_part(document: str) -> HTMLResponse:
        """A document's outline, as HTML for the list of documents."""
        if document not in known:
            return HTMLResponse("", 404)
        return HTMLResponse(outline_html(library.outline(document)))

    return outline_part
