"""Background: what is behind the subject is replaced or blurred; the subject keeps its pixels, only its rim is cleaned."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors.tone_transfer import tone
from pixwright.edit.filling.backdrop import cut_from, unmixed, without_windows
from pixwright.edit.naming import canonical
from pixwright.edit.painting.floors import Floor, floor_in, paint_floor, paint_from_above
from pixwright.edit.painting.places import Scenery, photographed, place_in, place_named, place_names
from pixwright.edit.painting.scenery import paint, paint_sky
from pixwright.edit.painting.scenery_near import NEAR
from pixwright.edit.painting.staging import behind_focus, foot_of, lens_blur, scene_light, shadowed
from pixwright.edit.surfaces.noise import Field
from pixwright.edit.toning.dials import tone_for
from pixwright.edit.toning.lut import gamma, grey, map_colours, mix, resize_field
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.media.backdrop import ToldOutline, told_by_backdrop
from pixwright.media.guided import guided_lines, squares
from pixwright.media.matte import foreground_colours
from pixwright.media.pixels import resized, shrink
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array, PictureAttachment
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.result import Origin
from pixwright.records.vocabulary import BACKGROUNDS, CLEAR, CLEAR_BUT_SHADOW, TIMES, Rgb
from pixwright.words import lexicon, read
from pixwright.words.colours import canonical as colour_name
from pixwright.words.colours import rgb

PAINTED = tuple(name for name in BACKGROUNDS if name != "blurred")
"""Backgrounds whose sky can be painted."""
_PURE: dict[str, Rgb] = {"white": (255, 255, 255), "black": (0, 0, 0)}
_FOCUS, _LIT = 65, 70
"""Percent of the strongest blur behind a subject, and of the scene's light on it."""
_MOST_LIT = 0.45
"""Weight of the lit subject at full light."""
_STANDS, _FAR = 0.25, 0.3
"""Share of the row of the feet that is level ground, so that its distance counts; and the difference in air at which the blur is full."""
_UNDECIDED_MOST, _SHREDS = 0.10, 0.25
"""Shares of the subject that may be half there, such as its hair; and from which on it would come out in shreds."""
_CORE, _SURELY = 1 / 100, 240
"""Of a subject before the sky: the width of its rim, of the longer side, and the level of its mask within that is no sky, however bright."""
_LEAST_SKY = 0.02
"""Share of the picture that is sky, from which on another sky takes its place."""
_SAID = 0.75
"""How far a painted sky or wall goes to the colour that is said of it."""
_LOOK_SIDE, _ENOUGH, _FINE, _ROUGH, _AS_LIT, _ONE_HUE = 256, 0.1, 3.0, 4.0, 40.0, 9.0
"""Longer side, in pixels, at which the ground is looked at; share of its upper and of its lower third that must be seen; deviation of the blur, in pixels, from which its lightness differs so much (of 255) in the mean if it is no backdrop; and by how much its ends may differ in lightness and in hue, in Lab of 8 bits."""
_MOSTLY_OF, _KNOWN = 0.5, 0.85
"""Share of the named thing, or of what stands out, that is both, under which they are two; and the score from which the name counts then."""
_LYING = {"snow": "winter"}
"""Weathers of a place that are seen by what they leave."""
_SEEN, _BROW = 0.002, 0.08
"""Share of a row from which on a subject is seen in it, and of its height at which its eyes are."""
_UNTOLD = "parts of the subject could not be told from its background; show it with --mask FILE"
_SEEN_THROUGH = "the old background may still be seen through a part of the subject; show it with --mask FILE"
_SOFT, _SOFTEST = "blurred", 95
"""The word before a background that shall be out of focus, and its blur in percent of the strongest."""
_COLOURLESS = 4.0
"""Mean difference of a picture's channels (of 255) under which it is in black and white."""
_LEAST_CLEAR = 0.01
"""Share of a picture that is transparent from which on it is a cut-out, and its subject what is opaque."""
_PARTS = 0.06
"""Smallest piece that goes with the subject, as a share of its largest: what is far behind stays behind."""
_CLEAR = (CLEAR, CLEAR_BUT_SHADOW, "none", "nothing", "alpha")
_HAIRY, _HALF, _MOSTLY = ("person", "animal"), 127, 0.5
"""Who has hair; the level from which a pixel of a mask is theirs; and the share of the subject that they must be."""
_SIDE = 900
"""Longer side, in pixels, at which the matte is refined."""
_EDGELESS, _LEAST_TRUST = 2e-4, 1e-4
"""Variance of a channel in [0, 1] that is no edge; and how much a channel counts that tells nothing."""
_MAYBE_BEHIND = 0.01
"""Share of the subject that may be a plain backdrop seen through it, from which on that is said."""


@dataclass(frozen=True)
class Setting:
    """How a new background is stood in: whether it has level ground in front, where it comes from, and how far out of focus it is, in percent of the strongest blur."""

    ground: bool = True
    added: Origin = Origin.DRAWN
    focus: float = _FOCUS


_ATTACHED = Setting(added=Origin.EXISTING, focus=0)
"""A picture that the user gave is as sharp as it is."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Put `step.value` (one of `vocabulary.BACKGROUNDS`, in `step.conditions`; or any colour) or the picture `[step.reference]` behind the subject.

    A user's region is the area to change; so is a phrase for something behind ("the sky"). Any other phrase is the subject that stays.
    """
    words = " ".join((step.value or "").lower().split())
    sky = _sky(picture, step, region, context)
    told = _subject(picture, step, region, context) if sky is None else ToldOutline(np.asarray(1 - sky, np.float32))
    if told is None:
        return refuse(
            picture,
            "the subject could not be told from its background; show the area to change with --mask FILE or --box X0,Y0,X1,Y1",
        )
    if sky is None and _torn(told.alpha) and words != "blurred":
        return refuse(
            picture, "what stays could not be told from what is behind it; show the area to change with --mask FILE"
        )
    proposal = _changed(picture, words, step, region, context, sky, told.alpha)
    return replace(proposal, partly=proposal.partly or _SEEN_THROUGH) if told.doubtful > _MAYBE_BEHIND else proposal


def _changed(
    picture: Array, words: str, step: Step, region: Region, context: Context, sky: Field | None, alpha: Field
) -> Proposal:
    """The subject (HxW in [0, 1]) before what `words` name; `sky`: where another sky takes the place of one."""
    if step.reference is None and words in _CLEAR:
        return _cut_out(picture, alpha, words == CLEAR_BUT_SHADOW)
    if step.reference is not None:
        attachment = context.attachments[step.reference - 1] if step.reference <= len(context.attachments) else None
        if not isinstance(attachment, PictureAttachment):
            return refuse(
                picture, f"[{step.reference}] is not an attached picture; attach one to use as the background"
            )
        return _staged(picture, fitted(attachment.pixels, picture, alpha), alpha, region, context, _ATTACHED)
    colour = _plain(words)
    if colour is not None:
        mask, result = merge(picture, np.full_like(picture, colour), alpha, _limit(region))
        return Proposal(result, mask, Evidence(colour=colour), partly=_doubt(alpha), added=Origin.DRAWN, filled=True)
    if (floor := floor_in(words)) is not None and region.source != "user":
        return _on_floor(picture, floor, alpha, region, context)
    soft, words = words != _SOFT and words.startswith(_SOFT), words.removeprefix(f"{_SOFT} ")
    if soft:
        context = replace(context, controls={"blur": _SOFTEST, **context.controls})
    there = words.partition(" with ")[0]
    if sky is None and (place := place_in(f"{there} at {step.conditions}" if step.conditions in TIMES else words)):
        return _in_place(picture, place, alpha, step, region, context)
    name = canonical(words, BACKGROUNDS, "backgrounds", context)
    if name is None:
        there = ", ".join(PAINTED if sky is not None else place_names())
        return refuse(
            picture,
            f"'{step.value}' is no background that can be had; there are {there}, any colour, or an attached picture",
        )
    if name == "blurred":
        return _blurred(picture, alpha, region, context)
    notes = () if name == words else (f"'{step.value}' was taken as '{name}'",)
    if sky is not None:
        return _under_sky(picture, _coloured(paint_sky(name, sky, context.rng(1)), step), alpha, region, context, notes)
    return _in_place(picture, place_in(name) or place_named(name), alpha, step, region, context, notes)


def _in_place(
    picture: Array,
    place: Scenery,
    alpha: Field,
    step: Step,
    region: Region,
    context: Context,
    notes: tuple[str, ...] = (),
) -> Proposal:
    """The subject in a place that there is a photograph of, its horizon where the subject's own eyes would have it; or before a painted one."""
    h, w = picture.shape[:2]
    credit = ""
    if not place.stands and region.source != "user" and _eye(alpha) is not None:
        return refuse(
            picture,
            f"'{step.value}' is painted behind a head and shoulders alone, with no ground to stand on; attach a picture of it and write: put [1] behind it",
        )
    if place.views:
        new, credit = photographed(place, h, w, _eye(alpha), context.rng(1))
    else:
        new = paint(place.name, h, w, context.rng(1))
    when = step.conditions
    if when and place.name not in NEAR and when not in place.shows and not (place.views and when in place.words):
        new = _at(new, when, context)
    notes = (*notes, credit) if credit else notes
    new = _suited(new if place.views else _coloured(new, step), picture, alpha)
    focus = _FOCUS if place.blur is None else place.blur
    scene = Setting(place.ground, Origin.CUTOUTS if place.views else Origin.DRAWN, focus)
    return _staged(picture, new, alpha, region, context, scene, notes)


def _eye(alpha: Field) -> float | None:
    """The row of the eyes of a subject (HxW in [0, 1]) that stands in the picture, as a share of its height; None where the frame cuts it off."""
    foot = foot_of(alpha)
    if foot is None:
        return None
    top = float(np.argmax((alpha > _HALF / 255).mean(1) > _SEEN)) / alpha.shape[0]
    return float(top + _BROW * (foot - top))


def _suited(new: Array, picture: Array, alpha: Field) -> Array:
    """A new background in the photograph's own kind: its brightness a little towards the subject's, and without colours behind a subject that has none."""
    new = _matched(new, picture, alpha)
    apart = np.ptp(shrink(picture, _LOOK_SIDE).astype(np.float32), axis=-1)
    return np.repeat(grey(new)[..., None], 3, axis=-1) if float(apart.mean()) < _COLOURLESS else new


def _sky(picture: Array, step: Step, region: Region, context: Context) -> Field | None:
    """How much each pixel is sky, HxW in [0, 1], where another sky takes its place; None where none is meant, or seen."""
    meant = step.target is not None and lexicon().is_(step.target.head, "sky") and region.source == "phrase"
    if not meant or region.phrase == "background":
        return None
    sky = Outdoors(picture, context).sky
    if sky is None or float(sky.mean()) < _LEAST_SKY:
        return None
    subject = context.ground(picture, "foreground")
    core = max(3, round(max(sky.shape) * _CORE))
    kept = cv2.erode(subject.mask, np.ones((core, core), np.uint8)) > _SURELY if subject.found else False
    return np.where(kept, np.float32(0), sky)


def _under_sky(
    picture: Array, new: Array, alpha: Field, region: Region, context: Context, notes: tuple[str, ...]
) -> Proposal:
    """Another sky in the place of the sky: nothing is out of focus, and nothing throws a shadow on it."""
    return _staged(picture, new, alpha, region, context, Setting(ground=False, focus=0), notes)


def _on_floor(picture: Array, floor: Floor, alpha: Field, region: Region, context: Context) -> Proposal:
    """The subject on a floor or a table, seen as it is itself: from above where nothing but one ground lies behind it."""
    h, w = alpha.shape
    if _from_above(picture, alpha):
        return _staged(picture, paint_from_above(floor, h, w, context.rng(1)), alpha, region, context, Setting(focus=0))
    rows = np.flatnonzero((alpha > _HALF / 255).any(1))
    end = float(rows[-1] + 1) / h
    new = paint_floor(floor, h, w, end, float(rows[-1] - rows[0]) / h, context.rng(1))
    return _staged(picture, new, alpha, region, context, Setting(), foot=end)


def _from_above(picture: Array, alpha: Field) -> bool:
    """Whether what is behind the subject is one ground, all over as rough and of one colour; a smooth one is a backdrop."""
    small = shrink(picture, _LOOK_SIDE)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    behind = resize_field(alpha, small.shape[1], small.shape[0]) < 1 - _HALF / 255
    third = small.shape[0] // 3
    thirds = np.s_[:third], np.s_[-third:]
    parts = [lab[rows][behind[rows]] for rows in thirds]
    if min(map(len, parts)) < _ENOUGH * third * small.shape[1]:
        return False
    upper, lower = (np.median(part, axis=0) for part in parts)
    fine = np.abs(lab[..., 0] - cv2.GaussianBlur(lab[..., 0], (0, 0), _FINE))
    rough = min(float(fine[rows][behind[rows]].mean()) for rows in thirds)
    light, *hue = np.abs(upper - lower)
    return rough > _ROUGH and float(light) < _AS_LIT and max(map(float, hue)) < _ONE_HUE


def _coloured(scene: Array, step: Step) -> Array:
    """A painted sky or wall HxWx3 in the colour that is said of it: its hues move there, its light stays."""
    said = read(step.value or "it")
    if not said.colours or not lexicon().is_(said.head, "sky", "wall"):
        return scene
    lab = cv2.cvtColor(scene, cv2.COLOR_RGB2LAB).astype(np.float32)
    goal = cv2.cvtColor(np.array([[rgb(said.colours[0])]], np.uint8), cv2.COLOR_RGB2LAB)[0, 0].astype(np.float32)
    lab[..., 1:] += np.float32(_SAID) * (goal[1:] - lab[..., 1:].mean((0, 1)))
    return np.asarray(cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB), np.uint8)


def _at(scene: Array, when: str, context: Context) -> Array:
    """A painted scene in a season, at a time of day or in some weather; a snowy place has its snow on the ground, and no flakes before it."""
    when = _LYING.get(when, when)
    outdoors = Outdoors(scene, replace(context, controls={}))
    asked = tone_for(when, 1.0, outdoors.context, outdoors.has_sky, float(grey(outdoors.small).mean()) / 255)
    return tone(outdoors, asked)


_PLAINLY = frozenset("plain solid simple clean seamless uniform even".split())
"""What is said of a backdrop that has one colour."""
_BACKDROPS = frozenset("background backdrop".split())
_ROOMS = frozenset("studio wall paper screen".split())
"""What such a backdrop is called where it is said to be plain."""


def _plain(words: str) -> Rgb | None:
    """The colour of "plain white", "navy", "#ff8800", "a plain light grey studio": white and black as a screen shows them, since nothing shines on them."""
    kept = [word for word in words.split() if word not in _PLAINLY]
    plainly = len(kept) < len(words.split())
    while len(kept) > 1 and (kept[-1] in _BACKDROPS or (plainly and kept[-1] in _ROOMS)):
        kept.pop()
    said = " ".join(kept)
    return _PURE.get(colour_name(said)) or rgb(said)


def _doubt(alpha: Field) -> str | None:
    """What is wrong with a subject (HxW in [0, 1]) that is neither there nor not in too many places."""
    return _UNTOLD if _undecided(alpha) > _UNDECIDED_MOST else None


def _undecided(alpha: Field) -> float:
    """Share of the subject that is half there."""
    return float(np.minimum(alpha, 1 - alpha).sum() / max(float(alpha.sum()), 1.0))


def _torn(alpha: Field) -> bool:
    """Whether so much of the subject is half there that it would come out in shreds."""
    return _undecided(alpha) > _SHREDS


def _limit(region: Region) -> Region | None:
    """The user's own mask, which decides alone."""
    return region if region.source == "user" else None


def _staged(
    picture: Array,
    new: Array,
    alpha: Field,
    region: Region,
    context: Context,
    scene: Setting,
    notes: tuple[str, ...] = (),
    foot: float | None = None,
) -> Proposal:
    """The subject before a scene: its contact shadow on level ground, focus on the line of its feet, and a part of the scene's light on it."""
    if region.source == "user":
        return Proposal(new, region.mask.copy(), notes=notes, added=scene.added, filled=True)
    foot = foot_of(alpha) if foot is None else foot
    blur = context.control("blur", scene.focus, 0, 100, "focus on the subject", "%")
    light = context.control("light", _LIT, 0, 100, "the scene's light on the subject", "%")
    controls = [blur, light]
    new = behind_focus(new, foot if scene.ground else None, blur.value / 100)
    if scene.ground and foot is not None:
        shadow = context.control("shadow", 100, 0, 100, "a shadow where it stands", "%")
        controls.append(shadow)
        new = shadowed(new, alpha, shadow.value / 100)
    mask, result = merge(picture, new, alpha, None)
    lit = scene_light(result, new, alpha)
    # A weight below a half says that the subject is kept: its own picture, with a little of the lit one.
    weight = np.float32(_MOST_LIT * light.value / 100)
    rim = mask > 0
    out = np.where(rim[..., None], mix(result, lit, alpha * weight), lit)
    mask = np.where(rim, mask, np.uint8(round(255 * float(weight))))
    return Proposal(
        out, mask, partly=_doubt(alpha), notes=notes, added=scene.added, controls=tuple(controls), filled=True
    )


def _blurred(picture: Array, alpha: Field, region: Region, context: Context) -> Proposal:
    """What lies behind the subject out of focus, the farther the more, and what lies before it a little; all of it where no ground is seen."""
    blur = context.control("blur", 100, 0, 100, "a wide aperture", "%")
    back = cv2.erode((alpha < 0.05).astype(np.float32), np.ones((3, 3), np.uint8))
    share = _defocus(picture, alpha, region, context) * np.float32(blur.value / 100)
    mask, result = merge(picture, lens_blur(picture, share, back), alpha, _limit(region))
    return Proposal(result, mask, partly=_doubt(alpha), controls=(blur,))


def _defocus(picture: Array, alpha: Field, region: Region, context: Context) -> Field:
    """How far from the subject's own distance everything is, HxW in [0, 1]; 1 everywhere where the frame cuts the subject off or it stands on nothing."""
    foot = foot_of(alpha)
    whole = np.ones(picture.shape[:2], np.float32)
    if foot is None or region.source == "user":
        return whole
    outdoors = Outdoors(picture, context)
    at = round(foot * (picture.shape[0] - 1))
    if float(outdoors.level[max(0, at - 4) : at + 4].mean()) < _STANDS:
        return whole
    distance = outdoors.distance
    own = float(np.median(distance[max(0, at - 2) : at + 1]))
    return np.asarray(np.clip((distance - own) / _FAR, 0, 1) + np.clip((own - distance) / _FAR, 0, 1) * 0.5, np.float32)


def _cut_out(picture: Array, alpha: Field, shadow: bool) -> Proposal:
    """The background made transparent, but for the shadow if that is wanted. The rim gets the subject's own colour, so that it can stand before anything; nothing else changes."""
    opaque = np.asarray(np.round(255 * alpha), np.uint8)
    evidence = Evidence(cleared=float((opaque < 128).mean()))
    cut = cut_from(picture, opaque, shadow)
    soft = (cut.alpha > 0) & ((opaque < 255) | (cut.alpha < 255))
    mask = np.where(soft, np.uint8(255), np.uint8(0))
    return Proposal(cut.colours, mask, evidence, partly=cut.problem, alpha=cut.alpha)


def _subject(picture: Array, step: Step, region: Region, context: Context) -> ToldOutline | None:
    """How much each pixel belongs to what stays; None if nothing is found, or nothing would be left to change."""
    if context.alpha is not None and (context.alpha < 128).mean() > _LEAST_CLEAR:
        return ToldOutline(np.asarray(context.alpha / np.float32(255), np.float32))
    behind = step.target is not None and lexicon().is_(step.target.head, "setting", "sky", "wall", "landscape")
    if region.found and region.source == "user":
        return ToldOutline(np.asarray(1 - region.mask.astype(np.float32) / 255, np.float32))
    named = False
    if region.found and region.phrase == "background":
        alpha: Field = whole_subject(255 - region.mask).astype(np.float32) / np.float32(255)
    elif region.found and region.source == "phrase":
        share: Field = (region.mask / np.float32(255)).astype(np.float32)
        named = not behind
        alpha = np.asarray(1 - share if behind else _with_what_stands_out(picture, share, region, context), np.float32)
    else:
        small = shrink(picture, _SIDE)
        subject = context.ground(small, "foreground")
        if not subject.found:
            return None
        alpha = resize_field(whole_subject(subject.mask).astype(np.float32) / 255, picture.shape[1], picture.shape[0])
    alpha = without_windows(picture, outlined(picture, np.ascontiguousarray(alpha, np.float32), context))
    told = told_by_backdrop(picture, alpha, context.standing(picture), grow=not named)
    return told if 0.005 < float(told.alpha.mean()) < 0.985 else None


def _with_what_stands_out(picture: Array, share: Field, region: Region, context: Context) -> Field:
    """The named subject's share of HxWx3, or all that stands out where it is that, or a piece of it: no outline is finer."""
    salient = context.ground(picture, "foreground")
    if not salient.found:
        return share
    out: Field = whole_subject(salient.mask).astype(np.float32) / np.float32(255)
    common = float(np.minimum(share, out).sum())
    apart = common < _MOSTLY_OF * min(float(share.sum()), float(out.sum()))
    return share if apart and region.score >= _KNOWN else out


def outlined(picture: Array, alpha: Field, context: Context) -> Field:
    """A soft mask (HxW in [0, 1]) along the edges of HxWx3; the rim of somebody with hair or fur, before a plain backdrop, by colours: a silver car before white is no hair."""
    fine = refine(picture, alpha)
    living = (context.ground(picture, who) for who in _HAIRY)
    grown = any(one.found and float(alpha[one.mask > _HALF].sum()) > _MOSTLY * float(alpha.sum()) for one in living)
    return unmixed(picture, fine) if grown else fine


def whole_subject(mask: Array) -> Array:
    """Close narrow gaps and small holes: a subject with a piece missing is worse than one with a piece of its background."""
    reach = max(3, round(max(mask.shape) / 45)) | 1
    mask = _without_scraps(mask)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats((closed < 128).astype(np.uint8), connectivity=4)
    h, w = mask.shape
    for k in range(1, count):
        x0, y0, bw, bh, area = stats[k].tolist()
        if x0 > 0 and y0 > 0 and x0 + bw < w and y0 + bh < h and area < 0.03 * h * w:
            closed[labels == k] = 255
    return np.asarray(np.maximum(closed, mask), np.uint8)


def _without_scraps(mask: Array) -> Array:
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8))
    largest = max((int(stats[k][4]) for k in range(1, count)), default=0)
    scraps = [k for k in range(1, count) if stats[k][4] < _PARTS * largest]
    near = cv2.dilate(np.isin(labels, scraps).astype(np.uint8), np.ones((5, 5), np.uint8)) if scraps else 0
    kept = (labels > 0) & ~np.isin(labels, scraps)
    return np.where((near > 0) & ~kept, np.uint8(0), mask) if scraps else mask


def refine(picture: Array, alpha: Field) -> Field:
    """Fit a soft mask, HxW in [0, 1], to the picture's own edges (a guided filter by each channel, of which those count that tell it), so that hair and fur come with it."""
    h, w = alpha.shape
    small = shrink(picture, _SIDE).astype(np.float32) / 255
    sh, sw = small.shape[:2]
    a = resize_field(alpha, sw, sh)
    radius = max(2, round(max(sh, sw) / 110))
    size = (2 * radius + 1, 2 * radius + 1)
    total = np.zeros_like(a)
    weight = np.zeros_like(a)
    for guide in map(np.ascontiguousarray, cv2.split(small)):
        lines = guided_lines(guide, a, squares(radius), _EDGELESS)
        trust = np.abs(lines.covariance) + np.float32(_LEAST_TRUST)
        total += lines.on(guide) * trust
        weight += trust
    fine = np.clip((total / weight - 0.08) / 0.84, 0, 1)
    near = (cv2.dilate(a, np.ones(size, np.uint8)) > 0.02).astype(np.float32)
    sure = (cv2.erode(a, np.ones(size, np.uint8)) > 0.98).astype(np.float32)
    fine = np.maximum(fine * near, sure)
    fine[fine > 0.965] = 1.0
    fine[fine < 0.03] = 0.0
    return np.clip(resize_field(np.asarray(fine, np.float32), w, h), 0, 1)


def merge(picture: Array, new: Array, alpha: Field, limit: Region | None) -> tuple[Array, Array]:
    """(mask, picture): the rim takes the subject's own colour from inside, so that no fringe of the old background stays.

    With a user's own mask (`limit`) nothing is guessed: it decides, softly, as drawn."""
    small = shrink(picture, _SIDE)
    thin = resize_field(alpha, small.shape[1], small.shape[0])
    own = resized(foreground_colours(small, np.asarray(np.round(255 * thin), np.uint8)), *picture.shape[:2])
    clean = mix(picture, own, np.clip((1 - alpha) * 4, 0, 1))
    result = mix(new, clean, alpha)
    if limit is not None:
        return limit.mask.copy(), new
    touched = np.where(alpha < 0.985, np.uint8(255), np.uint8(0)).astype(np.uint8)
    return touched, result


def fitted(pixels: Array, like: Array, alpha: Field) -> Array:
    """An attached picture, cropped to cover `like`'s size, its light brought a little towards the subject's."""
    h, w = like.shape[:2]
    source = np.ascontiguousarray(pixels[..., :3])
    scale = max(h / source.shape[0], w / source.shape[1])
    big = resized(source, max(h, round(source.shape[0] * scale)), max(w, round(source.shape[1] * scale)))
    top, left = (big.shape[0] - h) // 2, (big.shape[1] - w) // 2
    return _matched(np.ascontiguousarray(big[top : top + h, left : left + w]), like, alpha)


def _matched(new: Array, picture: Array, alpha: Field) -> Array:
    """`new` with its lightness moved a quarter of the way to the subject's, so that a dim subject does not stand before a glaring sky."""
    inside = float((grey(picture) * alpha).sum() / max(float(alpha.sum()), 1.0))
    own = float(grey(new).mean())
    aim = np.clip(own + 0.25 * (inside - own), 12, 240) / 255
    power = float(np.clip(np.log(aim) / np.log(np.clip(own / 255, 0.05, 0.95)), 0.75, 1.35))
    return map_colours(new, lambda c: gamma(c, power))
