"""Markdown (CommonMark with tables): headings to sections, the rest to lines of text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from policyqa.errors import ReadError
from policyqa.japanese import clean
from policyqa.models import Document, Section
from policyqa.readers import front_matter, web_page
from policyqa.readers.lines import item_lines, unwrapped
from policyqa.readers.outline import End, Heading, Paragraph, build_tree, split_label
from policyqa.readers.rows import row_text
from policyqa.readers.text import decode

_Item = Heading | Paragraph | End

_LARGEST = 8 * 2**20
_DEEPEST = 100
_MOST_BRACKETS = 1000
"""In one paragraph. The parser's time grows with their square; more are taken as they are."""


def read(path: Path) -> Document:
    """Read a Markdown file. Raises ReadError when it is empty, binary or nested absurdly."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ReadError(f"the file is larger than {_LARGEST >> 20} MiB; split it")
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}") from error
    return parse(clean(decode(data)), fallback_title=path.stem)


def parse(text: str, fallback_title: str) -> Document:
    """Cleaned Markdown to a document. Raises ReadError where it has no text."""
    known, body = front_matter.split(text)
    items = list(_Reading(_tokens(body)).items())
    title = known.pop("title", "")
    heading = _first_heading(items)
    if heading and title in ("", _written(heading)):
        title = _written(heading)
        items[items.index(heading)] = End(heading.level)
    root = build_tree(items)
    if not (root.text or root.children):
        raise ReadError("the file has no text")
    return Document(title=title or fallback_title, root=root, metadata=known)


def _tokens(text: str) -> list[Token]:
    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    # Inline text is parsed a paragraph at a time, so that what is absurd can be passed over.
    parser.disable("inline")
    references: dict[str, object] = {}
    tokens = parser.parse(text, references)
    for token in tokens:
        if token.level >= _DEEPEST - 2:
            raise ReadError("its lists or quotations are nested too deeply")
    parser.enable("inline")
    for token in tokens:
        if token.type == "inline" and token.content.count("[") <= _MOST_BRACKETS:
            token.children = parser.parseInline(token.content, references)[0].children
    return tokens


def _first_heading(items: Sequence[_Item]) -> Heading | None:
    """The heading that is the title: the first of the highest level, if it is the only one of
    them or has no number."""
    highest = [item for item in items if isinstance(item, Heading) and item.level == 1]
    return highest[0] if highest and (len(highest) == 1 or not highest[0].label) else None


def _written(heading: Heading) -> str:
    return Section(heading.label, heading.title).heading


class _Reading:
    """Goes through the parser's tokens once."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = iter(tokens)

    def items(self, until: str = "") -> Iterator[_Item]:
        """Headings and paragraphs up to the token that closes the block."""
        for token in self._tokens:
            if token.type == until:
                return
            if token.type == "heading_open":
                text = " ".join(_lines(next(self._tokens)))
                if text:
                    yield Heading(int(token.tag[1]), *split_label(text))
            elif token.type == "list_item_open":
                yield from self._item(token)
            elif token.type == "table_open":
                yield from self._table()
            elif token.type == "inline":
                yield from map(Paragraph, _lines(token))
            elif token.type in ("code_block", "fence"):
                lines = (unwrapped(line) for line in token.content.split("\n"))
                yield from (Paragraph(line) for line in lines if line)
            elif token.type == "html_block":
                yield from web_page.fragment(token.content)

    def _item(self, opened: Token) -> Iterator[_Item]:
        mark = f"{opened.info}{opened.markup} " if opened.info else "・"
        found = list(self.items("list_item_close"))
        lines = [item.text for item in found if isinstance(item, Paragraph)]
        if len(lines) < len(found):
            yield from found
        elif found:
            yield from map(Paragraph, item_lines(mark, lines))

    def _table(self) -> Iterator[Paragraph]:
        heads: list[str] = []
        cells: list[str] = []
        rows = 0
        for token in self._tokens:
            if token.type == "inline":
                cells.append("　".join(_lines(token)))
            elif token.type == "thead_close":
                heads, cells = cells, []
            elif token.type == "tr_close" and heads:
                rows += 1
                text = row_text(heads, cells)
                if text:
                    yield Paragraph(text)
                cells = []
            elif token.type == "table_close":
                break
        if not rows and any(heads):
            yield Paragraph(row_text([], heads))


def _lines(token: Token) -> list[str]:
    """The text of a paragraph: of links their text, of pictures their description."""
    pieces = token.children or [token]
    text = "".join(_plain(piece) for piece in pieces)
    return [line for line in map(unwrapped, text.split("\v")) if line]


def _plain(piece: Token) -> str:
    if piece.type == "hardbreak" or (
        piece.type == "html_inline" and piece.content.lower().startswith("<br")
    ):
        return "\v"
    if piece.type == "softbreak":
        return "\n"
    return "" if piece.type == "html_inline" else piece.content
