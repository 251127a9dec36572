"""Statutes for the tests, as the readers give them."""

from collections.abc import Iterator

from policyqa.models import Document, Section
from policyqa.numerals import to_kanji
from policyqa.places import place_of
from policyqa.units import Part, units


def citable(document: Document, supplements: bool) -> Iterator[tuple[str, str, str]]:
    """Every 条 and 項 of the main provisions, and of the original 附則: its citation, its text, and
    the label that a sole 項 is cited without."""
    for unit in units(document):
        for part in unit.whole.walk():
            if part.section.kind in ("article", "paragraph") and _counts(part, supplements):
                place = place_of(part.chain)
                sole = part.section.kind == "paragraph" and place_of(part.chain[:-1]) == place
                label = part.section.label if sole else ""
                yield document.title + place, unit.text[part.start : part.end], label


def _counts(part: Part, supplements: bool) -> bool:
    above = [section.label for section in part.chain if section.kind == "supplement"]
    return not above or (supplements and above == ["附則"])


def item(number: int, text: str, *below: Section) -> Section:
    mark = to_kanji(number)
    return Section(f"第{mark}号", "", text, below, kind="item", mark=mark)


def subitem(mark: str, text: str, *below: Section) -> Section:
    return Section(mark, "", text, below, kind="subitem", mark=mark)


def paragraph(number: int, text: str, *items: Section, title: str = "") -> Section:
    mark = (
        ""
        if number == 1
        else str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    )
    label = f"第{to_kanji(number)}項"
    return Section(label, title, text, items, kind="paragraph", mark=mark)


def article(label: str, caption: str, *paragraphs: Section) -> Section:
    return Section(label, caption, "", paragraphs, kind="article")


def division(label: str, title: str, *below: Section) -> Section:
    return Section(label, title, "", below, kind="division")


def supplement(law_number: str, *below: Section) -> Section:
    label = f"附則（{law_number}）" if law_number else "附則"
    return Section(label, "", "", below, kind="supplement")


def appendix(label: str, title: str, text: str) -> Section:
    return Section(label, title, text, kind="appendix")


def statute(title: str, *below: Section, **metadata: str) -> Document:
    return Document(title, Section("", "", "", below), {"kind": "statute", **metadata})


OPENNESS = statute(
    "公開手続法",
    division(
        "第一章",
        "総則",
        article("第一条", "（目的）", paragraph(1, "この法律は、公開の手続を定める。")),
        article(
            "第二条",
            "（定義）",
            paragraph(
                1,
                "この法律において、次の各号に掲げる用語の意義は、当該各号に定めるところによる。",
                item(1, "文書　職員が作成した書面をいう。"),
                item(
                    2,
                    "行政機関　次に掲げる機関をいう。",
                    subitem("イ", "内閣府"),
                    subitem("ロ", "省及び庁"),
                ),
            ),
        ),
    ),
    division(
        "第二章",
        "公開の請求",
        article(
            "第三条",
            "（請求）",
            paragraph(1, "何人も、行政機関の長に対し、文書の公開を請求することができる。"),
            paragraph(2, "前項の請求は、書面でしなければならない。"),
            paragraph(
                3,
                "前項の書面には、次に掲げる事項を記載する。",
                item(1, "氏名"),
                item(2, "第二条第一号の文書の名称"),
            ),
        ),
        article("第三条の二", "（期限）", paragraph(1, "行政機関の長は、三十日以内に決定する。")),
        article("第四条から第六条まで", "", paragraph(1, "削除")),
        article("第七条", "", paragraph(1, "決定に不服がある者は、別表第一の機関に申し立てる。")),
    ),
    supplement(
        "",
        article("第一条", "（施行期日）", paragraph(1, "この法律は、公布の日から施行する。")),
        article(
            "第二条", "（経過措置）", paragraph(1, "この法律の施行前の文書は、なお従前の例による。")
        ),
    ),
    supplement(
        "平成一一年一二月八日法律第一五一号",
        article(
            "第一条", "（施行期日）", paragraph(1, "この法律は、平成十二年四月一日から施行する。")
        ),
        article("第三条", "（経過措置）", paragraph(1, "改正前の請求は、改正後の請求とみなす。")),
    ),
    supplement(
        "令和五年六月一六日法律第五六号",
        paragraph(1, "この法律は、公布の日から施行する。"),
        paragraph(2, "政令への委任を定める。", title="（委任）"),
    ),
    appendix("別表第一", "（第七条関係）", "機関　所在地\n審査会　東京都"),
    law_number="平成五年法律第三百号",
    abbreviations="公手法",
    in_force="2001-04-01",
)
