"""Markdown: front matter, sections, lines."""

import pytest

from policyqa.errors import ReadError
from policyqa.models import Section
from policyqa.readers import read
from policyqa.readers.markdown import parse

GUIDE = """---
title: "補助金の手引き"
publisher: 南市
date: 2025-04-01
url: https://example.jp/tebiki
licence: CC BY 4.0  # 表示
kind: guideline
language: ja
in_force: 2025-05-01
tags: [補助金]
author: だれか
---

この手引きは
[補助金](https://example.jp)を**説明**する。

# 補助金の手引き

## １．趣旨

地域を支える。![流れの図](a.png)

- 車両
  - 電車
  - バス
- ① 駅

3. 三つめ
4. 四つめ

細目
----

| 区分 | 額<br>（円） | 注 |
|---|--:|---|
| 市 | 100 | |
| | | |
| 県 | `200` | 上限 |

```python
a = 1

print(a)
```

> 引用した文。

### 問<b>合せ</b>

<div class="x"><p>窓口は２階。</p></div>
"""


def outline(root: Section) -> str:
    """A line for each section: depth, heading, text."""
    return "\n".join(
        f"{'  ' * len(path)}{section.heading}｜{'⏎'.join(section.text.split(chr(10)))}"
        for path, section in root.walk()
    )


def test_a_guide():
    document = parse(GUIDE, "file")
    assert document.title == "補助金の手引き"
    assert document.metadata == {
        "publisher": "南市",
        "date": "2025-04-01",
        "url": "https://example.jp/tebiki",
        "licence": "CC BY 4.0",
        "kind": "guideline",
        "language": "ja",
        "in_force": "2025-05-01",
    }
    assert outline(document.root) == (
        "｜この手引きは補助金を説明する。\n"
        "  １．趣旨｜地域を支える。流れの図⏎・車両⏎　・電車⏎　・バス⏎① 駅⏎3. 三つめ⏎4. 四つめ\n"
        "  細目｜区分：市｜額　（円）：100⏎区分：県｜額　（円）：200｜注：上限⏎"
        "a = 1⏎print(a)⏎引用した文。\n"
        "    問合せ｜窓口は２階。"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一行\n二行", "一行二行"),
        ("one\ntwo", "one two"),
        ("一行  \n二行\\\n三行<br/>四行", "一行\n二行\n三行\n四行"),
        ("~~旧~~ *新* `code` <https://a.jp>", "旧 新 code https://a.jp"),
        ("[一][a] と ![図](b.png)\n\n[a]: https://a.jp", "一 と 図"),
        ("&lt;税&gt; \\*印", "<税> *印"),
        ("<!-- 外 -->\n\n<script>外</script>\n\n内", "内"),
        ("1) 甲\n\n   続き\n2) 乙", "1) 甲\n　続き\n2) 乙"),
        ("- 甲\n  > 引用", "・甲\n　引用"),
        ("- \n- 乙", "・乙"),
        ("    字下げ", "字下げ"),
        ("|甲|乙|\n|-|-|", "甲｜乙"),
        ("<details><summary>問</summary>\n\n答\n\n</details>", "問\n答"),
        ("<table><tr><th>甲<td>乙</table>", "甲：乙"),
        ("---\n本文", "本文"),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_lines(text, expected):
    document = parse(text, "file")
    assert (document.title, document.root.children) == ("file", ())
    assert document.root.text == expected


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("# 題\n\n文\n\n## 一\n\n甲", "題", "｜文\n  一｜甲"),
        ("題\n===\n\n文", "題", "｜文"),
        (
            "# 第１章　総則\n甲\n# 第２章　雑則\n乙",
            "file",
            "｜\n  第１章　総則｜甲\n  第２章　雑則｜乙",
        ),
        ("# 題\n甲\n# 別\n乙", "題", "｜甲\n  別｜乙"),
        ("---\ntitle: 別の題\n---\n# 題\n甲", "別の題", "｜\n  題｜甲"),
        ("## 一\n甲\n#### 二\n乙", "file", "｜\n  一｜甲\n    二｜乙"),
        ("# **太い** [題](a)\n甲", "太い 題", "｜甲"),
        ("#\n\n甲", "file", "｜甲"),
        ("- # 中の見出し\n  甲\n", "中の見出し", "｜甲"),
    ],
)
def test_titles_and_sections(text, title, expected):
    document = parse(text, "file")
    assert (document.title, outline(document.root)) == (title, expected)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("date: 2025-4-1", {}),
        ("date: '2025-04-01'", {"date": "2025-04-01"}),
        ("url: ftp://a.jp", {}),
        ("kind: statute", {}),
        ("publisher: [南市]", {}),
        ("publisher: >", {}),
        ("publisher:", {}),
        ("  publisher: 南市", {}),
        ('publisher: "南市: 課" # 注', {"publisher": "南市: 課"}),
        ("", {}),
    ],
)
def test_front_matter(block, expected):
    document = parse(f"---\n{block}\n---\n甲", "file")
    assert (document.metadata, document.root.text) == (expected, "甲")


@pytest.mark.parametrize(
    "text", ["---\ndate: 2025-04-01\n\n甲", "甲\n\n---\ndate: 2025-04-01\n---\n"]
)
def test_no_front_matter(text):
    assert parse(text, "file").metadata == {}


def test_encodings(tmp_path):
    path = tmp_path / "手引き.MD"
    for encoding in ("utf-8-sig", "cp932", "euc-jp"):
        path.write_bytes("# 手引き\r\n\r\n申請書を提出してください。\r\n".encode(encoding))
        document = read(path)
        assert (document.title, document.root.text) == ("手引き", "申請書を提出してください。")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"---\ntitle: a\n---\n", "the file has no text"),
        (b"<!-- a -->", "the file has no text"),
        (bytes(range(256)) * 20, "binary data|encoding was not recognised"),
        (b">" * 500 + b" a", "nested too deeply"),
        (b"a\n" * (5 * 2**20), "larger than 8 MiB"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, data, message):
    path = tmp_path / "a.md"
    path.write_bytes(data)
    with pytest.raises(ReadError, match=message):
        read(path)
