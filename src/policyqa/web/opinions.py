"""What users say of answers, from the page and the API: its form, and how it is kept."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from policyqa.feedback import Feedback, Opinion
from policyqa.library import LONGEST_QUESTION, Library
from policyqa.originals import Original

LONGEST_REASON = 2000
"""Characters."""
_LONGEST_ID = 64


class UnknownPassageError(Exception):
    """The library has no passage with the id that was sent."""


class Judged(BaseModel):
    """A question, and the passage that answers it; without one nothing in the library does."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: Annotated[str, Field(max_length=LONGEST_QUESTION, pattern=r"\S")]
    passage: Annotated[str, Field(max_length=_LONGEST_ID)] | None = None


class Verdict(Judged):
    """What a user says of the answer to a question."""

    verdict: Literal["up", "down"]
    reason: Annotated[str, Field(max_length=LONGEST_REASON)] = ""


def keep_opinion(library: Library, feedback: Feedback, sent: Verdict) -> None:
    """Keep a verdict with the passage's citation and the library's generation.

    Raises UnknownPassageError, and PolicyQAError when it cannot be kept.
    """
    original = judged_passage(library, sent)
    feedback.add(
        Opinion(
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            question=sent.question,
            verdict=sent.verdict,
            reason=sent.reason,
            passage=sent.passage,
            citation=str(original.citation) if original else None,
            generation=library.generation.name,
        )
    )


def judged_passage(library: Library, sent: Judged) -> Original | None:
    """The passage that was sent, if any. Raises UnknownPassageError."""
    if sent.passage is None:
        return None
    original = library.originals.passage(sent.passage, library.today)
    if original is None:
        raise UnknownPassageError(sent.passage)
    return original
