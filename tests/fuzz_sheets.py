"""`make fuzz`: broken spreadsheets for two minutes. Nothing but PolicyQAError may come out.

A workbook is edited as the XML of its parts, as cells, and as bytes; CSV as text and as bytes.
"""

import io
import re
import zipfile

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing import RUN, check, run

PLACES = st.integers(0, 10_000)

CELLS = [
    *(
        "",
        "質問",
        "回答",
        "番号",
        "分類",
        "どこですか。",
        "費用は？",
        "無料です。\n・印鑑",
        "※　注",
        "№",
    ),
    *(
        "令和５年度",
        "2023",
        "4月",
        "100円",
        "△1,000",
        "#N/A",
        "｜",
        "：",
        "=1+1",
        "_x000D_",
        "\u3000",
    ),
    *("\ufeff", "\u200b", "か", "Ａ", "q", "a" * 300, "\U0001f600", "\x85"),
]
VALUES = [
    *(
        "",
        "0",
        "-1",
        "1",
        "5",
        "99",
        "1048576",
        "1048577",
        "99999999999999",
        "1e308",
        "nan",
        "x",
        "1.5",
    ),
    *(
        "A1",
        "XFD1048576",
        "A1:XFD1048576",
        "A1:A1",
        "B2:A1",
        "A:A",
        "1:1",
        "ZZZZ9",
        "true",
        "hidden",
    ),
    *(
        "s",
        "b",
        "d",
        "e",
        "n",
        "str",
        "inlineStr",
        "2024-04-01",
        "#,##0;",
        "0%",
        "[h]:mm",
        '"',
        "yyyy",
    ),
]
BYTES = [
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&a;",
    b"\x00",
    b"\xff\xfe",
    b'"',
    b'"" ',
    b"\n",
    b"\r",
    b"\x1b$B",
]
BYTES += [b"PK\x05\x06", b"PK\x01\x02", b"<!DOCTYPE a [<!ENTITY a 'a'>]>", b",", b"\t", b";" * 600]


def seed() -> bytes:
    """A workbook with what the reader knows: heads, questions, merged and hidden cells, formats."""
    book = openpyxl.Workbook()
    table, asked = book.active, book.create_sheet("よくある質問")
    for row in [
        ["統計"],
        ["区分", "人口", None],
        [None, "男", "女"],
        ["札幌市", 1234.5, 0.5],
        [],
        [1],
    ]:
        table.append(row)
    for merged in ("A1:C1", "A2:A3", "B2:C2"):
        table.merge_cells(merged)
    table["B4"].number_format = "#,##0.0"
    table["C4"].number_format = "yyyy/m/d"
    table.row_dimensions[6].hidden = True
    for row in [["No.", "質問", "回答"], [1, "費用は？", "無料です。"], [None, None, "続き。"]]:
        asked.append(row)
    asked.column_dimensions["A"].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


SEED = seed()
with zipfile.ZipFile(io.BytesIO(SEED)) as archive:
    PARTS = {name: archive.read(name).decode() for name in archive.namelist()}
NAMES = sorted(PARTS, key=lambda name: ("sheet" not in name, name))


def packed(parts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name, text.encode("utf-8", "replace"))
    return stream.getvalue()


EDITS = st.lists(st.tuples(PLACES, PLACES, st.sampled_from(VALUES)), min_size=1, max_size=6)


@RUN
@given(PLACES, EDITS)
def edited_values(part, edits):
    """Attributes and texts of one part become others."""
    name = NAMES[min(part % (2 * len(NAMES)), part % len(NAMES))]
    tokens = re.split(r'("[^"]*"|>[^<>]+<)', PARTS[name])
    for at, _, value in edits:
        place = (2 * at + 1) % len(tokens)
        held = tokens[place]
        if held[:1] in ('"', ">"):
            tokens[place] = held[0] + value.replace('"', "&quot;") + held[-1]
    check(packed({**PARTS, name: "".join(tokens)}), "xlsx")


@RUN
@given(PLACES, st.lists(st.tuples(PLACES, st.integers(0, 3), PLACES), min_size=1, max_size=6))
def edited_tags(part, edits):
    """Tags of one part are dropped, copied and moved; or the part itself is gone."""
    name = NAMES[part % len(NAMES)]
    tokens = re.split(r"(<[^>]*>)", PARTS[name])
    for at, cut, to in edits:
        tokens[at % len(tokens) : at % len(tokens) + cut] = [tokens[to % len(tokens)]]
    check(packed({**PARTS, name: "".join(tokens)}), "xlsx")
    check(packed({kept: text for kept, text in PARTS.items() if kept != name}), "xlsx")


@RUN
@given(
    st.lists(st.lists(st.sampled_from([None, 1, 0.5, True, *CELLS]), max_size=5), max_size=12),
    st.lists(st.tuples(*[st.integers(1, 6)] * 4), max_size=3),
    st.lists(st.integers(1, 8), max_size=3),
)
def other_cells(rows, merged, hidden):
    """A sound workbook of odd cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for top, left, height, width in merged:
        sheet.merge_cells(None, top, left, top + height - 1, left + width - 1)
    for row in hidden:
        sheet.row_dimensions[row].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    check(stream.getvalue(), "xlsx")


@RUN
@given(
    st.lists(st.lists(st.sampled_from(CELLS), max_size=5), max_size=12),
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp"]),
    st.sampled_from(["csv", "tsv"]),
)
def csv_of_cells(rows, delimiter, encoding, suffix):
    text = "\n".join(delimiter.join(row) for row in rows)
    check(text.encode(encoding, "replace"), suffix)


SEEDS = {
    "xlsx": SEED,
    "csv": '番号,質問,回答\n1,費用は？,"無料です。\n続き"\n2,時間は？,九時から\n'.encode("cp932"),
    "tsv": "区分\t人口\n札幌市\t100\n".encode(),
}


@RUN
@given(
    st.sampled_from(sorted(SEEDS)),
    st.lists(
        st.tuples(
            PLACES, st.integers(0, 12), st.one_of(st.binary(max_size=8), st.sampled_from(BYTES))
        ),
        min_size=1,
        max_size=6,
    ),
)
def edited_bytes(suffix, edits):
    data = bytearray(SEEDS[suffix])
    for at, cut, piece in edits:
        place = at % len(data)
        data[place : place + cut] = piece
    check(bytes(data), suffix)


@settings(RUN, max_examples=20)
@given(st.sampled_from(sorted(SEEDS)), PLACES)
def truncated(suffix, length):
    check(SEEDS[suffix][:length], suffix)


if __name__ == "__main__":
    run(edited_values, edited_tags, other_cells, csv_of_cells, edited_bytes, truncated)
