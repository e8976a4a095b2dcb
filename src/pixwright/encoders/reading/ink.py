"""The ink of a line of text: a line cut out and straightened, and which of its pixels are letters."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array

Quad = NDArray[np.float32]
"""(4, 2): corners x, y, clockwise from the text's upper left."""

_LARGEST_KERNEL = 255
"""Of OpenCV's median filter."""
_SHADED = 45.0
"""Most that a line's ground differs within the line, 0 to 255."""
_ALONG, _HOLE = (0.7, 0.5), 0.002
"""Width and height of a plate round the letters, in those of the line; and the share of it from which a hole is a letter."""
_SOLID = 0.85
"""Share of its frame that a piece fills which is a plate whatever its holes."""
_COARSE = 60
"""Height of a straightened line, in pixels, for each pixel of radius of the specks that are no ink."""
_ENOUGH, _TALLER = 3, 1.3
"""Pieces of ink from which there is a usual height, and how much taller than that a piece is no letter."""
_RULE_LENGTH, _RULE_FILL, _LOOKS_IN = 0.6, 0.25, 0.2
"""A piece of ink is a rule if it is longer than this share of the line and fills less than that of it; what is lower than the last, in heights of
the line, and touches its upper or lower rim, is a neighbour's."""

_SET, _BOLD = 48, 600
"""Size in pixels and weight of the type that ink is compared with."""
_SPANS = 0.6, 0.3
"""Width and height, in those of the line, that letters on a plate take at least."""
_LOW = 32
"""Height in pixels at which a line is compared with what it says."""
_TALLS, _WIDES, _RIM = (0.5, 0.6, 0.7, 0.8, 0.9), (0.75, 0.85, 0.95), 0.08
"""Heights and widths of letters in those of their line that are tried, and how much of what is about them is looked at, in their height."""
_AS_SAID = 0.4
"""Correlation with the letters of a text from which they are known to lie there."""
_SURELY_SAID = 0.58
"""The same on a plate, whose frame lies about the letters as their ground does."""
_AGREE = 0.6
"""Overlap with them from which ink is theirs."""
_ASTRAY = 0.3
"""Share of a piece of ink beside them under which it is none of theirs."""


def line_size(quad: Quad) -> tuple[float, float]:
    """(width, height) of the line in pixels, along its own axes."""
    width = (np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    height = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    return max(float(width), 1.0), max(float(height), 1.0)


def ink_mask(picture: Array, quad: Quad, text: str = "") -> Array:
    """The letters' own pixels inside the quad: HxW uint8, 255 = ink. `text` is what they say, where it was read."""
    height, width = picture.shape[:2]
    area = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(area, np.round(quad).astype(np.int32), 255)
    flat, back = rectified(picture, quad)
    ink = np.asarray(_strokes(flat, text) * 255, np.uint8)
    placed = cv2.warpPerspective(ink, back, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(np.where(area > 0, np.where(placed > 96, 255, 0), 0), np.uint8)


def rectified(picture: Array, quad: Quad, outside: int | None = None) -> tuple[Array, NDArray[np.float64]]:
    """The line cut out and straightened, and the transform back into the picture. `outside` (0 to 255) is what lies past the frame; None repeats the rim."""
    width, height = line_size(quad)
    scale = max(1.0, 48 / height)
    w, h = max(8, round(width * scale)), max(8, round(height * scale))
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    turn = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    border = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
    flat = cv2.warpPerspective(picture, turn, (w, h), borderMode=border, borderValue=(outside or 0,) * 3)
    return np.asarray(flat, np.uint8), np.linalg.inv(turn)


def ink_of(flat: Array, text: str = "") -> Array:
    """Letters in a straightened line that says `text`, where that is known: 0 or 1, without what only looks in at the upper or lower rim, which is a neighbour's, and what is far taller than the letters, which is a line that runs through them."""
    ink = _strokes(flat, text)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    _, top, _, tall, _ = stats[1:].T
    ink = _without(ink, labels, (tall < _LOOKS_IN * len(ink)) & ((top == 0) | (top + tall == len(ink))))
    if len(tall) < _ENOUGH:
        return ink
    large = tall[tall >= _LOOKS_IN * len(ink)]
    usual = float(np.median(large)) if len(large) >= _ENOUGH else float(len(ink))
    return _without(ink, labels, tall > _TALLER * usual)


def _strokes(flat: Array, text: str = "") -> Array:
    """All ink of a straightened line. A sign's frame and rules, long flat pieces, are none.

    Where most of the line's middle would be ink, that is the ground of a plate whose frame the line's rim lies on: then the ink is what differs from it.
    What was read tells better which pixels are the letters: those that lie as its letters do.
    """
    ink = _apart(flat, _ground(flat))
    inner = _on_plate(flat, ink)
    usual = _cleaned(inner if inner is not None else ink)
    said = _template(text)
    if said is None:
        return usual
    shades = [cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY), _distance(flat, _ground(flat))]
    alike, lit, shade, place = max((_matched(one, said) for one in shades), key=lambda match: match[0])
    if alike < (_AS_SAID if inner is None else _SURELY_SAID):
        return usual
    near = np.zeros_like(usual)
    near[place] = 1
    level = cv2.threshold(np.ascontiguousarray(shade[place]), 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0]
    letters = ((shade > level) == lit).astype(np.uint8) * near
    both, either = np.count_nonzero(letters & usual), np.count_nonzero(letters | usual)
    if inner is not None or both < _AGREE * either:
        return _cleaned(letters)
    # A screen's edge beside the letters, or a seam above them, is none of them.
    _, labels = cv2.connectedComponents(usual, connectivity=8)
    count = np.bincount(labels.ravel())
    inside = np.bincount(labels.ravel(), weights=near.ravel(), minlength=len(count))
    return _without(usual, labels, (inside < _ASTRAY * count)[1:])


def _matched(shade: Array, said: Array) -> tuple[float, bool, Array, tuple[slice, slice]]:
    """Where a template's letters lie best in a line's shades (hxw uint8): correlation, whether they are the lighter ones, the shades, and the place with its rim."""
    height, width = shade.shape
    scale = _LOW / height
    small = cv2.GaussianBlur(
        cv2.resize(shade, (max(8, round(width * scale)), _LOW), interpolation=cv2.INTER_AREA), (0, 0), 1
    )
    best: tuple[float, bool, Array, tuple[slice, slice]] = 0.0, True, shade, np.s_[0:height, 0:width]
    for tall in _TALLS:
        for wide in _WIDES:
            h, w = round(tall * small.shape[0]), round(wide * small.shape[1])
            rim = max(1, round(_RIM * h))
            one = cv2.copyMakeBorder(
                cv2.resize(said, (w, h), interpolation=cv2.INTER_AREA), rim, rim, rim, rim, cv2.BORDER_CONSTANT
            )
            one = np.ascontiguousarray(one[: small.shape[0], : small.shape[1]])
            match = cv2.matchTemplate(small, cv2.GaussianBlur(one, (0, 0), 1), cv2.TM_CCOEFF_NORMED)
            low, high, at_low, at_high = cv2.minMaxLoc(match)
            score, lit, (x, y) = (high, True, at_high) if high >= -low else (-low, False, at_low)
            if score > best[0]:
                top, left = int(y / scale), int(x / scale)
                bottom, right = int(np.ceil((y + one.shape[0]) / scale)), int(np.ceil((x + one.shape[1]) / scale))
                best = float(score), lit, shade, np.s_[top:bottom, left:right]
    return best


def _cleaned(ink: Array) -> Array:
    """Ink without specks and without long flat pieces."""
    height, width = ink.shape
    smooth = 2 * (height // _COARSE) + 1
    ink = cv2.medianBlur(ink, smooth) if smooth > 1 else ink
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    _, _, wide, tall, area = stats[1:].T
    return _without(
        ink, labels, (wide > _RULE_LENGTH * np.maximum(width, 2 * tall)) & (area < _RULE_FILL * wide * height)
    )


def _template(text: str) -> Array | None:
    """The text in our own type, cut to its ink, 0 to 255; None for fewer than two letters."""
    text = text.strip()
    if sum(one.isalnum() for one in text) < 2:
        return None
    font = cv2.FontFace("sans")
    wide = int(cv2.getTextSize((0, 0), text, (0, 0), font, _SET, _BOLD)[2])
    out = np.zeros((3 * _SET, wide + 2 * _SET, 3), np.uint8)
    cv2.putText(out, text, (_SET, 2 * _SET), (255, 255, 255), font, _SET, _BOLD)
    box = cv2.boundingRect(out[..., 0])
    return np.ascontiguousarray(out[box[1] : box[1] + box[3], box[0] : box[0] + box[2], 0]) if box[2] else None


def _on_plate(flat: Array, ink: Array) -> Array | None:
    """What differs from the ground of a plate, where the ink (0 or 1) is that ground; None where it is no plate that bears letters."""
    if (plate := _plate(ink)) is None:
        return None
    ground = np.median(flat[plate & (ink > 0)], axis=0).astype(np.float32)
    turned = np.where(plate, _apart(flat, np.broadcast_to(ground, flat.shape)), 0).astype(np.uint8)
    _, _, wide, tall = cv2.boundingRect(turned)
    letters = wide > _SPANS[0] * flat.shape[1] and tall > _SPANS[1] * flat.shape[0]
    return turned if letters else None


def _plate(ink: Array) -> NDArray[np.bool_] | None:
    """Where one piece of what differs from the rim reaches along the line and round the letters; None where none does."""
    height, width = ink.shape
    outlines, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for index, outline in enumerate(outlines):
        _, _, wide, tall = cv2.boundingRect(outline)
        holes = sum(
            1
            for one in range(len(outlines))
            if tree[0][one][3] == index and cv2.contourArea(outlines[one]) > _HOLE * wide * tall
        )
        solid = cv2.contourArea(outline) > _SOLID * wide * tall
        if wide > _ALONG[0] * width and tall > _ALONG[1] * height and (holes >= _ENOUGH or solid):
            filled = np.zeros_like(ink)
            cv2.drawContours(filled, outlines, index, 1, cv2.FILLED)
            inner = cv2.erode(filled, np.ones((3, 3), np.uint8))
            return np.asarray(inner > 0)
    return None


def _apart(flat: Array, ground: NDArray[np.float32]) -> Array:
    """0 or 1: Otsu's threshold on the distance from the ground's colour."""
    return np.asarray(cv2.threshold(_distance(flat, ground), 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1], np.uint8)


def _distance(flat: Array, ground: NDArray[np.float32]) -> Array:
    """How far each pixel is from the ground's colour, uint8; the farthest is 255."""
    distance = np.linalg.norm(flat.astype(np.float32) - ground, axis=2)
    return np.asarray(np.clip(distance / max(float(distance.max()), 1.0) * 255, 0, 255), np.uint8)


def _without(ink: Array, labels: NDArray[np.integer], dropped: NDArray[np.bool_]) -> Array:
    """The ink without some of its pieces; all of it where nothing would be left."""
    kept = np.where(np.isin(labels, 1 + np.flatnonzero(dropped)), 0, ink).astype(np.uint8)
    return kept if kept.any() else ink


def _ground(flat: Array) -> NDArray[np.float32]:
    """What a straightened line stands on: the upper and the lower rim's colours, smoothed along the line, and between them a ramp."""
    rim = np.concatenate(
        [flat[:2].reshape(-1, 3), flat[-2:].reshape(-1, 3), flat[:, :2].reshape(-1, 3), flat[:, -2:].reshape(-1, 3)]
    )
    usual = np.median(rim, axis=0).astype(np.float32)
    reach = min(2 * (flat.shape[1] // 6) + 1, _LARGEST_KERNEL)
    sides = []
    for rows in (flat[:2], flat[-2:]):
        along = cv2.medianBlur(np.ascontiguousarray(rows.mean(axis=0, keepdims=True).round().astype(np.uint8)), reach)
        # A frame or a neighbour at the rim is no ground: it may differ by a shade only.
        sides.append(usual + np.clip(along[0].astype(np.float32) - usual, -_SHADED, _SHADED))
    down = np.linspace(0, 1, flat.shape[0], dtype=np.float32)[:, None, None]
    return np.asarray(sides[0][None] * (1 - down) + sides[1][None] * down, np.float32)
