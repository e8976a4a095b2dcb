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
_TYPED = (
    b'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    b'Iptc4xmpExt:DigitalSourceType="',
    b'"/>',
)
"""IPTC's property (Photo Metadata Standard, extension schema), as an attribute."""
_SAID = re.compile(
    rb"""(<[\w.-]+:DigitalSourceType>\s*|[\w.-]+:DigitalSourceType(?:\s+rdf:resource)?\s*=\s*["'])([^"'<]*)"""
)
"""The same in any of the three ways in which XMP may hold it: what stands before the term, and the term."""


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


def with_source_type(packet: bytes | None, term: str) -> bytes | None:
    """The packet with `term` as its digital source type; a packet of its own where there is none, None where this one has no place for it."""
    if packet and _SAID.search(packet):
        return _SAID.sub(lambda found: found[1] + term.encode(), packet)
    said = term.encode().join(_TYPED)
    head, end, tail = (packet or b"").rpartition(_END)
    if end:
        return head + said + end + tail
    return None if packet else said.join(_SHELL)


def source_type_of(packet: bytes) -> str | None:
    """The digital source type that a packet tells, or None."""
    found = _SAID.search(packet)
    return found[2].strip().decode("utf-8", "replace") or None if found else None
