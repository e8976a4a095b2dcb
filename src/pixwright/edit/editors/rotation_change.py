"""Rotation: an object or the whole picture by an angle, or the other way round as seen from the other side."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.fill import fill
from pixwright.edit.placing.lifting import Cut, bounds, clip, cut_sides, lift, mirrored, put, scaled, turned, within
from pixwright.edit.retouch.stance import MOST_TURN, measure_stance, stood_up
from pixwright.edit.retouch.tilt import LEAST_TILT, levelled, measure_tilt
from pixwright.media.pixels import shrink
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Relation, Step, Unit
from pixwright.records.region import Region
from pixwright.records.result import Control
from pixwright.records.vocabulary import LEVEL, UPRIGHT

_USUAL, _QUARTER = 30.0, 90.0
"""Degrees by which a thing, and the whole picture, is turned where no angle is said."""
_NOT_SAID = "how far to turn it was not said: it was turned by {} degrees"
FLIPS = ("flip horizontal", "flip vertical")
UNSEEN = "a single photograph does not hold the unseen side: this is its mirror image, seen at a slight slant"
_LEANS = 45.0
"""Degrees up to which a thing that the frame cuts at its foot is sheared instead of turned."""
_INSIDE = 0.98
VIEW = "seen from "
"""How the value of a step begins that asks for another view."""
_SAME_LEAN = 1.5
"""Degrees up to which the two ways of measuring a lean agree: then the finer one counts, which looks for a horizon too."""
_LEAST_PITCH = 3.0
"""Degrees by which a camera is tipped, from which it is seen in upright lines."""
_SHARES, _LEAST_KEPT, _TRIAL = (1.0, 0.75, 0.5), 0.35, 200
"""How much of the tip is taken back, the first of which at least such a share of the picture is left; and the longer side, in pixels, at which that is tried."""
_SLANT = 0.06
"""How much the far side of a slanted view is shorter, as a share of the height."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Turn the target, or the picture if none, by `step.amount` degrees (if none by 30, the picture by 90); a change of view is a slanted mirror image.

    `step.value` "flip horizontal" or "flip vertical" is the exact mirror image instead; "level" straightens the picture by its own lines, "upright" its perspective too.
    """
    if step.value == LEVEL:
        return _straightened(picture, context)
    if step.value == UPRIGHT:
        return _stood(picture, context)
    whole = region.source == "whole" or (step.target is None and region.source != "user")
    if step.value in FLIPS:
        return _flip(picture, step.value == "flip vertical", whole, region, context)
    angle = _angle(step)
    if angle is None:
        return _other_view(picture, whole, region, context)
    if abs((angle + 180) % 360 - 180) < 0.05:
        return refuse(picture, f"a turn by {angle:g} degrees changes nothing: give an angle such as 30 or 90")
    if not whole:
        return turn_object(picture, step, region, angle, context)
    if step.amount is not None:
        return _turn_picture(picture, angle, context)
    guessed = float(np.copysign(_QUARTER, angle))
    return replace(_turn_picture(picture, guessed, context), partly=_NOT_SAID.format(f"{guessed:g}"))


def _angle(step: Step) -> float | None:
    """Degrees clockwise; None if the words ask for another view of the thing instead."""
    amount = step.amount
    if amount is not None and amount.unit is Unit.DEGREES:
        return amount.value
    if step.value is not None and step.value.startswith(VIEW):
        return None
    size = _USUAL if amount is None or amount.unit is not Unit.STRENGTH else amount.value * 50
    left = step.where is not None and step.where.relation is Relation.LEFT
    return -size if left else size


def turn_object(picture: Array, step: Step, region: Region, angle: float, context: Context) -> Proposal:
    """The target turned clockwise about its middle, within the frame; what the frame cuts at its foot leans instead, so that the cut stays hidden."""
    height, width = picture.shape[:2]
    name = step.target or "it"
    box = bounds(region.mask)
    if box is None or float((region.mask > 127).mean()) > 0.7:
        return refuse(picture, f"{name} takes nearly the whole picture: rotate the picture instead")
    angle = context.controls.get("angle", angle)
    cuts = cut_sides(region.mask)
    if cuts == ("bottom",) and abs(angle) <= _LEANS:
        return lean_object(picture, region, angle, context)
    if cuts and angle % 180:
        return refuse(
            picture,
            f"the frame cuts {name} at the {cuts[0]}: turned, it would show where it ends; crop, or turn the picture",
        )
    lifted = lift(picture, region.mask, context, 81)
    spun = turned(_only_object(lifted.cut), angle)
    core = spun.core
    fits = min(1.0, width / (core[2] - core[0]), height / (core[3] - core[1]))
    if fits < 1:
        spun = scaled(spun, fits * _INSIDE)
        core = spun.core
    left = within(round((box[0] + box[2]) / 2 - (core[2] - core[0]) / 2), core[2] - core[0], width) - core[0]
    top = within(round((box[1] + box[3]) / 2 - (core[3] - core[1]) / 2), core[3] - core[1], height) - core[1]
    new, mask = put(lifted.background, lifted.hole, spun, left, top)
    placed = clip((left + core[0], top + core[1], left + core[2], top + core[3]), width, height)
    notes = ("it was made a little smaller, to stay in the picture",) if fits < 1 else ()
    evidence = Evidence(placed=(placed,), vacated=region.boxes, angle=angle)
    return Proposal(new, mask, evidence, notes=notes, controls=_control(angle))


def _control(angle: float) -> tuple[Control, ...]:
    return (
        Control(name="angle", value=angle, low=-180, high=180, unit="degrees", why="how far it was turned, clockwise"),
    )


def lean_object(picture: Array, region: Region, angle: float, context: Context) -> Proposal:
    """Sheared about its foot: the foot stays where it stands, the top goes over, to the right for a positive angle."""
    height, width = picture.shape[:2]
    angle = float(np.clip(context.controls.get("angle", angle), -_LEANS, _LEANS))
    lifted = lift(picture, region.mask, context, 92)
    cut = lifted.cut
    core, (tall, wide) = cut.core, cut.alpha.shape
    shift = float(np.tan(np.radians(angle)))
    pad = int(np.ceil(abs(shift) * core[3])) + 2
    matrix = np.array([[1, -shift, pad + shift * core[3]], [0, 1, 0]], np.float64)
    size = (wide + 2 * pad, tall)
    pixels = cv2.warpAffine(cut.pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(cut.alpha, matrix, size, flags=cv2.INTER_LINEAR, borderValue=0)
    shade = np.full((tall, size[0]), 255, np.uint8)
    shade[:, pad : pad + wide] = cut.shade
    leaning = Cut(pixels, alpha, shade, cut.box)
    left, top = cut.box[0] - pad, cut.box[1]
    new, mask = put(lifted.background, lifted.hole, leaning, left, top)
    x0, y0, x1, y1 = leaning.core
    placed = clip((left + x0, top + y0, left + x1, top + y1), width, height)
    return Proposal(new, mask, Evidence(placed=(placed,), vacated=region.boxes), controls=_control(angle))


def _only_object(cut: Cut) -> Cut:
    """The piece cropped to the object, so that it turns about its own middle."""
    x0, y0, x1, y1 = cut.core
    pad = 3
    x0, y0, x1, y1 = max(0, x0 - pad), max(0, y0 - pad), x1 + pad, y1 + pad
    part = np.s_[y0:y1, x0:x1]
    return Cut(
        cut.pixels[part],
        cut.alpha[part],
        np.full_like(cut.alpha[part], 255),
        (cut.box[0] + x0, cut.box[1] + y0, cut.box[0] + x1, cut.box[1] + y1),
    )


def _turn_picture(picture: Array, angle: float, context: Context) -> Proposal:
    """Quarter turns move pixels; any other angle keeps the size and continues the picture into the empty corners."""
    height, width = picture.shape[:2]
    if angle % 90 == 0:
        new = np.ascontiguousarray(np.rot90(picture, -round(angle / 90)))
        mask = np.full(new.shape[:2], 255, np.uint8)
        same = new.shape == picture.shape
        evidence = Evidence(angle=angle, canvas=None if same else (0, 0, new.shape[1], new.shape[0]))
        return Proposal(new, mask, evidence)
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -angle, 1.0)
    turned_picture = cv2.warpAffine(
        picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    inside = cv2.warpAffine(np.full((height, width), 255, np.uint8), matrix, (width, height), borderValue=0)
    empty = np.where(inside < 255, 255, 0).astype(np.uint8)
    new = fill(turned_picture, empty, rng=context.rng(82), guess=True)
    return Proposal(new, np.full((height, width), 255, np.uint8), Evidence(angle=angle))


def _lean(picture: Array) -> float | None:
    """Degrees clockwise by which the picture leans: by how the camera was held, where its lines tell; else by its horizon. None where neither is sure."""
    stance = measure_stance(picture)
    tilt = measure_tilt(picture)
    if stance is not None and stance.sure and not (tilt.sure and abs(tilt.degrees - stance.roll) < _SAME_LEAN):
        return stance.roll
    return tilt.degrees if tilt.sure else None


def _straightened(picture: Array, context: Context) -> Proposal:
    """Turned so that its lines lie level and upright, and cropped to what has no empty corner."""
    height, width = picture.shape[:2]
    lean = _lean(picture)
    if "angle" not in context.controls:
        if lean is None:
            return refuse(
                picture,
                "how far the picture leans could not be told: too few of its lines agree; say 'rotate the picture by 2 degrees', or --set-control angle=-2",
            )
        if abs(lean) < LEAST_TILT:
            return refuse(picture, f"the picture is level already, to {LEAST_TILT:g} degrees")
    lean = lean or 0.0
    why = f"its lines lean by {abs(lean):.1f} degrees {'clockwise' if lean > 0 else 'counterclockwise'}"
    angle = context.control("angle", -lean, -MOST_TURN, MOST_TURN, why, "degrees")
    new = levelled(picture, -angle.value)
    alpha = None if context.alpha is None else levelled(context.alpha, -angle.value)
    size = new.shape[1], new.shape[0]
    lost = max(0.0, 1 - size[0] * size[1] / (width * height))
    said = f"turned by {angle.value:g} degrees and cropped from {width}x{height} to {size[0]}x{size[1]}: {_cut(lost)}"
    evidence = Evidence(angle=angle.value, canvas=(0, 0, new.shape[1], new.shape[0]))
    return Proposal(new, np.full(new.shape[:2], 255, np.uint8), evidence, notes=(said,), alpha=alpha, controls=(angle,))


def _cut(lost: float) -> str:
    return f"{lost:.0%} of the picture was cut off, so that no corner is empty"


def _stood(picture: Array, context: Context) -> Proposal:
    """Turned and seen as by a camera that was not tipped: upright lines stand parallel, as far as enough of the picture is left."""
    stance = measure_stance(picture)
    if stance is None or not stance.sure:
        return _straightened(picture, context)
    if abs(stance.pitch) < _LEAST_PITCH and "perspective" not in context.controls:
        return _straightened(picture, context)
    small = shrink(picture, _TRIAL)
    share = next((share for share in _SHARES if stood_up(small, stance, share)[1] >= _LEAST_KEPT), _SHARES[-1])
    leans = f"the camera was turned by {abs(stance.roll):.1f} degrees and tipped {'up' if stance.pitch < 0 else 'down'} by about {abs(stance.pitch):.0f}"
    control = context.control("perspective", 100 * share, 0, 100, leans, "% of the tip")
    new, kept = stood_up(picture, stance, control.value / 100)
    alpha = None if context.alpha is None else stood_up(context.alpha, stance, control.value / 100)[0]
    said = f"{leans}: turned back, its perspective changed, and {_cut(1 - kept)}"
    less = f"the perspective was changed by {control.value:g}% of what would make the upright lines parallel: more would cut off too much"
    return Proposal(
        new,
        np.full(new.shape[:2], 255, np.uint8),
        Evidence(factor=1.0, canvas=(0, 0, new.shape[1], new.shape[0])),
        partly=less if share < 1 and "perspective" not in context.controls else None,
        notes=(said,),
        alpha=alpha,
        controls=(control,),
    )


def _flip(picture: Array, upright: bool, whole: bool, region: Region, context: Context) -> Proposal:
    """The mirror image: left for right, or upside down."""
    if whole:
        new = np.ascontiguousarray(picture[::-1] if upright else picture[:, ::-1])
        return Proposal(new, np.full(new.shape[:2], 255, np.uint8), Evidence(mirrored=True))
    box = bounds(region.mask)
    if box is None:
        return refuse(picture, "nothing was found to be flipped: show it with --box X0,Y0,X1,Y1")
    lifted = lift(picture, region.mask, context, 84)
    piece = mirrored(_only_object(lifted.cut), upside_down=upright)
    new, mask = put(lifted.background, lifted.hole, piece, piece.box[0], piece.box[1])
    return Proposal(new, mask, Evidence(placed=(box,), vacated=region.boxes, mirrored=not upright))


def _other_view(picture: Array, whole: bool, region: Region, context: Context) -> Proposal:
    """What geometry can show of the other side: the mirror image, slightly slanted; always `partly`."""
    height, width = picture.shape[:2]
    if whole:
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        slant = _SLANT * height
        # Grown a little, so that the slanted picture still covers the frame.
        goal = np.array([[0, -slant], [width, 0], [width, height], [0, height + slant]], np.float32)
        matrix = cv2.getPerspectiveTransform(corners, goal)
        new = cv2.warpPerspective(
            np.ascontiguousarray(picture[:, ::-1]),
            matrix,
            (width, height),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return Proposal(new, np.full((height, width), 255, np.uint8), Evidence(mirrored=True), partly=UNSEEN)
    lifted = lift(picture, region.mask, context, 83)
    flipped = mirrored(lifted.cut)
    tall, wide = flipped.alpha.shape
    slant = _SLANT * tall
    corners = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    goal = np.array([[0, 0], [wide, slant], [wide, tall], [0, tall]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, goal)
    pixels, alpha, shade = (
        cv2.warpPerspective(part, matrix, (wide, tall), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for part in (flipped.pixels, flipped.alpha, flipped.shade)
    )
    new, mask = put(
        lifted.background, lifted.hole, Cut(pixels, alpha, shade, flipped.box), lifted.cut.box[0], lifted.cut.box[1]
    )
    return Proposal(new, mask, Evidence(placed=region.boxes, mirrored=True), partly=UNSEEN)
