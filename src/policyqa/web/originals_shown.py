"""Puts the pages of originals together: of a PDF its page, of all else the section."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from policyqa import strings
from policyqa.catalogue import DocumentRow, Place
from policyqa.errors import ReadError
from policyqa.library import Library
from policyqa.models import Chunk, Span
from policyqa.originals import File, Original
from policyqa.web import source_pages
from policyqa.web.marking import Layer, lines_html, overlaps, window
from policyqa.web.page_images import PageImage, PageImages
from policyqa.web.source_pages import Head, Link, Sheet

log = logging.getLogger(__name__)

_PASSAGE = ('<span class="passage">', "</span>")
_EVIDENCE = ('<mark class="evidence">', "</mark>")
_INDENTED = ("item", "subitem")


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage to show, and the evidence in its text; none where the span is empty."""

    original: Original
    evidence: Span

    @property
    def query(self) -> str:
        """What stands for the evidence in an address."""
        start, end = self.evidence
        return f"start={start}&end={end}&" if end > start else ""

    @property
    def text(self) -> str:
        return self.original.chunk.text[slice(*self.evidence)]

    @property
    def citation(self) -> str:
        """The citation, narrowed to where the evidence begins."""
        chunk, citation = self.original.chunk, self.original.citation
        start, end = self.evidence
        if end > start:
            citation = citation.narrowed(chunk.provision_at(start)).on_page(chunk.page_at(start))
        return str(citation)

    @property
    def page(self) -> int | None:
        """The page on which the evidence begins."""
        return self.original.chunk.page_at(self.evidence[0])

    def marks_on(self, page: int) -> list[tuple[tuple[float, float, float, float], bool]]:
        """The lines of the passage on a page, and whether each holds evidence."""
        return [
            (span.box, overlaps((span.start, span.end), self.evidence))
            for span in self.original.chunk.spans
            if span.page == page
        ]


class Views:
    """The pages of a library's originals, as HTML. None stands for what is not there."""

    def __init__(self, library: Library, images: PageImages) -> None:
        self._library = library
        self._originals = library.originals
        self._images = images

    def passage(self, identity: str, evidence: Span, page: int | None) -> str | None:
        """A passage in its place; `page` turns the pages of a PDF."""
        original = self._originals.passage(identity, self._library.today)
        if original is None:
            return None
        start, end = evidence
        if not 0 <= start < end <= len(original.chunk.text):
            evidence = (0, 0)
        shown = Shown(original, evidence)
        document = original.document
        number = page or shown.page
        if document.page_count and number and _is_pdf(document):
            return self._sheet(document, number, shown)
        return self._section(self._originals.unit(original.place), original.stretches, shown)

    def section(self, identity: str) -> str | None:
        """A section; of one inside a 条 all of the 条, with it marked."""
        place = self._originals.section(identity)
        if place is None:
            return None
        unit = self._originals.unit(place)
        marked = [(place.start, place.end)] if place.row != unit.row else []
        return self._section(unit, marked, None)

    def document(self, identity: str, page: int | None) -> str | None:
        """What a document is and its outline, or a page of it."""
        document = self._originals.document(identity)
        if document is None:
            return None
        if page is not None:
            return self._sheet(document, page, None)
        file = self._originals.file(identity)
        links = source_pages.file_links(document, file, None)
        if document.page_count and _is_pdf(document):
            first = f"{identity}?page=1"
            links.insert(0, Link(first, strings.SOURCE_FIRST_PAGE))
        notices = source_pages.file_notices(file)
        head = Head(document.title, "", notices, links)
        outline = self._outline(document, self._originals.outline(identity))
        return source_pages.whole_page(
            document.title,
            source_pages.head_html(head) + source_pages.metadata_html(document) + outline,
        )

    def image(self, identity: str, page: int) -> tuple[File, PageImage] | None:
        """The image of a page. Raises ReadError when it cannot be drawn."""
        document = self._originals.document(identity)
        if document is None or not 1 <= page <= (document.page_count or 0):
            return None
        file = self._originals.file(identity)
        if file.state != "whole" or not _is_pdf(document):
            return None
        image = self._images.get(file, page)
        return (file, image) if image else None

    def _sheet(self, document: DocumentRow, page: int, shown: Shown | None) -> str | None:
        if not _is_pdf(document) or not 1 <= page <= (document.page_count or 0):
            return None
        marks = shown.marks_on(page) if shown else []
        file = self._originals.file(document.id)
        notices = source_pages.file_notices(file)
        sheet = ""
        try:
            drawn = self.image(document.id, page)
            if drawn:
                size = (drawn[1].width, drawn[1].height)
                sheet = source_pages.sheet_html(document, Sheet(page, *size, marks))
        except ReadError as error:
            log.warning("page %d of %s has no image: %s", page, document.path, error)
            notices.append(strings.SOURCE_IMAGE_FAILED)
        links = source_pages.file_links(document, file, page)
        links.append(Link(f"../document/{document.id}", strings.SOURCE_DOCUMENT))
        if shown and shown.page and not marks:
            back = Link(
                f"{shown.original.id}?{shown.query}#here",
                strings.SOURCE_PASSAGE_PAGE.format(page=shown.page),
            )
            links.insert(0, back)
        title = shown.citation if shown else f"「{document.title}」（p.{page}）"
        path = shown.original.place.path if shown else ()
        head = Head(title, shown.text if shown else "", notices, links)
        main = [
            source_pages.path_html(document, path),
            source_pages.head_html(head),
            self._page_turning(document, page, shown),
            sheet,
            self._page_text(document, page, shown if marks else None),
            self._page_turning(document, page, shown, again=True),
        ]
        return source_pages.whole_page(title, "".join(main))

    def _page_turning(
        self, document: DocumentRow, page: int, shown: Shown | None, *, again: bool = False
    ) -> str:
        address = f"{shown.original.id}?{shown.query}" if shown else f"{document.id}?"
        pages = document.page_count or 0
        label = strings.SOURCE_PAGE.format(page=page, pages=pages)
        return source_pages.turning_html(
            Link(f"{address}page={page - 1}", strings.SOURCE_PREVIOUS["page"])
            if page > 1
            else None,
            label,
            Link(f"{address}page={page + 1}", strings.SOURCE_NEXT["page"])
            if page < pages
            else None,
            again=again,
        )

    def _page_text(self, document: DocumentRow, page: int, shown: Shown | None) -> str:
        """The passage's text, else all of the page's."""
        if shown:
            text = shown.original.chunk.text
            layers = [Layer(*shown.evidence, *_EVIDENCE)]
            lines = lines_html(text, (0, len(text)), layers, _plain)
            return source_pages.text_html(strings.SOURCE_TEXT, lines)
        chunks = self._originals.on_page(document.id, page)
        lines = "".join(
            lines_html(chunk.text, (0, len(chunk.text)), (), _plain) for chunk in chunks
        )
        return source_pages.text_html(strings.SOURCE_PAGE_TEXT, lines) if lines else ""

    def _section(self, unit: Place, marked: Sequence[Span], shown: Shown | None) -> str:
        document = self._library.originals.document(unit.document)
        assert document is not None  # noqa: S101 - a section has a document
        text = self._originals.text(unit)
        layers = self._layers(text, unit, marked, shown)
        around = (marked[0][0], marked[-1][1]) if marked else (0, 0)
        lines = self._lines(unit, text.text, window(text.text, around), layers, marked)
        if not text.text:
            below = [
                place
                for place in self._originals.outline(unit.document)
                if unit.row < place.row <= unit.last
            ]
            nothing = f'<p class="line">{strings.SOURCE_NO_TEXT}</p>'
            lines = self._outline(document, below) if below else nothing
        file = self._originals.file(document.id)
        links = source_pages.file_links(document, file, unit.first_page)
        if unit.first_page and _is_pdf(document):
            page = f"../document/{document.id}?page={unit.first_page}"
            links.insert(0, Link(page, strings.SOURCE_PDF_PAGE))
        links.append(Link(f"../document/{document.id}", strings.SOURCE_DOCUMENT))
        cited = str(self._originals.cited(unit, self._library.today))
        title = shown.citation if shown else cited
        evidence = shown.text if shown else ""
        head = Head(title, evidence, source_pages.file_notices(file), links)
        heading = unit.path[-1] if unit.path else strings.SOURCE_OPENING
        body = source_pages.text_html(heading, lines)
        path = source_pages.path_html(document, unit.path[:-1])
        main = path + source_pages.head_html(head) + body + self._section_turning(unit)
        return source_pages.whole_page(title, main)

    def _layers(
        self, text: Chunk, unit: Place, marked: Sequence[Span], shown: Shown | None
    ) -> list[Layer]:
        """References outermost, so that a link is not cut; then the passage, then the evidence."""
        day = self._library.today
        layers = [
            Layer(reference.start, reference.end, f'<a href="../section/{place}#here">', "</a>")
            for reference, place in self._originals.references(text, unit.document, day)
        ]
        layers += [Layer(*span, *_PASSAGE) for span in marked]
        if shown and shown.query:
            chunk = shown.original.chunk
            start, end = shown.evidence
            span = (chunk.in_unit(start), chunk.in_unit(end - 1) + 1)
            layers.append(Layer(*span, *_EVIDENCE))
        return layers

    def _lines(
        self,
        unit: Place,
        text: str,
        shown: Span,
        layers: Sequence[Layer],
        marked: Sequence[Span],
    ) -> str:
        """The lines of a section: those of 号 set in, those of the passage with a bar beside."""
        inner = [
            (place.start, place.end)
            for place in self._originals.provisions(unit)
            if place.kind in _INDENTED
        ]
        first = marked[0][0] if marked else -1

        def attributes(span: Span) -> str:
            depth = sum(start <= span[0] < end for start, end in inner)
            within = " within" if any(overlaps(span, stretch) for stretch in marked) else ""
            set_in = f" in-{min(depth, 4)}" if depth else ""
            here = ' id="here"' if span[0] <= first < span[1] else ""
            return f'class="line{within}{set_in}"{here}'

        lines = lines_html(text, shown, layers, attributes)
        before = f'<p class="cut">{strings.SOURCE_CUT_BEFORE}</p>' if shown[0] > 0 else ""
        after = f'<p class="cut">{strings.SOURCE_CUT_AFTER}</p>' if shown[1] < len(text) else ""
        return before + lines + after

    def _section_turning(self, unit: Place) -> str:
        previous, following = self._originals.beside(unit)
        kind = unit.kind if unit.kind in strings.SOURCE_NEXT else ""
        return source_pages.turning_html(
            self._neighbour(previous, strings.SOURCE_PREVIOUS, kind),
            "",
            self._neighbour(following, strings.SOURCE_NEXT, kind),
        )

    def _neighbour(self, place: Place | None, words: dict[str, str], kind: str) -> Link | None:
        if place is None:
            return None
        word = words[kind if place.kind == kind else ""]
        heading = place.path[-1] if place.path else strings.SOURCE_OPENING
        return Link(f"../section/{self._originals.section_id(place)}", f"{word}：{heading}")

    def _outline(self, document: DocumentRow, places: Sequence[Place]) -> str:
        links = []
        for place in places:
            if not place.path:
                continue
            page = place.first_page
            address = (
                f"../document/{document.id}?page={page}"
                if page and _is_pdf(document)
                else f"../section/{self._originals.section_id(place)}"
            )
            number = f"（p.{page}）" if page else ""
            links.append((len(place.path), Link(address, f"{place.path[-1]}{number}")))
        return source_pages.outline_html(links) if links else ""


def _plain(span: Span) -> str:
    return 'class="line"'


def _is_pdf(document: DocumentRow) -> bool:
    return document.path.lower().endswith(".pdf")
