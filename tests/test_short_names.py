"""The table of statutes' short names."""

import re

import pytest

from policyqa.japanese import place_key
from policyqa.short_names import short_names

# As the documents in the sample corpus are titled.
SAMPLES = {
    "行手法": "行政手続法",
    "職安法": "職業安定法",
    "JAS法": "日本農林規格等に関する法律",
    "飼料安全法": "飼料の安全性の確保及び品質の改善に関する法律",
    "果振法": "果樹農業振興特別措置法",
    "均等法": "雇用の分野における男女の均等な機会及び待遇の確保等に関する法律",
    "労働施策総合推進法": (
        "労働施策の総合的な推進並びに労働者の雇用の安定及び職業生活の充実等に関する法律"
    ),
    "災害弔慰金法": "災害弔慰金の支給等に関する法律",
    "騒特法": "特定空港周辺航空機騒音対策特別措置法",
    "地方公務員育児休業法": "地方公務員の育児休業等に関する法律",
    "公的個人認証法": "電子署名等に係る地方公共団体情報システム機構の認証業務に関する法律",
    "e文書法": ("民間事業者等が行う書面の保存等における情報通信の技術の利用に関する法律"),
    "間伐等特措法": "森林の間伐等の実施の促進に関する特別措置法",
    "所有者不明土地法": "所有者不明土地の利用の円滑化等に関する特別措置法",
}


@pytest.mark.parametrize(("short", "full"), SAMPLES.items())
def test_titles_are_those_of_the_statutes(short, full):
    assert short_names()[short] == full


def test_there_are_enough():
    assert len(short_names()) >= 60


@pytest.mark.parametrize(("short", "full"), short_names().items())
def test_a_short_name_stands_for_a_title(short, full):
    assert short == short.strip() != ""
    assert short.endswith("法")
    assert full == full.strip()
    assert re.search("(?:法|法律|令|規則|条例|憲法)$", full)
    # No title is a short name too: it would stand for itself and for another.
    assert full not in short_names()


def test_no_two_are_the_same_when_looked_up():
    keys = [place_key(short) for short in short_names()]
    assert len(set(keys)) == len(keys)


def test_the_table_is_read_only():
    with pytest.raises(TypeError):
        short_names()["行手法"] = "別の法"
