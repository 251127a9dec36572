"""What the settings take and what they refuse."""

import pytest
from pydantic import ValidationError

from policyqa.settings import Settings


@pytest.mark.parametrize(
    "origin",
    [
        "https://portal.example.go.jp",
        "https://portal",
        "https://portal.example.go.jp:8443",
        "https://192.0.2.7",
        "https://[2001:db8::1]:8443",
        "http://localhost:8000",
        "http://127.0.0.1",
        "http://[::1]:8000",
    ],
)
def test_origins_of_portals(origin):
    assert Settings(frame_ancestors=(origin,)).frame_ancestors == (origin,)


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "https:",
        "https://*",
        "https://*.example.go.jp",
        "https://portal.example.go.jp/",
        "https://portal.example.go.jp/portal",
        "https://portal.example.go.jp:443",
        "https://Portal.example.go.jp",
        "https://user@portal.example.go.jp",
        "https://portal.example.go.jp; script-src *",
        "https://portal.example.go.jp https://other.example",
        "https://portal.example.go.jp\n",
        "https://ポータル.example",
        "http://portal.example.go.jp",
        "http://localhost:80",
        "http://localhost.example",
        "portal.example.go.jp",
        "'self'",
        "",
    ],
)
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(ValidationError, match="is no origin; write scheme, host and port"):
        Settings(frame_ancestors=("https://portal.example.go.jp", text))


@pytest.mark.parametrize("path", ["/", "/policyqa-app/", "/a/b.c/"])
def test_base_paths(path):
    assert Settings(base_path=path).base_path == path


@pytest.mark.parametrize(
    "path", ["", "app", "/app", "app/", "//", "/../", "/a b/", "/a/\n", "/政策/"]
)
def test_what_is_no_base_path_is_refused(path):
    with pytest.raises(ValidationError, match="is no path of folders; write it as /policyqa-app/"):
        Settings(base_path=path)
