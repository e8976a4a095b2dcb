"""Action: what geometry can do to an object of a photograph: face the other way, lie down, tilt, jump, fly, stand on its head.

A new pose of limbs or face is not in the pixels; such a wish is refused before anything is looked for, with what could do it and what is possible instead.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors.rotation_change import UNSEEN, lean_object, turn_object
from pixwright.edit.placing.lifting import Cut, Lifted, bounds, clip, cut_sides, lift, mirrored, put, turned, within
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.records.region import Box, Region

POSSIBLE = "face left, face right, turn around, lie down, tilt, lean, jump, fly or flip"
PAINTERS = "qwen-image-edit or flux2-klein"
"""Systems that paint poses and faces anew from words."""
_MOST = 0.7
_STANDS = 1.2
"""Height over width from which a thing stands: tilted, it leans on its foot."""
_LEANS_MOST = 30.0
_UPRIGHT = 1.3
"""Height over width from which a thing can be laid on its side."""
_JUMP, _FLY = 0.22, 0.5
"""How far it is raised, as a share of its height (jump) and of the room above it (fly)."""

_Act = Callable[[Array, Step, Region, Context], Proposal]


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """The action that `step.value` names."""
    name = step.target or "it"
    if (why := beyond(step)) is not None:
        return refuse(picture, why)
    act = _ACTS[step.value or ""]
    if bounds(region.mask) is None:
        return refuse(picture, f"{name} was not found: show it with --box X0,Y0,X1,Y1")
    if float((region.mask > 127).mean()) > _MOST:
        return refuse(picture, f"{name} takes nearly the whole picture: rotate or mirror the picture instead")
    return act(picture, step, region, context)


def beyond(step: Step) -> str | None:
    """Why this editor cannot do the step whatever the picture shows, and what could; None where it may."""
    if (step.value or "") in _ACTS:
        return None
    wish, whose = step.value or step.instruction or "that", f" of {step.target}" if step.target else ""
    return (
        f'"{wish}" is a pose or face that one photograph{whose} does not hold: a system that paints can do it (--system {PAINTERS}, with its weights); '
        f"without one, possible are {POSSIBLE}"
    )


def _face(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Mirrored in its place. Which way it faced is not measured, and the note says so."""
    del step
    lifted = lift(picture, region.mask, context, 91)
    new, mask, partly = mirrored_in_frame(lifted, cut_sides(region.mask))
    note = "it was mirrored: if it faced that way already, take the picture as it was"
    return Proposal(new, mask, Evidence(placed=region.boxes, mirrored=True), notes=(note,), partly=partly)


def _turn_around(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    facing = _face(picture, step, region, context)
    return Proposal(facing.picture, facing.mask, facing.evidence, partly=facing.partly or UNSEEN.split(", seen")[0])


def _flip(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Turned by half a circle, on the line it stood on."""
    return turn_object(picture, step, region, 180.0, context)


def _tilt(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Turned a little about its middle, to the left if so said; what stands leans on its foot."""
    box = bounds(region.mask)
    assert box is not None
    angle = _signed(step, _degrees(step.amount))
    if box[3] - box[1] > _STANDS * (box[2] - box[0]) and abs(angle) <= _LEANS_MOST:
        return lean_object(picture, region, angle, context)
    return turn_object(picture, step, region, angle, context)


def _degrees(amount: Amount | None) -> float:
    if amount is None:
        return 15.0
    if amount.unit is Unit.DEGREES:
        return amount.value
    return float(np.clip(amount.value, -1, 1)) * 25 if amount.unit is Unit.STRENGTH else 15.0


def _signed(step: Step, size: float) -> float:
    left = (step.where is not None and step.where.relation is Relation.LEFT) or "left" in step.instruction.lower()
    return -size if left else size


def _lean(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Sheared about its foot: the foot stays where it stands, the top goes over."""
    return lean_object(picture, region, _signed(step, _degrees(step.amount)), context)


def _lie_down(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """A thing that stands upright, turned by a quarter onto the line it stood on; whatever bends its legs for it cannot be shown."""
    height, width = picture.shape[:2]
    name = step.target or "it"
    box = bounds(region.mask)
    assert box is not None
    tall, wide = box[3] - box[1], box[2] - box[0]
    if tall < _UPRIGHT * wide:
        return refuse(
            picture,
            f"to lie down, {name} would have to bend in a way that the photograph does not show; possible are {POSSIBLE}",
        )
    if cut_sides(region.mask):
        return refuse(picture, f"the frame cuts {name}: lying down, it would show where it ends")
    if tall > width:
        return refuse(picture, f"{name} is taller than the picture is wide: extend the picture first")
    lifted = lift(picture, region.mask, context, 93)
    angle = _signed(step, 90.0)
    lying = turned(lifted.cut, angle)
    after = lying.core
    left = within(round((box[0] + box[2] - tall) / 2), tall, width) - after[0]
    top = box[3] - after[3]
    new, mask = put(lifted.background, lifted.hole, lying, left, top)
    evidence = Evidence(placed=(_where(lying, left, top, picture),), vacated=region.boxes, angle=angle)
    return Proposal(new, mask, evidence, partly="it was laid on its side as it is: a photograph holds no other pose")


def _raise(picture: Array, step: Step, region: Region, context: Context, *, fly: bool) -> Proposal:
    """Lifted off the ground, with a soft shadow where it stood."""
    box = bounds(region.mask)
    assert box is not None
    if "bottom" in cut_sides(region.mask):
        return refuse(
            picture, f"the frame cuts {step.target or 'it'} at the bottom: in the air, it would show where it ends"
        )
    tall = box[3] - box[1]
    wish = _FLY * max(box[1], tall) if fly else _JUMP * tall
    rise = round(min(wish, max(box[1] - 0.02 * picture.shape[0], 0)))
    # What flies is clearly in the air: a thing that fills the height of the picture cannot be.
    least = max(0.1 * picture.shape[0], 0.2 * tall) if fly else 0.03 * picture.shape[0]
    if rise < least:
        return refuse(
            picture,
            f"there is no room above {step.target or 'it'}: add some with 'extend the picture at the top' first",
        )
    lifted = lift(picture, region.mask, context, 94)
    cut = lifted.cut
    ground, mask = _ground_shadow(lifted, box, rise / tall)
    bare = Cut(cut.pixels, cut.alpha, np.full_like(cut.shade, 255), cut.box)
    new, mask = put(ground, mask, bare, cut.box[0], cut.box[1] - rise)
    placed = clip((box[0], box[1] - rise, box[2], box[3] - rise), picture.shape[1], picture.shape[0])
    return Proposal(new, mask, Evidence(placed=(placed,), vacated=region.boxes, displacement=(0.0, float(-rise))))


def _ground_shadow(lifted: Lifted, box: Box, height: float) -> tuple[Array, Array]:
    """A flat ellipse under the foot: weaker and softer the higher the object is (`height` in its own heights)."""
    tall, wide = lifted.hole.shape
    reach = (box[2] - box[0]) // 2
    thin = max(2, reach // 5)
    pad = 2 * thin + 4
    x0, y0, x1, y1 = clip((box[0] - pad, box[3] - thin - pad, box[2] + pad, box[3] + thin + pad), wide, tall)
    spot_map = np.zeros((y1 - y0, x1 - x0), np.float32)
    centre = ((box[0] + box[2]) // 2 - x0, box[3] - thin - y0)
    cv2.ellipse(spot_map, centre, (max(1, round(reach * 0.8)), thin), 0, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(spot_map, (0, 0), max(1.0, thin * 0.6)) * float(np.clip(0.5 - 0.3 * height, 0.12, 0.5))
    result, mask = lifted.background.copy(), lifted.hole.copy()
    part = np.s_[y0:y1, x0:x1]
    result[part] = (result[part] * (1 - soft[..., None])).astype(np.uint8)
    mask[part] = np.where(soft > 0.004, 255, mask[part])
    return result, mask


def _jump(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    return _raise(picture, step, region, context, fly=False)


def _fly(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    return _raise(picture, step, region, context, fly=True)


def mirrored_in_frame(lifted: Lifted, cuts: tuple[str, ...]) -> tuple[Array, Array, str | None]:
    """The piece reflected within its own bounds; one that the frame cuts on one side goes to the other side, where its mirror image is cut."""
    changed = mirrored(lifted.cut)
    old, new = lifted.cut.core, changed.core
    left, width = lifted.cut.box[0] + old[0], lifted.hole.shape[1]
    partly = None
    sides = [side for side in cuts if side in ("left", "right")]
    if len(sides) == 1:
        left = width - (new[2] - new[0]) if sides[0] == "left" else 0
        partly = f"the frame cut it at the {sides[0]}: its mirror image stands at the other side"
    picture, mask = put(lifted.background, lifted.hole, changed, left - new[0], lifted.cut.box[1] + old[1] - new[1])
    return picture, mask, partly


def _where(cut: Cut, left: int, top: int, picture: Array) -> Box:
    x0, y0, x1, y1 = cut.core
    return clip((left + x0, top + y0, left + x1, top + y1), picture.shape[1], picture.shape[0])


_ACTS: dict[str, _Act] = {
    "face left": _face,
    "face right": _face,
    "turn around": _turn_around,
    "lie down": _lie_down,
    "tilt": _tilt,
    "lean": _lean,
    "jump": _jump,
    "fly": _fly,
    "flip": _flip,
}
