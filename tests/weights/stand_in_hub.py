"""A model hub on this machine: real HTTP, the addresses and headers of Hugging Face's, and the ways in which one fails.

After `huggingface_hub`: `hf_api.py` (`model_info`: `/api/models/REPO/revision/REV?blobs=true`), `file_download.py` (`/REPO/resolve/COMMIT/FILE`, Range) and
`utils/_http.py` (`X-Error-Code`: RepoNotFound, GatedRepo, RevisionNotFound; 401 for a token that is not known).
"""

import hashlib
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

COMMIT = "c0ffee" * 6 + "1234"
LARGE = 64
"""Bytes from which a file is large, with a sha256 known to the hub."""


class StandInHub:
    """What is served (`repositories`: name -> {path: content}) and how it fails."""

    def __init__(self):
        self.repositories = {}
        self.token = ""
        """Where one is set, every repository wants it."""
        self.gated = set()
        self.breaks = 0
        """So many bytes of a file are sent before the line goes dead."""
        self.ranges = True
        self.lies = {}
        """(repository, path) -> what is sent in place of it."""
        self.claims = {}
        """(repository, path) -> the size that the hub claims."""
        self.redirect = ""
        """Another server's address that files are asked of, as a hub sends to where it stores them."""
        self.asked = []
        """(path, Range header) of every file that was asked for."""
        self.bearers = []
        """The token that came with each of them."""

    def described(self, repo):
        rows = []
        for name, content in self.repositories[repo].items():
            size = self.claims.get((repo, name), len(content))
            row = {
                "rfilename": name,
                "size": size,
                "blobId": hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest(),
            }
            if len(content) >= LARGE:
                row["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": size, "pointerSize": 134}
            rows.append(row)
        return {"id": repo, "sha": COMMIT, "siblings": rows}


def handler(hub):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def refuse(self, status, code=""):
            self.send_response(status)
            if code:
                self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self):
            path = unquote(self.path)
            described = re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/([^?]+)\?blobs=true", path)
            held = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
            found = described or held
            if found is None:
                return self.refuse(404)
            repo = found[1]
            bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
            if bearer and bearer != (hub.token or bearer):
                return self.refuse(401)
            if repo not in hub.repositories or (hub.token and not bearer):
                return self.refuse(401, "RepoNotFound")
            if repo in hub.gated:
                return self.refuse(403 if bearer else 401, "GatedRepo")
            if described:
                return self.answer(json.dumps(hub.described(repo)).encode())
            content = hub.lies.get((repo, found[3]), hub.repositories[repo].get(found[3]))
            hub.asked.append((found[3], self.headers.get("range")))
            hub.bearers.append(bearer)
            if hub.redirect:
                return self.send_on(hub.redirect + self.path)
            return self.refuse(404, "EntryNotFound") if content is None else self.send(content)

        def send_on(self, address):
            self.send_response(302)
            self.send_header("Location", address)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def send(self, content):
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range") or "")
            begin = int(asked[1]) if asked and hub.ranges else 0
            body = content[begin:]
            self.send_response(206 if asked and hub.ranges else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if hub.breaks and len(body) > hub.breaks:
                self.wfile.write(body[: hub.breaks])
                self.wfile.flush()
                self.close_connection = True
                return self.connection.close()
            return self.wfile.write(body)

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


@contextmanager
def served():
    """(hub, its address) while the context lasts."""
    hub = StandInHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(hub))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
