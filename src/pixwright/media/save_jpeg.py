"""How a JPEG is written: in the stored orientation of the input, with the coefficients of every block that holds no edited pixel."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from pixwright.media.formats import coefficients, encode, exif, jpegfile
from pixwright.media.formats.encode import FileDraft
from pixwright.media.formats.jpegfile import JpegFile
from pixwright.media.picture import Picture
from pixwright.records.instruction import Array
from pixwright.records.placement import UNMOVED, CanvasPlacement, both, inverse, unturned


def encode_jpeg(
    draft: FileDraft, changed: NDArray[np.bool_] | None, original: Picture, placement: CanvasPlacement | None
) -> tuple[bytes, float | None]:
    """The file's bytes, and the share of its blocks, 0 to 1, that are the input's own; None where the input is no JPEG.

    `changed` HxW: where the draft holds other colours than the input that was laid there; None, as `placement`, where all of them are new.
    """
    if original.source.jpeg is None:
        return encode.jpeg(draft, None), None
    try:
        layout = jpegfile.parse(original.source.jpeg)
    except jpegfile.BadJpeg:
        draft.notes.append("the JPEG's structure is unusual: it is coded anew")
        return encode.jpeg(draft, None), 0.0
    why = _recoded(draft, original, placement)
    if why or changed is None or placement is None:
        draft.notes.append(f"every block of the JPEG is coded anew: {why}")
        return encode.jpeg(draft, layout), 0.0
    turned = _stored_orientation(original.source.orientation, placement)
    edited = unturned(changed, turned)
    if placement == UNMOVED and changed.shape == original.size and not edited.any():
        about = draft.exif if turned == 1 else exif.with_orientation(draft.exif, turned)
        return jpegfile.assemble(layout, draft.icc, about, draft.record, draft.texts), 1.0
    try:
        return _spliced(draft, edited, layout, original, placement, turned)
    except jpegfile.BadJpeg as error:
        draft.notes.append(f"every block of the JPEG is coded anew: {error}")
        return encode.jpeg(draft, layout), 0.0


def _stored_orientation(own: int, placement: CanvasPlacement) -> int:
    """How the new file is turned: one whose input was stored turned says its turn again, so that its blocks stay; one that was not is turned itself."""
    return 1 if own == 1 else both(own, placement.orientation)


def _spliced(
    draft: FileDraft,
    edited: NDArray[np.bool_],
    layout: JpegFile,
    original: Picture,
    placement: CanvasPlacement,
    turned: int,
) -> tuple[bytes, float]:
    """The old blocks where nothing is edited, and new ones. `edited` as stored. Raises BadJpeg where not one block can be kept."""
    base = coefficients.read(layout)
    if placement != UNMOVED or edited.shape != (layout.height, layout.width):
        stored = placement.turned(inverse(turned), draft.size, original.size)
        whole = both(both(original.source.orientation, placement.orientation), inverse(turned))
        laid = coefficients.moved(base, whole, stored.left, stored.top, *edited.shape)
        if laid is None:
            raise jpegfile.BadJpeg("its blocks would not lie on those of the new picture")
        base = laid
    if coefficients.touched(base.layout, base.layout.components[0], edited).all():
        return encode.jpeg(draft, layout), 0.0
    new = coefficients.splice(base, cast(Array, unturned(draft.native, turned)), edited)
    written = coefficients.write(new)
    if layout.progressive:
        draft.notes.append("the progressive JPEG is saved as a baseline one, so that unedited blocks are copied")
    about = draft.exif if turned == 1 else exif.with_orientation(draft.exif, turned)
    data = jpegfile.assemble(written, draft.icc, about, draft.record, draft.texts)
    # Measured on what is written, whatever was meant.
    return data, coefficients.share_kept(base, coefficients.read(jpegfile.parse(data)), edited)


def _recoded(draft: FileDraft, original: Picture, placement: CanvasPlacement | None) -> str:
    """Why no block can be copied, or ""."""
    if draft.kind is not original.source.kind:
        return f"it was {original.source.kind.value} and is now {draft.kind.value}"
    if draft.icc != original.source.icc:
        return "its colour profile is another one now"
    return "all of its pixels were computed for another size" if placement is None else ""
