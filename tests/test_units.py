"""A document as running text, and what its places are called."""

import pytest

from policyqa.models import Document, Section
from policyqa.places import keys_of, place_of
from policyqa.units import units
from statutes import OPENNESS, article, item, paragraph, statute, supplement

THIRD = """何人も、行政機関の長に対し、文書の公開を請求することができる。
２　前項の請求は、書面でしなければならない。
３　前項の書面には、次に掲げる事項を記載する。
一　氏名
二　第二条第一号の文書の名称"""


def unit_of(place):
    return next(unit for unit in units(OPENNESS) if place_of(unit.whole.chain) == place)


def test_an_article_runs_on_over_its_paragraphs_and_items():
    assert unit_of("第三条").text == THIRD


def test_a_caption_of_a_paragraph_stands_above_it():
    text = unit_of("附則（令和五年六月一六日法律第五六号）").text
    assert text == "この法律は、公布の日から施行する。\n（委任）\n２　政令への委任を定める。"


def test_each_part_knows_its_text():
    unit = unit_of("第三条")
    texts = [unit.text[part.start : part.end] for part in unit.whole.walk()]
    lines = THIRD.split("\n")
    assert texts == [THIRD, lines[0], lines[1], "\n".join(lines[2:]), lines[3], lines[4]]
    own = [unit.text[part.start : part.own_end] for part in unit.whole.walk()]
    assert own == ["", *lines]


def test_the_parts_are_in_the_order_of_the_tree():
    sections = [part.section for unit in units(OPENNESS) for part in unit.whole.walk()]
    assert sections == [section for _, section in OPENNESS.root.walk()]


def test_provisions_among_articles_are_units_of_their_own():
    mixed = statute(
        "短法",
        supplement("", paragraph(1, "施行する。"), article("第一条", "", paragraph(1, "甲"))),
    )
    assert [unit.text for unit in units(mixed)] == ["", "", "施行する。", "甲"]


def test_a_law_without_articles_is_one_text():
    short = statute("短法", paragraph(1, "甲とする。"), paragraph(2, "乙とする。"))
    (unit,) = units(short)
    assert unit.text == "甲とする。\n２　乙とする。"
    assert [place_of(part.chain) for part in unit.whole.walk()] == ["", "第一項", "第二項"]


def test_any_other_section_is_a_unit():
    document = Document("白書", Section("", "", "前書き", (Section("１．", "道路", "道路の話"),)))
    assert [unit.text for unit in units(document)] == ["前書き", "道路の話"]


def chains():
    return {
        place_of(part.chain): part.chain for unit in units(OPENNESS) for part in unit.whole.walk()
    }


@pytest.mark.parametrize(
    "place",
    [
        "第一章",
        "第一条",
        "第二条第一号",
        "第二条第二号イ",
        "第三条第二項",
        "第三条第三項第二号",
        "第三条の二",
        "第四条から第六条まで",
        "附則",
        "附則第二条",
        "附則（平成一一年一二月八日法律第一五一号）第三条",
        "附則（令和五年六月一六日法律第五六号）第二項",
        "別表第一",
    ],
)
def test_places_are_cited(place):
    assert place in chains()


@pytest.mark.parametrize(
    ("place", "keys"),
    [
        ("第一章", {"第1章総則", "第1章"}),
        ("第一条", {"第1条第1項"}),
        ("第二条第二号ロ", {"第2条第1項第2号ロ", "第2条第2号ロ"}),
        ("第三条第三項第二号", {"第3条第3項第2号"}),
        ("第三条の二", {"第3条の2第1項"}),
        (
            "附則（平成一一年一二月八日法律第一五一号）第三条",
            {
                "附則(1999年12月8日法律第151号)第3条第1項",
                "附則(1999年法律第151号)第3条第1項",
                "附則(*)第3条第1項",
            },
        ),
        ("附則第二条", {"附則第2条第1項"}),
        ("別表第一", {"別表第1"}),
    ],
)
def test_keys(place, keys):
    assert set(keys_of(chains()[place])) == keys


@pytest.mark.parametrize(
    ("label", "keys"),
    [
        ("第四条から第六条まで", {"第4条から第6条まで", "第4条", "第5条", "第6条"}),
        ("第十条及び第十一条", {"第10条及び第11条", "第10条", "第11条"}),
        (
            "第三条の二から第三条の四まで",
            {"第3条の2から第3条の4まで", "第3条の2", "第3条の3", "第3条の4"},
        ),
        (
            "第九条の二から第十一条まで",
            {"第9条の2から第11条まで", "第9条の2", "第10条", "第11条"},
        ),
        ("第三条の二", {"第3条の2"}),
    ],
)
def test_a_deleted_range_answers_to_every_number_in_it(label, keys):
    section = article(label, "", paragraph(1, "削除"))
    assert set(keys_of((Section("", "", ""), section))) == keys


def test_an_article_of_one_paragraph_is_cited_without_it():
    one = article("第一条", "", paragraph(1, "次のとおり。", item(1, "甲")))
    root = Section("", "", "", (one,))
    chain = (root, one, one.children[0], one.children[0].children[0])
    assert place_of(chain[:3]) == "第一条"
    assert place_of(chain) == "第一条第一号"
    assert set(keys_of(chain)) == {"第1条第1項第1号", "第1条第1号"}


def test_a_heading_without_a_number_is_no_name_of_a_place():
    section = Section("", "アポロ17号", "本文")
    assert keys_of((Section("", "", "", (section,)), section)) == ()


def test_numbered_headings_answer_to_as_much_as_is_named():
    chapter = Section("第１章", "総論", "", (section := Section("第２節", "現状", "本文"),))
    chain = (Section("", "", "", (chapter,)), chapter, section)
    assert keys_of(chain) == ("第2節現状", "第2節", "第1章第2節")
