"""From settings to a server that runs until it is interrupted."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import uvicorn

from pixwright.errors import InvalidOption
from pixwright.journal import lock
from pixwright.serve.app import create
from pixwright.serve.settings import Settings

_TOKEN_BYTES = 24
_BACKLOG = 128
_STOP_SECONDS = 5
"""That open answers may still take when the server is asked to stop."""
_IDLE_SECONDS = 30
"""After which a silent connection is closed."""
_ANYWHERE = ("0.0.0.0", "::", "")


def serve(settings: Settings, say: Callable[[str], None], *, open_page: bool = False) -> None:
    """Serve until interrupted; `say` gets the start line. Raises InvalidOption for an address that cannot be had or a data folder that cannot be used.

    Where others can connect and no token is set, one is made: it is in the address that is said.
    """
    if not settings.loopback and settings.token is None:
        settings = replace(settings, token=secrets.token_urlsafe(_TOKEN_BYTES))
    if settings.threads:
        # Read by the networks of the processes that are started from here.
        os.environ["PIXWRIGHT_THREADS"] = str(settings.threads)
    listening = listen(settings.host, settings.port)
    with alone(settings.data):
        _serve(settings, listening, say, open_page)


def _serve(settings: Settings, listening: socket.socket, say: Callable[[str], None], open_page: bool) -> None:
    app = create(settings)
    address = address_of(settings, listening.getsockname()[1])
    say(f"pixwright serves {address} (data in {settings.data}; Ctrl-C stops, jobs that wait are kept)")
    if open_page:
        threading.Timer(1.0, webbrowser.open, (address,)).start()
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
        timeout_keep_alive=_IDLE_SECONDS,
        lifespan="on",
    )
    with suppress(KeyboardInterrupt):  # raised again after everything has ended in order
        uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a data folder against other servers, which would take this one's running job for one that a crash left. Raises InvalidOption."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = (folder / "server.lock").open("ab")
    except OSError as error:
        raise InvalidOption(f"'{folder}' cannot hold the server's data ({error}); choose another --data DIR") from error
    with held:
        try:
            lock(held.fileno(), wait=False)
        except OSError as error:
            raise InvalidOption(
                f"another server works with '{folder}'; open its page, stop it, or choose another --data DIR"
            ) from error
        yield


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises InvalidOption."""
    try:
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(kind, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        raise InvalidOption(f"cannot listen on {host}:{port} ({error}); choose another --host or --port") from error
    return listening


def address_of(settings: Settings, port: int) -> str:
    """What a person opens, with the token where there is one."""
    host = socket.gethostname() if settings.host in _ANYWHERE else settings.host
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + (f"?token={settings.token}" if settings.token else "")
