"""The packaged networks and the embedded system of a building process: loaded when first used, and once, however many parts ask."""

from __future__ import annotations

from functools import cache

from pixwright import systems
from pixwright.encoders.bundle import Encoders
from pixwright.systems import System


@cache
def encoders() -> Encoders:
    """The packaged networks."""
    return Encoders()


@cache
def system() -> System:
    """The embedded system, on the same networks."""
    return systems.local(encoders())
