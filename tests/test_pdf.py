"""PDFs as they really come: small ones made here, and the white paper where it is there."""

import json
import re
import subprocess
import sys
import zlib
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from typer.testing import CliRunner

from fakes import FakeEncoder, FakeSource, chunk
from pdfs import GOTHIC, HEIGHT, LEFT, RIGHT_COLUMN, WIDTH, Sheet, wrapped
from policyqa import indexing
from policyqa.chunking import LIMIT
from policyqa.cli import app
from policyqa.encoders import EncoderChoice
from policyqa.errors import ReadError
from policyqa.japanese import squeeze
from policyqa.library import Library
from policyqa.models import Evidence
from policyqa.readers import pdf, read
from policyqa.readers.pdf.workers import USUAL

# 63 characters: three full lines of a column.
LONG = (
    "我が国の行政機関は、地域の課題を解決するために必要な情報を集めて、住民に分かりやすい形で公開することが求められている状況にあるのである。"[
        :62
    ]
    + "。"
)
OTHER = (
    "自治体の職員は、毎年度の計画に沿って事業の効果を確かめながら、関係する団体と協力して施策を進める必要があると考えられている状況である。"[
        :62
    ]
    + "。"
)


@pytest.fixture
def sheet(tmp_path):
    return Sheet(tmp_path / "made.pdf")


def body(sheet, x=LEFT, y=100):
    """Two paragraphs, so that there is body text to compare with; where the next line goes."""
    return sheet.lines(x, y, [*wrapped("　" + LONG), *wrapped("　" + OTHER)])


def texts(path):
    """All text of a PDF by line."""
    return [
        line for _, section in read(path).root.walk() for line in section.text.split("\n") if line
    ]


def outline(path):
    """The tree as (depth, heading, first page)."""
    return [
        (len(way), section.heading, section.first_page)
        for way, section in read(path).root.walk()
        if way
    ]


# --- reading order ---


def test_one_column_is_paragraphs_by_their_indent(sheet):
    body(sheet)
    assert texts(sheet.save()) == [LONG, OTHER]


def test_two_columns_are_read_one_after_the_other(sheet):
    paragraph = LONG + OTHER + LONG + OTHER
    lines = wrapped("　" + paragraph)
    half = len(lines) // 2
    sheet.lines(LEFT, 100, lines[:half])
    sheet.lines(RIGHT_COLUMN, 100, lines[half:])
    assert texts(sheet.save()) == [paragraph]


def test_what_stands_over_both_columns_parts_them(sheet):
    sheet.text(LEFT, 80, "第１節　はじめに", 16, GOTHIC)
    sheet.lines(LEFT, 110, wrapped("　" + LONG))
    sheet.lines(RIGHT_COLUMN, 110, wrapped("　" + OTHER))
    sheet.rule(LEFT, 200, WIDTH - LEFT, 200)
    sheet.text(LEFT, 220, "第２節　おわりに", 16, GOTHIC)
    sheet.lines(LEFT, 250, wrapped("　" + OTHER))
    sheet.lines(RIGHT_COLUMN, 250, wrapped("　" + LONG))
    first, second = read(sheet.save()).root.children
    assert first.text.split("\n") == [LONG, OTHER]
    assert second.text.split("\n") == [OTHER, LONG]


def test_a_sentence_goes_on_over_a_page_and_keeps_both(sheet):
    lines = wrapped("　" + LONG)
    sheet.lines(LEFT, 100, [*wrapped("　" + OTHER), *lines[:2]])
    sheet.next_page()
    sheet.lines(LEFT, 100, lines[2:])
    path = sheet.save()
    assert texts(path) == [OTHER, LONG]
    (piece,) = chunk(read(path), FakeEncoder().count_tokens, 400)
    assert (piece.first_page, piece.last_page) == (1, 2)
    assert piece.page_at(piece.text.index("我が国")) == 1
    assert piece.page_at(len(piece.text) - 1) == 2


def test_a_page_that_is_stored_turned_is_read_as_it_is_shown(tmp_path, sheet):
    sheet.canvas.rotate(90)
    sheet.canvas.translate(0, -HEIGHT)
    body(sheet)
    document = pdfium.PdfDocument(sheet.save())
    document[0].set_rotation(90)
    document.save(tmp_path / "turned.pdf")
    turned = read(tmp_path / "turned.pdf").root
    assert turned.text == f"{LONG}\n{OTHER}"
    boxes = [span.box for span in turned.spans]
    assert boxes == sorted(boxes, key=lambda box: box[1])
    assert boxes[0][2] - boxes[0][0] == pytest.approx(20 * 10.5, abs=1)


def test_places_count_from_the_corner_of_the_page_as_it_is_cropped(tmp_path, sheet):
    body(sheet)
    document = pdfium.PdfDocument(sheet.save())
    page = document[0]
    box = read(sheet.path).root.spans[0].box
    page.set_cropbox(20, 30, 580, 800)
    document.save(tmp_path / "cropped.pdf")
    cropped = read(tmp_path / "cropped.pdf").root
    assert cropped.text == f"{LONG}\n{OTHER}"
    top = page.get_mediabox()[3] - 800
    assert cropped.spans[0].box == pytest.approx(
        (box[0] - 20, box[1] - top, box[2] - 20, box[3] - top), abs=0.1
    )


# --- what is no text of its own ---


def test_heads_page_numbers_and_tabs_are_left_out(sheet):
    for number in range(1, 7):
        sheet.text(LEFT, 40, "第１部　行政の課題" if number % 2 else "第１章　現状", 8, GOTHIC)
        body(sheet)
        for index, sign in enumerate("第１章"):
            sheet.text(565, 100 + 12 * index, sign, 12, GOTHIC)
        sheet.text(290, 815, f"- {number + 10} -", 9)
        sheet.next_page()
    document = read(sheet.save())
    assert set(document.root.text.split("\n")) == {LONG, OTHER}
    assert document.page_labels == {page: str(page + 10) for page in range(1, 7)}


def test_ruby_is_left_out_and_the_word_is_whole(sheet):
    y = body(sheet)
    sheet.text(LEFT, y, "次の図は全体の俯瞰図であり、黎明期を示す。")
    sheet.text(LEFT + 7 * 10.5, y - 10, "ふかんず", 5)
    sheet.text(LEFT + 14 * 10.5, y - 10, "れいめい", 5)
    assert texts(sheet.save())[-1].endswith("次の図は全体の俯瞰図であり、黎明期を示す。")


def test_note_marks_are_left_out_and_exponents_kept(sheet):
    y = body(sheet)
    sheet.text(LEFT, y, "計画を決めた")
    sheet.text(LEFT + 6 * 10.5, y - 4, "12", 6)
    sheet.text(LEFT + 6 * 10.5 + 6, y, "。面積は５km")
    sheet.text(LEFT + 6 * 10.5 + 6 + 63, y - 4, "2", 6)
    sheet.text(LEFT + 6 * 10.5 + 6 + 66.5, y, "である。")
    assert texts(sheet.save())[-1].endswith("計画を決めた。面積は５km2である。")


def test_footnotes_are_texts_of_their_own_on_their_page(sheet):
    y = body(sheet)
    sheet.text(LEFT, y, "会議で決めた")
    sheet.text(LEFT + 63, y - 4, "1", 6)
    sheet.text(LEFT + 66.5, y, "。")
    sheet.rule(LEFT, 700, LEFT + 140, 700)
    sheet.text(LEFT, 715, "1", 7)
    sheet.text(LEFT + 20, 715, "行政会議「資料」（令和５年）によるものであり、詳しくは次の", 7)
    sheet.text(LEFT + 20, 725, "資料を参照した。", 7)
    sheet.text(LEFT, 735, "2", 7)
    sheet.text(LEFT + 20, 735, "別の資料", 7)
    sheet.next_page()
    body(sheet)
    document = read(sheet.save())
    assert document.root.text.split("\n")[-2:] == [
        "1　行政会議「資料」（令和５年）によるものであり、詳しくは次の資料を参照した。",
        "2　別の資料",
    ]
    notes = [span for span in document.root.spans if span.kind == "note"]
    assert {span.page for span in notes} == {1}
    pieces = chunk(document, FakeEncoder().count_tokens, 480)
    assert [piece.text.startswith("1　行政会議") for piece in pieces] == [False, True]


def test_letter_spaced_text_is_closed_up(sheet):
    y = body(sheet)
    sheet.spaced(LEFT, y + 34, "施策の方向性について", 6)
    sheet.text(LEFT, y + 68, "に つ い て は")
    assert texts(sheet.save())[-2:] == ["施策の方向性について", "については"]


def test_captions_stay_and_labels_in_a_figure_go(sheet):
    y = body(sheet)
    sheet.area(LEFT, y + 20, 400, y + 220)
    sheet.text(LEFT + 5, y + 34, "図１　計画の流れ", 10, GOTHIC)
    for index, label in enumerate(("企画", "実施", "評価")):
        sheet.circle(150 + 90 * index, y + 120, 40)
        sheet.text(140 + 90 * index, y + 120, label, 8)
    sheet.text(LEFT + 5, y + 210, "資料：行政会議", 8)
    assert texts(sheet.save())[2:] == ["図１　計画の流れ", "資料：行政会議"]


def test_a_table_is_rows_behind_their_heads(sheet):
    y = body(sheet)
    xs, ys = (60, 160, 260, 360), (y, y + 20, y + 40, y + 60)
    sheet.area(60, y, 360, y + 20)
    sheet.grid(xs, ys)
    rows = [("事業名", "年度", "金額"), ("道路", "令和５年", "10億円"), ("公園", "", "３億円")]
    for row, cells in enumerate(rows):
        for x, cell in zip(xs, cells, strict=False):
            if cell:
                sheet.text(x + 4, ys[row] + 14, cell, 9, GOTHIC if row == 0 else "HeiseiMin-W3")
    document = read(sheet.save())
    assert document.root.text.split("\n")[2:] == [
        "事業名：道路｜年度：令和５年｜金額：10億円",
        "事業名：公園｜金額：３億円",
    ]
    assert {span.kind for span in document.root.spans} == {"text", "table"}


def test_a_cell_over_several_rows_counts_in_each(sheet):
    y = body(sheet)
    sheet.rule(60, y, 260, y)
    sheet.rule(60, y + 40, 260, y + 40)
    sheet.rule(160, y + 20, 260, y + 20)
    for x in (60, 160, 260):
        sheet.rule(x, y, x, y + 40)
    sheet.rule(60, y + 60, 260, y + 60)
    for x in (60, 160, 260):
        sheet.rule(x, y + 40, x, y + 60)
    for x, dy, cell in [
        (64, 14, "第１回"),
        (164, 14, "道路"),
        (164, 34, "公園"),
        (64, 54, "第２回"),
        (164, 54, "橋"),
    ]:
        sheet.text(x, y + dy, cell, 9)
    assert texts(sheet.save())[2:] == ["第１回｜道路", "第１回｜公園", "第２回｜橋"]


def test_two_workers_read_as_one_does(sheet, tmp_path):
    pages = USUAL.alone + 10
    for number in range(pages):
        sheet.text(LEFT, 40, "第１部　行政の課題", 8, GOTHIC)
        sheet.lines(
            LEFT, 100, [*wrapped(f"　{number + 1}番目の文である。" + LONG), f"　{OTHER[:15]}"]
        )
        sheet.next_page()
    long = read(sheet.save())
    assert [line[:6] for line in long.root.text.split("\n")[::2]] == [
        f"{number + 1}番目の文である"[:6] for number in range(pages)
    ]
    first = pdfium.PdfDocument.new()
    first.import_pages(pdfium.PdfDocument(sheet.path), list(range(12)))
    first.save(tmp_path / "first.pdf")
    short = read(tmp_path / "first.pdf")
    assert long.root.text.startswith(short.root.text)
    assert long.root.spans[: len(short.root.spans)] == short.root.spans


# --- sections ---


def chapters(sheet, *, marked):
    """Chapters with a wrapped heading, with or without bookmarks."""
    for chapter, section in (
        ("第１章　現状", "第１節　行政の課題"),
        ("第２章　展望", "第１節　今後の施策の方向性と評価"),
    ):
        if marked:
            sheet.bookmark(chapter, 0)
            sheet.bookmark(section, 1)
        sheet.text(LEFT, 80, chapter, 18, GOTHIC)
        sheet.lines(
            LEFT, 120, [section[:12], section[12:]] if len(section) > 12 else [section], 18, 14
        )
        sheet.lines(LEFT, 170, [*wrapped("　" + LONG), *wrapped("　" + OTHER)])
        sheet.next_page()
    return sheet.save()


@pytest.mark.parametrize("marked", [True, False])
def test_sections_by_bookmarks_and_by_type_agree(sheet, marked):
    path = chapters(sheet, marked=marked)
    assert outline(path) == [
        (1, "第１章　現状", 1),
        (2, "第１節　行政の課題", 1),
        (1, "第２章　展望", 2),
        (2, "第１節　今後の施策の方向性と評価", 2),
    ]
    assert texts(path) == [LONG, OTHER] * 2


def test_a_bookmark_that_is_numbered_otherwise_is_found(sheet):
    sheet.bookmark("１　行政", 0)
    sheet.bookmark("２　財政", 0)
    y = sheet.lines(LEFT, 100, ["１－１．行政", *wrapped("　" + LONG), "１－２．財政"])
    sheet.lines(LEFT, y, wrapped("　" + OTHER))
    first, second = read(sheet.save()).root.children
    assert (first.heading, first.text) == ("１　行政", LONG)
    assert (second.heading, second.text) == ("２　財政", OTHER)


def test_bookmarks_that_are_no_headings_are_passed_over(sheet):
    for number, heading in enumerate(("１．行政", "２．財政"), start=1):
        sheet.bookmark(f"スライド {number}", 0)
        sheet.text(LEFT, 60, heading, 16, GOTHIC)
        body(sheet)
        sheet.next_page()
    assert outline(sheet.save()) == [(1, "１．行政", 1), (1, "２．財政", 2)]


def test_the_largest_text_is_the_title_and_no_section(sheet):
    sheet.text(LEFT, 60, "行政計画の概要", 24, GOTHIC)
    sheet.text(LEFT, 90, "１．行政", 16, GOTHIC)
    body(sheet, y=120)
    document = read(sheet.save())
    assert [section.heading for section in document.root.children] == ["１．行政"]
    assert document.root.text == "行政計画の概要"
    assert document.title == "行政計画の概要"


# --- files that cannot be read ---


@pytest.fixture
def unreadable(tmp_path):
    """Three PDFs of which none can be read, and a text file."""
    scan = Sheet(tmp_path / "scan.pdf")
    scan.area(50, 50, 500, 700)
    scan.save()
    secret = Sheet(tmp_path / "secret.pdf", password="よ".encode().hex())
    body(secret)
    secret.save()
    (tmp_path / "damaged.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 8)
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "good.txt").write_text("これは読める文である。", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("scan.pdf", "no text layer"),
        ("secret.pdf", "encrypted"),
        ("damaged.pdf", "damaged"),
        ("empty.pdf", "empty"),
        ("missing.pdf", "cannot be read"),
    ],
)
def test_an_unreadable_file_is_refused_with_its_reason(unreadable, name, reason):
    with pytest.raises(ReadError, match=reason) as refused:
        read(unreadable / name)
    assert "\n" not in str(refused.value)


def test_the_rest_is_indexed(unreadable, tmp_path_factory):
    summary = indexing.build([unreadable], tmp_path_factory.mktemp("index"), FakeSource())
    assert summary.added == ["good.txt"]
    assert [skipped["path"] for skipped in summary.skipped] == [
        "damaged.pdf",
        "empty.pdf",
        "scan.pdf",
        "secret.pdf",
    ]


# --- worker processes ---


@pytest.mark.parametrize("alone", [1, 60])
def test_a_file_opened_anew_and_again_is_read_the_same(sheet, alone):
    for number in range(7):
        sheet.text(LEFT, 60, f"第{number + 1}章　行政", 16, GOTHIC)
        body(sheet)
        sheet.next_page()
    path = sheet.save()
    assert pdf.read(path, replace(USUAL, alone=alone, stretch=2)) == read(path)


def test_bookmarks_that_are_no_headings_are_passed_over_in_a_long_file_too(sheet):
    for number, heading in enumerate(("１．行政", "２．財政", "３．税制"), start=1):
        sheet.bookmark(f"スライド {number}", 0)
        sheet.text(LEFT, 60, heading, 16, GOTHIC)
        body(sheet)
        sheet.next_page()
    document = pdf.read(sheet.save(), replace(USUAL, alone=1))
    assert [section.title for section in document.root.children] == ["行政", "財政", "税制"]


HEAD = (
    "import os, pickle, signal, sys, time; from policyqa.readers.pdf.workers import Head;"
    "pickle.dump(Head(2, '', ()), sys.stdout.buffer); sys.stdout.buffer.flush();"
)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "its reader died: Segm"),
        (HEAD + "os.kill(os.getpid(), signal.SIGSEGV)", "its reader died: Segm"),
        (HEAD + "sys.stdout.buffer.write(b'\\x80\\x05half')", "its reader died: status 0"),
        ("raise SystemExit(3)", "its reader died: status 3"),
        ("import time; time.sleep(600)", "takes too long"),
        (HEAD + "time.sleep(600)", "takes too long"),
        (HEAD + "os.close(1); time.sleep(600)", "takes too long"),
    ],
)
def test_a_worker_that_dies_or_hangs_is_an_error_of_its_file(sheet, program, reason):
    body(sheet)
    seconds = 0.5 if "sleep" in program else USUAL.seconds
    with pytest.raises(ReadError, match=reason) as refused:
        pdf.read(sheet.save(), replace(USUAL, program=program, seconds=seconds))
    assert "\n" not in str(refused.value)


def test_a_fault_of_our_own_in_a_worker_is_told_as_such(sheet):
    for _ in range(2):
        body(sheet)
        sheet.next_page()
    with pytest.raises(ReadError, match="a fault of policyqa's .ZeroDivisionError"):
        pdf.read(sheet.save(), replace(USUAL, stretch=0))


def test_what_a_page_unpacks_to_is_bounded(sheet):
    body(sheet)
    small = sheet.save()
    bound = replace(USUAL, memory=96 * 2**20)
    assert pdf.read(small, bound).root.text == f"{LONG}\n{OTHER}"
    large = small.with_name("large.pdf")
    large.write_bytes(with_content(small, b" " * (128 * 2**20)))
    with pytest.raises(ReadError, match="too large|memory"):
        pdf.read(large, bound)


def with_content(path, content):
    """The file's bytes, its page's content put in place of what was there and compressed. The
    places in its list of objects are then wrong, which readers must bear."""
    packed = zlib.compress(content, 1)
    stream = b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed
    return re.sub(
        rb"<<[^<>]*/Length[^<>]*>>\s*stream.*?(?=endstream)",
        lambda _: stream + b"\n",
        path.read_bytes(),
        count=1,
        flags=re.DOTALL,
    )


def test_pdfium_is_never_in_the_process_that_reads(sheet):
    body(sheet)
    code = (
        "import sys; from pathlib import Path; from policyqa.readers import read;"
        "assert read(Path(sys.argv[1])).page_count == 1;"
        "print([name for name in sys.modules if 'pdfium' in name])"
    )
    run = [sys.executable, "-c", code, str(sheet.save())]
    assert subprocess.run(run, check=True, capture_output=True, text=True).stdout == "[]\n"


def test_a_circle_of_bookmarks_is_told_and_ends(sheet, caplog):
    path = chapters(sheet, marked=True)
    plain = outline(path)
    data = path.read_bytes()
    assert data.count(b"/Prev") == 1
    # The second chapter is followed by the first, instead of preceded by it.
    path.write_bytes(data.replace(b"/Prev", b"/Next"))
    caplog.clear()
    assert outline(path) == plain
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "made.pdf: A circular bookmark" in caplog.text


def test_a_title_that_is_no_text_is_passed_over(sheet):
    sheet.canvas.setTitle("abcd")
    body(sheet)
    path = sheet.save()
    data = path.read_bytes()
    assert data.count(b"(abcd)") == 1
    path.write_bytes(data.replace(b"(abcd)", b"(\xfe\xff\xd8\x41)"))
    assert read(path).title == "made"


# --- pages in the library and on the command line ---


def test_the_library_knows_page_label_and_place(sheet, tmp_path):
    for number, text in ((7, OTHER), (8, LONG)):
        sheet.lines(LEFT, 100, wrapped("　" + text))
        sheet.text(290, 815, str(number), 9)
        sheet.next_page()
    indexing.build([sheet.save()], tmp_path / "index", FakeSource(), chunk_tokens=480)
    library = Library.open(tmp_path / "index", FakeSource())
    (passage,) = library.search("行政機関").passages
    assert (passage.citation.page, passage.citation.page_last) == (1, 2)
    start = passage.chunk.text.index("我が国")
    citation = Evidence(passage, start, start + 10).citation
    assert (citation.page, citation.page_last, citation.page_label) == (2, 2, "8")
    assert str(citation).endswith("（p.2）")
    place = next(span for span in passage.chunk.spans if span.end > start)
    assert place.box == pytest.approx((LEFT + 10.5, 91, LEFT + 21 * 10.5, 102), abs=3)
    library.close()


def test_outline_prints_the_tree(sheet):
    path = chapters(sheet, marked=True)
    plain = CliRunner().invoke(app, ["outline", str(path)])
    assert plain.stdout.splitlines()[1:3] == ["  第１章　現状  p.1", "    第１節　行政の課題  p.1"]
    printed = json.loads(CliRunner().invoke(app, ["outline", str(path), "--json"]).stdout)
    assert (printed["file"], printed["pages"]) == ("made.pdf", 2)
    chapter = printed["sections"][1]
    assert (chapter["label"], chapter["title"], chapter["page"]) == ("第２章", "展望", 2)
    assert chapter["children"][0]["heading"] == "第１節　今後の施策の方向性と評価"


# --- the real files ---


@pytest.fixture(scope="module")
def white_papers(shared):
    folder = shared / "corpus" / "whitepaper"
    return {path.name: read(path) for path in sorted(folder.glob("*.pdf"))}


@pytest.fixture(scope="module", params=["characters", "the encoder's tokens"])
def count_tokens(request):
    if request.param == "characters":
        return FakeEncoder().count_tokens
    return EncoderChoice().load().count_tokens


def test_every_sentence_of_the_white_paper_is_whole(white_papers, shared, count_tokens):
    rows = (shared / "eval" / "pdf-sentences-dev.jsonl").read_text(encoding="utf-8").splitlines()
    missing = []
    for row in map(json.loads, rows):
        chunks = chunk(white_papers[row["file"]], count_tokens)
        fitting = [piece for piece in chunks if count_tokens([piece.text])[0] <= LIMIT]
        if not any(_holds(piece, row) for piece in fitting):
            missing.append(row["sentence"])
    assert missing == []


def _holds(piece, row):
    wanted = squeeze(row["sentence"])
    if wanted not in squeeze(piece.text):
        return False
    starts = [at for at in range(len(piece.text)) if squeeze(piece.text[at:]).startswith(wanted)]
    headings = [heading.split("　")[0] for heading in piece.section]
    return piece.page_at(starts[-1]) == row["page"] and row["section"] in headings


def test_nothing_of_the_pages_edges_is_left(white_papers):
    for document in white_papers.values():
        assert len(document.page_labels) == document.page_count
        for _, section in document.root.walk():
            for line in section.text.split("\n"):
                assert not line.startswith("第１部　ＡＩがもたらす")
                assert not line.isdigit()


def test_every_line_of_the_white_paper_has_its_place(white_papers):
    for document in white_papers.values():
        for _, section in document.root.walk():
            covered = {at for span in section.spans for at in range(span.start, span.end)}
            bare = {at for at, sign in enumerate(section.text) if not sign.isspace()}
            assert bare <= covered
            for span in section.spans:
                assert 1 <= span.page <= document.page_count
                assert -5 <= span.box[0] < span.box[2] <= 600
                assert -5 <= span.box[1] < span.box[3] <= 847


def test_the_white_papers_sections_agree_without_bookmarks(white_papers, shared, tmp_path):
    for name, document in white_papers.items():
        bare = pdfium.PdfDocument.new()
        bare.import_pages(pdfium.PdfDocument(shared / "corpus" / "whitepaper" / name))
        bare.save(tmp_path / name)
        plain = read(tmp_path / name)
        found = {_place(section) for _, section in plain.root.walk()}
        # The part has no heading on these pages, only a running head.
        wanted = {_place(section) for way, section in document.root.walk() if len(way) > 1}
        assert wanted <= found


def _place(section):
    return squeeze(section.title), section.first_page
