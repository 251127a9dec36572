"""Plain text: encoding, wrapped lines, numbered headings, a trailing bookmark list."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from policyqa.errors import ReadError
from policyqa.japanese import clean, join_lines, open_brackets, squeeze
from policyqa.models import Document
from policyqa.readers.outline import Heading, Paragraph, build_tree, parse_heading, split_label

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# JIS X 0213's table holds what Japanese programs wrote besides JIS X 0208: ①, Ⅰ, ㈱.
_ENCODINGS = ("utf-8", "cp932", "euc_jis_2004", "utf-16-le", "utf-16-be")
# What browsers take for these names is Microsoft's superset. Names of Western encodings are not
# believed: every file can be read as one, and pages in Shift_JIS that declare ISO-8859-1 are many.
_DECLARED = {
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "cp932"), "cp932"),
    **dict.fromkeys(("euc-jp", "x-euc-jp", "eucjp"), "euc_jis_2004"),
    **{name: name for name in ("gb2312", "gbk", "gb18030", "big5", "euc-kr", "utf-16")},
}
_UNKNOWN_ENCODING = "the character encoding was not recognised; save the file as UTF-8"
_LEAST_PLAUSIBLE = 0.6
"""Below this, a guessed encoding is taken for a wrong guess."""
_MOST_BROKEN = 0.005
"""A text with a larger share of undecodable bytes than this is not taken for text."""

_BULLET = re.compile(
    r"[・○〇●◯◎■□◆◇▶▷►➢➤✓✔※◦‣•*＊▪▫☆★]|[-–—](?=[\s　])|[①-⑳]|[(（][0-9０-９]{1,2}[)）]"
    # Paragraphs and items of statutes: ２　前項の…, 一　氏名, イ　住所. Numbered lines: １．道路
    r"|(?:[0-9０-９]{1,2}|[一二三四五六七八九十百]{1,4}|[ア-ン])　"
    r"|[0-9０-９]{1,2}[.．](?![0-9０-９])"
)
_CAPTION = re.compile(r"[\s　]*[(（]([^()（）。]{1,40})[)）][\s　]*")
_NOTE_INSIDE_LINE = re.compile(r"(?<=\S)[ 　]+(?=※\S)")
_SENTENCE_END = ("。", "．", "！", "？", "」", "』")
_LONGEST_BOX_LABEL = 30
_BRACKET_REACH = 200
"""A bracket left open holds paragraphs together over a blank line for this many characters."""


def read(path: Path) -> Document:
    """Read a text file. Raises ReadError when it is empty, binary or in an unknown encoding."""
    return parse(read_text(path), fallback_title=path.stem)


def read_text(path: Path) -> str:
    """A file's text, decoded and cleaned. Raises ReadError as `read` does."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}") from error
    return clean(decode(data))


def decode(data: bytes, declared: str = "") -> str:
    """Bytes to text: UTF-8, UTF-16, Shift_JIS (cp932), EUC-JP, ISO-2022-JP, with or without mark.

    `declared` is the encoding that the file names; it counts where the bytes do not tell
    otherwise. A few broken bytes are replaced by U+FFFD; more raise ReadError.
    """
    if not data.strip(b"\x00 \t\r\n\f\xef\xbb\xbf\xff\xfe\xe3\x80\x80"):
        raise ReadError("the file is empty")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _checked(data.decode(encoding, errors="replace"))
    if b"\x1b$" in data or b"\x1b(" in data:
        return _checked(data.decode("iso2022_jp_ext", errors="replace"))
    if b"\x00" not in data:
        try:
            return _checked(data.decode("utf-8"))
        except UnicodeDecodeError:
            pass
    named = _as_declared(data, declared)
    if named is not None:
        return named
    candidates = [data.decode(encoding, errors="replace") for encoding in _ENCODINGS]
    likeliest = _checked(max(candidates, key=_plausibility))
    if _plausibility(likeliest) < _LEAST_PLAUSIBLE:
        raise ReadError(_UNKNOWN_ENCODING)
    return likeliest


def _as_declared(data: bytes, declared: str) -> str | None:
    """The text in the encoding that the file names; None where it is not in it."""
    try:
        text = _checked(data.decode(_DECLARED[declared.lower()]))
    except (KeyError, UnicodeError, ReadError):
        return None
    return text if _plausibility(text) >= _LEAST_PLAUSIBLE else None


def _checked(text: str) -> str:
    controls = sum(sign < " " and sign not in "\t\n\r\f\x0b\x1b" for sign in text)
    if controls > max(3, len(text) * _MOST_BROKEN) and _plausibility(text) < 0.95:
        raise ReadError("binary data, not text")
    if text.count("\ufffd") > max(3, len(text) * _MOST_BROKEN):
        raise ReadError(_UNKNOWN_ENCODING)
    return text


def _plausibility(text: str) -> float:
    """How much of `text` is what Japanese documents are written in, 0..1."""
    sample = text[:20_000]
    return sum(map(_weight, sample)) / max(1, len(sample))


def _weight(sign: str) -> float:
    code = ord(sign)
    if 0x20 <= code < 0x7F or sign in "\t\n\r\f" or 0x3000 <= code < 0x3100:
        return 1.0
    if 0xFF00 <= code < 0xFF5F or 0xA0 <= code < 0x250 or 0x2010 <= code < 0x2700:
        return 0.9
    if 0x4E00 <= code < 0xA000:
        return 0.8
    if code == 0xFFFD:
        return -2.0
    return 0.2


def parse(text: str, fallback_title: str) -> Document:
    """Cleaned text to a document: title, and sections by its headings."""
    body, bookmarks = _split_bookmarks(text)
    lines = body.replace("\f", "\n\n").replace("\x0b", "\n").split("\n")
    title, lines, marks = _title(lines, bookmarks, fallback_title)
    return Document(title=title, root=build_tree(_items(lines, marks)))


# --- a trailing bookmark list: tab-indented lines at the end, as PDF exports write them ---


@dataclass(frozen=True, slots=True)
class _Bookmark:
    depth: int
    text: str


def _split_bookmarks(text: str) -> tuple[str, list[_Bookmark]]:
    """Take a trailing bookmark list off the text; it is one only if the text has its headings."""
    lines = text.rstrip().split("\n")
    first = len(lines)
    while first > 0 and (lines[first - 1].startswith("\t") or not lines[first - 1].strip()):
        first -= 1
    marks = [
        _Bookmark(len(line) - len(line.lstrip("\t")), line.strip())
        for line in lines[first:]
        if line.strip()
    ]
    body = {squeeze(line) for line in lines[:first]}
    known = sum(squeeze(mark.text) in body for mark in marks)
    if len(marks) < 2 or known * 2 < len(marks):
        return text, []
    return "\n".join(lines[:first]), marks


def _title(
    lines: list[str], bookmarks: list[_Bookmark], fallback: str
) -> tuple[str, list[str], list[_Bookmark]]:
    """The title, the lines without it, and the bookmarks that are headings."""
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return fallback, lines, bookmarks
    opening = lines[first].strip()
    if bookmarks and not split_label(bookmarks[0].text)[0]:
        title = bookmarks[0].text
        # The text often has only a part of the title on its first line.
        if squeeze(opening) in squeeze(title):
            lines = lines[first + 1 :]
        return title, lines, bookmarks[1:]
    following = lines[first + 1] if first + 1 < len(lines) else ""
    # The only line of a text is its text.
    alone = not any(line.strip() for line in lines[first + 1 :])
    if not alone and _looks_like_title(opening, following):
        return opening, lines[first + 1 :], bookmarks
    return fallback, lines, bookmarks


def _looks_like_title(line: str, following: str) -> bool:
    if len(line) > 60 or parse_heading(line) or _BULLET.match(line):
        return False
    # Below a statute's title stands its number, or the first article's caption, in brackets.
    stands_off = not following.strip() or parse_heading(following) or _CAPTION.fullmatch(following)
    return "。" not in line and bool(stands_off)


# --- lines to headings and paragraphs ---


def _items(lines: Sequence[str], bookmarks: Sequence[_Bookmark]) -> Iterator[Heading | Paragraph]:
    levels = {squeeze(mark.text): mark.depth for mark in bookmarks}
    labels = _box_labels(lines)
    width = max((len(line.strip()) for line in lines), default=0)
    pending: list[str] = []
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        heading = _heading(line, following, width, levels)
        if heading is None:
            pending.append(line)
            continue
        captioned = heading.label.startswith("第") and "条" in heading.label and not heading.title
        caption = _caption_before(pending) if captioned else ""
        yield from (Paragraph(text) for text in join_paragraphs(pending, labels))
        pending = [heading.rest] if heading.rest else []
        yield Heading(heading.level, heading.label, heading.title or caption, fixed=heading.fixed)
    yield from (Paragraph(text) for text in join_paragraphs(pending, labels))


def _heading(line: str, following: str, width: int, levels: dict[str, int]) -> Heading | None:
    """The heading on this line: by the bookmarks where there are some, else by its number."""
    if levels:
        depth = levels.get(squeeze(line))
        return None if depth is None else Heading(depth, *split_label(line), fixed=True)
    heading = parse_heading(line)
    if heading is None or heading.rest:
        return heading
    # A full line that goes on below is a numbered paragraph.
    goes_on = len(line.strip()) >= 0.9 * width and bool(following.strip())
    if goes_on and not heading.fixed and parse_heading(following) is None:
        return None
    return heading


def _caption_before(pending: list[str]) -> str:
    """（目的） on the line before 第一条 is the article's caption: taken off `pending`."""
    while pending and not pending[-1].strip():
        pending.pop()
    match = _CAPTION.fullmatch(pending[-1] if pending else "")
    if match is None:
        return ""
    pending.pop()
    return match.group(1)


def _box_labels(lines: Sequence[str]) -> set[str]:
    """Short lines that recur as they are: labels of boxes (施策概要), not sentences."""
    counts = Counter(
        _NOTE_INSIDE_LINE.split(line.strip())[0]
        for line in lines
        if not line.strip().endswith(_SENTENCE_END)
    )
    return {
        text for text, count in counts.items() if count > 1 and 0 < len(text) <= _LONGEST_BOX_LABEL
    }


def join_paragraphs(lines: Sequence[str], labels: set[str]) -> Iterator[str]:
    """Join wrapped lines. A blank line, an indent, a bullet or a box label starts a paragraph."""
    current, joined, blank, indent = "", 0, False, 0
    for line in _split_notes(lines):
        text = line.strip()
        if not text:
            blank = True
            continue
        depth = len(line) - len(line.lstrip())
        bullet = _BULLET.match(text) and not (joined > 1 and _wrapped_at_dot(current, text))
        held = open_brackets(current[-_BRACKET_REACH:]) > 0 and not bullet
        bulleted = bool(_BULLET.match(current))
        starts = (
            (blank and not held)
            or (depth > indent and not held and not (bulleted and depth <= indent + 2))
            or bullet
            or text in labels
            or current in labels
        )
        if current and starts:
            yield current
            current, joined = "", 0
        current = join_lines(current, text) if current else text
        joined, blank, indent = joined + 1, False, depth
    if current:
        yield current


def _wrapped_at_dot(before: str, after: str) -> bool:
    """Whether the dot is no bullet but joins words over the line break: 安全/・安心で."""
    unfinished = not before.endswith((*_SENTENCE_END, "：", ":"))
    return after.startswith("・") and unfinished and not before.startswith("・")


def _split_notes(lines: Sequence[str]) -> Iterator[str]:
    """A note mark after a gap starts a line of its own: `…への貢献 ※北海道…`."""
    for line in lines:
        first, *notes = _NOTE_INSIDE_LINE.split(line)
        yield first
        yield from notes
