"""What is asked for, which sentence holds it, and when the answer is "not found"."""

import pytest

from policyqa.answering import FOUND_WEIGHTS, THRESHOLD, answer, found_probability
from policyqa.asked_for import asked_for, fits
from policyqa.evidence import LONGEST_EVIDENCE, candidates, evidence, opening, ordered
from policyqa.japanese import content_words, distinct_lemmas, sentences
from policyqa.models import Answer, Chunk, Citation, Passage, SearchResult, Sentence


@pytest.mark.parametrize(
    ("question", "kind", "unit"),
    [
        ("計画はいつ策定されましたか。", "time", ""),
        ("何年に施行されたか", "time", "年"),
        ("何月何日までですか", "time", "月"),
        ("申請の期限を教えて", "time", ""),
        ("When was it adopted?", "time", ""),
        ("委員は何人ですか", "count", "人"),
        ("距離は何kmか", "amount", ""),
        ("何色ですか", "", ""),
        ("拠点都市は何か所選ばれていますか。", "count", "箇所"),
        ("何年間保存しますか", "count", "年間"),
        ("手数料はいくらですか", "amount", ""),
        ("予算額は？", "amount", ""),
        ("How many areas are there?", "amount", ""),
        ("会議の議長は誰か", "who", ""),
        ("申請はどこで行いますか", "where", ""),
        ("採択されたのはどの市ですか", "where", ""),
        ("会議体の名称は何ですか", "", ""),
        ("どのような支援がありますか", "", ""),
        ("何という制度か", "", ""),
    ],
)
def test_asked_for(question, kind, unit):
    asked = asked_for(question)
    assert (asked.kind, asked.unit) == (kind, unit)


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("計画はいつ策定されましたか。", "令和４年２月に策定した。", 1.0),
        ("計画はいつ策定されましたか。", "計画を策定した。", 0.0),
        # What the question says itself is no answer.
        ("令和４年の計画はいつ策定されたか", "令和４年の計画である。", 0.0),
        ("計画はいつ策定されましたか。", "同年２月に策定した。", 0.3),
        ("計画は何月に策定されましたか。", "同年２月に策定した。", 1.0),
        ("計画はいつ策定されましたか。", "三年後に策定する。", 0.3),
        ("計画は何年に策定されましたか。", "平成元年に策定した。", 1.0),
        ("委員は何人ですか", "委員は十二人以内とする。", 1.0),
        ("拠点は何か所ですか", "拠点を８ヶ所に置く。", 1.0),
        ("委員は何人ですか", "委員は三年ごとに選ぶ。", 0.3),
        ("委員は何人ですか", "委員は大臣が選ぶ。", 0.0),
        ("手数料はいくらですか", "手数料は300円とする。", 1.0),
        ("申請はどこで行いますか", "申請は尼崎の窓口で行う。", 1.0),
        ("申請はどこで行いますか", "申請は窓口で行う。", 0.0),
        ("会議の議長は誰か", "議長は鈴木が務める。", 1.0),
        ("会議の議長は誰か", "議長はグェンティミンが務める。", 0.3),
        ("どのような支援がありますか", "支援を行う。", 0.0),
    ],
)
def test_fits(question, sentence, expected):
    assert fits(asked_for(question), sentence, content_words(sentence)) == expected


def passage(text: str, cosines: list[float], score: float = 0.8, title: str = "計画") -> Passage:
    spans = sentences(text)
    assert len(spans) == len(cosines)
    return Passage(
        id=text[:8],
        rank=1,
        chunk=Chunk(("１．目的",), text, 0, len(text)),
        citation=Citation("d", title, "d.txt", ("１．目的",)),
        score=score,
        signals={"dense": max(cosines)},
        sentences=tuple(
            Sentence(start, end, cosine)
            for (start, end), cosine in zip(spans, cosines, strict=True)
        ),
        words=content_words(text),
    )


def result(question: str, *passages: Passage, **more) -> SearchResult:
    idf = dict.fromkeys(distinct_lemmas(question), 1.0)
    return SearchResult(question, passages, (), 0.0, {}, question, idf=idf, **more)


def first(question: str, *passages: Passage) -> str:
    return evidence(ordered(candidates(passages, question))[0], question).text


@pytest.mark.parametrize(
    ("question", "passages", "expected"),
    [
        # Words of the question.
        (
            "助成金の上限",
            [passage("道路を直す。助成金の上限は別に定める。", [0.85, 0.85])],
            "助成金の上限は別に定める。",
        ),
        # Meaning, where no word is the same.
        ("子育て", [passage("道路を直す。保育を支える。", [0.80, 0.88])], "保育を支える。"),
        # The kind of thing asked for.
        (
            "計画はいつ策定されたか",
            [passage("計画は策定された。令和４年２月に計画は策定された。", [0.88, 0.88])],
            "令和４年２月に計画は策定された。",
        ),
        # The title says which of two alike passages is meant.
        (
            "住宅計画の期間",
            [
                passage("期間は五年とする。", [0.88], title="道路計画"),
                passage("期間は三年とする。", [0.88], title="住宅計画"),
            ],
            "期間は三年とする。",
        ),
        # The better passage.
        (
            "期間",
            [passage("期間は三年。", [0.88]), passage("期間は五年。", [0.88])],
            "期間は三年。",
        ),
    ],
)
def test_the_first_evidence(question, passages, expected):
    assert first(question, *passages) == expected


def test_long_sentences_are_cut_at_commas_around_what_is_asked_for():
    filler = "必要な措置を講ずるとともに、" * 12
    text = f"{filler}助成金の上限は三百万円とし、{filler}その他必要な事項は別に定める。"
    (candidate,) = candidates([passage(text, [0.9])], "助成金の上限はいくらか")
    cut = evidence(candidate, "助成金の上限はいくらか").text
    assert len(cut) <= LONGEST_EVIDENCE
    assert "助成金の上限は三百万円とし、" in cut
    assert cut.endswith("、")
    assert opening(candidate).text == "必要な措置を講ずるとともに、" * 10


def test_a_sentence_without_commas_is_cut_all_the_same():
    (candidate,) = candidates([passage("あ" * 400, [0.9])], "上限")
    assert len(evidence(candidate, "上限").text) == LONGEST_EVIDENCE
    assert len(opening(candidate).text) == LONGEST_EVIDENCE


def test_found_with_three_pieces_of_evidence_at_most():
    text = "助成金の上限は三百万円とする。助成金は市が出す。助成金は返さない。助成金は続く。"
    found = answer(result("助成金の上限", passage(text, [0.95, 0.93, 0.92, 0.9])))
    assert found.found
    assert found.probability > 0.9
    assert [one.text for one in found.evidence][0] == "助成金の上限は三百万円とする。"
    assert len(found.evidence) == 3


def test_not_found_keeps_what_is_nearest():
    found = answer(result("助成金の上限", passage("道路を直す。", [0.75], score=0.5)))
    assert not found.found
    assert found.probability < 0.1
    assert found.text == ""
    assert [one.text for one in found.evidence] == ["道路を直す。"]


def test_nothing_to_read_is_not_found():
    found = answer(result("助成金の上限"))
    assert (found.found, found.probability, found.evidence) == (False, 0.0, ())


@pytest.mark.parametrize("question", ["？？？", "😀", "です"])
def test_a_question_without_words_is_not_found(question):
    given = answer(result(question, passage("道路を直す。", [0.9])))
    assert given == Answer(False, 0.0, ())


@pytest.mark.parametrize("name", FOUND_WEIGHTS)
def test_every_feature_speaks_for_found(name):
    low = dict.fromkeys(FOUND_WEIGHTS, 0.8)
    assert found_probability(low | {name: 0.9}) > found_probability(low)
    assert 0 < THRESHOLD < 1
