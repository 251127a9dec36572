"""Results as the JSON that tools outside the project rely on (docs/architecture.md)."""

from datetime import date
from typing import Any

from policyqa.models import Answer, Citation, Document, Filters, Law, Passage, SearchResult, Section


def search_json(result: SearchResult) -> dict[str, Any]:
    """What `policyqa search --json` prints."""
    return {
        "question": result.question,
        "took_ms": round(result.took_ms, 1),
        "notices": [{"code": notice.code, "message": notice.message} for notice in result.notices],
        "filters": _filters(result.filters),
        "passages": [_passage(passage) for passage in result.passages],
    }


def _filters(filters: Filters) -> dict[str, Any]:
    def day(value: date | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "documents": list(filters.documents),
        "publishers": list(filters.publishers),
        "kinds": list(filters.kinds),
        "date_from": day(filters.date_from),
        "date_to": day(filters.date_to),
        "as_of": day(filters.as_of),
    }


def answer_json(result: SearchResult, answer: Answer) -> dict[str, Any]:
    """What `policyqa ask --json` prints."""
    return {
        **search_json(result),
        "found": answer.found,
        "probability": round(answer.probability, 4),
        "answer": {
            "text": answer.text,
            "evidence": [
                {
                    "passage": evidence.passage.rank,
                    "text": evidence.text,
                    "start": evidence.start,
                    "end": evidence.end,
                    "page": evidence.citation.page,
                    "page_label": evidence.citation.page_label,
                    "citation": str(evidence.citation),
                }
                for evidence in answer.evidence
            ],
        },
    }


def outline_json(document: Document, file: str) -> dict[str, Any]:
    """What `policyqa outline --json` prints."""
    return {
        "file": file,
        "title": document.title,
        "pages": document.page_count,
        "metadata": dict(document.metadata),
        "sections": [_outline(section, document) for section in document.root.children],
    }


def _outline(section: Section, document: Document) -> dict[str, Any]:
    return {
        "label": section.label,
        "title": section.title,
        "heading": section.heading,
        "page": section.first_page,
        "page_last": section.last_page,
        "page_label": document.page_labels.get(section.first_page or 0),
        "children": [_outline(child, document) for child in section.children],
    }


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "id": passage.id,
        "rank": passage.rank,
        "score": round(passage.score, 4),
        "text": passage.chunk.text,
        "citation": {
            **citation_json(passage.citation),
            "references": [
                {
                    "text": passage.chunk.text[reference.start : reference.end],
                    "start": reference.start,
                    "end": reference.end,
                    "citation": citation_json(reference.citation),
                }
                for reference in passage.references
            ],
        },
        "signals": {name: round(value, 4) for name, value in passage.signals.items()},
        "highlights": [list(span) for span in passage.highlights],
        "duplicates": [citation_json(place) for place in passage.duplicates],
    }


def citation_json(citation: Citation) -> dict[str, Any]:
    """A citation, in whatever is printed."""
    return {
        "text": str(citation),
        "full": citation.full,
        "document_id": citation.document_id,
        "title": citation.title,
        "file": citation.file,
        "section": list(citation.section),
        "page": citation.page,
        "page_last": citation.page_last,
        "page_label": citation.page_label,
        "url": citation.url,
        "date": citation.date,
        "publisher": citation.publisher,
        "law": _law(citation.law),
    }


def _law(law: Law | None) -> dict[str, Any] | None:
    """A statute's version; null is unknown."""
    if law is None:
        return None
    return {
        "id": law.id or None,
        "number": law.number or None,
        "promulgated": law.promulgated or None,
        "in_force": law.in_force or None,
        "not_in_force_yet": bool(law.mark),
    }
