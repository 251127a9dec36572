"""The Government AI portal's protocol: it posts `inputs` and shows the Markdown in `outputs`.

Specified in the portal's AIアプリAPI仕様 (github.com/digital-go-jp/genai-web, March 2026).
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from policyqa import strings, strings_api
from policyqa.answering import answer
from policyqa.catalogue import DocumentRow
from policyqa.library import LONGEST_QUESTION, Library
from policyqa.web.answer_markdown import result_markdown
from policyqa.web.api import audit
from policyqa.web.api_errors import ProblemRoute
from policyqa.web.api_models import Filtered, Names, Question, day, question_schema
from policyqa.web.choices import Choice, choices
from policyqa.web.openapi import problems

PATH = "/genai/invoke"


def _text(given: Any) -> Any:
    # The portal sends what looks like a number as one: a question may be 2025.
    return json.dumps(given) if isinstance(given, int | float) else given


def _names(given: Any) -> Any:
    """A field of the form gives one value; one that is left empty gives an empty text."""
    if isinstance(given, list):
        return [_text(one) for one in given]
    return [] if given in ("", None) else [_text(given)]


def _day(given: Any) -> date | None:
    return None if given in ("", None) else day(given)


_NUMBERS = [{"type": "number"}, {"type": "boolean"}]
_NAME = [{"type": "string", "minLength": 1, "maxLength": 1000}, *_NUMBERS]
_Question = Annotated[
    Question,
    BeforeValidator(_text),
    WithJsonSchema({"anyOf": [question_schema(), *_NUMBERS]}),
]
_Names = Annotated[
    Names,
    BeforeValidator(_names),
    WithJsonSchema(
        {
            "anyOf": [
                *_NAME,
                {"type": "string", "maxLength": 0},
                {"type": "array", "items": {"anyOf": _NAME}, "maxItems": 100},
                {"type": "null"},
            ]
        }
    ),
]
_Day = Annotated[
    date | None,
    BeforeValidator(_day),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "maxLength": 0},
                {"type": "null"},
            ]
        }
    ),
]


class Inputs(Filtered):
    """The values of the form; fields of the portal's own (files, conversation_history) are
    ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)

    question: _Question
    document: _Names = []
    publisher: _Names = []
    kind: _Names = []
    date_from: Annotated[_Day, Field(alias="from")] = None
    date_to: Annotated[_Day, Field(alias="to")] = None
    as_of: _Day = None


class Invocation(BaseModel):
    """What the portal posts."""

    model_config = ConfigDict(extra="ignore")

    inputs: Inputs


class Outputs(BaseModel):
    """The answer, in Markdown, in Japanese."""

    outputs: str


def genai_router(library: Library) -> APIRouter:
    """The address that the portal calls."""
    router = APIRouter(route_class=ProblemRoute)

    @router.post(
        PATH,
        response_model=Outputs,
        responses=problems(
            "bad-request", "question-empty", "question-too-long", "not-json", "body-too-large"
        ),
    )
    def invoke(sent: Invocation, request: Request) -> Response:
        """Answer a question of the Government AI portal (源内)."""
        asked = sent.inputs
        result = library.search(asked.question, asked.top_k, filters=asked.filters)
        found = answer(result)
        audit(request, "genai", result, found=found.found)
        return JSONResponse({"outputs": result_markdown(result, found)})

    return router


def form(documents: Sequence[DocumentRow]) -> dict[str, dict[str, Any]]:
    """The portal's リクエスト形式 for a library: its fields, those that offer a choice."""
    offered = choices(documents)
    paths = {document.id: document.path for document in documents}
    # The portal would send an id of digits alone as a number; a path has letters.
    named = [(shown, paths[identity]) for shown, identity in offered.documents]
    lists = {
        "document": (strings.FILTER_DOCUMENTS, named),
        "publisher": (strings.FILTER_PUBLISHERS, offered.publishers),
        "kind": (strings.FILTER_KINDS, offered.kinds),
    }
    days = {
        "from": (strings.FILTER_FROM, strings_api.FORM_DAY, offered.dated),
        "to": (strings.FILTER_TO, strings_api.FORM_DAY, offered.dated),
        "as_of": (strings.FILTER_AS_OF, strings.FILTER_AS_OF_HINT, offered.in_force),
    }
    question = {
        "type": "textarea",
        "title": strings.QUESTION_LABEL,
        "desc": strings_api.FORM_QUESTION,
        "required": True,
        "max_length": LONGEST_QUESTION,
    }
    return (
        {"question": question}
        | {name: _select(title, values) for name, (title, values) in lists.items() if values}
        | {
            name: {"type": "text", "title": title, "desc": desc, "max_length": 10}
            for name, (title, desc, there) in days.items()
            if there
        }
    )


def _select(title: str, values: Iterable[Choice]) -> dict[str, Any]:
    items = [{"title": shown, "value": value} for shown, value in values]
    return {"type": "select", "title": title, "desc": strings_api.FORM_ANY, "items": items}
