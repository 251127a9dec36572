"""The report as one HTML file that needs nothing else and lets nothing else in."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from policyqa import __version__
from policyqa import strings_report as text
from policyqa.evaluation.compare import Difference
from policyqa.evaluation.metrics import Figure
from policyqa.evaluation.report import plots, wording
from policyqa.evaluation.report.figures import Report, verdicts
from policyqa.evaluation.report.questions import embedded, in_script
from policyqa.evaluation.report.wording import number, share

_PAGE = Path(__file__).parent / "page"
_BY_TAG = ("nDCG@10", "answer contained@1", "accuracy")


@dataclass(frozen=True, slots=True)
class Plot:
    """A figure of the page: its title, how to read it, the SVG, its numbers as a table."""

    title: str
    lead: str
    svg: str
    head: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()
    legend: bool = False
    """Whether it shows questions with and without an answer."""


def html(report: Report) -> bytes:
    """The page, in UTF-8."""
    style = (_PAGE / "report.css").read_text(encoding="utf-8")
    script = (_PAGE / "report.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html.jinja").render(
        text=text,
        wording=wording,
        report=report,
        title=text.TITLE_OF.format(suite=report.run.get("suite", "")),
        policy=_policy(style, script),
        style=style,
        script=script,
        data=embedded(report),
        words=in_script(_words()),
        tiles=list(_tiles(report)),
        plots=list(_plots(report)),
        verdicts=verdicts(report.comparison) if report.comparison else {},
        tags=sorted({tag for row in report.rows for tag in row["tags"]}),
        version=(report.run.get("versions") or {}).get("policyqa", __version__),
    )
    # A lone surrogate, which JSON can hold, is no character that a file can.
    return page.encode(errors="replace")


def _policy(style: str, script: str) -> str:
    """A content security policy that allows this style and this script, and nothing else."""
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _words() -> dict[str, Any]:
    """The words that the script uses."""
    names = (
        "RIGHT",
        "WRONG",
        "FOUND",
        "NOT_FOUND",
        "NONE",
        "NOT_RANKED",
        "SHOWN",
        "SHOWN_NONE",
        "MORE",
        "EXPECTED",
        "EXPECTED_NONE",
        "EXPECTED_PLACE",
        "EVIDENCE",
        "EVIDENCE_NONE",
        "RANKED",
        "RANKED_NONE",
        "GOLD",
        "EXCERPT_LENGTH",
        "SCORE",
        "SIGNALS",
        "MOVES",
        "PROBABILITY",
        "RANK",
        "TIME",
        "UNIT_MS",
        "FILTER_RIGHT",
        "FILTER_FOUND",
    )
    return {name: getattr(text, name) for name in names}


def _tiles(report: Report) -> Iterator[tuple[str, str, str]]:
    """Title, part of whole, percentage."""
    counts = report.counts
    for title, part, whole in (
        (text.TILE_RIGHT, counts.right, counts.questions),
        (text.TILE_FIRST, counts.first, counts.answerable),
        (text.TILE_CONTAINED, counts.contained, counts.with_answers),
        (text.TILE_REFUSED, counts.unanswerable - counts.answered, counts.unanswerable),
    ):
        if whole:
            yield title, text.OF.format(part=part, whole=whole), share(part, whole)


def _plots(report: Report) -> Iterator[Plot]:
    if report.comparison is not None:
        yield from _differences(report.comparison["metrics"])
    for metric in _BY_TAG:
        yield from _by_tag(report, metric)
    yield _histogram(text.PROBABILITIES, text.PROBABILITIES_LEAD, report)
    if report.scores is not None:
        svg = plots.histogram(text.SCORES, report.scores, text.AXIS_SCORE)
        yield Plot(text.SCORES, text.SCORES_LEAD, svg, legend=True)
    if report.calibration:
        yield _calibration(report)
    if report.run["latency_ms"]:
        yield _latency(report.run["latency_ms"])


def _differences(metrics: Mapping[str, Difference]) -> Iterator[Plot]:
    # Lengths are in characters: they have no place on an axis of shares.
    rows = [
        plots.Interval(
            name, row["difference"], row["low"], row["high"], wording.signed(row["difference"])
        )
        for name, row in metrics.items()
        if not name.startswith("evidence length")
    ]
    reach = max(max(abs(row.low), abs(row.high)) for row in rows) or 1.0
    svg = plots.intervals(text.DIFFERENCES_PLOT, rows, -reach, reach)
    yield Plot(text.DIFFERENCES_PLOT, text.DIFFERENCES_PLOT_LEAD, svg)


def _by_tag(report: Report, metric: str) -> Iterator[Plot]:
    by_tag: Mapping[str, Mapping[str, Figure]] = report.run["by_tag"]
    tagged = [(tag, figures[metric]) for tag, figures in by_tag.items() if metric in figures]
    if not tagged or metric not in report.metrics:
        return
    named = [(text.BAR_ALL, report.metrics[metric]), *tagged]
    rows = [
        plots.Interval(
            tag, figure["value"], figure["low"], figure["high"], f"{figure['n']}{text.UNIT_COUNT}"
        )
        for tag, figure in named
    ]
    title = text.BY_TAG_OF.format(metric=wording.metric_name(metric))
    yield Plot(
        title,
        text.BY_TAG_LEAD,
        plots.intervals(title, rows, 0.0, 1.0),
        (text.TAG, text.VALUE, text.INTERVAL, text.COUNT),
        [
            (tag, number(figure["value"]), wording.interval(figure), str(figure["n"]))
            for tag, figure in named
        ],
    )


def _histogram(title: str, lead: str, report: Report) -> Plot:
    data = report.probabilities
    width = (data.high - data.low) / len(data.answerable)
    return Plot(
        title,
        lead,
        plots.histogram(title, data, text.AXIS_PROBABILITY, report.threshold),
        (text.PROBABILITY_RANGE, text.ANSWERABLE, text.UNANSWERABLE),
        [
            (_range(bin * width, (bin + 1) * width), str(positive), str(negative))
            for bin, (positive, negative) in enumerate(
                zip(data.answerable, data.unanswerable, strict=True)
            )
            if positive or negative
        ],
        legend=True,
    )


def _calibration(report: Report) -> Plot:
    return Plot(
        text.CALIBRATION,
        text.CALIBRATION_LEAD,
        plots.calibration(text.CALIBRATION, report.calibration),
        (
            text.PROBABILITY_RANGE,
            text.COUNT,
            text.MEAN_PROBABILITY,
            text.AXIS_SHARE,
            text.INTERVAL,
        ),
        [
            (
                _range(one.low, one.high),
                str(one.n),
                f"{one.probability:.3f}",
                f"{one.share:.3f}",
                _range(one.share_low, one.share_high),
            )
            for one in report.calibration
        ],
    )


def _latency(steps: Mapping[str, Mapping[str, float]]) -> Plot:
    rows = [
        (text.STEPS.get(step, step), times["median"], times["p95"]) for step, times in steps.items()
    ]
    return Plot(
        text.LATENCY,
        text.LATENCY_LEAD,
        plots.latency(text.LATENCY, rows),
        (text.STEP, text.MEDIAN, text.P95),
        [
            (
                step,
                text.MILLISECONDS.format(value=f"{median:.1f}"),
                text.MILLISECONDS.format(value=f"{p95:.1f}"),
            )
            for step, median, p95 in rows
        ],
    )


def _range(low: float, high: float) -> str:
    return text.INTERVAL_OF.format(low=f"{low:.2f}", high=f"{high:.2f}")
