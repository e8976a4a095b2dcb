"""XMP packets (ISO 16684-1): where WebP, AVIF and HEIF keep texts, ours among them."""

from __future__ import annotations

import re
from html import escape, unescape

NAME = b"XMP "
"""What a packet is called among a source's texts."""
_SHELL = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    b"</rdf:RDF></x:xmpmeta>",
)
_OPEN = b'<rdf:Description rdf:about="" xmlns:pixwright="urn:pixwright:record"><pixwright:record>'
_CLOSE = b"</pixwright:record></rdf:Description>"
_OURS = re.compile(re.escape(_OPEN) + b".*?" + re.escape(_CLOSE), re.DOTALL)
_END = b"</rdf:RDF>"


def with_record(packet: bytes | None, record: str | None) -> bytes | None:
    """The packet with our record in it; a packet of its own where there is none, or one that has no place for it."""
    if record is None:
        return packet
    said = _OPEN + escape(record, quote=False).encode() + _CLOSE
    head, end, tail = (packet or b"").rpartition(_END)
    return head + said + end + tail if end else _SHELL[0] + said + _SHELL[1]


def without_record(packet: bytes) -> bytes:
    """The packet without our record; nothing where nothing else is in it."""
    rest = _OURS.sub(b"", packet)
    return b"" if rest == b"".join(_SHELL) else rest


def record_of(packet: bytes) -> str | None:
    """Our record in a packet, or None."""
    found = _OURS.search(packet)
    return unescape(found[0][len(_OPEN) : -len(_CLOSE)].decode("utf-8", "replace")) if found else None
