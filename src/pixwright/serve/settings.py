"""What can be chosen of a server, with its defaults."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
"""What this machine calls itself."""
PORT = 8080
"""IOPaint's: its clients look for a server there."""
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Bounds:
    """How much a client may ask for. Every one is checked before the work that it bounds."""

    body_bytes: int = 256 * MEGABYTE
    """Of a request, before it is parsed."""
    pixels: int = 64_000_000
    """Of a picture, by its header."""
    parts: int = 64
    """Fields and files of a form."""
    pictures: int = 16
    """Of one edit: the picture and its attachments."""
    candidates: int = 10
    """`n`."""
    queued: int = 100
    """Jobs that wait; one more is answered 429."""
    job_seconds: float = 600.0
    """Of one try at a job."""
    film_seconds: float = 21_600.0
    """Of one try at a video or a scene."""
    gaussians: int = 200_000
    """Of a scene."""
    look_seconds: float = 60.0
    """Of a region, a plan or a preview."""
    decode_seconds: float = 60.0
    """Of reading a stranger's file."""
    decode_bytes: int = 6_000 * MEGABYTE
    """Address space of the process that reads a stranger's file."""
    decoders: int = 2
    """Such processes at a time."""
    free_bytes: int = 200 * MEGABYTE
    """Room on the disk below which nothing new is taken (507)."""


@dataclass(frozen=True)
class Settings:
    """One server."""

    data: Path
    """The folder of everything that it keeps."""
    host: str = "127.0.0.1"
    port: int = PORT
    system: str = "local"
    """Of jobs that name none."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Of that system."""
    threads: int = 0
    """Of the networks; 0: every core."""
    token: str | None = None
    """What every request must bring; None: nothing (only where nobody but this machine can connect)."""
    allow_urls: bool = False
    """Whether addresses in requests are fetched."""
    origins: tuple[str, ...] = ()
    """Web pages of other origins that may call (CORS)."""
    bounds: Bounds = Bounds()
    keep_days: int = 0
    """After how many days pictures, results and ended jobs are deleted; 0: never. Sessions are deleted by whoever made them."""

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in LOCAL_NAMES
