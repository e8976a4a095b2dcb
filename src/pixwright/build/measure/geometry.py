"""Measurements of geometry, text, canvas and guidance pictures."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.build.measure.basic import edges
from pixwright.build.measure.register import Motion, register
from pixwright.build.measure.view import Bools, Floats, View
from pixwright.encoders.reading import likeness
from pixwright.media.pixels import on_white, resized
from pixwright.records.instruction import Array
from pixwright.records.kind import Aspect, Group
from pixwright.records.kind import EditType as T
from pixwright.records.plan import Relation, Unit
from pixwright.records.region import Box

_AXES = {
    Relation.LEFT: (-1.0, 0.0), Relation.RIGHT: (1.0, 0.0), Relation.ABOVE: (0.0, -1.0), Relation.TOP: (0.0, -1.0),
    Relation.BELOW: (0.0, 1.0), Relation.BOTTOM: (0.0, 1.0), Relation.TOP_LEFT: (-1.0, -1.0), Relation.TOP_RIGHT: (1.0, -1.0),
    Relation.BOTTOM_LEFT: (-1.0, 1.0), Relation.BOTTOM_RIGHT: (1.0, 1.0),
}  # fmt: skip
_FACTORS = tuple(float(f) for f in np.geomspace(0.4, 2.5, 13))
_MOVED_SIZES, _SWAPPED_SIZES = (0.8, 0.9, 1.0, 1.1, 1.25), (0.7, 0.85, 1.0, 1.2, 1.4)
"""Size ratios that are tried: what goes up or down the ground changes its size with the distance."""
_BARE_SIZE = 1.4
"""What "larger" is taken for, at an unstated strength of 0.6."""
_CLEAR = 0.03
"""How much better another change must fit than the wanted one to count against it (as the judge holds it)."""


def motion(view: View) -> dict[str, float]:
    """Displacement, size ratio or angle as the pixels show it, and how far it is from what the step asks for."""
    if view.type is T.RELATION_CHANGE:
        return _swapped(view)
    measured = {Aspect.PLACE: _moved, Aspect.SIZE: _resized, Aspect.ANGLE: _turned, Aspect.ACTION: _acted}.get(
        view.type.traits.changes
    )
    return measured(view) if measured is not None else {}


def _moved(view: View) -> dict[str, float]:
    if view.inside is None:
        return {}
    best = max(
        register(view.before, view.after, view.inside, [(f, 0.0, False) for f in _MOVED_SIZES]),
        key=lambda m: m.fit + (0.02 if m.factor == 1 else 0),
    )
    height, width = view.before.shape[:2]
    sign = -1 if _reversed(view, view.inside, best) else 1
    x, y = sign * best.dx / width, sign * best.dy / height
    found = {"moved_by": float(np.hypot(x, y)), "move_fit": best.fit}
    step = view.sample.step
    axis = _AXES.get(step.where.relation) if step.where and step.where.anchor is None else None
    if axis is None:
        return found
    along = (x * axis[0] + y * axis[1]) / float(np.hypot(*axis))
    found["move_direction"] = along / max(float(np.hypot(x, y)), 1e-6)
    found["move_along"] = along
    if step.amount is not None and step.amount.unit in (Unit.PERCENT, Unit.PIXELS):
        side = width if axis[0] else height
        wanted = step.amount.value / (100 if step.amount.unit is Unit.PERCENT else side)
        found["move_error"] = abs(along - wanted)
    return found


def _reversed(view: View, inside: Bools, best: Motion) -> bool:
    """Whether it is the ground that was registered, which is laid bare where the thing was and covered where it is.

    A thing's border is an edge: where it came edges grow, where it left they fade.
    """
    gained = []
    for sign in (1, -1):
        move = np.array([[1, 0, sign * best.dx], [0, 1, sign * best.dy]], np.float32)
        spot = cv2.warpAffine(inside.astype(np.uint8), move, inside.shape[::-1]) & inside
        # The thing's border lies a few pixels within a mask that reaches beyond it.
        rim = (spot > 0) & (cv2.erode(spot, np.ones((9, 9), np.uint8)) == 0)
        gained.append(float((edges(view.after)[rim] - edges(view.before)[rim]).mean()) if rim.any() else 0.0)
    return gained[0] < gained[1]


def _swapped(view: View) -> dict[str, float]:
    if view.part is None:
        return {}
    still = [(f, 0.0, False) for f in _SWAPPED_SIZES]
    best = max(register(view.before, view.after, view.part, still, 0.12), key=lambda m: m.fit)
    height, width = view.before.shape[:2]
    x, y = best.dx / width, best.dy / height
    found = {"moved_by": float(np.hypot(x, y)), "move_fit": best.fit}
    where = view.sample.step.where
    if where is not None and where.relation in _AXES:
        x, y = (-x, -y) if _reversed(view, view.part, best) else (x, y)
        axis = _AXES[where.relation]
        found["move_direction"] = (x * axis[0] + y * axis[1]) / max(float(np.hypot(*axis)) * found["moved_by"], 1e-6)
    return found


def _resized(view: View) -> dict[str, float]:
    step = view.sample.step
    if not view.same_size:
        return {}
    whole = view.inside is None
    wanted = None
    if step.amount is not None and step.amount.unit is Unit.FACTOR and step.amount.value > 0:
        wanted = step.amount.value
    elif step.amount is not None and step.amount.unit is Unit.PERCENT and step.amount.value > -95:
        wanted = 1 + step.amount.value / 100
    elif step.amount is not None and step.amount.unit is Unit.STRENGTH:
        wanted = _BARE_SIZE ** (step.amount.value / 0.6)
    if whole and wanted is not None and step.value == "zoom out" and wanted > 1:
        wanted = 1 / wanted
    tried = sorted({*_FACTORS, 1.0, *(() if wanted is None else (wanted,))})
    found = _both_ways(view, tried)
    best = max(found, key=lambda m: m.fit + (_CLEAR if m.factor == wanted else 0.0))
    out = {"size_ratio": best.factor, "size_fit": best.fit}
    if wanted is not None:
        out["size_error"] = abs(float(np.log(best.factor / wanted)))
        out["size_direction"] = float(np.log(best.factor) * np.sign(np.log(wanted)))
    return out


def _both_ways(view: View, factors: list[float]) -> list[Motion]:
    """A thing that shrank is registered backwards: the larger one of the two then fills the mask."""
    inside = _all(view) if view.inside is None else view.inside
    up = [f for f in factors if f >= 1]
    down = [f for f in factors if f < 1]
    found = register(view.before, view.after, inside, [(f, 0.0, False) for f in up])
    for m, f in zip(register(view.after, view.before, inside, [(1 / f, 0.0, False) for f in down]), down):
        found.append(Motion(-m.dx, -m.dy, f, 0.0, False, m.fit))
    return found


def _all(view: View) -> Bools:
    return np.ones(view.before.shape[:2], np.bool_)


def _turned(view: View) -> dict[str, float]:
    step = view.sample.step
    if not view.same_size:
        return {}
    if step.value in ("flip horizontal", "flip vertical"):
        return _acted(view)
    wanted = None
    if step.amount is not None and step.amount.unit is Unit.DEGREES:
        wanted = float((step.amount.value + 180) % 360 - 180)
    tried = sorted({*map(float, range(-180, 180, 15)), *(() if wanted is None else (wanted,))})
    inside = _all(view) if view.inside is None else view.inside
    found = register(view.before, view.after, inside, [(1.0, angle, False) for angle in tried])
    best = max(found, key=lambda m: m.fit + (_CLEAR if m.angle == wanted else 0.0))
    still = next(m.fit for m in found if m.angle == 0)
    out = {"angle": best.angle, "angle_fit": best.fit, "angle_gain": best.fit - still}
    if wanted is not None:
        out["angle_error"] = abs((best.angle - wanted + 180) % 360 - 180)
    return out


_ACTIONS: dict[str, tuple[tuple[float, bool], ...]] = {
    "turn around": ((0.0, True),), "face left": ((0.0, True),), "face right": ((0.0, True),), "flip horizontal": ((0.0, True),),
    "flip vertical": ((180.0, True),), "flip": ((180.0, False), (180.0, True)), "lie down": ((90.0, False), (-90.0, False)),
    "stand up": ((90.0, False), (-90.0, False)), "tilt": ((18.0, False), (-18.0, False)), "lean": ((18.0, False), (-18.0, False)),
}  # fmt: skip
"""Action -> the (angle, mirrored) that show it; jumping and flying are movements."""


def _acted(view: View) -> dict[str, float]:
    """How well the thing, done as the action wants it, fits; and its lead over the thing unmoved or done otherwise."""
    if not view.same_size:
        return {}
    inside = _all(view) if view.inside is None else view.inside
    wanted = _ACTIONS.get(view.sample.step.value or "", ((0.0, False),))
    others = [(a, f) for f in (False, True) for a in (0.0, 45.0, -45.0, 90.0, -90.0, 180.0)]
    tried = [*wanted, *(o for o in others if o not in wanted)]
    found = register(view.before, view.after, inside, [(1.0, a, f) for a, f in tried])
    best = max(found[: len(wanted)], key=lambda m: m.fit)
    rest = max(m.fit for m in found[len(wanted) :])
    height, width = inside.shape
    return {
        "action_fit": best.fit,
        "action_gain": best.fit - rest,
        "moved_by": float(np.hypot(best.dx / width, best.dy / height)),
        "rise": -best.dy / height,
    }


def text(view: View) -> dict[str, float]:
    """What the reader reads in the mask: the new text after, another one before; likeness of letters and digits, 0 to 1."""
    step = view.sample.step
    if view.type is not T.TEXTUAL_CHANGE or not step.value or view.box is None:
        return {}
    now = _read(view, view.after)
    found = {"text_read": _likeness(now, step.value)}
    if step.old_text:
        found["text_margin"] = found["text_read"] - _likeness(now, step.old_text)
    return found


def _read(view: View, picture: Array) -> list[str]:
    assert view.box is not None
    x0, y0, x1, y1 = view.box
    pad = max(3, round(0.15 * (y1 - y0)))
    height, width = picture.shape[:2]
    part = picture[max(0, y0 - pad) : min(height, y1 + pad), max(0, x0 - pad) : min(width, x1 + pad)]
    scale = max(1.0, 160 / max(part.shape[0], 1))
    grown = cv2.resize(
        np.ascontiguousarray(part), None, fx=min(scale, 4), fy=min(scale, 4), interpolation=cv2.INTER_CUBIC
    )
    single = view.encoders.reader.recognise(np.ascontiguousarray(part[..., ::-1]))[0]
    return [single, *(line.text for line in view.encoders.reader.read(grown, 0.3))]


def _likeness(read: list[str], wanted: str) -> float:
    return max(likeness(one, wanted) for one in [*read, " ".join(read[1:])])


def canvas(view: View) -> dict[str, float]:
    """The old picture is unchanged in the new one; what was added is no flat colour and continues the old edge."""
    if view.sample.canvas is None or not view.same_size:
        return {}
    x0, y0, x1, y1 = view.sample.canvas
    picture = view.sample.edited[..., :3]
    new = np.ones(picture.shape[:2], np.bool_)
    new[y0:y1, x0:x1] = False
    if not new.any():
        return {"canvas_max": float(view.difference.max() / 255)}
    slope = edges(picture)
    sides = (
        (picture[y0 - 1, x0:x1], picture[y0, x0:x1]) if y0 > 0 else None,
        (picture[y1, x0:x1], picture[y1 - 1, x0:x1]) if y1 < picture.shape[0] else None,
        (picture[y0:y1, x0 - 1], picture[y0:y1, x0]) if x0 > 0 else None,
        (picture[y0:y1, x1], picture[y0:y1, x1 - 1]) if x1 < picture.shape[1] else None,
    )
    seam = [float(np.abs(a.astype(np.float32) - b).mean() / 255) for a, b in filter(None, sides)]
    return {
        "canvas_max": float(view.difference.max() / 255),
        "canvas_new": float(new.mean()),
        "canvas_spread": float(picture[new].astype(np.float32).std(axis=0).mean() / 255),
        "canvas_detail": float(slope[new].mean() / max(float(slope[~new].mean()), 1e-3)),
        "canvas_seam": float(np.mean(seam)),
    } | _grown(view, (x0, y0, x1, y1))


def _grown(view: View, canvas: Box) -> dict[str, float]:
    """How far the canvas is from having grown by the percentage that is asked for, on the sides that are named."""
    step, (x0, y0, x1, y1) = view.sample.step, canvas
    if step.amount is None or step.amount.unit is not Unit.PERCENT or step.where is None:
        return {}
    height, width = view.sample.edited.shape[:2]
    own = {
        Relation.LEFT: x0 / (x1 - x0),
        Relation.RIGHT: (width - x1) / (x1 - x0),
        Relation.ABOVE: y0 / (y1 - y0),
        Relation.BELOW: (height - y1) / (y1 - y0),
    }
    own |= {Relation.TOP: own[Relation.ABOVE], Relation.BOTTOM: own[Relation.BELOW]}
    grown = own.get(step.where.relation, float(np.mean(list(own.values()))))
    return {"canvas_error": abs(grown - step.amount.value / 100)}


def condition(view: View) -> dict[str, float]:
    """The guidance picture belongs to the edited picture: its lines lie on the edited picture's edges, and a box on the edit's bounds.

    That they lie there better than displaced tells a picture's own guidance from another's.
    """
    reference = view.reference
    if (
        view.sample.type.group is not Group.VISUAL
        or reference is None
        or reference.pixels is None
        or not view.same_size
    ):
        return {}
    guide = on_white(reference.pixels)
    guide = resized(guide, *view.after.shape[:2])
    if view.sample.type is T.VISUAL_BBOX:
        return _boxed(view, guide)
    if not view.sample.type.traits.guided:
        return {}
    drawn, marks = edges(guide), (edges(view.after), edges(view.before))
    if float(drawn.max()) < 1:
        return {}
    found = {"condition_peak": _peak(_steps(guide), _ranked(marks[0]))}
    if view.sample.type in (T.VISUAL_SEGMENT, T.VISUAL_DEPTH):
        # Their lines are borders of things, strong or weak in the picture: ranks count, and slow slopes of depth do not.
        drawn = (drawn > max(0.35 * float(drawn.max()), 2.0)).astype(np.float32)
        marks = (_ranked(marks[0]), _ranked(marks[1]))
    lines = cv2.GaussianBlur(drawn, (0, 0), 1.0)
    now, was = (cv2.GaussianBlur(m, (0, 0), 1.0) for m in marks)
    found["condition_fit"] = _correlation(lines, now)
    if view.inside is not None:
        part = cv2.dilate(view.inside.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        found["condition_gain"] = _correlation(lines[part], now[part]) - _correlation(lines[part], was[part])
    return found


def _steps(guide: Array) -> Floats:
    """Where a guidance picture bends: lines and borders, but not the slow slope of a ground's depth."""
    bend = np.abs(cv2.Laplacian(guide, cv2.CV_32F)).max(2)
    return np.asarray(np.where(bend > 6, np.minimum(bend, 18), 0), np.float32)


def _peak(lines: Floats, marks: Floats) -> float:
    """How much better lines lie on edges where they are than displaced, in standard deviations over displacements of 4 to 24 pixels.

    A picture's own guidance lies on its edges to the pixel; another's lies no better here than there.
    """
    spectra = [np.fft.rfft2(m - m.mean()) for m in (lines, marks)]
    fits = np.fft.fftshift(np.fft.irfft2(np.conj(spectra[0]) * spectra[1], lines.shape))
    y, x = (n // 2 for n in lines.shape)
    reach = min(24, y - 1, x - 1)
    window = fits[y - reach : y + reach + 1, x - reach : x + reach + 1]
    far = window[np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1]) >= 4]
    return float((fits[y - 1 : y + 2, x - 1 : x + 2].max() - far.mean()) / max(float(far.std()), 1e-6))


def _ranked(values: Floats) -> Floats:
    """Each value's rank among all of them, 0 to 1, in 256 steps."""
    levels = np.minimum(values * (255 / max(float(values.max()), 1e-6)), 255).astype(np.uint8)
    share = np.cumsum(np.bincount(levels.ravel(), minlength=256)) / levels.size
    return np.asarray(share[levels], np.float32)


def _correlation(a: Floats, b: Floats) -> float:
    spread = float(a.std()) * float(b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 1e-6 else 0.0


def _boxed(view: View, guide: Array) -> dict[str, float]:
    """Intersection over union of the red frame's bounds with those of what changed, and whether the rest of the guide is the source."""
    red = (guide[..., 0] > 150) & (guide[..., 1] < 110) & (guide[..., 2] < 110)
    drawn = red & ~((view.before[..., 0] > 150) & (view.before[..., 1] < 110) & (view.before[..., 2] < 110))
    if view.box is None or not drawn.any():
        return {}
    x, y, w, h = cv2.boundingRect(drawn.astype(np.uint8))
    x0, y0, x1, y1 = view.box
    wide, tall = min(x + w, x1) - max(x, x0), min(y + h, y1) - max(y, y0)
    both = max(wide, 0) * max(tall, 0)
    rest = cv2.dilate(drawn.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    return {
        "box_overlap": both / (w * h + (x1 - x0) * (y1 - y0) - both),
        "condition_fit": _correlation(edges(guide)[rest], edges(view.before)[rest]) if rest.any() else 0.0,
    }
