"""Edits of the whole picture: background, tone, style."""

from __future__ import annotations

from dataclasses import replace

from pixwright.build.contract import LayeredScene, Look
from pixwright.build.pairs.stage import PairDraft, Stage, Unfit
from pixwright.build.scene.captions import data
from pixwright.build.scene.setting import setting_of
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.sample import Asset
from pixwright.records.vocabulary import LOOKS, MOODS, SEASONS, STYLES, TIMES, WEATHERS
from pixwright.words.saying import article

_BARE = frozenset(
    ["mountains", "space", "snow", "underwater", "bokeh", "clouds", "impressionism", "pointillism", "pop art", "pixel art", "stained glass",
     "cyberpunk", "film noir", "cross stitch", "anime", "ukiyo-e", "low poly", "van gogh"]
)  # fmt: skip
"""Places and styles that take no article."""
_SOLID = frozenset({"open", "room"})
"""Settings with ground to stand on."""
_ADJECTIVES = {
    "sunny": "sunny",
    "cloudy": "cloudy",
    "rain": "rainy",
    "snow": "snowy",
    "fog": "foggy",
    "storm": "stormy",
}
_NOUNS = {"sunny": "sun", "cloudy": "clouds", "rain": "rain", "snow": "snow", "fog": "fog", "storm": "storm"}
_MORE = ("brightness", "contrast", "saturation", "warmth")
_EFFECTS = ("fog", "haze")
"""Grain is left out: at the size of these pictures it does not show."""
_WEATHERED = frozenset({"open", "water"})
_UNSTATED = 0.6
"""Strength of "more contrast"."""
_CONFLICTS = {"winter": "snow", "snow": "snow"}


def background_change(stage: Stage) -> PairDraft:
    """Another place behind the same things, which must be able to stand there as they stand."""
    scene = stage.scene
    names = sorted({one.name for one in stage.catalogue.assets("background")} - {scene.place})
    for place in stage.shuffled(names):
        asset = stage.pick([one for one in stage.catalogue.assets("background") if one.name == place])
        horizon = fitting_horizon(stage, asset)
        if horizon is not None:
            after = replace(scene, background=asset.key, place=place, horizon=horizon)
            step = Step(type=EditType.BACKGROUND_CHANGE, instruction="", value=place)
            return PairDraft(scene, after, step, "background_change", {"scenery": bare_or_article(place)}, ())
    raise Unfit(f"no other background goes with what is {scene.place}")


def fitting_horizon(stage: Stage, background: Asset) -> float | None:
    """The horizon that a background brings into the scene, or None if the scene's things cannot be there."""
    setting = setting_of(background, stage.catalogue)
    _, top, _, bottom = stage.scene.crop
    horizon, ground = ((level - top) / (bottom - top) for level in (setting.horizon, setting.ground))
    layers = stage.scene.layers
    feet = [layer.y for layer in layers if layer.support == "ground" and not layer.asset.startswith("table/")]
    afloat = [layer.y for layer in layers if layer.support == "water"]
    if any(layer.asset.startswith("table/") for layer in layers):
        fits = setting.kind in _SOLID | {"close"}
    elif feet:
        fits = setting.kind in _SOLID and min(feet) > ground - 0.04
    elif afloat and background.name == "beach":
        fits = max(afloat) < ground - 0.02
    elif afloat:
        fits = setting.kind in {"water", "deep", "float"}
    else:
        fits = setting.kind not in {"close", "room"} and (setting.kind == "deep") <= (not layers)
    return round(min(max(horizon, 0.05), 1.0), 4) if fits else None


def bare_or_article(name: str) -> str:
    """ "a beach", but "mountains" and "pop art"."""
    if name == "ocean":
        return "the ocean"
    return name if name in _BARE else article(name)


def tone_transfer(stage: Stage) -> PairDraft:
    """A season, time of day, weather, look, mood, or a photographic control that is turned up."""
    kinds = ["tone.look", "tone.mood", "tone.more"]
    if outdoors(stage):
        kinds += ["tone.effect", *["tone.time", "tone.weather"] * 2]
    if growing(stage):
        kinds += ["tone.season"] * 2
    key = stage.pick(kinds)
    value = stage.pick(tone_values(key))
    if _CONFLICTS.get(value) == stage.scene.place:
        raise Unfit(f"it is {value} already")
    step, slots = toned(key, value)
    return PairDraft(stage.scene, finished(stage.scene, (EditType.TONE_TRANSFER, value)), step, key, slots, None)


def toned(key: str, value: str) -> tuple[Step, dict[str, str]]:
    """A tone as a step, and what the templates of `key` need to say it."""
    amount = Amount(value=_UNSTATED, unit=Unit.STRENGTH) if key == "tone.more" or value in ("haze", "grain") else None
    step = Step(type=EditType.TONE_TRANSFER, instruction="", value=value, amount=amount)
    slots = {"value": value, "control": value, "noun": _NOUNS.get(value, value)}
    if value in _ADJECTIVES:
        slots["adjective"] = _ADJECTIVES[value]
    return step, slots


def outdoors(stage: Stage) -> bool:
    """Whether the scene has a season, a weather and a time of day."""
    asset = stage.catalogue.asset(stage.scene.background)
    return setting_of(asset, stage.catalogue).kind in _WEATHERED


def growing(stage: Stage) -> bool:
    """Whether a season shows on what grows there."""
    return stage.scene.place in data()["green"]


def tone_values(key: str) -> tuple[str, ...]:
    """What the templates of `key` may say."""
    looks = tuple(look for look in LOOKS if look not in ("underwater", "sandstorm"))
    return {
        "tone.look": looks, "tone.mood": MOODS, "tone.more": _MORE, "tone.effect": _EFFECTS, "tone.season": SEASONS,
        "tone.time": TIMES, "tone.weather": WEATHERS,
    }[key]  # fmt: skip


def style_change(stage: Stage) -> PairDraft:
    """The picture as a painting, a drawing, a mosaic ..."""
    value = stage.pick(STYLES)
    step = Step(type=EditType.STYLE_CHANGE, instruction="", value=value)
    slots = {"value": value, "styled": bare_or_article(value)}
    return PairDraft(
        stage.scene, finished(stage.scene, (EditType.STYLE_CHANGE, value)), step, "style_change", slots, None
    )


def finished(scene: LayeredScene, look: Look) -> LayeredScene:
    """The scene with a further look of the whole picture."""
    return replace(scene, finish=(*scene.finish, look))
