"""Who may ask what: other names, other origins, tokens, sizes."""

from __future__ import annotations

import socket

import pytest
from serving import picture, post_picture
from starlette.testclient import TestClient

from pixwright.serve.app import create
from pixwright.serve.run import address_of, alone, listen
from pixwright.serve.settings import Bounds, Settings, is_loopback

TOKEN = "a-token-that-is-long-enough"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server that others can connect to; nothing runs in it."""
    bounds = Bounds(body_bytes=20_000)
    settings = Settings(tmp_path_factory.mktemp("guarded"), "0.0.0.0", token=TOKEN, bounds=bounds)
    return TestClient(create(settings), base_url="http://pictures.example")


def test_a_name_that_leads_here_is_not_ours(client):
    answer = client.get("/v1/health", headers={"Host": "evil.example"})
    assert answer.status_code == 421 and answer.json()["error"]["code"] == "wrong_host"
    for host in ("localhost:1", "127.0.0.1", "[::1]:8080"):
        assert client.get("/v1/health", headers={"Host": host}).status_code == 200


def test_a_page_of_another_origin_can_do_nothing(client, address):
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post("/v1/jobs", json={}, headers=headers)
        assert answer.status_code == 403 and answer.json()["error"]["code"] == "wrong_origin"
    own = client.post("/v1/jobs", json={}, headers={"Origin": address, "Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 400


def test_no_other_origin_reads_unless_it_was_named(client, tmp_path):
    assert "access-control-allow-origin" not in client.get("/v1/health", headers={"Origin": "http://a.example"}).headers
    named = TestClient(create(Settings(tmp_path, origins=("http://a.example",))), base_url="http://localhost")
    answer = named.get("/v1/health", headers={"Origin": "http://a.example"})
    assert answer.headers["access-control-allow-origin"] == "http://a.example"
    before = {"Origin": "http://a.example", "Access-Control-Request-Method": "POST"}
    assert named.options("/v1/jobs", headers=before).status_code == 200
    assert named.post("/v1/jobs", json={}, headers={"Origin": "http://b.example"}).status_code == 403


def test_a_token_is_asked_for(guarded):
    assert guarded.get("/v1/health").status_code == 401
    assert guarded.get("/v1/health", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert guarded.get("/v1/health", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert guarded.get(f"/v1/health?token={TOKEN}").status_code == 401


def test_the_printed_address_opens_the_page(guarded):
    opened = guarded.get(f"/?token={TOKEN}", follow_redirects=False)
    cookie = opened.headers["set-cookie"].lower()
    assert opened.status_code == 303 and "httponly" in cookie and "samesite=strict" in cookie
    assert guarded.get("/").status_code == 200
    guarded.cookies.clear()
    assert guarded.get("/").status_code == 401


def test_a_large_body_is_refused_before_it_is_read(guarded):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    told = guarded.post("/v1/pictures", content=b"x" * 30_000, headers=headers)
    assert told.status_code == 413 and told.json()["error"]["code"] == "body_too_large"

    def untold():
        for _ in range(30):
            yield b"x" * 1_000

    form = headers | {"Content-Type": "multipart/form-data; boundary=b"}
    for kind in (headers | {"Content-Type": "application/json"}, form):
        path = "/v1/pictures" if kind is form else "/v1/jobs"
        assert guarded.post(path, content=untold(), headers=kind).status_code == 413


def test_bodies_that_are_made_to_hurt(guarded):
    """A length that is none, thousands of parts, a part's head without an end: each is refused, and nothing is kept of it."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for length in ("-1", "1e9", "x"):
        assert (
            guarded.post("/v1/pictures", content=b"", headers=headers | {"Content-Length": length}).status_code == 413
        )
    form = headers | {"Content-Type": "multipart/form-data; boundary=b"}
    many = b"".join(b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n\r\n' for _ in range(250))
    long = b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + b"x" * 19_000
    for body in (many + b"--b--", long, many):
        answer = guarded.post("/v1/pictures", content=body, headers=form)
        assert answer.status_code == 400 and answer.json()["error"].keys() >= {"message", "type", "param", "code"}
    assert not [*guarded.app.state.services.store.folder.glob("pictures/*")]


def test_slow_clients_keep_nobody_waiting(client, address):
    """A hundred connections that never finish their first line."""
    host, _, port = address.removeprefix("http://").partition(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(100)]
    for one in slow:
        one.sendall(b"POST /v1/pictures HTTP/1.1\r\nHost: localhost\r\nX-A")
    assert client.get("/v1/health").status_code == 200
    for one in slow:
        one.close()


def test_many_pixels_are_refused_by_the_header(tmp_path):
    with TestClient(create(Settings(tmp_path, bounds=Bounds(pixels=5_000))), base_url="http://localhost") as client:
        answer = client.post("/v1/pictures", files={"file": ("x.png", picture())})
        assert answer.status_code == 413 and answer.json()["error"]["code"] == "image_too_large"
        assert post_picture(client, picture(50, 50))


def test_every_answer_has_its_headers(client):
    for path in ("/", "/v1/health", "/nothing", "/v1/jobs/job_x"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["x-request-id"].startswith("req_")
        assert "script-src" not in headers["content-security-policy"]
        assert headers["content-security-policy"].startswith("default-src 'self'")
    ids = {client.get("/v1/health").headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


def test_where_a_server_is(tmp_path):
    assert is_loopback("127.0.0.1") and is_loopback("::1") and is_loopback("localhost")
    assert not is_loopback("0.0.0.0") and not is_loopback("example.org")
    assert address_of(Settings(tmp_path), 80) == "http://127.0.0.1:80/"
    assert address_of(Settings(tmp_path, host="::1", token="t"), 80) == "http://[::1]:80/?token=t"


def test_a_data_folder_has_one_server(tmp_path):
    second = alone(tmp_path)
    with alone(tmp_path), pytest.raises(ValueError, match=r"another server works with .* choose another --data DIR"):
        second.__enter__()
    with alone(tmp_path):
        pass  # it is free again


def test_a_taken_port_is_one_line():
    taken = listen("127.0.0.1", 0)
    with taken, pytest.raises(ValueError, match="choose another --host or --port"):
        listen("127.0.0.1", taken.getsockname()[1])
