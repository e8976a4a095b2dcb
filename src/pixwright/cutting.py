"""From a file to a mask or a cut-out: what `pixwright mask` and `pixwright cut` do."""

from __future__ import annotations

from pathlib import Path

from pixwright.api import FOREGROUND
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, NothingFound
from pixwright.files import TRANSPARENT, UserPlace
from pixwright.ground import Seen, everything, ground, see
from pixwright.media import Picture, check_target, free_path, load_picture, save_picture, save_plain
from pixwright.media.matte import cut_out
from pixwright.records.region import Region


def list_all(picture: Path) -> tuple[Seen, ...]:
    """Everything that is seen in a file, surest first."""
    return everything(see(load_picture(picture).pixels, Encoders()))


def mask_file(picture: Path, phrase: str | None, place: UserPlace, output: Path | None, *, force: bool) -> Region:
    """Write the mask of a phrase, or of what the user points at. Raises NothingFound, InvalidOption, InvalidMask; then nothing was written."""
    if output is None:
        raise InvalidOption("no output was named; add -o MASK.png, or --all to list what is seen")
    check_target(output, force=force, inputs=(picture,))
    region = _region(load_picture(picture), phrase, place)
    save_plain(region.mask, output, replace=force)
    return region


def cut_file(
    picture: Path, phrase: str | None, place: UserPlace, output: Path | None, *, force: bool
) -> tuple[Path, Region]:
    """Write what a phrase names, or the user points at, or else what stands out, on a transparent ground and without a halo of the old background.

    Raises NothingFound, InvalidOption, InvalidMask; then nothing was written.
    """
    target = output or free_path(picture.with_name(f"{picture.stem}-cutout.png"))
    if target.suffix.lower() not in TRANSPARENT:
        raise InvalidOption(f"{target} cannot hold transparency; choose a name that ends in {', '.join(TRANSPARENT)}")
    check_target(target, force=force, inputs=(picture,))
    original = load_picture(picture)
    region = _region(original, phrase or FOREGROUND, place)
    save_picture(cut_out(original.pixels, region.mask), original, target, replace_file=force)
    return target, region


def _region(picture: Picture, phrase: str | None, place: UserPlace) -> Region:
    encoders = Encoders()
    region = place.region(picture.pixels, encoders)
    if region is None:
        if not phrase:
            raise InvalidOption("nothing was named; give a PHRASE, or point at it with --point, --box or --scribble")
        region = ground(see(picture.pixels, encoders), phrase, encoders)
    if not region.found:
        raise NothingFound(region.note or f"{phrase!r} was not found")
    return region
