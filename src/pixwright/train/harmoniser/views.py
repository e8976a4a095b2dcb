"""What the harmoniser sees of a thing that is laid into a picture: its place, and the whole picture, both small."""

from __future__ import annotations

from pixwright.records.region import Box

NEAR, FAR = 64, 32
"""Sides in pixels at which the place and the whole picture are seen."""
CELLS = 8
"""Cells of a side of the grid of maps."""
MAP = (3, 4)
"""An affine map of colours: its matrix and its offset."""
LEAST_ROOM = 24
"""Pixels about a thing, at least, that are its place."""
STRIDE = 2
"""Of the place every so manieth pixel of a row, and every so manieth row, is counted."""
BINS = 12
"""Steps of lightness, and of colourfulness, that are counted."""


def place_of(box: Box, height: int, width: int) -> Box:
    """The place of a thing in a picture: its box and as much room on each side as it is large, within the frame."""
    x0, y0, x1, y1 = box
    room = max(x1 - x0, y1 - y0, LEAST_ROOM)
    return max(0, x0 - room), max(0, y0 - room), min(width, x1 + room), min(height, y1 + room)
