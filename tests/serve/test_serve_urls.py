"""Addresses that requests name: never this machine's own network, whatever they are called and wherever they lead."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from serving import picture

from pixwright.serve.errors import Rejected
from pixwright.serve.urls import fetch, is_public, of_data

PRIVATE = """127.0.0.1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 fe80::1%eth0 fc00::1
::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001:0:4136:e378:8000:63bf:3fff:fdd2 ff02::1""".split()


@pytest.fixture
def site():
    """A web server: /picture, and ways to be led elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            places = {"/away": "http://169.254.169.254/latest", "/round": "/round", "/near": "/picture"}
            self.server.hosts.append(self.headers["Host"])
            self.send_response(302 if self.path in places else 200 if self.path == "/picture" else 404)
            if self.path in places:
                self.send_header("Location", places[self.path])
            self.end_headers()
            if self.path == "/picture":
                self.wfile.write(picture())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hosts = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def at(site, path, host="localhost"):
    return f"http://{host}:{site.server_address[1]}{path}"


def this_machine(address):
    return address in ("127.0.0.1", "::1")


def test_what_is_private_in_every_spelling():
    assert [one for one in PRIVATE if is_public(one)] == []
    assert is_public("93.184.216.34") and is_public("2606:2800:220:1:248:1893:25c8:1946")


def test_a_picture_is_fetched_in_the_name_that_was_asked_for(site):
    assert fetch(at(site, "/picture", "127.0.0.1"), 10**6, this_machine) == picture()
    assert fetch(at(site, "/near", "127.0.0.1"), 10**6, this_machine) == picture()
    assert set(site.hosts) == {f"127.0.0.1:{site.server_address[1]}"}


@pytest.mark.parametrize(
    ("path", "why"), [("/away", "private"), ("/round", "more than 3"), ("/none", "404")]
)  # each led to from an address that is allowed
def test_where_it_may_not_lead(site, path, why):
    with pytest.raises(Rejected, match=why):
        fetch(at(site, path, "127.0.0.1"), 10**6, this_machine)


def test_no_more_than_was_allowed(site):
    with pytest.raises(Rejected, match="larger than 100"):
        fetch(at(site, "/picture", "127.0.0.1"), 100, this_machine)


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/a",
        "http://127.0.0.1/a",
        "http://2130706433/a",
        "http://[::ffff:127.0.0.1]/a",
        "http://user@93.184.216.34/a",
        "http://93.184.216.34:22/a",
        "http://93.184.216.34:99999/a",
        "ftp://93.184.216.34/a",
        "file:///etc/passwd",
        "http:///a",
        "http://nothing.invalid/a",
    ],
)
def test_nothing_else_is_fetched(address, site):
    with pytest.raises(Rejected) as refused:
        fetch(address, 10**6)
    assert refused.value.status_code == 400 and refused.value.code == "invalid_image_url" and not site.hosts


def test_data_addresses():
    assert of_data("data:image/png;base64,aGk=") == b"hi" == of_data("aGk=")
    for bad in ("data:image/png,hi", "data:;base64", "data:image/png;base64,!!", "not base64"):
        with pytest.raises(Rejected):
            of_data(bad)
