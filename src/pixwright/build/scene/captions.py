"""Words for scenes: captions, the phrase that singles a thing out, articles and plurals. A small grammar, seeded by the scene."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np

from pixwright.build.chance import pick
from pixwright.build.contract import Layer, LayeredScene, Look
from pixwright.records.kind import EditType
from pixwright.records.vocabulary import COLOURS, CONTROLS
from pixwright.words import lexicon
from pixwright.words.numbers import number, spelled_ordinal
from pixwright.words.saying import article, counted, is_plural

_CLOSE = 0.06
"""Least difference, in scene heights, for "left" or "upper" to be said."""
MADE_OF = "made of"
_BEHIND = re.compile(
    rf" (?:that says|{MADE_OF}|\w+ing|upside|turned|tilted|on|in|at|to|above|behind) .*| (?:\w+ing|upside down)$"
)
"""What is told behind a name."""


def name_of(scene: LayeredScene, index: int) -> str:
    """The phrase, with "the", that singles a layer out among those that the picture shows.

    Its name alone if nothing else is called so; else by a colour that only it has, by its place in the row, by its size, by its height in
    the picture: the first of these that tells them apart.
    """
    layer = scene.layers[index]
    rivals = [k for k in shown(scene) if k != index and _called(scene.layers[k].name, layer.name)]
    if not rivals:
        return f"the {layer.name}"
    colour = _colour(layer)
    if colour and not layer.name.startswith(colour) and all(_colour(scene.layers[k]) != colour for k in rivals):
        return f"the {colour} {layer.name}"
    family = [index, *rivals]
    by_x = sorted(family, key=lambda k: scene.layers[k].x)
    if _apart([scene.layers[k].x for k in by_x]):
        return _in_row(layer.name, by_x.index(index), len(by_x))
    others = [scene.layers[k].height for k in rivals]
    if layer.height > 1.25 * max(others):
        return f"the {'larger' if len(others) == 1 else 'largest'} {layer.name}"
    if layer.height * 1.25 < min(others):
        return f"the {'smaller' if len(others) == 1 else 'smallest'} {layer.name}"
    by_y = sorted(family, key=lambda k: scene.layers[k].y)
    if len(family) == 2 and _apart([scene.layers[k].y for k in by_y]):
        return f"the {'upper' if by_y[0] == index else 'lower'} {layer.name}"
    return _in_row(layer.name, by_x.index(index), len(by_x))


def shown(scene: LayeredScene) -> tuple[int, ...]:
    """The layers whose middle lies in the camera's window, from the back to the front."""
    x0, y0, x1, y1 = scene.camera
    wide = scene.width / scene.height * (y1 - y0) / (x1 - x0)
    return tuple(
        k
        for k, layer in enumerate(scene.layers)
        if x0 <= layer.x / wide <= x1 and y0 <= layer.y - layer.height / 2 <= y1
    )


def caption(scene: LayeredScene) -> str:
    """One sentence that says what the scene shows: its things with their numbers, where they are, and its finish."""
    rng = np.random.default_rng([scene.seed, 7])
    stands, others = _things(scene)
    place = place_phrase(scene.place)
    if stands:
        place = f"on {article(stands[0])}" + (f" {place}" if place else "")
    styled = any(kind is EditType.STYLE_CHANGE for kind, _ in scene.finish)
    forms = _NOMINAL if styled else FORMS
    form = pick(rng, forms)
    body = form(others, place, scene, rng) if others else _empty(place, scene)
    return with_finish(body, scene.finish)


def place_phrase(place: str) -> str:
    """Where things are, by the background's name: "on the beach"; an unknown one is what they are in front of."""
    row = places().get(place)
    return str(row[0]) if row else (f"in front of {article(place)}" if place else "")


@lru_cache(maxsize=1)
def data() -> dict[str, Any]:
    """`scene_places.json`."""
    return dict(json.loads(resources.files("pixwright.build").joinpath("scene_places.json").read_text("utf-8")))


def places() -> dict[str, list[Any]]:
    """Place -> phrase, kind, horizon, where the ground begins."""
    return dict(data()["places"])


def _things(scene: LayeredScene) -> tuple[list[str], list[str]]:
    """The tables, and all other things with their numbers, in the order in which they are first seen from left to right."""
    layers = sorted((scene.layers[k] for k in shown(scene)), key=lambda layer: layer.x)
    tables = [layer.name for layer in layers if layer.asset.startswith("table/")]
    numbers = Counter(_said(layer) for layer in layers if not layer.asset.startswith("table/"))
    return tables, [counted(name, number) + rest for (name, rest), number in numbers.items()]


def _said(layer: Layer) -> tuple[str, str]:
    """What a layer is called with its looks, and what is told behind that: ("striped kite", " made of wood")."""
    name, behind = layer.name, ""
    for kind, value in layer.looks:
        if kind is EditType.MATERIAL_CHANGE:
            behind = made_of(value)
        else:
            name = f"{value} {_plain_name(name) if kind is EditType.COLOR_ALTER else name}"
    if layer.text:
        behind += f' that says "{layer.text}"'
    before, _, after = (layer.told or "{}").partition("{}")
    return before + name, behind + after


def _plain_name(name: str) -> str:
    """Without a colour in front: a green apple that was painted red is a red apple."""
    first, _, rest = name.partition(" ")
    return rest if rest and first in COLOURS else name


def listed(phrases: list[str]) -> str:
    """ "a, b and c"."""
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"


def _plain(things: list[str], place: str, scene: LayeredScene, rng: np.random.Generator) -> str:
    return f"{listed(things)} {place}"


def _picture(things: list[str], place: str, scene: LayeredScene, rng: np.random.Generator) -> str:
    return f"{('a picture of', 'a view of', 'an image of')[int(rng.integers(3))]} {listed(things)} {place}"


def _there(things: list[str], place: str, scene: LayeredScene, rng: np.random.Generator) -> str:
    return f"there {_be(things)} {listed(things)} {place}"


def _front(things: list[str], place: str, scene: LayeredScene, rng: np.random.Generator) -> str:
    return f"{place}, there {_be(things)} {listed(things)}" if place else _there(things, place, scene, rng)


def _beside(things: list[str], place: str, scene: LayeredScene, rng: np.random.Generator) -> str:
    if len(things) < 2:
        return _plain(things, place, scene, rng)
    way = ("next to", "beside", "together with")[int(rng.integers(3))]
    return f"{things[0]} {way} {listed(things[1:])} {place}"


def _sides(things: list[str], place: str, scene: LayeredScene, rng: np.random.Generator) -> str:
    """From left to right, where every thing is there once."""
    layers = [scene.layers[k] for k in shown(scene) if not scene.layers[k].asset.startswith("table/")]
    if len(things) < 2 or len({one.name for one in layers}) < len(layers) or any(one.told for one in layers):
        return _there(things, place, scene, rng)
    if len(things) == 2:
        return f"{things[0]} on the left and {things[1]} on the right {place}"
    return f"{listed(things)}, from left to right, {place}"


def _seen(things: list[str], place: str, scene: LayeredScene, rng: np.random.Generator) -> str:
    return f"{listed(things)} {'are' if len(things) > 1 else _be(things)} seen {place}"


FORMS = (_plain, _picture, _there, _front, _beside, _sides, _seen)
"""The caption forms."""
_NOMINAL = (_plain, _beside, _sides)
"""Those that can follow "an oil painting of"."""


def _empty(place: str, scene: LayeredScene) -> str:
    return f"an empty view {place}" if place else "an empty picture"


def _be(things: list[str]) -> str:
    many = (number(things[0].split(" ")[0]) or 0) > 1 or is_plural(_BEHIND.sub("", things[0]))
    return "are" if many else "is"


def with_finish(body: str, finish: tuple[Look, ...]) -> str:
    """A sentence that begins with a capital and ends with a dot, with looks of the whole picture."""
    body = " ".join(body.split())
    for kind, value in finish:
        if kind is EditType.STYLE_CHANGE:
            body = f"{_as_style(value)} of {body[:1].lower()}{body[1:]}".replace(" of there is ", " of ").replace(
                " of there are ", " of "
            )
        else:
            body = f"{body}, {data()['finish'].get(value, _look(value))}"
    return body[0].upper() + body[1:] + "."


def made_of(material: str) -> str:
    """ " made of wood"."""
    return f" {MADE_OF} {data()['material'].get(material, material)}"


def _look(value: str) -> str:
    if value == "denoise":
        return "with less noise"
    return f"with more {value}" if value in CONTROLS else f"in {article(value)} look"


def _as_style(style: str) -> str:
    known = lexicon().is_(style, "picture")
    return article(style if known else f"{style} picture")


def _called(name: str, wanted: str) -> bool:
    """Whether a thing of that name would also be meant by `wanted`: a black cat by "cat"."""
    return name == wanted or name.endswith(f" {wanted}")


def _colour(layer: Layer) -> str:
    return next((value for kind, value in reversed(layer.looks) if kind is EditType.COLOR_ALTER), "")


def _apart(values: list[float]) -> bool:
    return all(b - a >= _CLOSE for a, b in pairwise(values))


def _in_row(name: str, place: int, count: int) -> str:
    if count == 2:
        return f"the {('left', 'right')[place]} {name}"
    if place == 0:
        return f"the leftmost {name}"
    if place == count - 1:
        return f"the rightmost {name}"
    if count == 3:
        return f"the middle {name}"
    order = spelled_ordinal(place + 1) if place < 12 else f"{place + 1}th"
    return f"the {order} {name} from the left"
