"""A run as a report that people read: HTML, Markdown, a workbook."""

from policyqa.evaluation.report.figures import Report, build
from policyqa.evaluation.report.html import html
from policyqa.evaluation.report.markdown import markdown
from policyqa.evaluation.report.workbook import workbook

__all__ = ["Report", "build", "html", "markdown", "workbook"]
