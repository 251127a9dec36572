"""Which version of a statute counts on a day."""

from datetime import date

import pytest

from policyqa.catalogue import DocumentRow
from policyqa.versions import is_future, not_in_force, versions_of


def version(identity, in_force="", number="平成五年法律第三百号"):
    metadata = {"kind": "statute", "law_number": number}
    if in_force:
        metadata["in_force"] = in_force
    return DocumentRow(identity, f"{identity}.xml", "公開手続法", metadata, None, {})


OLD, NEW, COMING = (
    version("old", "2001-04-01"),
    version("new", "2015-04-01"),
    version("coming", "2030-04-01"),
)
OTHER = version("other", "1990-01-01", "昭和三十四年法律第百二十一号")
REPORT = DocumentRow("report", "report.txt", "公開手続法", {}, None, {})


@pytest.mark.parametrize(
    ("documents", "day", "hidden"),
    [
        ([OLD, NEW, COMING], date(2026, 1, 1), {"old", "coming"}),
        ([COMING, OLD, NEW], date(2026, 1, 1), {"old", "coming"}),
        ([OLD, NEW, COMING], date(2015, 4, 1), {"old", "coming"}),
        ([OLD, NEW, COMING], date(2015, 3, 31), {"new", "coming"}),
        ([OLD, NEW, COMING], date(2031, 1, 1), {"old", "new"}),
        # Nothing was in force yet: the first to come.
        ([NEW, COMING], date(2000, 1, 1), {"coming"}),
        ([COMING], date(2026, 1, 1), set()),
        # A version of unknown date is taken for the oldest.
        ([version("unknown"), NEW], date(2026, 1, 1), {"unknown"}),
        ([version("unknown"), COMING], date(2026, 1, 1), {"coming"}),
        ([OLD, NEW, OTHER, REPORT], date(2026, 1, 1), {"old"}),
        # However the number is written.
        ([OLD, version("new", "2015-04-01", "平成5年法律第300号")], date(2026, 1, 1), {"old"}),
    ],
)
def test_the_version_in_force_counts(documents, day, hidden):
    assert not_in_force(versions_of(documents), day) == hidden


def test_what_comes_into_force_later():
    assert is_future(COMING, date(2030, 3, 31))
    assert not is_future(COMING, date(2030, 4, 1))
    assert not is_future(version("unknown"), date(2026, 1, 1))


def test_what_is_left_out_is_no_version():
    versions = versions_of([OLD, NEW, COMING])
    assert not_in_force(versions, date(2026, 1, 1), {"new"}) == {"coming"}
    assert not_in_force(versions, date(2026, 1, 1), {"old", "new"}) == set()
