"""From a file to a mask or a cut-out: what `pixwright mask` and `pixwright cut` do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pixwright.api import FOREGROUND
from pixwright.edit.filling.backdrop import cut_out
from pixwright.edit.framing import MAX_SIDE
from pixwright.edit.trimming import content_box, margin_pixels, trimmed
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.parts.table import Parts, pulled
from pixwright.errors import InvalidOption, NothingFound
from pixwright.files import TRANSPARENT, UserPlace
from pixwright.ground import Seen, everything, ground, see
from pixwright.media import Picture, check_target, free_path, load_picture, save_picture, save_plain
from pixwright.records.instruction import Array
from pixwright.records.plan import Amount, Unit
from pixwright.records.region import Region

_MARGIN = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)\s*(%|px)?")
_MOST_MARGIN, _MOST_PERCENT = 4000, 200
"""Largest margin, in pixels and in percent of the thing's longer side."""


def list_all(picture: Path) -> tuple[Seen, ...]:
    """Everything that is seen in a file, surest first."""
    return everything(see(load_picture(picture).pixels, Encoders(Parts(pulled()))))


def mask_file(picture: Path, phrase: str | None, place: UserPlace, output: Path | None, *, force: bool) -> Region:
    """Write the mask of a phrase, or of what the user points at. Raises NothingFound, InvalidOption, InvalidMask; then nothing was written."""
    if output is None:
        raise InvalidOption("no output was named; add -o MASK.png, or --all to list what is seen")
    check_target(output, force=force, inputs=(picture,))
    region = _region(load_picture(picture), phrase, place)
    save_plain(region.mask, output, replace=force)
    return region


@dataclass(frozen=True)
class Finish:
    """What becomes of a cut-out: with its `shadow`, cut to what is seen (`trim`), and with a `margin` of pixels around it, or of percent of its longer side."""

    trim: bool = False
    margin: Amount | None = None
    shadow: bool = False


def margin_from(text: str | None) -> Amount | None:
    """A margin of "20" pixels or "5%". Raises InvalidOption."""
    if text is None:
        return None
    found = _MARGIN.fullmatch(text.strip())
    if not found:
        raise InvalidOption(f"--margin {text} is no margin; give pixels such as 20, or a share of the thing such as 5%")
    value = float(found[1])
    unit = Unit.PERCENT if found[2] == "%" else Unit.PIXELS
    if value > (_MOST_PERCENT if unit is Unit.PERCENT else _MOST_MARGIN):
        raise InvalidOption(f"--margin {text} is too much; at most {_MOST_MARGIN} pixels or {_MOST_PERCENT}%")
    return Amount(value=value, unit=unit)


def cut_file(
    picture: Path,
    phrase: str | None,
    place: UserPlace,
    output: Path | None,
    *,
    force: bool,
    finish: Finish | None = None,
) -> tuple[Path, Region, tuple[str, ...]]:
    """Write what a phrase names, or the user points at, or else what stands out, on a transparent ground and without a halo of the old background: (file, region, notes).

    Raises NothingFound, InvalidOption, InvalidMask; then nothing was written.
    """
    target = output or free_path(picture.with_name(f"{picture.stem}-cutout.png"))
    if target.suffix.lower() not in TRANSPARENT:
        raise InvalidOption(f"{target} cannot hold transparency; choose a name that ends in {', '.join(TRANSPARENT)}")
    check_target(target, force=force, inputs=(picture,))
    original = load_picture(picture)
    region = _region(original, phrase or FOREGROUND, place)
    made, notes = _finished(original.pixels, region.mask, finish or Finish())
    saved = save_picture(made, original, target, replace_file=force)
    return target, region, (*original.warnings, *notes, *saved.notes)


def _finished(pixels: Array, mask: Array, finish: Finish) -> tuple[Array, tuple[str, ...]]:
    """HxWx4 of what is under the mask, and what to say of it."""
    cut, problem = cut_out(pixels, mask, finish.shadow)
    notes = (f"the shadow was not kept: {problem}",) if problem else ()
    if finish.trim or finish.margin is not None:
        box = content_box(cut)
        assert box is not None, "a region that was found has pixels"
        margin = margin_pixels(finish.margin, box)
        if max(box[2] - box[0], box[3] - box[1]) + 2 * margin > MAX_SIDE:
            raise InvalidOption(f"with a margin of {margin} pixels a side would be over {MAX_SIDE} pixels; give less")
        cut = trimmed(cut, box, margin)
    return cut, notes


def _region(picture: Picture, phrase: str | None, place: UserPlace) -> Region:
    encoders = Encoders(Parts(pulled()))
    region = place.region(picture.pixels, encoders)
    if region is None:
        if not phrase:
            raise InvalidOption("nothing was named; give a PHRASE, or point at it with --point, --box or --scribble")
        region = ground(see(picture.pixels, encoders), phrase, encoders)
    if not region.found:
        raise NothingFound(region.note or f"{phrase!r} was not found")
    return region
