"""Bad pairs planted on purpose, from good ones: what the filters are calibrated on and measured with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from pixwright.build.measure.appearance import BASIC
from pixwright.build.measure.surface import looks
from pixwright.build.measure.things import put
from pixwright.build.measure.view import View
from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType as T
from pixwright.records.kind import Group, Target
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.records.sample import Sample
from pixwright.records.vocabulary import BACKGROUNDS, COLOURS

Dice = np.random.Generator
_WORDS = "OPEN CLOSED SALE HELLO WATER NORTH MUSIC GARDEN STOP COFFEE BAKERY EXIT DREAM ROYAL".split()
_RISES = frozenset({"jump", "fly"})


def planted(
    sample: Sample, others: Sequence[Sample], things: Sequence[tuple[str, Array]], dice: Dice
) -> dict[str, Sample]:
    """One bad sample of every kind that its type allows, by the kind's name.

    `others`: good samples of the same type, of which references and pictures are taken. `things`: names and cut-outs HxWx4 uint8.
    """
    makers: dict[str, Callable[[], Sample | None]] = {
        "unchanged": lambda: _unchanged(sample),
        "shifted": lambda: _shifted(sample, dice),
        "another picture": lambda: _another(sample, others, dice),
        "swapped": lambda: _swapped(sample),
        "wrong object": lambda: _wrong_thing(sample, things, dice),
        "wrong target": lambda: _wrong_target(sample, things, dice),
        "wrong colour": lambda: _wrong_colour(sample, dice),
        "wrong look": lambda: _wrong_look(sample, dice),
        "wrong reference": lambda: _wrong_reference(sample, others, dice),
        "wrong text": lambda: _wrong_text(sample, dice),
        "wrong amount": lambda: _wrong_amount(sample, dice),
    }
    made = {name: maker() for name, maker in makers.items()}
    return {name: replace(bad, scores={}, rejected="") for name, bad in made.items() if bad is not None}


def kind_of(sample: Sample) -> T:
    """The type that a sample is measured as."""
    return View(sample, Encoders()).type


def _restep(sample: Sample, **fields: object) -> Sample:
    return replace(sample, step=Step.model_validate(sample.step.model_dump() | fields))


def _unchanged(sample: Sample) -> Sample:
    if sample.canvas is None:
        return replace(sample, edited=sample.source.copy())
    x0, y0, x1, y1 = sample.canvas
    flat = np.empty_like(sample.edited)
    flat[:] = sample.source.reshape(-1, 3).mean(0)
    flat[y0:y1, x0:x1] = sample.source
    return replace(sample, edited=flat)


def _shifted(sample: Sample, dice: Dice) -> Sample | None:
    """Displaced by 2 to 5 % of the side, the border continued. Of a new framing nobody can say that it is displaced."""
    if kind_of(sample) in (T.RESIZE, T.ROTATION_CHANGE) and sample.mask is None:
        return None
    height, width = sample.edited.shape[:2]
    dx, dy = (int(dice.choice([-1, 1]) * dice.uniform(0.02, 0.05) * side + 0.5) for side in (width, height))
    move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    moved = cv2.warpAffine(sample.edited, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return replace(sample, edited=np.asarray(moved, np.uint8))


def _another(sample: Sample, others: Sequence[Sample], dice: Dice) -> Sample | None:
    fit = [o for o in others if o.id != sample.id and o.edited.shape == sample.edited.shape]
    return replace(sample, edited=fit[int(dice.integers(len(fit)))].edited) if fit else None


def _swapped(sample: Sample) -> Sample | None:
    """Before and after exchanged, where that is wrong: two things that swap places and a thing that turns round may do so again."""
    kind, step = kind_of(sample), sample.step
    if sample.canvas is not None or step.value in ("flip horizontal", "flip vertical"):
        return None
    if kind is T.ROTATION_CHANGE and step.amount is not None and abs(step.amount.value) == 180:
        return None
    if kind is T.ACTION_CHANGE and step.value not in _RISES:
        return None
    if kind is T.RELATION_CHANGE and (step.where is None or step.where.relation not in (Relation.LEFT, Relation.RIGHT)):
        return None
    return replace(sample, source=sample.edited, edited=sample.source)


def _wrong_thing(sample: Sample, things: Sequence[tuple[str, Array]], dice: Dice) -> Sample | None:
    """Where the thing was put there is another one, of its size."""
    view = View(sample, Encoders())
    name = put(view)
    if name is None or view.box is None or view.inside is None:
        return None
    last = name.split()[-1]
    fit = [pixels for other, pixels in things if last not in other]
    rgba = fit[int(dice.integers(len(fit)))]
    x0, y0, x1, y1 = view.box
    scale = min((x1 - x0) / rgba.shape[1], (y1 - y0) / rgba.shape[0])
    wide, tall = max(4, round(rgba.shape[1] * scale)), max(4, round(rgba.shape[0] * scale))
    small = cv2.resize(rgba, (wide, tall), interpolation=cv2.INTER_AREA)
    left, top = (x0 + x1 - wide) // 2, y1 - tall
    hole = view.inside.astype(np.uint8) * 255
    ground = (
        sample.source
        if kind_of(sample) is T.ADD
        else cv2.inpaint(sample.source, cv2.dilate(hole, np.ones((5, 5), np.uint8)), 3, cv2.INPAINT_TELEA)
    )
    out, mask = np.array(ground), np.zeros_like(hole)
    part = np.s_[top : top + tall, left : left + wide]
    alpha = small[..., 3:].astype(np.float32) / 255
    out[part] = (small[..., :3] * alpha + out[part] * (1 - alpha)).astype(np.uint8)
    mask[part] = np.where(small[..., 3] > 127, 255, 0)
    return replace(sample, edited=out, mask=np.maximum(mask, 0 if kind_of(sample) is T.ADD else hole))


def _wrong_target(sample: Sample, things: Sequence[tuple[str, Array]], dice: Dice) -> Sample | None:
    """The words speak of another thing than the one that was edited."""
    target = sample.step.target
    if not target or sample.mask is None or not _is_about_one_thing(kind_of(sample)):
        return None
    fit = [name for name, _ in things if name.split()[-1] not in target.text]
    return _restep(sample, target=fit[int(dice.integers(len(fit)))])


def _is_about_one_thing(kind: T) -> bool:
    """Whether another target makes it another edit: where two things take part, the other one is a witness of its own."""
    if kind is T.REPLACE or kind is T.RELATION_CHANGE:
        return False
    return kind.traits.target in (Target.NEEDED, Target.USUAL) or kind.traits.reframes


def _wrong_colour(sample: Sample, dice: Dice) -> Sample | None:
    value = sample.step.value or ""
    if kind_of(sample) is not T.COLOR_ALTER or value not in COLOURS:
        return None
    goal = np.array(COLOURS[value], float)
    fit = [name for name in BASIC if np.linalg.norm(np.array(COLOURS[name], float) - goal) > 110]
    return _restep(sample, value=fit[int(dice.integers(len(fit)))])


def _wrong_look(sample: Sample, dice: Dice) -> Sample | None:
    kind, value = kind_of(sample), sample.step.value
    if kind is T.BACKGROUND_CHANGE:
        names = [n for n in BACKGROUNDS if n not in (value, "blurred")]
    elif (known := looks().get(kind.traits.changes)) is not None and value in known.names:
        names = [n for n in known.names if n != value]
    else:
        return None
    return _restep(sample, value=names[int(dice.integers(len(names)))], amount=None)


def _wrong_reference(sample: Sample, others: Sequence[Sample], dice: Dice) -> Sample | None:
    fit = [
        o
        for o in others
        if o.id != sample.id and o.references and (o.step.value, o.extra) != (sample.step.value, sample.extra)
    ]
    if not sample.references or not fit or sample.type.group is not Group.VISUAL:
        return None
    return replace(sample, references=fit[int(dice.integers(len(fit)))].references)


def _wrong_text(sample: Sample, dice: Dice) -> Sample | None:
    if kind_of(sample) is not T.TEXTUAL_CHANGE:
        return None
    fit = [word for word in _WORDS if word.lower() not in (sample.step.value or "").lower()]
    return _restep(sample, value=fit[int(dice.integers(len(fit)))])


def _wrong_amount(sample: Sample, dice: Dice) -> Sample | None:
    """Clearly another amount: two things more, a movement by a fifth of the side more or the other way, half or twice the size, 60 degrees."""
    step, kind = sample.step, kind_of(sample)
    if kind is T.COUNTING and step.count is not None:
        return _restep(sample, count=step.count + 2)
    if step.amount is None:
        return None
    value, unit = step.amount.value, step.amount.unit
    if kind is T.COUNTING:
        value += 2 if value > 0 else -2
    elif kind is T.MOVEMENT and unit is Unit.PERCENT:
        value = -value if dice.random() < 0.5 else value + 20
    elif kind is T.RESIZE and unit is Unit.FACTOR:
        value = 1 / value if dice.random() < 0.5 else value * (2 if value > 1 else 0.5)
    elif kind is T.RESIZE and unit is Unit.STRENGTH:
        value = -value
    elif kind is T.OUTPAINT:
        value += 40
    elif kind is T.RESIZE and unit is Unit.PERCENT:
        value = 100 * ((1 + value / 100) * (2 if value > 0 else 0.5) - 1)
    elif kind is T.ROTATION_CHANGE:
        value += 60 if dice.random() < 0.5 else -60
    else:
        return None
    return _restep(sample, amount=Amount(value=value, unit=unit))
