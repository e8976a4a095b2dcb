"""Measurements of looks: colour, material, appearance, tone, style, background and their references.

What a named look does to a picture's statistics is measured on the project's own editors (`measure_looks.json`, made by
`recipes/build_filters.py looks`): an edit agrees with its name if it moves the statistics the same way, more than other names' ways.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np

from pixwright.build.measure_bank import Bank, cosines
from pixwright.build.measure_view import SEEN, Bools, Floats, View
from pixwright.judge.colour import ACHROMATIC, structure
from pixwright.judge.contract import lab, shrink
from pixwright.records.edit_type import EditType as T
from pixwright.records.instruction import Array
from pixwright.records.plan import Unit
from pixwright.records.vocabulary import COLOURS, CONTROLS

BASIC = "red orange yellow green cyan blue purple pink brown white gray black".split()
_APART = 25.0
"""Distance in L*a*b* from which on another basic colour is another colour."""
_SURFACES = frozenset({T.COLOR_ALTER, T.MATERIAL_CHANGE, T.APPEARANCE_ALTER, T.MATERIAL_TRANSFER})
FAMILIES = {
    T.TONE_TRANSFER: "tone", T.STYLE_CHANGE: "style", T.MATERIAL_CHANGE: "material", T.APPEARANCE_ALTER: "appearance",
    T.STYLE_TRANSFER: "style", T.MATERIAL_TRANSFER: "material",
}  # fmt: skip
"""Edits whose names are looked up in the table of looks."""


def colour(view: View) -> dict[str, float]:
    """Distance of the changed part from the named colour in L*a*b*, what was gained, and the lead over other basic colours."""
    goal_rgb = COLOURS.get(view.sample.step.value or "")
    if view.kind not in (T.COLOR_ALTER, T.BACKGROUND_CHANGE) or goal_rgb is None or view.inside is None:
        return {}
    part = view.inside & (view.difference > SEEN)
    part = part if part.sum() > 0.1 * view.inside.sum() else view.inside
    was, now = (np.median(lab(p[part][None])[0], axis=0) for p in (view.before, view.after))
    goal = _lab_of(goal_rgb)
    near = _distance(now, goal)
    others = [_lab_of(COLOURS[name]) for name in BASIC]
    rest = [_distance(now, other) for other in others if float(np.linalg.norm(other - goal)) > _APART]
    return {
        "colour_distance": near,
        "colour_gain": _distance(was, goal) - near,
        "colour_margin": min(rest) - near,
    }


def _lab_of(rgb: tuple[int, int, int]) -> Floats:
    return np.asarray(lab(np.array([[rgb]], np.uint8))[0, 0])


def _distance(value: Floats, goal: Floats) -> float:
    """As the judge weighs it: shading moves lightness freely, so it counts a third; white, gray and black are told apart by it."""
    weight = np.array([1.0 if np.hypot(goal[1], goal[2]) < ACHROMATIC else 0.33, 1.0, 1.0], np.float32)
    return float(np.linalg.norm((value - goal) * weight))


def surface(view: View) -> dict[str, float]:
    """Light and shade of the thing survive its new look (the judge's measure: correlation of lightness without its slow part)."""
    if view.kind not in _SURFACES or view.inside is None:
        return {}
    return {"structure": float(structure(view.trial, 0.5).check.value)}


def changed_look(view: View) -> dict[str, float]:
    """The statistics moved as the named look, or as the reference's, wants."""
    family = FAMILIES.get(view.kind)
    if family is None:
        return {}
    before, after, inside = view.small
    was, now = statistics(before, inside), statistics(after, inside)
    found = _named(family, now - was, view)
    reference = view.reference
    if view.kind in (T.STYLE_TRANSFER, T.MATERIAL_TRANSFER) and reference is not None and reference.pixels is not None:
        shown = shrink(np.ascontiguousarray(reference.pixels[..., :3]), len(before))
        wanted = statistics(
            shown,
            reference.pixels[..., 3] > 127
            if reference.pixels.shape[2] == 4 and shown.shape[:2] == reference.pixels.shape[:2]
            else None,
        )
        scale = families()[family].scale
        far, near = (float(np.linalg.norm(((v - wanted) / scale)[:-2])) for v in (was, now))
        found["look_gain"] = (far - near) / max(far, 1e-6)
        found["look_towards"] = float(cosines(((now - was) / scale)[:-2], ((wanted - was) / scale)[None, :-2])[0])
    return found


def _named(family: str, delta: Floats, view: View) -> dict[str, float]:
    names, rows, scale = (known := families()[family]).names, known.rows, known.scale
    value = view.sample.step.value or ""
    if value not in names:
        return {}
    amount = view.sample.step.amount
    down = amount is not None and (amount.value < 0 or (amount.unit is Unit.FACTOR and amount.value < 1))
    sign = -1.0 if down and value in CONTROLS else 1.0
    fits = cosines(sign * delta / scale, rows / scale)
    own = float(fits[names.index(value)])
    return {
        "look_agreement": own,
        "look_rank": float((fits <= own).mean()),
        "look_size": float(np.linalg.norm(delta / scale)),
    }


@dataclass(frozen=True, eq=False)
class Family:
    """Looks of a kind: their names, what each does to the statistics (n, d), and how much one does on average (d,)."""

    names: tuple[str, ...]
    rows: Floats
    scale: Floats


@lru_cache(maxsize=1)
def families() -> dict[str, Family]:
    """The packaged table: tone, style, material, appearance."""
    raw = json.loads(files("pixwright.build").joinpath("measure_looks.json").read_text("utf-8"))
    return {name: _family(looks) for name, looks in raw.items()}


def _family(looks: dict[str, list[float]]) -> Family:
    rows = np.array(list(looks.values()), np.float32)
    return Family(tuple(looks), rows, np.asarray(np.sqrt((rows**2).mean(0)) + FLOOR, np.float32))


def statistics(picture: Array, inside: Bools | None = None) -> Floats:
    """Nineteen numbers of HxWx3 uint8 (in the mask): lightness, colour, extremes, detail by scale, flatness, lines; of a whole picture also
    its fall to the rim and from top to bottom, else 0."""
    values = lab(picture)
    light, a, b = (np.ascontiguousarray(values[..., i]) for i in range(3))
    chroma = np.hypot(a, b)
    where = np.ones(light.shape, np.bool_) if inside is None or inside.shape != light.shape else inside
    bands, last = [], light
    for sigma in (0.7, 1.4, 2.8, 5.6):
        soft = cv2.GaussianBlur(light, (0, 0), sigma)
        bands.append(float(np.log((last - soft)[where].std() + 0.05)))
        last = soft
    slope = cv2.magnitude(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1))[where]
    rough = (chroma - cv2.GaussianBlur(chroma, (0, 0), 1.4))[where]
    lit, c = light[where], chroma[where]
    out = [
        lit.mean(), lit.std(), a[where].mean(), b[where].mean(), c.mean(), c.std(), (lit > 88).mean(), (lit < 15).mean(), *bands,
        np.log(rough.std() + 0.05), (slope < 0.6).mean(), (slope > 12).mean(), a[where].std(), b[where].std(),
        *(_falls(light) if inside is None else (0.0, 0.0)),
    ]  # fmt: skip
    return np.array(out, np.float32)


FLOOR = np.array(
    [1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.01, 0.01, 0.05, 0.05, 0.05, 0.05, 0.05, 0.02, 0.02, 0.5, 0.5, 1, 1], np.float32
)
"""Movements of the statistics that are noise."""


def _falls(light: Floats) -> tuple[float, float]:
    h, w = light.shape
    middle = light[h // 4 : h - h // 4, w // 4 : w - w // 4].mean()
    corners = np.mean(
        [
            light[y, x].mean()
            for y in (slice(0, h // 8), slice(-(h // 8), None))
            for x in (slice(0, w // 8), slice(-(w // 8), None))
        ]
    )
    return float(middle - corners), float(light[: h // 3].mean() - light[-(h // 3) :].mean())


def background(view: View, bank: Bank) -> dict[str, float]:
    """The new background resembles the named place, more than other places."""
    value = view.sample.step.value or ""
    if view.kind is not T.BACKGROUND_CHANGE or view.inside is None:
        return {}
    names, rows, centre = bank.places
    if value not in names:
        return {}
    own = names.index(value)
    fits, had = (cosines(bank.scenery(p, view.inside) - centre, rows - centre) for p in (view.after, view.before))
    rest = np.delete(fits, own)
    return {
        "place_likeness": float(fits[own]),
        "place_margin": float(fits[own] - rest.max()),
        "place_rank": float((rest < fits[own]).mean()),
        "place_gain": float(fits[own] - had[own]),
    }
