"""A stand-in for a language model's server on the loopback: it gives what a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pixwright.parse.language import Endpoint


def completion(text):
    """The reply whose message is `text`."""
    return 200, json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}), {}


@contextmanager
def answering(*answers, model="tiny", key=""):
    """(endpoint, requests so far, each with its `key`). An answer is a text, (status, body, headers), or a function of the request; the last one serves for ever."""
    left, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            asked[-1]["key"] = self.headers.get("Authorization")
            answer = left.pop(0) if len(left) > 1 else left[0]
            answer = answer(asked[-1]) if callable(answer) else answer
            status, text, headers = completion(answer) if isinstance(answer, str) else answer
            with suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Endpoint(f"http://127.0.0.1:{server.server_port}/v1", model, key, 5.0), asked
    finally:
        server.shutdown()
        server.server_close()
