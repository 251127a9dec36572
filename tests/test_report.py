"""The report of a run: its figures, what it says in each format, and hostile text."""

import io
import json
import random
import re

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import runs
from policyqa import strings_report as text
from policyqa.cli import app
from policyqa.errors import EvaluationError
from policyqa.evaluation.metrics import measure, measure_by_tag
from policyqa.evaluation.report import build, html, markdown, plots, wording, workbook
from policyqa.evaluation.report.figures import CalibrationBin, Histogram
from policyqa.evaluation.report.questions import EXCERPTS, LARGEST, embedded

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>|`*_[x](javascript:1)"


def row(id, rank=1, **changes):
    """An answerable question whose gold stands at `rank`, with two passages."""
    ranking = [["x" if place != rank else "gold", round(1 / place, 3)] for place in range(1, 4)]
    return {
        "id": id,
        "question": f"{id}の目標は何ですか。",
        "answerable": True,
        "tags": ["数値"],
        "gains": {"gold": 1},
        "ranking": [[f"{target}{place}" if target == "x" else target, score]
                    for place, (target, score) in enumerate(ranking)],
        "section_hit": None,
        "page_hit": None,
        "answers": ["51地域"],
        "evidence": ["今年は51地域を選定した"],
        "found": True,
        "probability": 0.9,
        "citations": ["「計画」第１章", "「計画」第２章"],
        "passages": [
            {
                "rank": place,
                "citation": f"「計画」第{place}章",
                "text": f"本文その{place}",
                "score": round(1 / place, 3),
                "signals": {"dense": 0.88, "lexical": 12.1},
                "gold": place == rank,
            }
            for place in (1, 2)
        ],
        "took_ms": {"encode": 20.0, "fetch": 5.0},
    } | changes  # fmt: skip


def unanswerable(id, **changes):
    return row(id, **{"answerable": False, "tags": ["left out"], "gains": {}, "answers": [],
                      "found": False, "probability": 0.05} | changes)  # fmt: skip


ROWS = (
    row("q1"),
    row("q2", rank=2),
    row("q3", found=False, probability=0.2, evidence=[]),
    unanswerable("q4"),
    unanswerable("q5", found=True, probability=0.62),
)
BARS = [
    {"metric": "nDCG@10", "tag": None, "value": 0.877, "bar": 0.64, "kind": "min", "passed": True},
    {"metric": "false answers", "tag": "left out", "value": 0.5, "bar": 0.05, "kind": "max",
     "passed": False},
]  # fmt: skip


def run(rows=ROWS, **changes):
    rows = list(rows)
    return {
        "suite": "eval/計画.toml",
        "questions": len(rows),
        "negatives": {"left out": 2, "foreign": 0},
        "created": "2026-11-25T15:30:00+00:00",
        "took_s": 1.5,
        "metrics": measure(rows),
        "by_tag": measure_by_tag(rows),
        "latency_ms": {"encode": {"median": 20.0, "p95": 29.0}},
        "per_question": rows,
        "settings": {"encoder": "e5", "chunk_tokens": 200, "weights": {"dense": 0.5}},
        "versions": {"policyqa": "0.1.0"},
        "corpus": "sha256:1",
    } | changes


@pytest.fixture(scope="module")
def compared():
    """A run in which one question got better and one worse, with bars."""
    before = run([row("q1", rank=3), row("q2"), *ROWS[2:]], corpus="sha256:0")
    return build(run(bars=BARS), before)


# --- figures ---


def test_outcomes_and_counts():
    report = build(run())
    assert [outcome.right for outcome in report.outcomes] == [True, False, False, True, False]
    assert [outcome.rank for outcome in report.outcomes] == [1, 2, 1, None, None]
    counts = report.counts
    assert (counts.questions, counts.right, counts.answerable, counts.unanswerable) == (5, 2, 3, 2)
    assert (counts.first, counts.ten, counts.with_answers, counts.contained) == (2, 3, 3, 2)
    assert (counts.refused, counts.answered) == (1, 1)


def test_equal_scores_are_ordered_as_the_metrics_order_them():
    tied = row("q1", ranking=[["gold", 0.5], ["x", 0.5]])
    report = build(run([tied]))
    assert report.outcomes[0].rank == 2
    assert report.metrics["P@1"]["value"] == 0.0


def test_histograms_calibration_and_threshold():
    report = build(run())
    assert report.probabilities.answerable == [0] * 4 + [1] + [0] * 13 + [2, 0]
    assert report.probabilities.unanswerable == [0, 1] + [0] * 10 + [1] + [0] * 7
    assert [(one.low, one.n, one.share) for one in report.calibration] == [
        (0.0, 1, 0.0),
        (0.2, 1, 1.0),
        (0.6, 1, 0.0),
        (0.9, 2, 1.0),
    ]
    # Wilson's interval of 2 of 2.
    assert report.calibration[-1].share_low == pytest.approx(0.3424, abs=1e-4)
    assert report.threshold == 0.62


def test_no_threshold_where_probability_does_not_part_found_from_not_found():
    named = row("q6", probability=0.01)
    assert build(run([*ROWS, named])).threshold is None


def test_questions_of_one_kind_have_no_calibration():
    report = build(run([row("q1"), row("q2")]))
    assert report.calibration == []
    assert text.CALIBRATION not in html(report).decode()


def test_moves_and_verdicts(compared):
    assert wording.moves(compared) == [1, -1, 0, 0, 0]
    assert wording.warnings(compared) == [text.WARNING_CORPUS]
    assert [question["id"] for question in compared.comparison["moved"]] == ["q1", "q2"]


@pytest.mark.parametrize("missing", ["metrics", "by_tag", "latency_ms"])
def test_a_run_without_its_figures_is_refused(missing):
    broken = run()
    del broken[missing]
    with pytest.raises(EvaluationError, match=f"^the run lacks {missing}; make it again$"):
        build(broken)


def test_runs_over_other_questions_are_not_compared():
    with pytest.raises(EvaluationError, match="the runs asked different questions"):
        build(run(), run(ROWS[:3]))


# --- words ---


def test_the_summary_in_plain_words(compared):
    assert wording.summary(compared) == [
        "5問中2問を正しく扱えました（40.0%）。",
        "答えがある3問のうち、正しい箇所が1位だったのは2問（66.7%）、10位以内だったのは3問です。",
        "答えの文字列が決まっている3問のうち、最初の根拠がそれを含んだのは2問です（66.7%）。",
        "答えがあるのに「見つからない」としたのは、3問中1問です（33.3%）。",
        "答えがないのに「見つかった」としたのは、2問中1問です（50.0%）。",
        "1問にかかる時間は中央値で約20ミリ秒です（各段階の中央値の合計）。",
        "質問が5問と少ないため、区間の広さに注意して読んでください。",
        "比較対象との差は、どの指標でも偶然の範囲を出ません。",
        "正誤が変わった質問は、誤→正が1問、正→誤が1問です。",
    ]
    assert wording.bars_said(compared) == "合格基準2件のうち1件を満たしていません。"
    assert wording.bars_said(build(run())) == "合格基準は定められていません。"


def test_what_was_measured():
    assert wording.about(build(run())) == [
        ("質問の組", "eval/計画.toml"),
        ("測定日時", "2026年11月26日 00:30（日本時間）"),
        ("質問の数", "5問（答えがある質問3問、答えがない質問2問）"),
        (
            "作った「答えのない質問」",
            "正解の文書を除いて聞いたもの2問、別の質問集から借りたもの0問",
        ),
        ("所要時間", "1.5秒"),
        ("文書の版（ダイジェスト）", "sha256:1"),
    ]
    assert wording.settings(build(run())) == [
        ("埋め込みモデル", "e5"),
        ("チャンクの上限（トークン）", "200"),
        ("順位づけの重み", "意味の近さ 0.5"),
    ]


@pytest.mark.parametrize(
    ("value", "metric", "expected"),
    [
        (0.0754, "AP", "+0.075"),
        (-0.2, "AP", "−0.200"),
        (-0.0001, "AP", "0.000"),
        (-3.26, "evidence length@1", "−3.3"),
    ],
)
def test_a_difference_has_its_sign(value, metric, expected):
    assert wording.signed(value, metric) == expected


def test_every_metric_has_a_name_and_stands_in_a_group():
    names = [name for _, group in text.GROUPS for name in group]
    assert sorted(names) == sorted(text.METRIC_NAMES)
    assert set(measure(list(ROWS))) <= set(names)


# --- HTML ---


def test_html_holds_bars_metrics_and_differences(compared):
    page = html(compared).decode()
    assert '<html lang="ja">' in page
    assert "<title>評価レポート：eval/計画.toml</title>" in page
    assert (
        '<th scope="row">誤った回答（false answers）</th><td>left out</td><td class="n">0.500</td>'
        '<td class="n">0.05 以下</td><td><span class="badge missed">不合格</span></td>'
    ) in page
    assert (
        '<th scope="row">1位の正しさ（P@1）<span class="meaning">'
        "1位が正しい箇所だった質問の割合です。</span></th>"
        '<td class="n strong">0.667</td><td class="n">0.000〜1.000</td><td class="n">3</td>'
    ) in page
    assert '<td class="n">0.500 → 1.000</td>' in page
    assert (
        '<th scope="row" class="question">q1の目標は何ですか。 <span class="code">q1</span>' in page
    )


def test_the_page_needs_and_allows_nothing_from_outside(compared):
    page = html(compared).decode()
    assert re.search(
        r"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; script-src 'sha256-[\w+/=]{44}'; "
        "base-uri 'none'; form-action 'none'",
        page.replace("&#39;", "'"),
    )
    assert not re.search(r"\b(src|href)=\"(?!#)|url\(|@import|style=|https?://(?!design)", page)


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def test_the_data_of_the_questions(compared):
    data = data_of(html(compared).decode())
    assert data["passages"] == [["「計画」第1章", "本文その1"], ["「計画」第2章", "本文その2"]]
    assert data["signals"] == ["dense", "lexical"]
    assert data["excerpt"] is None
    assert data["rows"][0] == {
        "id": "q1",
        "q": "q1の目標は何ですか。",
        "a": True,
        "tags": ["数値"],
        "w": ["51地域"],
        "e": ["今年は51地域を選定した"],
        "ms": 25.0,
        "now": [True, True, 0.9, 1, 1.0, 0.5],
        "old": [False, True, 0.9, 3, 0.5, 0.5],
        "m": 1,
        "p": [[0, True, 1.0, [0.88, 12.1]], [1, False, 0.5, [0.88, 12.1]]],
    }


def test_a_run_of_before_passages_were_kept_shows_its_citations():
    old = row("q1", section_hit=[False, True])
    del old["passages"]
    data = data_of(html(build(run([old]))).decode())
    assert data["passages"] == [["「計画」第１章", ""], ["「計画」第２章", ""]]
    assert data["rows"][0]["p"] == [[0, False, None, []], [1, True, None, []]]


def test_excerpts_get_shorter_until_thousands_of_questions_fit():
    one = build(run([row("q1")]))
    long = runs.long_text(random.Random(1), 2000)
    for passage in one.rows[0]["passages"]:
        passage["text"] = long
    assert json.loads(embedded(one))["excerpt"] == EXCERPTS[0]
    many = build(run([row("q1")]))
    # Distinct passages alone are more than fits at 300 characters.
    many.rows[0]["passages"] = [
        {"citation": str(place), "text": long, "score": 0.5, "gold": False}
        for place in range(LARGEST // 800)
    ]
    data = embedded(many)
    assert json.loads(data)["excerpt"] == EXCERPTS[1]
    assert len(data.encode()) <= LARGEST


def test_hostile_text_stays_text():
    hostile = row(
        HOSTILE,
        question=HOSTILE,
        tags=[HOSTILE],
        answers=[HOSTILE],
        evidence=[HOSTILE, "\ud800\x00"],
        passages=[{"citation": HOSTILE, "text": HOSTILE, "score": 1, "signals": {HOSTILE: 1}}],
    )
    bad = run([hostile], suite=HOSTILE, settings={HOSTILE: HOSTILE}, corpus=HOSTILE)
    report = build(bad, run([dict(hostile, ranking=[])], suite=HOSTILE))
    page = html(report).decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert page.count("<script") == 3
    assert data_of(page)["rows"][0]["q"] == HOSTILE
    said = markdown(report).decode()
    assert "<script" not in said.replace("\\<", "")
    assert "\\<img src=x onerror=alert(2)\\>\\|\\`\\*\\_\\[x\\](javascript:1)" in said


# --- plots ---


def test_an_interval_plot():
    rows = [plots.Interval("とても長いタグの名前です", 0.5, 0.25, 0.75, "12問")]
    assert plots.intervals("タグ別", rows, 0.0, 1.0).startswith(
        '<svg viewBox="0 0 360 58" role="img" aria-label="タグ別">'
        '<line x1="124.0" y1="4.0" x2="124.0" y2="30.0" class="grid"/>'
    )
    assert (
        '<text x="116" y="21.0" text-anchor="end"><title>とても長いタグの名前です</title>'
        'とても長いタグの名…</text><line x1="170.0" y1="17.0" x2="262.0" y2="17.0" class="range"/>'
        '<circle cx="216.0" cy="17.0" r="5" class="yes"/>'
    ) in plots.intervals("タグ別", rows, 0.0, 1.0)


def test_a_histogram_has_both_kinds_on_their_sides():
    drawn = plots.histogram("確率", Histogram(0.0, 1.0, [0, 4], [1, 0]), "軸", 0.5)
    assert drawn.count('class="yes"') == drawn.count('class="no"') == 1
    assert '<rect x="197.0" y="20.0" width="154.0" height="84.0" class="yes"/>' in drawn
    assert '<rect x="41.0" y="104.0" width="154.0" height="84.0" class="no"/>' in drawn
    assert "境目 0.50" in drawn


def test_a_calibration_curve_has_its_counts():
    bins = [CalibrationBin(0.0, 0.1, 7, 0.05, 0.0, 0.0, 0.35)]
    assert 'text-anchor="middle" class="count">7</text>' in plots.calibration("較正", bins)


def test_latency_without_any_time_is_drawn():
    assert "0.0 / 0.0 ms" in plots.latency("時間", [("質問", 0.0, 0.0)])


# --- Markdown and the workbook ---


def test_markdown_for_a_pull_request(compared):
    said = markdown(compared).decode()
    assert said.startswith(
        "# 評価レポート：eval/計画.toml\n\n**合格基準2件のうち1件を満たしていません。**\n\n"
        f"> {text.WARNING_CORPUS}\n\n- 5問中2問を正しく扱えました（40.0%）。\n"
    )
    assert (
        "## 合格基準\n\n| 指標 | 対象 | 値 | 基準 | 判定 |\n|---|---|---|---|---|\n"
        "| 上位10件の並びの良さ（nDCG@10） | 全体 | 0.877 | 0.64 以上 | 合格 |\n"
        "| 誤った回答（false answers） | left out | 0.500 | 0.05 以下 | 不合格 |\n"
    ) in said
    assert "| q1の目標は何ですか。 | q1 | 1.000 → 1.000 | 0.500 → 1.000 | 0.500 → 0.500 |\n" in said
    assert "| 1位の正しさ（P@1） | 0.667 | 0.000〜1.000 | 3 |\n" in said


def sheets(report):
    return load_workbook(io.BytesIO(workbook(report)))


def test_the_workbook(compared):
    book = sheets(compared)
    assert book.sheetnames == ["概要", "指標", "タグ別", "質問"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
    rows = list(book["質問"].values)
    assert rows[0] == (
        "ID", "質問", "タグ", "答えがあるか", "正誤", "見つかったか", "確率", "正解の順位",
        "nDCG@10", "F1", "時間（ms）", "想定した答え", "示した根拠", "1位の出典",
        "比較対象の正誤", "変化",
    )  # fmt: skip
    assert rows[1] == (
        "q1", "q1の目標は何ですか。", "数値", "ある", "正", "見つかった", 0.9, 1, 1, 0.5, 25,
        "51地域", "今年は51地域を選定した", "「計画」第1章", "誤", "改善",
    )  # fmt: skip
    metrics = {row[0]: row for row in book["指標"].values}
    assert metrics["1位の正しさ（P@1）"][1:5] == pytest.approx((2 / 3, 0.0, 1.0, 3))
    assert metrics["1位の正しさ（P@1）"][6:8] == pytest.approx((2 / 3, 0.0))
    assert ("数値", "1位の正しさ（P@1）") in [row[:2] for row in book["タグ別"].values]
    assert ("合格基準", "合格基準2件のうち1件を満たしていません。") in book["概要"].values


@pytest.mark.parametrize("start", "=+-@")
def test_no_cell_of_the_workbook_is_a_formula(start):
    question = f'{start}HYPERLINK("http://example.com")\x07'
    sheet = sheets(build(run([row(question, question=question, evidence=["\ud800"])])))["質問"]
    cell = sheet["B2"]
    assert cell.value == f'{start}HYPERLINK("http://example.com")�'
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert sheet["M2"].value == "?"


# --- the command ---


def call(*arguments):
    return CliRunner().invoke(app, ["eval", "report", *map(str, arguments)])


def test_the_command_writes_what_it_is_asked_for(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(run()), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps(run(bars=BARS)), encoding="utf-8")
    done = call(
        tmp_path / "b.json", "--baseline", tmp_path / "a.json", "--html", tmp_path / "r.html",
        "--markdown", tmp_path / "r.md", "--xlsx", tmp_path / "r.xlsx",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.json", "b.json", "r.html", "r.md", "r.xlsx"
    ]  # fmt: skip
    assert (tmp_path / "r.md").read_text(encoding="utf-8").count("偶然の範囲") == 18


def test_the_command_says_what_is_wrong_and_writes_nothing(tmp_path):
    given = tmp_path / "run.json"
    given.write_text(json.dumps(run()), encoding="utf-8")
    none = call(given)
    assert isinstance(none.exception, EvaluationError)
    assert str(none.exception) == "nothing to write: give --html, --markdown or --xlsx"
    given.write_text("[]", encoding="utf-8")
    wrong = call(given, "--html", tmp_path / "r.html")
    assert str(wrong.exception) == f"{given} is no run written with --json"
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]
