"""Addresses into a folder of documents: a real server on loopback, names and dialling made up."""

import codecs
import gzip
import json
import shutil
import ssl
import subprocess
import tomllib
import tracemalloc
from datetime import date
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfs import Sheet
from policyqa import metadata
from policyqa.errors import FetchError, LibraryError, ReadError
from policyqa.fetching import Access, Fetched, Target, fetch, fetch_all, law_api
from policyqa.fetching.addresses import checked_addresses, is_public, resolve, web_address
from policyqa.fetching.content import suffix_of, with_charset
from policyqa.fetching.download import Download, download, filename_of, text_of
from policyqa.fetching.files import stem_of
from policyqa.readers import read
from sites import PUBLIC, SECOND, answer, running
from statute_seed import HTML, as_json

DAY = date(2026, 4, 1)
PAGE = HTML.encode()
TEXT = "行政手続の案内\n\n申請は窓口で受け付ける。\n".encode()


@pytest.fixture
def site():
    with running() as site:
        yield site


@pytest.fixture
def target(tmp_path):
    return Target(tmp_path / "corpus", metadata.add_entry, "http://gov.example/api/2", DAY)


@pytest.fixture
def pdf(tmp_path):
    sheet = Sheet(tmp_path / "made.pdf")
    sheet.text(60, 100, "第１章　総則", 16)
    sheet.text(60, 140, "この計画は、文書を保存する。")
    return sheet.save().read_bytes()


def files(target):
    """Names and contents of all files, hidden ones too."""
    found = [path for path in target.folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(target.folder)): path.read_bytes() for path in found}


def entries(target):
    return tomllib.loads((target.folder / "metadata.toml").read_text(encoding="utf-8"))


def refused(address, target, access):
    """The reason; nothing may have been written."""
    before = files(target)
    with pytest.raises((FetchError, ReadError)) as error:
        fetch(address, target, access)
    assert files(target) == before
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


# What is saved


def test_a_page_is_saved_with_its_address_and_day(site, target):
    site.put("/law/kobunsho.html", PAGE, "text/html; charset=utf-8")
    address = "http://gov.example/law/kobunsho.html#Mp-At_1"
    done = fetch(address, target, site.access())
    assert done == Fetched(address, "saved", str(target.folder / "kobunsho.html"))
    assert files(target)["kobunsho.html"] == PAGE
    assert entries(target) == {
        "kobunsho.html": {
            "url": "http://gov.example/law/kobunsho.html",
            "fetched": date(2026, 4, 1),
        }
    }
    [request] = site.requests
    assert request["path"] == "/law/kobunsho.html"
    assert request["host"] == "gov.example"
    assert request["user-agent"] == "policyqa/0.1.0"
    assert "cookie" not in request


@pytest.mark.parametrize("media_type", ["application/pdf", "application/octet-stream", ""])
def test_a_pdf_is_saved_byte_for_byte(site, target, pdf, media_type):
    site.put("/plan.pdf", pdf, media_type)
    fetch("http://gov.example/plan.pdf", target, site.access())
    assert files(target)["plan.pdf"] == pdf
    assert read(target.folder / "plan.pdf").page_count == 1


def test_an_octet_stream_is_told_by_the_name_the_server_gives(site, target, pdf):
    disposition = "attachment; filename*=UTF-8''%E8%A8%88%E7%94%BB%E3%80%80%E6%9C%AC%E6%96%87.pdf"
    site.put("/download?id=7", pdf, "application/octet-stream", content_disposition=disposition)
    fetch("http://gov.example/download?id=7", target, site.access())
    assert set(files(target)) == {"計画_本文.pdf", "metadata.toml"}


def test_a_japanese_host_and_path(site, target):
    site.put("/%E6%A1%88%E5%86%85", TEXT, "text/plain")
    fetch("http://日本語.jp/案内", target, site.access())
    assert site.requests[0]["host"] == "xn--wgv71a119e.jp"
    assert entries(target)["案内.txt"]["url"] == "http://xn--wgv71a119e.jp/%E6%A1%88%E5%86%85"


def test_the_same_content_again_changes_nothing(site, target):
    site.put("/a.txt", TEXT, "text/plain")
    fetch("http://gov.example/a.txt", target, site.access())
    before = files(target)
    later = Target(target.folder, metadata.add_entry, "", date(2027, 1, 1))
    assert fetch("http://gov.example/a.txt", later, site.access()).status == "unchanged"
    assert files(target) == before


def test_new_content_replaces_the_file_and_keeps_what_people_wrote(site, target):
    site.put("/a.txt", TEXT, "text/plain")
    fetch("http://gov.example/a.txt", target, site.access())
    known = entries(target)["a.txt"]
    metadata.add_entry(target.folder, "a.txt", {**known, "title": "窓口の案内"})
    site.put("/a.txt", TEXT + TEXT, "text/plain")
    later = Target(target.folder, metadata.add_entry, "", date(2027, 1, 1))
    assert fetch("http://gov.example/a.txt", later, site.access()).status == "updated"
    assert files(target)["a.txt"] == TEXT + TEXT
    assert entries(target)["a.txt"] == {
        "title": "窓口の案内",
        "url": "http://gov.example/a.txt",
        "fetched": date(2027, 1, 1),
    }


def test_another_address_with_the_same_name_gets_a_number(site, target):
    target.folder.mkdir()
    (target.folder / "a.txt").write_bytes("手元の文書\n".encode())
    for year in (1, 2):
        site.put(f"/{year}/A.txt", TEXT * year, "text/plain")
        fetch(f"http://gov.example/{year}/A.txt", target, site.access())
    assert fetch("http://gov.example/1/A.txt", target, site.access()).status == "unchanged"
    found = files(target)
    assert found.pop("metadata.toml")
    assert found == {"a.txt": "手元の文書\n".encode(), "A-2.txt": TEXT, "A-3.txt": TEXT * 2}


def test_only_the_header_tells_the_encoding(site, target):
    bare = HTML.replace('<meta charset="utf-8">\n', "")
    site.put("/a.html", bare.encode("cp932"), "text/html; charset=Shift_JIS")
    fetch("http://gov.example/a.html", target, site.access())
    assert files(target)["a.html"] == codecs.BOM_UTF8 + bare.encode()
    assert read(target.folder / "a.html").title == "古文書保存法"


@pytest.mark.parametrize(
    ("content", "charset", "kept"),
    [
        (b"<meta charset=euc-jp>\xc8\xfe", "shift_jis", True),
        (b"<?xml version='1.0' encoding='euc-jp'?><p>\xc8\xfe", "utf-8", True),
        (codecs.BOM_UTF8 + b"<p>", "latin-1", True),
        (b"<p>\xc8\xfe", "", True),
        (b"<p>\xff\xff", "utf-8", True),
        (b"<p>", "klingon", True),
        (b"<p>\xc8\xfe", "euc-jp", False),
    ],
)
def test_what_a_page_declares_itself_stands(content, charset, kept):
    assert (with_charset(content, charset) == content) is kept


# Names


@pytest.mark.parametrize(
    ("path", "filename", "stem"),
    [
        ("/a/b/plan.pdf", "", "plan"),
        ("/a/b/PLAN.PDF", "", "PLAN"),
        ("/", "", "gov.example"),
        ("/policies/", "", "policies"),
        ("/index.php", "", "index.php"),
        ("/x", "../../etc/passwd.pdf", "passwd"),
        ("/x", "C:\\temp\\計画.pdf", "計画"),
        ("/x", "..／..／隠し.pdf", "隠し"),
        ("/x", ".htaccess.pdf", "htaccess"),
        ("/x", "~$計画　（案）<1>\n.pdf", "計画_(案)_1__"),
        ("/x", "ｶﾞｲﾄﾞ①.pdf", "ガイド1"),
        ("/x", "con.pdf", "_con"),
        ("/x", "...", "page"),
        ("/..%2F..%2Fsecret.pdf", "", "secret"),
        ("/%00%0a.pdf", "", "pdf"),
    ],
)
def test_names_are_safe(path, filename, stem):
    assert stem_of(httpx.URL(f"http://gov.example{path}"), filename, ".pdf") == stem


@given(st.text(), st.text())
def test_no_name_leads_out_of_the_folder(path, filename):
    url = httpx.URL(f"http://gov.example/{quote(path, safe='/')}")
    stem = stem_of(url, filename, ".pdf")
    assert stem
    assert not stem.startswith((".", "~"))
    assert not set(stem) & set('/\\:*?"<>|\0\n')


def test_long_names_are_cut(site, target):
    for number, sign in enumerate("ab長"):
        path = f"/{number}/" + sign * 300 + ".txt"
        site.put(httpx.URL(path).raw_path.decode(), TEXT, "text/plain")
        fetch(f"http://gov.example{path}", target, site.access())
    site.put("/3/" + "a" * 300 + ".txt", TEXT, "text/plain")
    fetch("http://gov.example/3/" + "a" * 300 + ".txt", target, site.access())
    assert set(files(target)) - {"metadata.toml"} == {
        "a" * 96 + ".txt",
        "b" * 96 + ".txt",
        "長" * 65 + ".txt",
        "a" * 94 + "-2.txt",
    }


# What is refused


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://gov.example/a", "https:// or http://"),
        ("file:///etc/passwd", "https:// or http://"),
        ("gov.example/a.html", "https:// or http://"),
        ("http:///a", "no web address"),
        ("http://gov.example:0/", "no web address"),
        ("http://gov.example:65536/", "no web address"),
        ("http://gov.example:http/", "no web address"),
        ("http://user:secret@gov.example/", "user's name or password"),
        ("http://gov.example\\@intern.example/", "user's name or password"),
        ("http://gov.example/\x00", "no web address"),
        ("http://unheard-of.example/", "unheard-of.example is not known"),
        ("http://nowhere.example/", "the connection failed (it has no address)"),
        ("http://down.example/", "the connection failed (nobody there)"),
        ("http://intern.example/", "intern.example is 10.0.0.7, which is no address of the open"),
        ("http://mixed.example/", "mixed.example is 10.0.0.7"),
        ("http://127.0.0.1/", "127.0.0.1 is no address of the open internet"),
        ("http://[::1]/", "::1 is no address"),
        ("law:", "no statute is named"),
        ("law:503AC0000000102@heute", "heute is no day"),
        ("law:503AC0000000102@", "nothing is no day"),
        ("law:503AC0000000102_20250601_504AC0000000068@2024-04-01", "names a version already"),
    ],
)
def test_addresses_that_are_refused(site, target, address, reason):
    assert reason in refused(address, target, site.access())
    assert site.requests == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2a00:1450:4001::1", True),
        ("64:ff9b::808:808", True),
        ("::ffff:8.8.8.8", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("127.8.8.8", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("239.255.255.250", False),
        ("255.255.255.255", False),
        ("240.0.0.1", False),
        ("192.0.2.1", False),
        ("::", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::127.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
        ("2002:808:808::", True),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("localhost", False),
    ],
)
def test_what_is_of_the_open_internet(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "127.0.0.1."]
)
def test_no_spelling_hides_a_loopback_address(host):
    with pytest.raises(FetchError):
        checked_addresses(host, 80, resolve, allow_private=False)


def test_the_real_network_is_refused_or_allowed(site, target):
    site.put("/a.txt", TEXT, "text/plain")
    address = f"http://127.0.0.1:{site.port}/a.txt"
    assert "give --allow-private if you mean it" in refused(address, target, Access())
    assert site.requests == []
    assert fetch(address, target, Access(allow_private=True)).status == "saved"
    assert site.requests[0]["host"] == f"127.0.0.1:{site.port}"


def test_the_address_that_was_checked_is_the_one_connected_to(site):
    site.put("/a.txt", TEXT, "text/plain")
    download("http://gov.example/a.txt", site.access())
    assert site.resolved == ["gov.example"]
    assert site.dialled == [PUBLIC]


def test_the_next_address_is_tried(site):
    site.put("/a.txt", TEXT, "text/plain")
    assert download("http://both.example/a.txt", site.access()).content == TEXT
    assert site.dialled == [SECOND, PUBLIC]


# Redirects


def test_redirects_are_followed(site, target):
    site.redirect("/old", "/2/plan.txt", 301)
    site.redirect("/2/plan.txt", "//both.example/plan-2026.txt", 307)
    site.put("/plan-2026.txt", TEXT, "text/plain")
    fetch("http://gov.example/old", target, site.access())
    assert entries(target)["plan-2026.txt"]["url"] == "http://gov.example/old"
    assert [request["host"] for request in site.requests] == ["gov.example"] * 2 + ["both.example"]


def test_five_redirects_are_followed_and_no_sixth(site):
    for step in range(6):
        site.redirect(f"/{step}", f"/{step + 1}")
    site.put("/6", TEXT, "text/plain")
    assert download("http://gov.example/1", site.access()).content == TEXT
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        download("http://gov.example/0", site.access())


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://intern.example/", "intern.example is 10.0.0.7"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is no address"),
        ("http://[::ffff:127.0.0.1]/", "no address of the open internet"),
        ("http://user@gov.example/", "user's name or password"),
        ("file:///etc/passwd", "https:// or http://"),
        ("http://gov.example:x/", "redirects to no web address"),
        ("/loop", "redirects more than 5 times"),
        ("", "redirects more than 5 times"),
    ],
)
def test_redirects_that_are_refused(site, target, location, reason):
    site.redirect("/loop", location)
    assert reason in refused("http://gov.example/loop", target, site.access())
    assert set(site.dialled) == {PUBLIC}


# Answers


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "the server answers 404 Not Found"),
        (403, "403 Forbidden"),
        (500, "500 Internal Server Error"),
        (204, "204 No Content"),
        (206, "206 Partial Content"),
        (302, "302 Found"),
        (599, "the server answers 599"),
    ],
)
def test_other_statuses_are_errors(site, target, status, reason):
    site.pages["/a.txt"] = answer(TEXT, "text/plain", status=status)
    assert refused("http://gov.example/a.txt", target, site.access()).endswith(reason)


OFFICE = "application/vnd.openxmlformats-officedocument"
ALL = {".csv", ".docx", ".html", ".md", ".pdf", ".pptx", ".tsv", ".txt", ".xlsx"}


@pytest.mark.parametrize(
    ("path", "media_type", "content", "suffix"),
    [
        ("/a.docx", f"{OFFICE}.wordprocessingml.document", b"PK\x03\x04", ".docx"),
        ("/a", f"{OFFICE}.presentationml.presentation", b"PK\x03\x04", ".pptx"),
        ("/a.xlsx", "application/zip", b"PK\x03\x04", ".xlsx"),
        ("/a.csv", "application/vnd.ms-excel", "列\n".encode("cp932"), ".csv"),
        ("/a.csv", "text/plain", b"a,b", ".csv"),
        ("/a.md", "text/plain", b"# a", ".md"),
        ("/a.markdown", "application/octet-stream", b"# a", ".md"),
        ("/a.HTM", "text/html", b"\xef\xbb\xbf\n<p>", ".html"),
        ("/a.html", "application/pdf", b"\n%PDF-1.7", ".pdf"),
        ("/a.php", "text/plain", b"a", ".txt"),
    ],
)
def test_types(path, media_type, content, suffix):
    url = httpx.URL(f"http://gov.example{path}")
    assert suffix_of(url, Download(url, content, media_type, "", ""), ALL) == suffix


def test_a_type_that_no_reader_reads():
    url = httpx.URL("http://gov.example/a.docx")
    answer = Download(url, b"PK\x03\x04", "application/octet-stream", "", "")
    with pytest.raises(FetchError, match=r"files of type \.docx are not supported"):
        suffix_of(url, answer, {".pdf"})


LOGIN = b"\n<!-- gate --><!DOCTYPE html><html><title>Login</title></html>"


@pytest.mark.parametrize(
    ("path", "media_type", "content", "reason"),
    [
        ("/a.pdf", "application/pdf", LOGIN, "a web page came in place of the .pdf file"),
        ("/a.pdf", "text/html", LOGIN, "a web page came in place of the .pdf file"),
        ("/a.pdf", "application/octet-stream", LOGIN, "a web page came in place of the .pdf"),
        ("/a.txt", "text/plain", LOGIN, "a web page came in place of the .txt file"),
        ("/a.json", "application/json", LOGIN, "a web page came in place of the .json file"),
        ("/a.xml", "application/xml", LOGIN, "a web page came in place of the .xml file"),
        ("/a.pdf", "application/pdf", b"PK\x03\x04", "what came is no .pdf file"),
        ("/a.html", "text/html", b"%PDF-1.7", "what came is no .html file"),
        ("/a.txt", "text/plain", b"%PDF-1.7", "what came is no .txt file"),
        ("/a.json", "application/json", b"%PDF-1.7", "what came is no .json file"),
        ("/a.html", "text/html", b" \n", "the answer is empty"),
        ("/a", "application/octet-stream", TEXT, "calls it application/octet-stream, which is"),
        ("/a", "", TEXT, "the server calls it nothing, which is not supported"),
        ("/a.png", "image/png", b"\x89PNG", "calls it image/png, which is not supported"),
        ("/a", "text/\x1b[31m", TEXT, "calls it nothing"),
        ("/a.json", "application/json", b'{"a": 1}', "no statute of e-Gov"),
        ("/a.xml", "text/xml", b"<a/>", "no statute of e-Gov"),
    ],
)
def test_what_is_not_what_was_asked_for(site, target, path, media_type, content, reason):
    site.put(path, content, media_type)
    assert reason in refused(f"http://gov.example{path}", target, site.access())


def test_a_login_page_behind_a_redirect(site, target):
    site.redirect("/plan.pdf", "/login?next=plan")
    site.put("/login?next=plan", LOGIN, "text/html")
    said = refused("http://gov.example/plan.pdf", target, site.access())
    assert said.startswith("a web page came in place of the .pdf file, perhaps to log in")


def test_a_page_of_many_comments_is_told_at_once(site, target):
    site.put("/a.txt", b"<!---->" * 200 + b"<p>", "text/plain")
    fetch("http://gov.example/a.txt", target, site.access())


# Limits


def test_size(site, target):
    site.put("/a.txt", TEXT, "text/plain")
    assert download("http://gov.example/a.txt", site.access(size=len(TEXT))).content == TEXT
    said = refused("http://gov.example/a.txt", target, site.access(size=len(TEXT) - 1))
    assert said == f"it has more than {len(TEXT) - 1:,} bytes"


def endless(piece, pause, site):
    """Send `piece` again and again until the client has gone."""

    def send(request):
        request.send_response(200)
        request.send_header("Content-Type", "text/plain")
        request.end_headers()
        try:
            while not site.over.wait(pause):
                request.wfile.write(piece)
        except OSError:
            site.over.set()

    return send


def test_an_endless_answer_is_cut_off(site, target):
    site.pages["/a.txt"] = endless(b"x" * 65536, 0, site)
    said = refused("http://gov.example/a.txt", target, site.access(size=2**20))
    assert said == "it has more than 1,048,576 bytes"
    assert site.over.wait(10), "the connection was left open"


def test_gzip(site):
    packed = gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:])
    site.put("/a.txt", packed, "text/plain", content_encoding="gzip")
    assert download("http://gov.example/a.txt", site.access()).content == TEXT
    assert site.requests[0]["accept-encoding"] == "gzip"


def test_a_gzip_bomb(site, target):
    bomb = gzip.compress(bytes(50 * 2**20))
    site.put("/a.txt", bomb, "text/plain", content_encoding="gzip")
    assert len(bomb) < 2**16
    tracemalloc.start()
    said = refused("http://gov.example/a.txt", target, site.access(size=2**20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said == "it has more than 1,048,576 bytes"
    assert peak < 10 * 2**20


def test_a_gzip_bomb_of_nothing(site, target):
    site.put("/a.txt", gzip.compress(b"") * 10, "text/plain", content_encoding="gzip")
    said = refused("http://gov.example/a.txt", target, site.access(size=100))
    assert said == "it has more than 100 bytes"


@pytest.mark.parametrize(
    ("encoding", "content", "reason"),
    [
        ("gzip", gzip.compress(TEXT)[:-9], "the server's answer is cut off"),
        ("gzip", TEXT, "the server's answer is damaged"),
        ("br", TEXT, "packs its answer as 'br', which was not asked for"),
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT)), "as 'gzip, gzip'"),
    ],
)
def test_packing_that_fails(site, target, encoding, content, reason):
    site.put("/a.txt", content, "text/plain", content_encoding=encoding)
    assert reason in refused("http://gov.example/a.txt", target, site.access())


def test_a_server_that_says_nothing(site, target):
    site.pages["/a.txt"] = lambda request: site.over.wait()
    said = refused("http://gov.example/a.txt", target, site.access(read=0.2))
    assert said == "the server does not answer in time"


@pytest.mark.parametrize("piece", [b"x", b"X-Drip: x\r\n"])
def test_a_server_that_drips(site, target, piece):
    """Each byte in time, all of them never: in the body, or in the header already."""
    if piece == b"x":
        site.pages["/a.txt"] = endless(piece, 0.05, site)
    else:
        site.pages["/a.txt"] = lambda request: drip(request, piece, site)
    said = refused("http://gov.example/a.txt", target, site.access(read=5, whole=0.5))
    assert said == "it took longer than 0.5 seconds"


def drip(request, piece, site):
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    try:
        while not site.over.wait(0.05):
            request.wfile.write(piece)
    except OSError:
        pass


def test_an_answer_that_breaks_off_leaves_the_old_file(site, target):
    site.put("/a.txt", TEXT, "text/plain")
    fetch("http://gov.example/a.txt", target, site.access())
    site.put("/a.txt", TEXT, "text/plain", content_length="1000")
    assert "the connection failed" in refused("http://gov.example/a.txt", target, site.access())


@pytest.mark.parametrize("error", [LibraryError("no"), OSError("full"), KeyboardInterrupt()])
def test_a_failure_while_saving_leaves_the_old_file(site, target, error):
    def fails(folder, name, values):
        raise error

    site.put("/a.txt", TEXT, "text/plain")
    fetch("http://gov.example/a.txt", target, site.access())
    before = files(target)
    site.put("/a.txt", TEXT + TEXT, "text/plain")
    broken = Target(target.folder, fails, "", DAY)
    with pytest.raises((LibraryError, FetchError, KeyboardInterrupt)):
        fetch("http://gov.example/a.txt", broken, site.access())
    assert files(target) == before
    assert list(target.folder.glob(".*")) == []


def test_what_cannot_be_read_is_refused_at_once(site, target):
    site.put("/a.pdf", b"%PDF-1.7\n", "application/pdf")
    with pytest.raises(ReadError):
        fetch("http://gov.example/a.pdf", target, site.access())
    assert list(target.folder.iterdir()) == []


def test_a_broken_metadata_file_is_named(site, target):
    target.folder.mkdir()
    (target.folder / "metadata.toml").write_text("[[")
    site.put("/a.txt", TEXT, "text/plain")
    said = refused("http://gov.example/a.txt", target, site.access())
    assert "metadata.toml cannot be read" in said


def test_one_failure_stops_no_other(site, target):
    site.put("/a.txt", TEXT, "text/plain")
    addresses = ["http://gov.example/b.txt", "http://gov.example/a.txt"]
    assert list(fetch_all(addresses, target, site.access())) == [
        Fetched(addresses[0], "failed", reason="the server answers 404 Not Found"),
        Fetched(addresses[1], "saved", str(target.folder / "a.txt")),
    ]


# Statutes

ASK = "/api/2/law_data/503AC0000000102?response_format=json&law_full_text_format=json"
VERSION = "503AC0000000102_20250601_504AC0000000068"


def law_answer(**changes):
    return json.dumps({**as_json(), **changes}, ensure_ascii=False).encode()


def test_a_statute_is_named_by_its_version(site, target):
    site.put(ASK, law_answer(), "application/json")
    done = fetch("law:503AC0000000102", target, site.access())
    assert done.file == str(target.folder / f"{VERSION}.json")
    known = read(target.folder / f"{VERSION}.json").metadata
    assert (known["law_id"], known["in_force"]) == ("503AC0000000102", "2025-06-01")
    assert entries(target) == {
        f"{VERSION}.json": {
            "url": "https://laws.e-gov.go.jp/law/503AC0000000102/20250601_504AC0000000068",
            "fetched": date(2026, 4, 1),
        }
    }
    assert fetch("law:503AC0000000102", target, site.access()).status == "unchanged"


def test_versions_of_a_statute_lie_beside_each_other(site, target):
    old = {"law_revision_id": "503AC0000000102_20210401_000000000000000"}
    site.put(ASK, law_answer(), "application/json;charset=UTF-8")
    site.put(f"{ASK}&asof=2022-04-01", law_answer(revision_info=old), "application/json")
    for address in ("law:503AC0000000102", "law:503AC0000000102@2022-04-01"):
        fetch(address, target, site.access())
    assert set(files(target)) == {
        "metadata.toml",
        f"{VERSION}.json",
        "503AC0000000102_20210401_000000000000000.json",
    }


def test_a_statute_asked_for_by_its_number(site, target):
    asked = ASK.replace("503AC0000000102", "%E4%BB%A4%E5%92%8C")
    site.put(asked, law_answer(revision_info=None), "application/json")
    done = fetch("law:令和", target, site.access())
    assert done.file == str(target.folder / "503AC0000000102.json")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{}", "the answer is not that of the law API"),
        (b"[1]", "the answer is not that of the law API"),
        (b'{"law_info": ', "the answer is not that of the law API"),
        (b"[" * 100_000, "the answer is not that of the law API"),
        (law_answer(law_info={"law_id": "../../../etc/cron"}), "not that of the law API"),
        (law_answer(law_info={"law_id": "405AC0000000088"}), "another statute (405AC0000000088)"),
        (law_answer(law_full_text=None), "the JSON is damaged"),
    ],
)
def test_answers_that_are_no_statute(site, target, content, reason):
    site.put(ASK, content, "application/json")
    assert reason in refused("law:503AC0000000102", target, site.access())


@pytest.mark.parametrize(
    "revision", ["../../x", "405AC0000000088_20250601_504AC0000000068", "503AC0000000102_1_2"]
)
def test_a_version_that_is_none_is_not_taken_for_a_name(revision):
    law = law_api.law_of("law:503AC0000000102")
    content = law_answer(revision_info={"law_revision_id": revision})
    assert law_api.version_of(law, content) == "503AC0000000102"


def test_the_sample_of_the_law_api(site, target, shared):
    law = (shared / "corpus/statutes-xml/334AC0000000121.json").read_bytes()
    path = "/api/2/law_data/334AC0000000121?response_format=json&law_full_text_format=json"
    site.put(path, gzip.compress(law), "application/json", content_encoding="gzip")
    done = fetch("law:334AC0000000121", target, site.access())
    assert done.file == str(target.folder / "334AC0000000121_20250601_504AC0000000068.json")
    assert files(target)["334AC0000000121_20250601_504AC0000000068.json"] == law


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate of gov.example that nobody but these tests trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl: it makes the certificate of the https server")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    named = ["-subj", "/CN=gov.example", "-addext", "subjectAltName=DNS:gov.example"]
    subprocess.run([*made, *named, "-keyout", file, "-out", file], check=True, capture_output=True)
    return file


@pytest.fixture
def secure_site(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with running(context) as site:
        yield site


@pytest.fixture
def trusting(certificate):
    return ssl.create_default_context(cafile=certificate)


def test_https_checks_the_certificate_for_the_name_not_for_the_address(
    secure_site, target, trusting
):
    secure_site.put("/a.txt", TEXT, "text/plain")
    access = secure_site.access(trusting)
    assert fetch("https://gov.example/a.txt", target, access).status == "saved"
    assert secure_site.requests[0]["host"] == "gov.example"
    said = refused("https://both.example/a.txt", target, access)
    assert "certificate" in said
    said = refused("https://gov.example/a.txt", target, secure_site.access())
    assert "certificate" in said


def test_no_redirect_leads_from_https_to_http(secure_site, target, trusting):
    secure_site.redirect("/a.txt", "http://gov.example/b.txt")
    said = refused("https://gov.example/a.txt", target, secure_site.access(trusting))
    assert said == "the server redirects from https to http (http://gov.example/b.txt)"


def test_the_environment_names_no_proxy(site, monkeypatch):
    site.put("/a.txt", TEXT, "text/plain")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert download("http://gov.example/a.txt", site.access()).content == TEXT


@given(st.text() | st.from_regex(r"https?://[^ ]*"))
def test_whatever_is_no_address_is_refused_in_one_line(text):
    try:
        url, reason = web_address(text), ""
    except FetchError as error:
        url, reason = httpx.URL("http://none.example"), str(error)
    assert len(reason.splitlines()) <= 1
    assert (url.scheme in ("http", "https"), bool(url.host), url.userinfo) == (True, True, b"")


@given(st.binary())
def test_any_header_gives_a_name(value):
    named = stem_of(httpx.URL("http://gov.example/a.pdf"), filename_of(text_of(value)), ".pdf")
    assert named


def test_a_fragment_is_no_part_of_an_address():
    assert str(web_address(" https://gov.example/a#b ")) == "https://gov.example/a"
