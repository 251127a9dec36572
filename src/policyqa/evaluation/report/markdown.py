"""The report for a pull request: summary, bars, metrics, differences, the questions that moved."""

import re
from collections.abc import Iterator, Sequence

from policyqa import strings_report as text
from policyqa.evaluation.compare import Moved
from policyqa.evaluation.report import wording
from policyqa.evaluation.report.figures import Report, verdicts

# What Markdown or HTML could take for a sign of theirs within a line.
_SIGNS = re.compile(r"([\\`*_\[\]<>#|~&$])")


def markdown(report: Report) -> bytes:
    """The report as GitHub's Markdown, in UTF-8."""
    lines = [*_head(report), *_bars(report), *_differences(report), *_metrics(report)]
    return ("\n".join(lines) + "\n").encode(errors="replace")


def escaped(said: str) -> str:
    """Text that stands as it is, on one line, also in a cell of a table."""
    return _SIGNS.sub(r"\\\1", " ".join(said.split()))


def _head(report: Report) -> Iterator[str]:
    yield f"# {escaped(text.TITLE_OF.format(suite=report.run.get('suite', '')))}"
    yield ""
    yield f"**{wording.bars_said(report)}**"
    yield ""
    for warning in wording.warnings(report):
        yield f"> {warning}"
        yield ""
    for sentence in wording.summary(report):
        yield f"- {sentence}"
    yield ""
    yield text.RIGHT_MEANING
    yield ""
    for name, value in (*wording.about(report), *wording.settings(report)):
        yield f"- {escaped(name)}：{escaped(value)}"


def _bars(report: Report) -> Iterator[str]:
    if report.bars:
        head = (text.METRIC, text.BAR_TAG, text.VALUE, text.BAR, text.BAR_RESULT)
        rows = [
            (name, tag, value, bar, wording.said(passed))
            for name, tag, value, bar, passed in wording.bar_rows(report)
        ]
        yield from _table(text.BARS, head, rows)


def _differences(report: Report) -> Iterator[str]:
    if report.comparison is None:
        return
    found = verdicts(report.comparison)
    head = (
        text.METRIC,
        text.BEFORE,
        text.NOW,
        text.DIFFERENCE,
        text.INTERVAL,
        text.P_HOLM_NOTE,
        text.WINS,
        text.VERDICT,
    )
    rows = [
        (
            wording.metric_name(name),
            wording.number(row["a"], name),
            wording.number(row["b"], name),
            wording.signed(row["difference"], name),
            text.INTERVAL_OF.format(
                low=wording.signed(row["low"], name), high=wording.signed(row["high"], name)
            ),
            f"{row['p_holm']:.4f}",
            f"{row['wins']}／{row['losses']}／{row['ties']}",
            text.VERDICTS[found[name]],
        )
        for name, row in report.comparison["metrics"].items()
    ]
    yield from _table(text.DIFFERENCES, head, rows)
    yield from _moved(report.comparison["moved"])


def _moved(moved: Sequence[Moved]) -> Iterator[str]:
    if not moved:
        yield from ("", f"## {text.MOVED}", "", text.NOTHING_MOVED)
        return
    metrics = list(moved[0]["a"])
    rows = [
        (
            row["question"],
            row["id"],
            *(
                f"{wording.number(row['a'][name])} → {wording.number(row['b'][name])}"
                for name in metrics
            ),
        )
        for row in moved
    ]
    yield from _table(text.MOVED, (text.QUESTION, text.ID, *metrics), rows)


def _metrics(report: Report) -> Iterator[str]:
    rows = [
        (
            wording.metric_name(name),
            wording.number(figure["value"], name),
            wording.interval(figure, name),
            str(figure["n"]),
        )
        for name, figure in report.metrics.items()
    ]
    yield from _table(text.METRICS, (text.METRIC, text.VALUE, text.INTERVAL, text.COUNT), rows)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(escaped, row))} |"
