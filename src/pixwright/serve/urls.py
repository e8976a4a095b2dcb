"""Addresses that requests name, fetched without being led to this machine's own network.

The name is resolved here, every address that it has must be public, and the connection goes to the one that was checked: a name that means another address a
moment later (DNS rebinding) changes nothing. Redirects are followed by the same rule. Nothing of the environment (proxies, credentials) is used.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import socket
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urljoin, urlsplit

import httpx

from pixwright.serve.errors import Rejected

PORTS = {"https": 443, "http": 80}
MOST_REDIRECTS = 3
SECONDS = 20.0
"""Of silence."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses that carry another one, which may be private."""
_MOVED = (301, 302, 303, 307, 308)


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, also where it is wrapped in another one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip in _NAT64 or ip.sixtofour is not None or ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast


def of_data(address: str) -> bytes:
    """The bytes of a `data:` address, or of bare base64. Raises Rejected (400)."""
    head, comma, text = address.partition(",")
    if address.startswith("data:") and not (comma and head.endswith(";base64")):
        raise Rejected(400, "invalid_image_url", "a data: address must be data:TYPE;base64,DATA")
    try:
        return base64.b64decode(text if address.startswith("data:") else address, validate=True)
    except (binascii.Error, ValueError):
        raise Rejected(400, "invalid_image_url", "the picture is no base64; give data:TYPE;base64,DATA") from None


def fetch(address: str, most: int, allowed: Callable[[str], bool] = is_public) -> bytes:
    """At most `most` bytes. Raises Rejected: 400 for what may not or cannot be fetched."""
    with httpx.Client(timeout=SECONDS, trust_env=False, follow_redirects=False) as client:
        for _ in range(MOST_REDIRECTS + 1):
            request = _pinned(client, address, allowed)
            try:
                with closing(client.send(request, stream=True)) as answer:
                    if answer.status_code in _MOVED and "location" in answer.headers:
                        address = urljoin(address, answer.headers["location"])
                        continue
                    if answer.is_error:
                        raise _refused(f"it answered {answer.status_code}")
                    return _body(answer, most)
            except httpx.HTTPError as error:
                raise _refused(type(error).__name__) from error
    raise _refused(f"it led on more than {MOST_REDIRECTS} times")


def _pinned(client: httpx.Client, address: str, allowed: Callable[[str], bool]) -> httpx.Request:
    """The request, to the address that was checked, in the name that was asked for."""
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = 0
    host = parts.hostname
    if parts.scheme not in PORTS or not host or parts.username is not None:
        raise _refused("only http and https addresses without a user are fetched")
    if port not in (None, PORTS[parts.scheme]) and allowed is is_public:
        raise _refused("only the usual ports are fetched from")
    try:
        found = socket.getaddrinfo(host, port or PORTS[parts.scheme], type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _refused("its name is not known") from error
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(allowed(one) for one in addresses):
        raise _refused("it leads into a private network")
    literal = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    where = httpx.URL(address).copy_with(host=literal)
    return client.build_request("GET", where, headers={"Host": parts.netloc}, extensions={"sni_hostname": host})


def _body(answer: httpx.Response, most: int) -> bytes:
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > most:
            raise _refused(f"it is larger than {most:,} bytes")
    return bytes(data)


def _refused(why: str) -> Rejected:
    return Rejected(400, "invalid_image_url", f"the address was not fetched: {why}", "image_url")
