"""Edits of things that are traced: seen from another side, and in another pose. Outline and angle are exact."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from pixwright.build.contract import Layer
from pixwright.build.pairs.local import beside, model_of, shown_enough, with_row
from pixwright.build.pairs.stage import PLAIN, PairDraft, Stage, Unfit, the
from pixwright.build.scene.signs import asset_of
from pixwright.build.scene.traced.cutouts import STANDING, TracedKey, footing
from pixwright.build.scene.traced.models import MODELS
from pixwright.build.wording.names import phrase_for
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.words import read

METHOD = "traced"
"""What `Sample.extra["method"]` says of such rows: limits that were fitted to flat cut-outs do not hold for them."""
_FRONTS = range(-60, 61, 15)
"""Headings from which a thing is turned: one sees its front, so that left and right are its viewer's."""
_TURNS = (45, 60, 90, 120)
_BEHIND, _BEHIND_OFTEN, _BEHIND_FROM = 180, 0.2, 30
"""Degrees of a thing that is shown from behind, how often that is asked, and from which headings at the most."""
_SIDEWAYS = (-60, -45, -30, 30, 45, 60)
"""Headings from which one sees what a figure does."""
_STANDS_FIRST = 0.6
"""How often a figure stands before it does something."""
_TRIES = 40
_SIZE, _LEAST = (0.4, 1.5), 0.2
"""Of the picture's side: the most that it takes, and how much larger than things of its kind it may be; height below which one does not see what it does."""


class PoseWords(NamedTuple):
    """How an action is asked for ("sit down"), and told ("sitting")."""

    asked: str
    told: str


ACTS = {
    "stand up": PoseWords("stand up", "standing"), "wave": PoseWords("wave", "waving"), "raise both arms": PoseWords("raise both arms", "raising both arms"),
    "stretch out its arms": PoseWords("stretch out its arms", "stretching out its arms"), "sit": PoseWords("sit down", "sitting"),
    "kneel": PoseWords("kneel", "kneeling"), "squat": PoseWords("squat", "squatting"), "bow": PoseWords("bow", "bowing"), "walk": PoseWords("walk", "walking"),
    "run": PoseWords("run", "running"), "kick": PoseWords("kick", "kicking"), "dance": PoseWords("dance", "dancing"), "jump": PoseWords("jump", "jumping"),
    "lie down": PoseWords("lie down", "lying down"), "graze": PoseWords("graze", "grazing"),
}  # fmt: skip
"""Pose -> its words; its name is as the parser reads them. Whoever comes to stand stood up."""
_UNPLAIN = frozenset(
    {("walk", "run"), ("run", "walk"), ("squat", "kneel"), ("kneel", "squat"), ("dance", "kick"), ("kick", "dance")}
)
"""Poses that one would not tell from each other."""
_DOWN = frozenset({"sit", "kneel", "squat", "lie down"})


def turned_view(stage: Stage) -> PairDraft:
    """A traced thing is turned on the spot: from one side it is seen from another. Raises `Unfit`."""
    noun = _noun(stage, posing=False)
    model = MODELS[noun]
    start = int(stage.pick(_FRONTS))
    behind = abs(start) <= _BEHIND_FROM and stage.rng.random() < _BEHIND_OFTEN
    side = stage.pick(("left", "right"))
    degrees = _BEHIND if behind else int(stage.pick(_TURNS))
    signed = degrees if behind or side == "right" else -degrees
    was = TracedKey(noun, stage.pick(model.colours), start)
    stage, index = _placed(stage, was)
    phrase = _phrase(stage, index)
    told = "{} seen from behind" if behind else f"{{}} turned by {degrees} degrees to the {side}"
    step = Step(
        type=EditType.ROTATION_CHANGE,
        instruction="",
        target=read(phrase),
        value="seen from behind" if behind else None,
        amount=Amount(value=float(signed), unit=Unit.DEGREES),
    )
    slots = {"target": the(phrase), "degrees": str(degrees), "side": side}
    key = "rotation_change.behind" if behind else "rotation_change.view"
    return _draft(stage, index, was._replace(heading=start + signed), (PLAIN, told), step, key, slots)


def posed(stage: Stage) -> PairDraft:
    """A traced figure takes another pose. Raises `Unfit`."""
    noun = _noun(stage, posing=True)
    model = MODELS[noun]
    poses = stage.shuffled(model.poses)
    first = STANDING if stage.rng.random() < _STANDS_FIRST else poses[0]
    then = next(one for one in poses if _plain(first, one))
    was = TracedKey(noun, stage.pick(model.colours), int(stage.pick(_SIDEWAYS)), first)
    stage, index = _placed(stage, was)
    phrase = _phrase(stage, index)
    before, after = ("stand up" if one == STANDING else one for one in (first, then))
    step = Step(type=EditType.ACTION_CHANGE, instruction="", target=read(phrase), value=after)
    act = ACTS[after]
    slots = {"target": the(phrase), "act": act.asked, "acting": act.told}
    told = (f"{{}} {ACTS[before].told}", f"{{}} {act.told}")
    return _draft(stage, index, was._replace(pose=then), told, step, "action.pose", slots)


def _plain(first: str, then: str) -> bool:
    """Whether one sees the change from one pose to the other, and would ask for it so: only who is down stands up."""
    if then == STANDING:
        return first in _DOWN
    return first != then and (first, then) not in _UNPLAIN


def _noun(stage: Stage, posing: bool) -> str:
    """A model that could stand on what holds the scene's things. Raises `Unfit`."""
    supports = {layer.support for layer in stage.scene.layers if not layer.text}
    nouns = {layer.name.split()[-1] for layer in stage.scene.layers}
    fitting = [noun for noun, model in MODELS.items() if model.support in supports and noun.split()[-1] not in nouns]
    return stage.pick([noun for noun in fitting if len(MODELS[noun].poses) > 1 or not posing])


def _placed(stage: Stage, key: TracedKey) -> tuple[Stage, int]:
    """The scene with that thing in it, and its place among the layers. Raises `Unfit`."""
    asset = asset_of(str(key), stage.catalogue)
    model = model_of(stage, MODELS[key.noun].support)
    for _ in range(_TRIES):
        layer = beside(stage, model, asset, *_SIZE)
        if layer is not None and layer.height >= _LEAST:
            layer = replace(layer, shadow=0.0 if key.pose == "jump" else model.shadow)
            scene = with_row(stage.scene, [layer])
            index = scene.layers.index(layer)
            shown_enough(stage, scene, index)
            return replace(stage, scene=scene), index
    raise Unfit(f"there is no room for the {key.noun}")


def _phrase(stage: Stage, index: int) -> str:
    phrase = phrase_for(stage.scene, index, stage.rng)
    if phrase is None:
        raise Unfit("it cannot be told from the others")
    return phrase


def _draft(
    stage: Stage, index: int, key: TracedKey, told: tuple[str, str], step: Step, words: str, slots: dict[str, str]
) -> PairDraft:
    layer = stage.scene.layers[index]
    new = exchanged(layer, key)
    if key.pose == "jump":
        new = replace(new, shadow=0.0)
    after = stage.scene.with_layer(index, replace(new, told=told[1]))
    shown_enough(stage, after, index)
    before = stage.scene.with_layer(index, replace(layer, told=told[0]))
    return PairDraft(
        before, after, step, words, slots, (index,), extra={"method": METHOD, "traced": f"{layer.asset} {key}"}
    )


def exchanged(layer: Layer, key: TracedKey) -> Layer:
    """The layer of a traced thing as another key shows it: of the same scale, on the same spot."""
    old, new = footing(layer.asset), footing(str(key))
    scale = layer.height / old.tall
    x = layer.x + (old.x - old.wide / 2) * scale
    y = layer.y + (old.y - old.tall) * scale
    return replace(
        layer,
        asset=str(key),
        height=new.tall * scale,
        x=x - (new.x - new.wide / 2) * scale,
        y=y - (new.y - new.tall) * scale,
    )
