"""What is looked at before a request is read: where it comes from, whether it may, and how large it is. Pure ASGI, so that nothing of the body is parsed before."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pixwright.serve.errors import Rejected, answer
from pixwright.serve.settings import LOCAL_NAMES, Settings

COOKIE = "pixwright"
"""Holds the token for the page."""
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": PAGE_POLICY,
    "Cache-Control": "no-store",
}
"""Of every answer that does not say otherwise."""
_SAFE = ("GET", "HEAD", "OPTIONS")
_REQUEST_ID_BYTES = 12


class Guard:
    """Around the whole app."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on with a bounded body and our headers on the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        send = _with_headers(send, headers, self._settings.origins)
        try:
            self._check(scope, headers)
        except Rejected as refused:
            await answer(refused)(scope, receive, send)
            return
        if self._opens_page(scope):
            response = RedirectResponse(scope["path"], 303)
            response.set_cookie(COOKIE, self._settings.token or "", httponly=True, samesite="strict")
            await response(scope, receive, send)
            return
        await self._app(scope, _bounded(receive, self._settings.bounds.body_bytes), send)

    def _check(self, scope: Scope, headers: Headers) -> None:
        """Raises Rejected."""
        host = urlsplit(f"//{headers.get('host', '')}").hostname
        if self._settings.loopback and host not in LOCAL_NAMES:
            # A page of a stranger's whose name leads here (DNS rebinding) says its own name.
            raise Rejected(
                421, "wrong_host", "this server answers to this machine's own names only: localhost, 127.0.0.1"
            )
        self._check_origin(scope["method"], headers)
        if self._settings.token is not None and not self._knows(scope, headers, self._settings.token):
            raise Rejected(
                401, "invalid_api_key", "a token is needed: Authorization: Bearer TOKEN, as printed at start"
            )
        length = headers.get("content-length", "0")
        most = self._settings.bounds.body_bytes
        if not length.isdecimal() or int(length) > most:
            raise _too_large(most)

    def _check_origin(self, method: str, headers: Headers) -> None:
        """A page of another origin may not make this server do anything (CSRF)."""
        origin = headers.get("origin")
        if origin is not None and origin in self._settings.origins:
            return
        own = origin is None or urlsplit(origin).netloc == headers.get("host")
        site = headers.get("sec-fetch-site", "none")
        if method not in _SAFE and not (own and site in ("none", "same-origin")):
            raise Rejected(403, "wrong_origin", "pages of other origins may not use this server; see --cors", "origin")

    def _knows(self, scope: Scope, headers: Headers, token: str) -> bool:
        kind, _, brought = headers.get("authorization", "").partition(" ")
        tokens = [brought.strip() if kind.lower() == "bearer" else "", _cookie(headers), *_asked(scope)]
        return any(secrets.compare_digest(one.encode(), token.encode()) for one in tokens)

    def _opens_page(self, scope: Scope) -> bool:
        """The address that was printed at start: the token moves from it into a cookie."""
        return self._settings.token is not None and scope["method"] == "GET" and bool(_asked(scope))


def _asked(scope: Scope) -> list[str]:
    """The token in the address of the page; nowhere else, since addresses are logged."""
    return parse_qs(scope["query_string"].decode("latin-1")).get("token", []) if scope["path"] == "/" else []


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _too_large(most: int) -> Rejected:
    return Rejected(
        413, "body_too_large", f"the request is larger than {most:,} bytes", headers={"connection": "close"}
    )


def _bounded(receive: Receive, most: int) -> Receive:
    """A body that does not say how long it is may be no longer either."""
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise _too_large(most)
        return message

    return bounded


def _with_headers(send: Send, asked: Headers, origins: tuple[str, ...]) -> Send:
    own: Mapping[str, Any] = HEADERS | {"x-request-id": f"req_{secrets.token_hex(_REQUEST_ID_BYTES)}"}

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in own.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
