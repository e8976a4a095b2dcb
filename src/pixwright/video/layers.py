"""What a step brought into the picture, or put behind it: one layer, made on the key frame, that moves with what it stands on and is lit as that is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.composite import blend
from pixwright.edit.editors.background_change import whole_subject
from pixwright.edit.filling.fill import fill
from pixwright.records.instruction import Array
from pixwright.video.contract import Chain, Followed
from pixwright.video.plates import RemovalCarrier
from pixwright.video.spool import ArrayShelf, KeptPlace, spot

_LIGHT = (0.5, 2.0)
"""Gains of light from the key frame to another that are believed."""
_SOLID, _RIM = 128, 5
"""Level of a mask from which a pixel is the thing's; pixels about a subject whose colours hold some of it."""
_LEAST = 20
"""Pixels on which light is measured, at least."""
_FAINT = 0.02


class LayerCarrier:
    """Something brought, or written: it moves with its anchor. Where it takes the place of a thing, that is removed as such."""

    way, renews = "layer", False

    def __init__(
        self,
        before: Array,
        after: Array,
        mask: Array,
        brought: Array | None,
        anchor: tuple[Array, bool],
        shelf: ArrayShelf,
    ) -> None:
        """The key frame before and after, HxWx3; what was touched, what of it was brought (all of it if None), and what carries it: HxW uint8 and whether words find it again."""
        self._size = mask.shape
        self._before, self._after = before, after
        self._share = mask if brought is None else np.minimum(brought, mask)
        vacated = np.where(self._share > 0, 0, mask).astype(np.uint8)
        self._removal = RemovalCarrier(before, after, mask, False, shelf) if vacated.any() else None
        self._anchor = anchor[0]
        self._chain = Chain()
        own = Followed(anchor[0], phrase=anchor[1])
        self.followed: tuple[Followed, ...] = (own, *(self._removal.followed if self._removal else ()))

    def link(self, thing: int, anchor: int, kept: KeptPlace, mask: Array) -> None:
        """Another picture that the anchor, or what is removed, is carried over from."""
        if thing == 0:
            self._chain.link(anchor, kept)
        elif self._removal is not None:
            self._removal.link(thing - 1, anchor, kept, mask)

    def see(self, pixels: Array, things: Sequence[KeptPlace]) -> None:
        """What the frame shows of the ground behind a thing that goes."""
        if self._removal is not None:
            self._removal.see(pixels, things[1:])

    def finish(self) -> None:
        """All frames were seen."""
        if self._removal is not None:
            self._removal.finish()

    def renew(self, anchor: int, before: Array, after: Array, mask: Array) -> None:
        """Nothing: there is one layer."""

    def lay(self, pixels: Array, things: Sequence[KeptPlace]) -> tuple[Array, Array]:
        """The layer in the frame."""
        kept = things[0]
        if self._removal is None:
            result, mask = pixels, np.zeros(self._size, np.uint8)
        else:
            result, mask = self._removal.lay(pixels, things[1:])
        if kept.anchor < 0:
            return result, mask
        to_key = self._chain.to_key(kept, (self._size[0], self._size[1]))[:2]
        flags, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, self._size[::-1]
        share = np.asarray(cv2.warpAffine(self._share, to_key, size, flags=flags), np.uint8)
        shown = cv2.warpAffine(self._after, to_key, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        gain = self._light(pixels, to_key)
        lit = np.asarray(np.clip(shown * gain + 0.5, 0, 255), np.uint8)
        share = np.minimum(share, _uncovered(kept, pixels))
        return blend(result, lit, share), np.maximum(mask, share)

    def _light(self, pixels: Array, to_key: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much brighter, by channel, what carries the layer is than in the key frame: measured on what lies about the layer in both."""
        flags, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, self._size[::-1]
        free = np.where(self._share > 0, 0, self._anchor).astype(np.uint8)
        if (free >= _SOLID).sum() < _LEAST:
            free = self._anchor
        now = cv2.warpAffine(free, to_key, size, flags=flags) >= _SOLID
        was = free >= _SOLID
        if now.sum() < _LEAST or was.sum() < _LEAST:
            return np.ones(3)
        return np.asarray(np.clip((pixels[now].mean(0) + 1) / (self._before[was].mean(0) + 1), *_LIGHT), np.float64)


def _uncovered(kept: KeptPlace, pixels: Array) -> Array:
    """HxW uint8: 0 where something is before the anchor."""
    free = np.full(pixels.shape[:2], 255, np.uint8)
    found = spot(kept, pixels)
    if found.hidden.size:
        free[found.part] = np.rint(255 * (1 - found.hidden))
    return free


class BackdropCarrier:
    """Another background: it moves as the scenery did, behind a subject that is followed."""

    way, renews = "background", False

    def __init__(self, after: Array, mask: Array, shelf: ArrayShelf) -> None:
        """The key frame after the edit, HxWx3, and what was touched, HxW uint8."""
        self._size = mask.shape
        # The editor's mask is hard about a soft subject: its gaps are the subject's own.
        subject = cv2.GaussianBlur(whole_subject(np.asarray(255 - mask, np.uint8)), (0, 0), 1.0)
        self._shelf = shelf
        shelf.put("subject-0", subject)
        self._chain = Chain()
        near = cv2.dilate(
            np.where(subject > _FAINT * 255, 255, 0).astype(np.uint8), np.ones((2 * _RIM + 1,) * 2, np.uint8)
        )
        self._plate = fill(after, near, rng=np.random.default_rng(0)) if near.any() else after
        self.followed: tuple[Followed, ...] = (Followed(subject), Followed(np.asarray(255 - near, np.uint8)))

    def link(self, thing: int, anchor: int, kept: KeptPlace, mask: Array) -> None:
        """Another picture that the subject or the scenery is carried over from."""
        if thing == 0:
            self._shelf.put(f"subject-{anchor}", mask)
        else:
            self._chain.link(anchor, kept)

    def see(self, pixels: Array, things: Sequence[KeptPlace]) -> None:
        """Nothing: the old background is not needed."""

    def finish(self) -> None:
        """Nothing."""

    def renew(self, anchor: int, before: Array, after: Array, mask: Array) -> None:
        """Nothing: there is one background."""

    def lay(self, pixels: Array, things: Sequence[KeptPlace]) -> tuple[Array, Array]:
        """The new background about the subject."""
        subject = np.zeros(self._size, np.uint8)
        kept = things[0]
        masks = self._shelf.get(f"subject-{kept.anchor}")
        if masks is not None:
            found = spot(kept, pixels)
            own = cv2.remap(masks[0], found.place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            subject[found.part] = np.rint(own * (1 - found.hidden))
        to_key = self._chain.to_key(things[1], (self._size[0], self._size[1]))[:2]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        shown = cv2.warpAffine(self._plate, to_key, self._size[::-1], flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        mask = np.asarray(255 - subject, np.uint8)
        return blend(pixels, np.asarray(shown, np.uint8), mask), mask
