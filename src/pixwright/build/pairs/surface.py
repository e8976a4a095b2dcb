"""How a thing looks: colour, pattern and state, material, and what is written on it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import Layer
from pixwright.build.pairs.stage import PairDraft, Stage, Unfit, area, the
from pixwright.build.scene.setting import light_of, setting_of
from pixwright.build.scene.signs import SIGNS, pixels_of
from pixwright.build.scene.texture import backdrop_of
from pixwright.build.wording.names import head, phrase_for
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.vocabulary import COLOURS, MATERIAL_ALIASES, MATERIALS
from pixwright.words import lexicon, read

from dataclasses import replace  # isort: skip

PLAIN_COLOURS = tuple(
    "red orange yellow green blue purple pink brown black white gray turquoise teal gold navy lime magenta maroon".split()
)
"""Colours that people name without looking twice."""
PATTERNS = tuple(
    "striped,polka dot,checkered,plaid,floral,camouflage,spotted,leopard print,zebra print,rainbow,starry".split(",")
)
STATES = tuple("rusty,burnt,frozen,snow covered,mossy,cracked,muddy,glittery,metallic,dusty".split(","))
FARTHEST = 34.0
"""Least distance in CIELAB (Euclidean, 1976) between a thing's main colour and the one it is given."""
GROUNDED = ("open", "room", "close")
"""Settings with something that a sign can stand on."""
_COVERED = 0.3
"""A thing that a new sign would cover by more than this share is left out."""
_FORMLESS = ("water", "weather", "heaven")
"""Kinds of things that have no surface of their own."""
_AREA = 0.045
"""Share of the picture that a thing must take for its surface to be seen."""


def color_alter(stage: Stage) -> PairDraft:
    """A colour that the thing does not have."""
    index, phrase = _target(stage)
    layer = stage.scene.layers[index]
    if layer.looks:
        raise Unfit(f"the {layer.name} has a look of its own")
    mine = main_colour(pixels_of(layer.asset, layer.text, stage.catalogue))
    far = [name for name in PLAIN_COLOURS if far_from(name, mine) and name not in layer.name]
    return _dress(stage, index, phrase, (EditType.COLOR_ALTER, stage.pick(far)), "color_alter")


def appearance_alter(stage: Stage) -> PairDraft:
    """A pattern or a state of its surface."""
    index, phrase = _target(stage)
    patterned = stage.rng.random() < 0.55
    value = stage.pick(PATTERNS if patterned else STATES)
    if value.split()[0] in stage.scene.layers[index].name:
        raise Unfit(f"the {stage.scene.layers[index].name} is {value} already")
    key = "appearance_alter.pattern" if patterned else "appearance_alter"
    return _dress(stage, index, phrase, (EditType.APPEARANCE_ALTER, value), key)


def material_change(stage: Stage, materials: tuple[str, ...] = MATERIALS) -> PairDraft:
    """Made of something else."""
    index, phrase = _target(stage)
    value = stage.pick([name for name in materials if name not in made_of(stage.scene.layers[index].name)])
    return _dress(stage, index, phrase, (EditType.MATERIAL_CHANGE, value), "material_change")


def made_of(name: str) -> set[str]:
    """The materials that a thing's name tells: a wooden chair is of wood, and a gravestone of stone."""
    words = {MATERIAL_ALIASES.get(word, word) for word in name.split()}
    return words | {one for one in MATERIALS for word in words if word.endswith(one)}


def _target(stage: Stage) -> tuple[int, str]:
    """A thing that is large enough and has a surface of its own, as a wave or a cloud has none."""
    layers = stage.scene.layers
    return stage.target(
        lambda i: (
            area(stage.box(layers[i])) > _AREA * stage.width
            and not layers[i].text
            and not lexicon().is_(head(layers[i].name), *_FORMLESS)
        )
    )


def _dress(stage: Stage, index: int, phrase: str, look: tuple[EditType, str], key: str) -> PairDraft:
    layer = stage.scene.layers[index]
    after = stage.scene.with_layer(index, replace(layer, looks=(*layer.looks, look)))
    step = Step(type=look[0], instruction="", target=read(phrase), value=look[1])
    return PairDraft(stage.scene, after, step, key, {"target": the(phrase), "value": look[1]}, (index,))


def main_colour(rgba: Array) -> NDArray[np.float32]:
    """The colour that a cut-out (HxWx4 uint8) would be called by: CIELAB mean of its solid pixels, the colourful ones counting more."""
    rgb = np.ascontiguousarray(rgba[::4, ::4, :3]).astype(np.float32) / 255
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    weight = (rgba[::4, ::4, 3].reshape(-1) > 128) * (5 + np.hypot(lab[:, 1], lab[:, 2]))
    if not weight.any():
        return np.array([50, 0, 0], np.float32)
    return np.asarray((lab * weight[:, None]).sum(axis=0) / weight.sum(), np.float32)


def far_from(colour: str, lab: NDArray[np.float32]) -> bool:
    """Whether a named colour is plainly another one than a CIELAB colour."""
    return bool(np.linalg.norm(_lab(colour) - lab) > FARTHEST)


def _lab(name: str) -> NDArray[np.float32]:
    colour = np.array([[COLOURS[name]]], np.float32) / 255
    return np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2LAB)[0, 0], np.float32)


WORDS = tuple(
    "OPEN,CLOSED,SALE,EXIT,WELCOME,CAFE,BAKERY,HOTEL,FREE,LUNCH,MENU,PARKING,BOOKS,FLOWERS,STOP,HELLO,MUSIC,BEACH,PIZZA,TAXI,"
    "NO ENTRY,ICE CREAM,FRESH FISH,FARM SHOP,ROAD WORK,GOOD NEWS,HAPPY HOUR,KEEP OUT,COFFEE,MUSEUM,ROOMS,TICKETS,WATER,DANGER,"
    "LOST DOG,FOR RENT,GARAGE,STATION,SCHOOL,LIBRARY,MARKET,POTATOES,APPLES,VOTE,PEACE,SUMMER,WINTER,PARTY".split(",")
)


def textual_change(stage: Stage) -> PairDraft:
    """Other words on a sign; a scene without one is given one."""
    scene = stage.scene
    signs = [i for i, layer in enumerate(scene.layers) if layer.text and stage.seen(i) > 0.9]
    if not signs:
        sign = _sign(stage)
        kept = tuple(
            one for one in scene.layers if one.asset.startswith("table/") or stage.crowded(sign, [one]) < _COVERED
        )
        scene = replace(scene, layers=(*kept, sign))
        signs = [len(scene.layers) - 1]
    index = stage.pick(signs)
    layer = scene.layers[index]
    phrase = phrase_for(scene, index, stage.rng)
    if phrase is None:
        raise Unfit("no plain phrase names the sign alone")
    new = stage.pick([word for word in WORDS if word != layer.text.upper()])
    step = Step(type=EditType.TEXTUAL_CHANGE, instruction="", target=read(phrase), value=new, old_text=layer.text)
    slots = {"target": the(phrase), "old": layer.text, "new": new}
    after = scene.with_layer(index, replace(layer, text=new))
    return PairDraft(scene, after, step, "textual_change", slots, (index,))


def _sign(stage: Stage) -> Layer:
    """A sign in the foreground, where it covers least."""
    if setting_of(stage.catalogue.asset(stage.scene.background), stage.catalogue).kind not in GROUNDED:
        raise Unfit("there is no ground for a sign to stand on")
    design = stage.pick(sorted(SIGNS))
    light = light_of(backdrop_of(stage.scene.background, stage.catalogue), stage.scene.crop, False)
    low = max(0.8, stage.scene.horizon + 0.25)
    things = [one for one in stage.scene.layers if not one.asset.startswith("table/")]
    found: list[tuple[float, int, Layer]] = []
    for number in range(24):
        # Where there is no ground in the picture it stands below it.
        y = float(stage.rng.uniform(low, 0.97)) if low < 0.95 else 1.005
        x, height = float(stage.rng.uniform(0.15, 0.85)) * stage.width, float(stage.rng.uniform(0.34, 0.5))
        text = stage.pick(WORDS)
        layer = Layer(f"sign/{design}", SIGNS[design].name, x, y, height, light=light, shadow=0.5, text=text)
        if stage.inside(layer) > 0.97:
            found.append((stage.crowded(layer, things), number, layer))
    if not found:
        raise Unfit("there is no place for a sign")
    return min(found)[2]
