"""`/api/v1`: search, answers, documents, passages, pages and feedback as JSON (docs/api.md)."""

from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from policyqa import __version__, output, strings_api
from policyqa.answering import answer
from policyqa.catalogue import DocumentRow
from policyqa.errors import LibraryError, PolicyQAError, ReadError
from policyqa.feedback import Feedback
from policyqa.library import Library
from policyqa.models import SearchResult
from policyqa.originals import Neighbour
from policyqa.web import api_models as models
from policyqa.web.api_errors import ProblemError, ProblemRoute, log
from policyqa.web.openapi import problems
from policyqa.web.opinions import UnknownPassageError, Verdict, keep_opinion
from policyqa.web.originals_shown import Views
from policyqa.web.page_images import PageImages
from policyqa.web.source import png_answer

PREFIX = "/api/v1"
_ASKING = ("bad-request", "question-empty", "question-too-long")
_BODY = ("not-json", "body-too-large")


def api_router(library: Library, feedback: Feedback, images: PageImages) -> APIRouter:
    """The addresses below /api/v1/ of an opened library, but the OpenAPI document."""
    router = APIRouter(prefix=PREFIX, route_class=ProblemRoute)
    _add_asking(router, library)
    _add_documents(router, library, images)
    _add_feedback(router, library, feedback)
    _add_state(router, library)
    return router


def _add_asking(router: APIRouter, library: Library) -> None:
    def search(asked: models.Asked | models.AskedByAddress, request: Request) -> Response:
        result = library.search(asked.question, asked.top_k, filters=asked.filters)
        audit(request, "search", result)
        return JSONResponse(output.search_json(result))

    def ask(asked: models.Asked | models.AskedByAddress, request: Request) -> Response:
        result = library.search(asked.question, asked.top_k, filters=asked.filters)
        found = answer(result)
        audit(request, "ask", result, found=found.found)
        return JSONResponse(output.answer_json(result, found))

    by_address: dict[str, Any] = {"responses": problems(*_ASKING)}
    by_body: dict[str, Any] = {"responses": problems(*_ASKING, *_BODY)}

    @router.get("/search", response_model=models.SearchAnswer, **by_address)
    def search_by_address(
        asked: Annotated[models.AskedByAddress, Query()], request: Request
    ) -> Response:
        """The passages for a question, best first."""
        return search(asked, request)

    @router.post("/search", response_model=models.SearchAnswer, **by_body)
    def search_by_body(asked: models.Asked, request: Request) -> Response:
        """The passages for a question, best first."""
        return search(asked, request)

    @router.get("/ask", response_model=models.AskAnswer, **by_address)
    def ask_by_address(
        asked: Annotated[models.AskedByAddress, Query()], request: Request
    ) -> Response:
        """The sentences that answer a question, or that nothing was found; with passages."""
        return ask(asked, request)

    @router.post("/ask", response_model=models.AskAnswer, **by_body)
    def ask_by_body(asked: models.Asked, request: Request) -> Response:
        """The sentences that answer a question, or that nothing was found; with passages."""
        return ask(asked, request)


def _add_documents(router: APIRouter, library: Library, images: PageImages) -> None:
    views = Views(library, images)

    @router.get("/documents", responses=problems("bad-request"))
    def documents(paging: Annotated[models.Paging, Query()], request: Request) -> models.Documents:
        """The documents of the library."""
        rows = library.documents
        shown = rows[paging.offset : paging.offset + paging.limit]
        request.state.audit.update(action="documents", counts={"documents": len(shown)})
        return models.Documents(
            total=len(rows),
            limit=paging.limit,
            offset=paging.offset,
            documents=[models.Document(**_document(row)) for row in shown],
        )

    @router.get("/documents/{identity}", responses=problems("not-found"))
    def document(identity: str, request: Request) -> models.OutlinedDocument:
        """A document and its outline."""
        request.state.audit.update(action="document", document=identity)
        row = library.originals.document(identity)
        if row is None:
            raise ProblemError("not-found", strings_api.UNKNOWN_DOCUMENT)
        outline = [
            models.Heading(text=heading.text, depth=heading.depth, page=heading.page)
            for heading in library.outline(identity)
        ]
        return models.OutlinedDocument(**_document(row), outline=outline)

    @router.get(
        "/passages/{identity}",
        response_model=models.PassageInContext,
        responses=problems("not-found"),
    )
    def passage(identity: str, request: Request) -> Response:
        """A passage with its citation and the text around it."""
        request.state.audit.update(action="passage", passage=identity)
        original = library.originals.passage(identity, library.today)
        if original is None:
            raise ProblemError("not-found", strings_api.UNKNOWN_PASSAGE)
        before, after = library.originals.context(original)
        return JSONResponse(
            {
                "id": original.id,
                "text": original.chunk.text,
                "citation": output.citation_json(original.citation),
                "before": [_neighbour(neighbour) for neighbour in before],
                "after": [_neighbour(neighbour) for neighbour in after],
            }
        )

    @router.get(
        "/pages/{document}/{page}.png",
        response_class=Response,
        responses={
            200: {"content": {"image/png": {}}, "description": "The page, 1400 pixels wide."},
            304: {"description": "The client has it: If-None-Match named its ETag."},
            **problems("bad-request", "not-found", "image-failed"),
        },
    )
    def page_image(
        document: str, page: Annotated[int, Path(ge=1, le=10**6)], request: Request
    ) -> Response:
        """The image of a page of a PDF, counted from 1."""
        request.state.audit.update(action="page", document=document, page=page)
        try:
            found = views.image(document, page)
        except ReadError as error:
            log.warning("page %d of %s cannot be drawn: %s", page, document, error)
            raise ProblemError("image-failed") from error
        if found is None:
            raise ProblemError("not-found", strings_api.UNKNOWN_PAGE)
        return png_answer(*found, page, request)


def _add_feedback(router: APIRouter, library: Library, feedback: Feedback) -> None:
    @router.post(
        "/feedback",
        status_code=204,
        response_class=Response,
        responses=problems("bad-request", "question-empty", "not-found", "not-kept", *_BODY),
    )
    def give_feedback(sent: Verdict, request: Request) -> None:
        """Keep what a user says of the answer to a question."""
        request.state.audit.update(
            action="feedback", question=sent.question, verdict=sent.verdict, passage=sent.passage
        )
        try:
            keep_opinion(library, feedback, sent)
        except UnknownPassageError as error:
            raise ProblemError("not-found", strings_api.UNKNOWN_PASSAGE) from error
        except PolicyQAError as error:
            log.exception("what a user sent was not kept")
            raise ProblemError("not-kept") from error


def _add_state(router: APIRouter, library: Library) -> None:
    manifest = library.generation.manifest
    version = models.Version(
        policyqa=__version__,
        generation=library.generation.name,
        built=manifest["created"],
        documents=manifest["counts"]["documents"],
        sections=manifest["counts"]["sections"],
        chunks=manifest["counts"]["chunks"],
        encoder=manifest["encoder"]["id"],
    )

    @router.get("/health/live", responses=problems())
    async def live(request: Request) -> models.Health:
        """The process answers, however busy its threads are."""
        request.state.audit["action"] = "health"
        return models.Health(status="live")

    @router.get("/health/ready", responses=problems("not-ready"))
    def ready(request: Request) -> models.Health:
        """The library can be read."""
        request.state.audit["action"] = "health"
        try:
            library.outline("")
        except LibraryError as error:
            log.warning("the library cannot be read: %s", error)
            raise ProblemError("not-ready") from error
        return models.Health(status="ready")

    @router.get("/version", responses=problems())
    async def shown_version(request: Request) -> models.Version:
        """What answers: the program and the library's generation."""
        request.state.audit["action"] = "version"
        return version


def audit(request: Request, action: str, result: SearchResult, **counts: bool) -> None:
    """Note what was asked and what came of it."""
    request.state.audit.update(
        action=action,
        question=result.question,
        counts={"passages": len(result.passages), **counts},
    )


def _document(row: DocumentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "file": PurePath(row.path).name,
        "pages": row.page_count,
        "metadata": dict(row.metadata),
    }


def _neighbour(neighbour: Neighbour) -> dict[str, Any]:
    return {"section": list(neighbour.path), "text": neighbour.text}
