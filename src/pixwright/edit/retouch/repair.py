"""The repairs of `vocabulary.MENDED` on a region of a picture: each measures first, and refuses where there is nothing that it can be sure of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.retouch.blemishes import find_marks, mended
from pixwright.edit.retouch.clouds import clear_sky
from pixwright.edit.retouch.exposing import (
    LEAST_CAST,
    LEAST_STOPS,
    MOST_STOPS,
    Cast,
    balanced,
    lit,
    measure_cast,
    measure_exposure,
    skin_cast,
    usual_cast,
    without_named_cast,
)
from pixwright.edit.retouch.eyes import find_red_eyes, without_red
from pixwright.edit.retouch.falling import Falling, find_rain, find_snow, rains, snows, without_rain, without_snow
from pixwright.edit.toning.lut import expose, map_colours
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.region import Region
from pixwright.records.result import Origin
from pixwright.records.vocabulary import CASTS, CLEAR_SKY

_BLOWN = 0.02
"""Share of a picture that is clipped to white, from which on it is said."""
_MANY_LEFT = 0.5
"""Marks that stay for each that goes, from which on the repair is a part of what was asked."""
_FULL, _UNSURE, _MILD = 100.0, 50.0, 18.0
"""Percent of a cast that are taken away; where two ways to measure it differ; and of a strong one of the colour that is named, where none is measured."""
_BEYOND = 1.75
"""Degrees of a cast by a face's skin, over those by what is light in the picture, from which on the face is as red as it is."""
_HALF = 127
"""Level of a mask from which a pixel is in it."""
_STAYS = 0.35
"""Streaks or flakes that are seen again afterwards, over those that were filled, from which on they were only partly taken away."""


def repair(picture: Array, name: str, region: Region, context: Context) -> Proposal:
    """The repair `name`, one of `vocabulary.MENDED`, of HxWx3 under the region."""
    return _REPAIRS[name](picture, region, context)


def _exposure(picture: Array, region: Region, context: Context) -> Proposal:
    measured = measure_exposure(picture, region.mask)
    if abs(measured.stops) < LEAST_STOPS and "exposure" not in context.controls:
        return refuse(
            picture,
            f"the exposure is within {abs(measured.stops):.1f} stops of usual: nothing to mend; say 'make it 20 % brighter' for more",
        )
    why = f"it was measured {abs(measured.stops):.1f} stops too {'dark' if measured.stops > 0 else 'bright'}"
    stops = context.control("exposure", measured.stops, -MOST_STOPS, MOST_STOPS, why, "stops")
    new = (
        lit(picture, stops.value)
        if stops.value > 0
        else map_colours(picture, lambda colours: expose(colours, stops.value))
    )
    partly = (
        f"{measured.blown:.0%} of it is white without detail, which darkening cannot bring back"
        if stops.value < 0 and measured.blown > _BLOWN
        else None
    )
    return Proposal(new, region.mask, Evidence(turned=stops.value), partly=partly, controls=(stops,))


def _white_balance(picture: Array, region: Region, context: Context) -> Proposal:
    cast = measure_cast(picture, region.mask)
    by_skin = _by_skin(picture, context) if not cast.sure else None
    if cast.degrees < LEAST_CAST and by_skin is None:
        return refuse(
            picture, f"no cast was measured ({cast.degrees:.1f} degrees): say 'make it warmer' or 'make it cooler'"
        )
    if by_skin is not None:
        return _balanced(picture, region, context, by_skin.gains, _FULL, "the skin of a face tells the light's colour")
    if cast.sure:
        return _balanced(
            picture, region, context, cast.gains, _FULL, f"a cast of {cast.degrees:.0f} degrees was measured"
        )
    why = f"two ways to measure the light differ by {cast.apart:.0f} degrees, so a part of what they have in common"
    partly = "the light's colour could not be told for sure: say which colour it has, such as 'it is too yellow'"
    return _balanced(picture, region, context, cast.gains, _UNSURE, why, partly)


def _named_cast(picture: Array, region: Region, context: Context, colour: str) -> Proposal:
    """The light's colour is known from the words: only how much of it there is was to be measured, on skin where a face is seen."""
    by_skin = _by_skin(picture, context)
    _, cast = without_named_cast(picture, region.mask, colour)
    # A red face under white walls is red: the balance ends where white things are white.
    beyond = by_skin is not None and cast.degrees >= LEAST_CAST and by_skin.degrees > _BEYOND * cast.degrees
    if by_skin is not None and not beyond and _takes_away(by_skin.gains, colour):
        return _balanced(picture, region, context, by_skin.gains, _FULL, "the skin of a face tells how much")
    if cast.degrees >= LEAST_CAST:
        why = f"a {colour} cast of {cast.degrees:.0f} degrees was measured"
        share = context.control("balance", _FULL, 0, _FULL, why, "%")
        new = without_named_cast(picture, region.mask, colour, share.value / _FULL)[0]
        return Proposal(new, region.mask, controls=(share,))
    seen = measure_cast(picture, region.mask)
    much = _takes_away(seen.gains, colour) and seen.degrees >= LEAST_CAST
    gains, percent = (seen.gains, _UNSURE) if much else (usual_cast(colour, 1.0), _MILD)
    why = f"hardly any {colour} cast was measured on what is light, so as much as a mild one"
    partly = f"hardly any {colour} cast was measured ({cast.degrees:.1f} degrees): a mild one was taken away"
    return _balanced(picture, region, context, gains, percent, why, partly)


def _takes_away(gains: tuple[float, float, float], colour: str) -> bool:
    """Whether gains of the channels take away of a cast of that colour, and do not add to it."""
    own, usual = (np.log(np.array(each)) for each in (gains, usual_cast(colour, 1.0)))
    return float((own - own.mean()) @ (usual - usual.mean())) > 0


def _by_skin(picture: Array, context: Context) -> Cast | None:
    """The light's cast by the faces in the picture, where their skin has a colour that skin has not."""
    cast = skin_cast(picture, [face.box for face in context.encoders.people.faces(picture)])
    return cast if cast is not None and cast.degrees >= LEAST_CAST else None


def _balanced(
    picture: Array,
    region: Region,
    context: Context,
    gains: tuple[float, float, float],
    percent: float,
    why: str,
    partly: str | None = None,
) -> Proposal:
    share = context.control("balance", percent, 0, _FULL, why, "%")
    red, green, blue = (gain ** (share.value / _FULL) for gain in gains)
    return Proposal(balanced(picture, (red, green, blue)), region.mask, partly=partly, controls=(share,))


def _red_eyes(picture: Array, region: Region, context: Context) -> Proposal:
    found = find_red_eyes(picture, context.encoders.people, region.mask)
    if not found.count:
        seen = f"{found.faces} faces were looked at" if found.faces else "no face was found"
        return refuse(
            picture, f"no red eye was found ({seen}): of an animal, show it with --box and say 'make it black'"
        )
    notes = (f"{found.count} red eyes were found in {found.faces} faces",)
    return Proposal(without_red(picture, found.mask), found.mask, notes=notes)


def _scratches(picture: Array, region: Region, context: Context) -> Proposal:
    marks = find_marks(picture, region.mask)
    if not marks.mask.any():
        return refuse(
            picture,
            f"no speck or scratch was found that is surely none of the picture's own details ({marks.left} marks were left): show them with --mask FILE",
        )
    said = f"{marks.specks} specks and {marks.scratches} scratches were filled"
    left = f"{marks.left} small marks were left, since they may be details: show those that shall go with --mask FILE"
    many = marks.left > _MANY_LEFT * (marks.specks + marks.scratches)
    return Proposal(mended(picture, marks.mask), marks.mask, partly=left if many else None, notes=(said,))


def _colorize(picture: Array, region: Region, context: Context) -> Proposal:
    return refuse(
        picture,
        "a grey photograph does not hold its colours, and no network that guesses them is installed here: name them, such as 'make the dress red', or make it sepia",
    )


def _rain(picture: Array, region: Region, context: Context) -> Proposal:
    found = find_rain(picture)
    if not rains(found):
        return refuse(
            picture,
            f"no rain is seen that falls ({found.count} streaks were found, {found.alike:.0%} of one slant): show drops with --mask FILE and say 'remove the drops', or say 'make it sunny'",
        )
    return _cleared(picture, region, found, "streaks", without_rain(picture, found), find_rain)


def _snow(picture: Array, region: Region, context: Context) -> Proposal:
    found = find_snow(picture)
    if not snows(found):
        return refuse(
            picture,
            f"no snow is seen that falls ({found.count} round white marks were found, {found.alike:.0%} of all): of snow that lies, name on what, such as 'remove the snow from the roof', or say 'make it summer'",
        )
    return _cleared(picture, region, found, "flakes", without_snow(picture, found), find_snow)


def _without_clouds(picture: Array, region: Region, context: Context) -> Proposal:
    made = clear_sky(Outdoors(picture, context))
    if made is None:
        return refuse(picture, "no sky was found of which it is sure: show it with --mask FILE and say 'make it blue'")
    new, mask = made
    return Proposal(new, np.minimum(mask, region.mask), added=Origin.DRAWN)


def _cleared(
    picture: Array,
    region: Region,
    found: Falling,
    what: str,
    made: tuple[Array, Array],
    find: Callable[[Array], Falling],
) -> Proposal:
    """What falls is gone where it could be told; what lies on busy detail stays, and is counted again."""
    new, mask = made
    count, left = found.count, max(found.stays, find(new).count)
    mask = np.where(region.mask > _HALF, mask, 0).astype(np.uint8)
    notes = (f"{count} {what} were filled; those that lie on fine detail, or are as wide as the picture's own, stay",)
    many = left > _STAYS * count
    partly = f"{left} {what} are still seen for {count} that were filled: show them with --mask FILE" if many else None
    return Proposal(new, mask, partly=partly, notes=notes)


_REPAIRS: dict[str, Callable[[Array, Region, Context], Proposal]] = {
    "auto exposure": _exposure,
    "auto white balance": _white_balance,
    "red eye removal": _red_eyes,
    "scratch removal": _scratches,
    "colorization": _colorize,
    "rain removal": _rain,
    "snow removal": _snow,
    CLEAR_SKY: _without_clouds,
    **{cast: partial(_named_cast, colour=cast.split()[0]) for cast in CASTS},
}
