"""`/source/`: originals of passages, documents, images of pages, files."""

import logging
import mimetypes

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from policyqa import strings
from policyqa.errors import ReadError
from policyqa.library import Library
from policyqa.originals import File
from policyqa.web.originals_shown import Views
from policyqa.web.page_images import PageImage, PageImages
from policyqa.web.source_pages import missing_page

_CHECKED_AGAIN = {"cache-control": "private, no-cache"}

log = logging.getLogger(__name__)


def source_router(library: Library, images: PageImages) -> APIRouter:
    """The addresses below /source/ (docs/page.md)."""
    router = APIRouter(prefix="/source")
    views = Views(library, images)

    @router.get("/passage/{identity}")
    def passage(identity: str, request: Request) -> Response:
        start, end, page = (_number(request, name) for name in ("start", "end", "page"))
        evidence = (0, 0) if start is None or end is None else (start, end)
        return _html(views.passage(identity, evidence, page))

    @router.get("/section/{identity}")
    def section(identity: str) -> Response:
        return _html(views.section(identity))

    @router.get("/document/{identity}")
    def document(identity: str, request: Request) -> Response:
        return _html(views.document(identity, _number(request, "page")))

    @router.get("/image/{identity}/{page}.png")
    def image(identity: str, page: str, request: Request) -> Response:
        try:
            found = views.image(identity, int(page[:9]))
        except ReadError as error:
            log.warning("page %s of %s cannot be drawn: %s", page, identity, error)
            return PlainTextResponse(strings.SOURCE_IMAGE_FAILED, 503)
        if found is None:
            return PlainTextResponse(strings.SOURCE_MISSING, 404)
        return png_answer(*found, page, request)

    @router.api_route("/file/{identity}", methods=["GET", "HEAD"])
    def file(identity: str) -> Response:
        known = library.originals.document(identity)
        found = library.originals.file(identity) if known else None
        if found is None or found.state != "whole":
            return _html(None)
        is_pdf = found.path.suffix.lower() == ".pdf"
        guessed = mimetypes.guess_type(found.path.name)[0] or "application/octet-stream"
        return FileResponse(
            found.path,
            headers=_CHECKED_AGAIN,
            media_type="application/pdf" if is_pdf else guessed,
            filename=found.path.name,
            content_disposition_type="inline" if is_pdf else "attachment",
        )

    return router


def png_answer(file: File, drawn: PageImage, page: str | int, request: Request) -> Response:
    """The image of a page; 304 where the client has it."""
    headers = {**_CHECKED_AGAIN, "etag": f'"{file.sha256[:16]}-{page}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(drawn.png, headers=headers, media_type="image/png")


def _number(request: Request, name: str) -> int | None:
    """A whole number in the address; None for anything else."""
    value = request.query_params.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _html(page: str | None) -> Response:
    return HTMLResponse(missing_page(), 404) if page is None else HTMLResponse(page)
