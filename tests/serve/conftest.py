from __future__ import annotations

import threading
import time

import httpx
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("python_multipart")
uvicorn = pytest.importorskip("uvicorn")

from pixwright.serve.app import create  # noqa: E402
from pixwright.serve.run import listen  # noqa: E402
from pixwright.serve.settings import Settings  # noqa: E402


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """One server for all tests that only ask it."""
    return create(Settings(tmp_path_factory.mktemp("served"), threads=1))


@pytest.fixture(scope="session")
def address(app):
    """Where it is served, by the real uvicorn over a real socket."""
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="session")
def client(address):
    with httpx.Client(base_url=address, timeout=120) as made:
        yield made
