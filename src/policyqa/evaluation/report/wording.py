"""What a report says of its figures, in Japanese; the same in HTML, Markdown and the workbook."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from policyqa import strings_report as text
from policyqa.evaluation.metrics import Figure
from policyqa.evaluation.report.figures import Report, moved, verdicts

FEW = 50
"""Below so many questions the summary warns of wide intervals."""
_JAPAN = timezone(timedelta(hours=9))


def number(value: float | None, metric: str = "") -> str:
    """A metric's value: three decimals; lengths, in characters, one."""
    if value is None:
        return text.NONE
    return f"{value:.1f}" if metric.startswith("evidence length") else f"{value:.3f}"


def signed(value: float, metric: str = "") -> str:
    """A difference, with its sign: a real minus, so that nothing takes it for a hyphen."""
    written = number(abs(value), metric)
    if not float(written):
        return written
    return f"−{written}" if value < 0 else f"+{written}"


def interval(figure: Figure | Mapping[str, Any], metric: str = "") -> str:
    """The 95% interval of a figure."""
    low, high = number(figure["low"], metric), number(figure["high"], metric)
    return text.INTERVAL_OF.format(low=low, high=high)


def share(part: int, whole: int) -> str:
    """A percentage; the whole is above zero."""
    return f"{100 * part / whole:.1f}%"


def metric_name(metric: str) -> str:
    """A metric's Japanese name with the one that commands use."""
    return f"{text.METRIC_NAMES[metric][0]}（{metric}）" if metric in text.METRIC_NAMES else metric


def metric_meaning(metric: str) -> str:
    """What the metric says, in a line; empty for a metric without an explanation."""
    return text.METRIC_NAMES[metric][1] if metric in text.METRIC_NAMES else ""


def grouped(metrics: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """The metrics that the mapping has, by group, groups without any left out."""
    groups = [(title, [name for name in names if name in metrics]) for title, names in text.GROUPS]
    known = {name for _, names in groups for name in names}
    groups.append((text.OTHER_METRICS, [name for name in metrics if name not in known]))
    return [(title, names) for title, names in groups if names]


def when(created: str) -> str:
    """An ISO time as a date and time of Japan; what is none is given back as it is."""
    try:
        there = datetime.fromisoformat(created).astimezone(_JAPAN)
    except ValueError:
        return created
    return text.JAPAN_TIME.format(
        year=there.year, month=there.month, day=there.day, hour=there.hour, minute=there.minute
    )


def about(report: Report) -> list[tuple[str, str]]:
    """What was measured: names and values."""
    run, counts = report.run, report.counts
    facts = [
        (text.SUITE, str(run.get("suite", ""))),
        (text.MEASURED_AT, when(str(run.get("created", "")))),
        (
            text.QUESTIONS_ASKED,
            text.QUESTIONS_OF.format(
                questions=counts.questions,
                answerable=counts.answerable,
                unanswerable=counts.unanswerable,
            ),
        ),
    ]
    made = run.get("negatives") or {}
    if any(made.values()):
        left_out, foreign = made.get("left out", 0), made.get("foreign", 0)
        facts.append((text.NEGATIVES, text.NEGATIVES_OF.format(left_out=left_out, foreign=foreign)))
    if "took_s" in run:
        facts.append((text.TOOK, text.TOOK_S.format(seconds=run["took_s"])))
    if "corpus" in run:
        facts.append((text.CORPUS, str(run["corpus"])))
    if report.baseline is not None:
        before = report.baseline
        created = when(str(before.get("created", "")))
        compared = text.COMPARED_RUN.format(suite=before.get("suite", ""), created=created)
        facts.append((text.COMPARED_WITH, compared))
    return facts


def settings(report: Report) -> list[tuple[str, str]]:
    """The run's settings: names and values."""
    return [
        (text.SETTING_NAMES.get(name, name), _setting(value))
        for name, value in (report.run.get("settings") or {}).items()
    ]


def _setting(value: Any) -> str:
    if isinstance(value, Mapping):
        return "、".join(f"{text.SIGNALS.get(key, key)} {value[key]}" for key in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def bars_said(report: Report) -> str:
    """Whether the bars are passed, in a sentence."""
    missed = sum(not bar["passed"] for bar in report.bars)
    if not report.bars:
        return text.NO_BARS
    template = text.SOME_MISSED if missed else text.ALL_PASSED
    return template.format(count=len(report.bars), missed=missed)


def bar_rows(report: Report) -> list[tuple[str, str, str, str, bool]]:
    """Each bar: metric, what it is over, value, bar, whether it is passed."""
    return [
        (
            metric_name(bar["metric"]),
            bar["tag"] or text.BAR_ALL,
            number(bar["value"], bar["metric"]),
            (text.BAR_MAX if bar["kind"] == "max" else text.BAR_MIN).format(bar=bar["bar"]),
            bool(bar["passed"]),
        )
        for bar in report.bars
    ]


def said(passed: bool) -> str:
    """A bar's result in a word."""
    return text.PASSED if passed else text.MISSED


def summary(report: Report) -> list[str]:
    """The results in plain sentences."""
    return [*_of_run(report), *_of_comparison(report)]


def _of_run(report: Report) -> list[str]:
    counts = report.counts
    sentences = [_part(text.SAID_RIGHT, counts.right, counts.questions)]
    if counts.answerable:
        first = share(counts.first, counts.answerable)
        sentences.append(
            text.SAID_FIRST.format(
                whole=counts.answerable, first=counts.first, share=first, ten=counts.ten
            )
        )
    if counts.with_answers:
        sentences.append(_part(text.SAID_CONTAINED, counts.contained, counts.with_answers))
    if counts.answerable:
        sentences.append(_part(text.SAID_REFUSALS, counts.refused, counts.answerable))
    if counts.unanswerable:
        sentences.append(_part(text.SAID_FALSE, counts.answered, counts.unanswerable))
    if report.run["latency_ms"]:
        ms = sum(step["median"] for step in report.run["latency_ms"].values())
        sentences.append(text.SAID_LATENCY.format(ms=f"{ms:.0f}"))
    if counts.questions < FEW:
        sentences.append(text.SAID_FEW.format(whole=counts.questions))
    return sentences


def _part(template: str, part: int, whole: int) -> str:
    return template.format(part=part, whole=whole, share=share(part, whole))


def _of_comparison(report: Report) -> list[str]:
    if report.comparison is None or report.before is None:
        return []
    found = verdicts(report.comparison)
    sentences = []
    for verdict, template in (("better", text.SAID_BETTER), ("worse", text.SAID_WORSE)):
        names = [metric_name(name) for name in found if found[name] == verdict]
        if names:
            sentences.append(template.format(names="、".join(names)))
    changes = [
        now.right - before.right for now, before in zip(report.outcomes, report.before, strict=True)
    ]
    return [
        *(sentences or [text.SAID_SAME]),
        text.SAID_MOVED.format(better=changes.count(1), worse=changes.count(-1)),
    ]


def warnings(report: Report) -> list[str]:
    """What makes the comparison doubtful."""
    if report.baseline is None:
        return []
    own = report.baseline
    gold = {row["id"]: (row["answerable"], row["gains"], row["answers"]) for row in report.rows}
    other = sum(
        (row["answerable"], row["gains"], row["answers"]) != gold[row["id"]]
        for row in own["per_question"]
    )
    return [
        *([text.WARNING_CORPUS] if own.get("corpus") != report.run.get("corpus") else []),
        *([text.WARNING_GOLD.format(count=other)] if other else []),
    ]


def moves(report: Report) -> list[int]:
    """How each question moved against the baseline; empty without one."""
    if report.before is None:
        return []
    return [moved(now, old) for now, old in zip(report.outcomes, report.before, strict=True)]
