"""Removing a thing: what was behind it is taken from frames that show it, on one plate for the shot; only what no frame shows is invented, once, and carried along."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.composite import blend
from pixwright.edit.filling.copying import diffuse
from pixwright.edit.filling.fill import fill
from pixwright.motion import Floats, PixelMotion, flow_between, grey, grid, own_motion, sampled
from pixwright.records.instruction import Array
from pixwright.video.contract import Chain, Followed, Matrix3
from pixwright.video.spool import ArrayShelf, KeptPlace, spot

_MARGIN = 0.25
"""Of the plate about the key frame, in shares of its sides."""
_CLEAR = 0.012
"""How far from a thing its ground must be to be taken, as a share of the frame's longer side: beside it lie its halo and its blur."""
_GROWN = 0.003
"""By how much a hole is widened in every frame, as a share of the longer side: following is not exact."""
_RING = 9
"""Pixels about a hole on which the plate is laid into the frame's place and light."""
_SHIFT = 3.0
"""Pixels by which the plate may be moved to meet the ring."""
_LIGHT = (0.6, 1.6)
"""Gains between a frame and the plate that are believed."""
_OWN_FILL = 0.97
"""Share of the key frame's hole that no frame shows from which on the system's own filling of it is kept as it is."""
_SOFT = 1.5
"""Sigma, in pixels, of a hole's edge."""
_LEAST = 40
"""Pixels that two pictures must share for their light to be compared."""


class RemovalCarrier:
    """Takes a thing away; the ground behind it moves as the scenery does."""

    way, renews = "removal", False

    def __init__(self, before: Array, after: Array, mask: Array, phrase: bool, shelf: ArrayShelf) -> None:
        """`before` and `after` the key frame HxWx3, `mask` HxW uint8 what was filled there; `phrase`: whether words find the thing again."""
        height, width = mask.shape
        self._size = (height, width)
        self._pad = (round(height * _MARGIN), round(width * _MARGIN))
        self._shelf = shelf
        shelf.put("hole-0", mask)
        self._after, self._hole = after, mask > 0
        clear = self._widened(mask, _CLEAR)
        scenery = np.where(clear > 0, 0, 255).astype(np.uint8)
        self.followed: tuple[Followed, ...] = (Followed(mask, phrase=phrase), Followed(scenery))
        self._thing, self._ground = Chain(), Chain()
        rows, columns = height + 2 * self._pad[0], width + 2 * self._pad[1]
        self._plate = np.zeros((rows, columns, 3), np.uint8)
        self._known = np.zeros((rows, columns), np.bool_)
        self._wanted = np.zeros((rows, columns), np.bool_)
        self._take(before, clear, np.eye(3))
        self._want(mask, np.eye(3))

    def link(self, thing: int, anchor: int, kept: KeptPlace, mask: Array) -> None:
        """Another picture: its mask of the thing, or where the scenery is."""
        if thing == 0:
            self._shelf.put(f"hole-{anchor}", self._widened(mask, _CLEAR))
        else:
            self._ground.link(anchor, kept)

    def see(self, pixels: Array, things: Sequence[KeptPlace]) -> None:
        """What the frame shows of the ground goes onto the plate where nothing is yet."""
        hole = self._hole_in(things[0], pixels)
        to_key = self._ground.to_key(things[1], self._size)
        self._take(pixels, self._widened(hole, _CLEAR), to_key)
        self._want(hole, to_key)

    def finish(self) -> None:
        """Invent what no frame shows and a frame needs."""
        left = self._wanted & ~self._known
        if not left.any():
            return
        top, side = self._pad
        own = np.zeros_like(left)
        own[top : top + self._size[0], side : side + self._size[1]] = self._hole
        mine = left & own
        if mine.sum() >= _OWN_FILL * own.sum():
            inner = self._plate[top : top + self._size[0], side : side + self._size[1]]
            here = mine[top : top + self._size[0], side : side + self._size[1]]
            inner[here] = self._after[here]
            self._known |= mine
            left &= ~mine
        if left.any():
            nothing = np.where(self._known | left, 0, 255).astype(np.uint8)
            hole = np.where(left, 255, 0).astype(np.uint8)
            self._plate = fill(self._plate, hole, rng=np.random.default_rng(0), forbid=nothing)
            self._known |= left

    def renew(self, anchor: int, before: Array, after: Array, mask: Array) -> None:
        """Nothing: the plate is for the whole shot."""

    def lay(self, pixels: Array, things: Sequence[KeptPlace]) -> tuple[Array, Array]:
        """The frame with the plate in the hole, in the frame's place and light."""
        hole = self._hole_in(things[0], pixels)
        result, mask = pixels.copy(), np.zeros(self._size, np.uint8)
        if not hole.any():
            return result, mask
        x, y, wide, tall = cv2.boundingRect(hole)
        reach = 2 * _RING
        x0, y0 = max(0, x - reach), max(0, y - reach)
        x1, y1 = min(self._size[1], x + wide + reach), min(self._size[0], y + tall + reach)
        part = np.s_[y0:y1, x0:x1]
        behind, known = self._behind(self._ground.to_key(things[1], self._size), (x0, y0, x1, y1))
        fitted = _fitted(pixels[part], behind, known, hole[part])
        soft = np.maximum(
            cv2.GaussianBlur(hole[part], (0, 0), _SOFT), np.where(hole[part] > 0, _FULL, 0).astype(np.uint8)
        )
        soft = np.where(hole[part] > 0, 255, soft).astype(np.uint8)
        result[part] = blend(pixels[part], fitted, soft)
        mask[part] = soft
        return result, mask

    def _hole_in(self, kept: KeptPlace, pixels: Array) -> Array:
        hole = np.zeros(self._size, np.uint8)
        masks = self._shelf.get(f"hole-{kept.anchor}")
        if masks is not None:
            found = spot(kept, pixels)
            moved = cv2.remap(masks[0], found.place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            hole[found.part] = np.where(moved * (1 - found.hidden) > _FAINT, 255, 0)
        return self._widened(hole, _GROWN)

    def _widened(self, mask: Array, share: float) -> Array:
        reach = max(1, round(share * max(self._size)))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        return np.asarray(cv2.dilate(mask, kernel), np.uint8)

    def _on_plate(self, to_key: Matrix3) -> NDArray[np.float64]:
        """From a frame's pixels to the plate's: 2x3."""
        shift = np.array([[1, 0, self._pad[1]], [0, 1, self._pad[0]], [0, 0, 1]])
        return np.asarray((shift @ to_key)[:2], np.float64)

    def _take(self, pixels: Array, hole: Array, to_key: Matrix3) -> None:
        matrix, size = self._on_plate(to_key), self._plate.shape[1::-1]
        seen = np.where(hole > 0, 0, 255).astype(np.uint8)
        seen[[0, -1]] = 0
        seen[:, [0, -1]] = 0
        shown = cv2.warpAffine(seen, matrix, size, flags=cv2.INTER_LINEAR) == _FULL
        new = shown & ~self._known
        if not new.any():
            return
        x, y, wide, tall = cv2.boundingRect(new.astype(np.uint8))
        part = np.s_[y : y + tall, x : x + wide]
        moved = matrix - np.array([[0, 0, x], [0, 0, y]])
        warped = cv2.warpAffine(pixels, moved, (wide, tall), flags=cv2.INTER_LINEAR)
        both = shown[part] & self._known[part]
        if both.sum() >= _LEAST:
            gain = np.clip((self._plate[part][both].mean(0) + 1) / (warped[both].mean(0) + 1), *_LIGHT)
            warped = np.asarray(np.clip(warped * gain + 0.5, 0, 255), np.uint8)
        fresh = new[part]
        self._plate[part][fresh] = warped[fresh]
        self._known |= new

    def _want(self, hole: Array, to_key: Matrix3) -> None:
        moved = cv2.warpAffine(hole, self._on_plate(to_key), self._plate.shape[1::-1], flags=cv2.INTER_LINEAR)
        self._wanted |= moved > 0

    def _behind(self, to_key: Matrix3, box: tuple[int, int, int, int]) -> tuple[Array, NDArray[np.bool_]]:
        """The plate as the frame sees it inside a box, and where it is known."""
        x0, y0, x1, y1 = box
        matrix = self._on_plate(to_key) @ np.array([[1, 0, x0], [0, 1, y0], [0, 0, 1.0]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (x1 - x0, y1 - y0)
        shown = cv2.warpAffine(self._plate, matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        known = cv2.warpAffine(self._known.astype(np.uint8) * 255, matrix, size, flags=flags)
        return np.asarray(shown, np.uint8), np.asarray(known > _HALF, np.bool_)


_FULL, _HALF, _FAINT = 255, 127, 16


def _fitted(pixels: Array, behind: Array, known: NDArray[np.bool_], hole: Array) -> Array:
    """The plate moved to meet what is about the hole, and brought into its light: both measured on the ring and carried inwards."""
    ring = known & (hole == 0)
    near = cv2.dilate(hole, np.ones((2 * _RING + 1,) * 2, np.uint8)) > 0
    ring &= near
    if ring.sum() < _LEAST:
        return behind
    if min(pixels.shape[:2]) >= _LEAST:
        flow = flow_between(grey(np.where(ring[..., None], pixels, behind)), grey(behind))
        calm = ring & (np.linalg.norm(flow, axis=2) <= _SHIFT)
        moved = own_motion(PixelMotion(flow, np.ones(ring.shape, np.float32)), calm.astype(np.float32))
        place: Floats = grid(*ring.shape) + np.clip(moved, -_SHIFT, _SHIFT)
        behind = np.asarray(sampled(behind, place), np.uint8)
    light = diffuse(pixels.astype(np.float32) - behind, ring)
    return np.asarray(np.clip(behind + light + 0.5, 0, 255), np.uint8)
