"""Who may ask: keys, origins, proxies, rates. Small routes stand behind the real middleware."""

from ipaddress import ip_network

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from policyqa import keys
from policyqa.errors import PolicyQAError
from policyqa.keys import Keys
from policyqa.settings import Settings
from policyqa.web.access import Access, Identified
from policyqa.web.gate import Gate, gate_of
from policyqa.web.limits import MOST_BUCKETS, Limiter, owner_of
from policyqa.web.proxies import Proxies

LISTED = "https://portal.example.go.jp"
PROXY = "10.0.0.7"


@pytest.fixture
def key_file(tmp_path):
    return tmp_path / "api-keys.json"


def client_of(key_file, *, peer="192.0.2.1", per_minute=0, bound_to_loopback=False):
    """A client of an application that says who calls it."""
    app = FastAPI()

    @app.api_route("/api/v1/who", methods=["GET", "POST"])
    @app.get("/api/v1/health/live")
    @app.get("/metrics")
    @app.post("/gradio_api/queue/join")
    def who(request: Request):
        caller = request.state.caller
        believed = request.headers.get("x-remote-user")
        return [caller.kind, caller.name, caller.address, believed]

    @app.get("/api/v1/broken")
    def broken():
        raise RuntimeError("/etc/secret")

    gate = Gate(
        bound_to_loopback=bound_to_loopback,
        keys=Keys(key_file),
        api_origins=(LISTED,),
        proxies=Proxies((ip_network(PROXY), ip_network("10.1.0.0/16")), "x-remote-user"),
        limiter=Limiter(per_minute, lambda: 0.0),
    )
    app.add_middleware(Access, gate=gate)
    app.add_middleware(Identified, proxies=gate.proxies)
    return TestClient(app, base_url="http://127.0.0.1", client=(peer, 50_000))


def test_without_a_key(key_file):
    client = client_of(key_file)
    answer = client.get("/api/v1/who")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == {
        "type": "urn:policyqa:problem:key-missing",
        "title": "APIキーが必要です。x-api-key ヘッダーに付けてください。",
        "status": 401,
        "detail": "APIキーが必要です。x-api-key ヘッダーに付けてください。",
        "request_id": answer.headers["x-request-id"],
    }
    assert client.get("/metrics").status_code == 401
    assert client.get("/api/v1/nothing").status_code == 401
    assert client.get("/api/v1/health/live").status_code == 200


def test_with_a_key(key_file):
    client = client_of(key_file)
    key = keys.add(key_file, "窓口")
    for headers in ({"x-api-key": key}, {"authorization": f"Bearer {key}"}):
        assert client.get("/api/v1/who", headers=headers).json() == [
            "key",
            "窓口",
            "192.0.2.1",
            None,
        ]
    wrong = client.get("/api/v1/who", headers={"x-api-key": "pqa_wrong"})
    assert (wrong.status_code, wrong.json()["type"]) == (401, "urn:policyqa:problem:key-wrong")
    keys.revoke(key_file, "窓口")
    assert client.get("/api/v1/who", headers={"x-api-key": key}).status_code == 401


def test_on_this_machine_alone(key_file):
    client = client_of(key_file, peer="127.0.0.1", bound_to_loopback=True)
    assert client.get("/api/v1/who").json() == ["open", "", "127.0.0.1", None]
    assert client.get("/api/v1/who", headers={"x-api-key": "pqa_wrong"}).status_code == 401


@pytest.mark.parametrize(
    "name", ["forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"]
)
def test_what_a_proxy_passes_on_to_loopback_needs_a_key(key_file, name):
    client = client_of(key_file, peer="127.0.0.1", bound_to_loopback=True)
    assert client.get("/api/v1/who", headers={name: "192.0.2.9"}).status_code == 401


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", ["198.51.100.1"], "192.0.2.1"),
        (PROXY, [], PROXY),
        (PROXY, ["198.51.100.1"], "198.51.100.1"),
        (PROXY, ["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
        (PROXY, ["203.0.113.9", "198.51.100.1, 10.1.2.3"], "198.51.100.1"),
        (PROXY, ["198.51.100.1, evil"], PROXY),
        (PROXY, ["10.1.0.1, 10.1.0.2"], "10.1.0.1"),
        (f"::ffff:{PROXY}", ["2001:db8::1"], "2001:db8::1"),
        ("testclient", ["198.51.100.1"], "testclient"),
    ],
)
def test_the_client_behind_proxies(peer, forwarded, client):
    headers = Headers(raw=[(b"x-forwarded-for", value.encode()) for value in forwarded])
    proxies = Proxies((ip_network(PROXY), ip_network("10.1.0.0/16")))
    assert proxies.client(peer, headers) == client


def test_sign_on_counts_from_the_proxy_only(key_file):
    headers = {"x-remote-user": "山田".encode()}
    join = "/gradio_api/queue/join"
    assert client_of(key_file, peer=PROXY).post(join, headers=headers).json() == [
        "user",
        "山田",
        PROXY,
        None,
    ]
    assert client_of(key_file).post(join, headers=headers).json() == ["open", "", "192.0.2.1", None]
    twice = [("x-remote-user", "a"), ("x-remote-user", "b")]
    assert client_of(key_file, peer=PROXY).post(join, headers=twice).json()[0] == "open"


def test_request_ids(key_file):
    given = {"x-request-id": "portal-0001"}
    path = "/api/v1/health/live"
    behind, direct = client_of(key_file, peer=PROXY), client_of(key_file)
    assert behind.get(path, headers=given).headers["x-request-id"] == "portal-0001"
    assert len(direct.get(path, headers=given).headers["x-request-id"]) == 32
    assert len(behind.get(path, headers={"x-request-id": "a b"}).headers["x-request-id"]) == 32


def test_a_listed_origin(key_file):
    client = client_of(key_file)
    key = keys.add(key_file, "portal")
    preflight = client.options(
        "/api/v1/who",
        headers={
            "origin": LISTED,
            "access-control-request-method": "POST",
            "access-control-request-headers": "x-api-key, content-type",
        },
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == LISTED
    cross = {"origin": LISTED, "sec-fetch-site": "cross-site"}
    answer = client.get("/api/v1/who", headers={**cross, "x-api-key": key})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, LISTED)
    refused = client.get("/api/v1/who", headers=cross)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, LISTED)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example", "access-control-request-method": "POST"},
    ],
)
def test_another_origin(key_file, headers):
    client = client_of(key_file, peer="127.0.0.1", bound_to_loopback=True)
    for method in ("GET", "POST", "OPTIONS"):
        answer = client.request(method, "/api/v1/who", headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:policyqa:problem:origin-not-allowed"
        assert "access-control-allow-origin" not in answer.headers
    join = client.post("/gradio_api/queue/join", headers=headers)
    assert (join.status_code, join.text) == (403, "Origin Not Allowed")


@pytest.mark.parametrize(
    "headers", [{}, {"sec-fetch-site": "same-origin"}, {"origin": "http://127.0.0.1"}]
)
def test_the_page_itself(key_file, headers):
    client = client_of(key_file, bound_to_loopback=True)
    assert client.post("/gradio_api/queue/join", headers=headers).status_code == 200
    assert client.post("/api/v1/who", headers=headers).status_code == 200


def test_too_many_requests(key_file):
    client = client_of(key_file, per_minute=2)
    key = {"x-api-key": keys.add(key_file, "portal")}
    seen = [client.get("/api/v1/who", headers=key).status_code for _ in range(3)]
    assert seen == [200, 200, 429]
    # Wrong keys count against the address, and the address's requests against the page, too.
    wrong = [client.get("/api/v1/who", headers={"x-api-key": "pqa_x"}) for _ in range(3)]
    assert [answer.status_code for answer in wrong] == [401, 401, 429]
    assert wrong[-1].headers["retry-after"] == "30"
    assert wrong[-1].json()["type"] == "urn:policyqa:problem:rate-limited"
    join = client.post("/gradio_api/queue/join")
    assert (join.status_code, join.text) == (429, "Rate Limited")
    assert client.get("/api/v1/health/live").status_code == 200


def test_buckets_fill_and_are_bounded():
    now = [0.0]
    limiter = Limiter(60, lambda: now[0])
    assert [limiter.wait("a") for _ in range(60)] == [0.0] * 60
    assert limiter.wait("a") == 1.0
    now[0] = 1.0
    assert limiter.wait("a") == 0.0
    for other in range(MOST_BUCKETS):
        limiter.wait(str(other))
    assert len(limiter._buckets) == MOST_BUCKETS
    assert owner_of("2001:db8:1:2::3") == owner_of("2001:db8:1:2:ffff::4") == "2001:db8:1:2::/64"
    assert owner_of("192.0.2.1") == "192.0.2.1"


def test_what_goes_wrong_stays_in_the_log(key_file, caplog):
    client = client_of(key_file, bound_to_loopback=True)
    answer = client.get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:policyqa:problem:internal"
    assert "secret" not in answer.text
    assert f"request {answer.json()['request_id']} failed" in caplog.text


def test_sign_on_without_a_proxy_is_refused(tmp_path):
    settings = Settings(library=tmp_path, user_header="X-Remote-User")
    with pytest.raises(PolicyQAError, match="name the proxy that sets it in trusted_proxies"):
        gate_of(settings, bound_to_loopback=True)


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.1/8", ""])
def test_what_is_no_network(text):
    with pytest.raises(ValueError, match="is no address or network; write 10.0.0.7"):
        Settings(trusted_proxies=(text,))
