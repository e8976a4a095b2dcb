"""The metrics by name: `NAME`, `NAME~source` to compare with the input instead of the truth, `NAME@BACKBONE` for another backbone.

Names without `mini-` need published weights for everything that is learned; `mini-` ones run on the packaged networks and are comparable with
nothing but themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, cast

from pixwright.errors import InvalidOption
from pixwright.evaluate.metrics import cosine, pixelwise, regions
from pixwright.evaluate.metrics.backbones import MINI, Backbones, rows
from pixwright.evaluate.metrics.batch import CaseBatch
from pixwright.evaluate.metrics.brisque import brisque
from pixwright.evaluate.metrics.contract import Description, Floats, Metric, Need, Role, Values, Words
from pixwright.records.instruction import Array

Make: TypeAlias = Callable[["Spec", "Wish"], Metric]
B32, L14, H14, DINO = "clip-vit-base-patch32", "clip-vit-large-patch14", "clip-vit-h14", "dino-vits16"
_CLIP = "shorter side 224 bicubic, middle 224, CLIP mean and deviation; unit vectors"
_DINO = "shorter side 256 bicubic, middle 224, ImageNet mean and deviation; class token"
_MINI = "whole picture at 256x256"
_SIZE = "result resized to the other picture's size (bicubic), values in [0, 1]"
_MASK = "result at the source's size; mask above 127 is inside"
_MAGIC = "MagicBrush (Zhang et al. 2023): OSU-NLP-Group/MagicBrush, evaluation/image_eval.py"


@dataclass(frozen=True)
class Spec:
    """A row of the table: how a metric is made and described. `low` and `high` bound a single value."""

    make: Make
    up: bool
    low: float | None
    high: float | None
    preprocessing: str
    source: str
    backbone: str = ""
    against: Role | None = None
    """What it compares with unless `~` says otherwise; None where there is no choice."""


@dataclass(frozen=True)
class Wish:
    """One requested metric, resolved: the name to print, the backbone, its revision, and what to compare with."""

    name: str
    backbone: str
    revision: str
    against: Role


def _about(spec: Spec, wish: Wish) -> Description:
    pre = _MINI if wish.backbone in MINI else spec.preprocessing
    source = f"stand-in for {spec.source}; used by no paper" if wish.name.startswith("mini-") else spec.source
    return Description(wish.name, spec.up, spec.low, spec.high, pre, source, wish.backbone, wish.revision)


def _pixels(function: Callable[[Array, Array], float]) -> Make:
    def make(spec: Spec, wish: Wish) -> Metric:
        def score(batch: CaseBatch) -> Values:
            return batch.each(lambda pair: None if pair is None else function(*pair), batch.pairs(wish.against))

        return Metric(_about(spec, wish), score)

    return make


def _alike(first: Role, second: Role | None, function: Callable[[Floats, Floats], float] = cosine.cosine) -> Make:
    """Cosine of two pictures' vectors; `second` None is what the wish compares with."""

    def make(spec: Spec, wish: Wish) -> Metric:
        return _two(spec, wish, first, second or wish.against, function)

    return make


def _told(words: Words, function: Callable[[Floats, Floats], float] = cosine.cosine) -> Make:
    def make(spec: Spec, wish: Wish) -> Metric:
        return _two(spec, wish, "made", words, function)

    return make


def _two(
    spec: Spec, wish: Wish, first: Role, second: Role | Words, function: Callable[[Floats, Floats], float]
) -> Metric:
    def score(batch: CaseBatch) -> Values:
        a, b = batch.vectors(wish.backbone, first), batch.vectors(wish.backbone, second)
        return [None if x is None or y is None else function(x, y) for x, y in zip(a, b, strict=True)]

    needs: tuple[Need, ...] = ((wish.backbone, first), (wish.backbone, second))
    return Metric(_about(spec, wish), score, needs)


def _direction(spec: Spec, wish: Wish) -> Metric:
    what: tuple[Role | Words, ...] = ("source", "made", "source_caption", "caption")

    def score(batch: CaseBatch) -> Values:
        found = zip(*(batch.vectors(wish.backbone, role) for role in what), strict=True)
        out: Values = []
        for case, (before, after, words, new_words) in zip(batch.cases, found, strict=True):
            # Equal captions ask for no direction: there is nothing to agree with.
            if (
                before is None
                or after is None
                or words is None
                or new_words is None
                or case.caption == case.source_caption
            ):
                out.append(None)
            else:
                out.append(cosine.directional(before, after, words, new_words))
        return out

    return Metric(_about(spec, wish), score, tuple((wish.backbone, role) for role in what))


def _perceptual(spec: Spec, wish: Wish) -> Metric:
    return Metric(_about(spec, wish), lambda batch: batch.distances(wish.backbone, wish.against))


def _brisque(spec: Spec, wish: Wish) -> Metric:
    def score(batch: CaseBatch) -> Values:
        return batch.each(lambda picture: None if picture is None else brisque(picture), batch.pictures("made"))

    return Metric(_about(spec, wish), score)


def _aesthetic(spec: Spec, wish: Wish) -> Metric:
    def score(batch: CaseBatch) -> Values:
        layers = batch.backbones.head(wish.backbone)
        return [None if v is None else cosine.linear_chain(v, layers) for v in batch.vectors(L14, "made")]

    return Metric(_about(spec, wish), score, ((L14, "made"),))


def _pick(spec: Spec, wish: Wish) -> Metric:
    def score(batch: CaseBatch) -> Values:
        scale = float(batch.backbones.embedder(wish.backbone).scale)
        found = zip(batch.vectors(wish.backbone, "made"), batch.vectors(wish.backbone, "caption"), strict=True)
        return [None if a is None or b is None else cosine.scaled(a, b, scale) for a, b in found]

    return Metric(_about(spec, wish), score, ((wish.backbone, "made"), (wish.backbone, "caption")))


def _recall(spec: Spec, wish: Wish) -> Metric:
    def score(batch: CaseBatch) -> Values:
        found = zip(batch.cases, batch.boxes(), strict=True)
        return [None if not case.subject else float(box is not None) for case, box in found]

    return Metric(_about(spec, wish), score)


def _region(function: Callable[[Array, Array, Array], float | None]) -> Make:
    def make(spec: Spec, wish: Wish) -> Metric:
        def score(batch: CaseBatch) -> Values:
            found = zip(batch.cases, batch.pairs("source"), strict=True)
            return [None if p is None or c.mask is None else function(p[1], p[0], c.mask) for c, p in found]

        return Metric(_about(spec, wish), score)

    return make


def _region_lpips(spec: Spec, wish: Wish) -> Metric:
    def score(batch: CaseBatch) -> Values:
        pairs = batch.pairs("source")
        there = [i for i, pair in enumerate(pairs) if pair is not None and batch.cases[i].mask is not None]
        made, source = ([cast(tuple[Array, Array], pairs[i])[k] for i in there] for k in (0, 1))
        out: Values = [None] * len(pairs)
        for i, found in zip(there, batch.backbones.perceptual(wish.backbone).maps(made, source), strict=True):
            out[i] = regions.map_mean(found, cast(Array, batch.cases[i].mask), "outside")
        return out

    return Metric(_about(spec, wish), score)


def _iou(spec: Spec, wish: Wish) -> Metric:
    def score(batch: CaseBatch) -> Values:
        masks = [(case.made_mask, case.mask) for case in batch.cases]
        return [None if a is None or b is None else regions.mask_iou(a, b) for a, b in masks]

    return Metric(_about(spec, wish), score)


_l1, _ssim = regions.region_l1, regions.region_ssim
_SUBJECT = "InstructAny2Pix (Li et al. 2024), section 4.3 and table 2"
_GEDIT = "GEditBench v2's region-decoupled pipelines"
SPECS: dict[str, Spec] = {
    "L1": Spec(_pixels(pixelwise.l1), False, 0, 1, _SIZE, _MAGIC, against="target"),
    "L2": Spec(_pixels(pixelwise.l2), False, 0, 1, _SIZE + "; the mean square", _MAGIC, against="target"),
    "PSNR": Spec(_pixels(pixelwise.psnr), True, 0, 100, _SIZE + "; equal pictures 100 dB", "10 log10(1 / L2)", against="target"),
    "SSIM": Spec(_pixels(pixelwise.ssim), True, -1, 1, _SIZE + "; Gaussian window 11, sigma 1.5, mean of the channels", "Wang et al. 2004, equation 13", against="target"),
    "LPIPS": Spec(_perceptual, False, 0, None, "result at the other's size, values in [-1, 1]", "Zhang et al. 2018, equation 1, version 0.1", "lpips-alex", "target"),
    "BRISQUE": Spec(_brisque, False, None, None, "grey, full and half size; no structure scores 100", "Mittal et al. 2012, with OpenCV's LIVE model", "brisque-opencv-live"),
    "CLIP-I": Spec(_alike("made", None), True, -1, 1, _CLIP, _MAGIC, B32, "target"),
    "CLIP-T": Spec(_told("caption"), True, -1, 1, _CLIP + "; local caption", _MAGIC, B32),
    "CLIP-out": Spec(_told("caption"), True, -1, 1, _CLIP + "; caption of the result", "CLIP_out of InstructAny2Pix (Li et al. 2023) and Emu Edit; backbone of AnyEdit's post_filter.py (AnySD)", H14),
    "CLIP-score": Spec(_told("caption", cosine.clip_score), True, 0, 100, _CLIP, "Hessel et al. 2021; InstructEdit (Wang et al. 2023), table 1", L14),
    "CLIP-dir": Spec(_direction, True, -1, 1, _CLIP + "; no change scores 0", "Gal et al. 2021 (StyleGAN-NADA); InstructPix2Pix (Brooks et al. 2023)", L14),
    "DINO": Spec(_alike("made", None), True, -1, 1, _DINO, _MAGIC, DINO, "target"),
    "DINO_sub": Spec(_alike("crop", "reference"), True, -1, 1, _DINO + "; the box of the subject against the subject's picture", _SUBJECT, DINO),
    "DINO_ref": Spec(_alike("made", "source"), True, -1, 1, _DINO + "; the whole result against the background's picture", _SUBJECT, DINO),
    "recall": Spec(_recall, True, 0, 1, "1 where the finder sees the subject in the result", _SUBJECT, "finder"),
    "aesthetic": Spec(_aesthetic, True, None, None, _CLIP + " (ViT-L/14), five linear layers", "LAION-Aesthetics V2 (Schuhmann et al. 2022); InstructAny2Pix, figure A.12", "aesthetic-v2"),
    "PickScore": Spec(_pick, True, -100, 100, _CLIP + "; scaled cosine with the caption", "Kirstain et al. 2023; InstructAny2Pix, figure A.12", "pickscore-v1"),
    "outside-L1": Spec(_region(partial(_l1, side="outside")), False, 0, 1, _MASK, _GEDIT),
    "outside-max": Spec(_region(regions.outside_max), False, 0, 1, _MASK, _GEDIT),
    "outside-SSIM": Spec(_region(partial(_ssim, side="outside")), True, -1, 1, _MASK + "; lightness, inside made equal", _GEDIT),
    "outside-LPIPS": Spec(_region_lpips, False, 0, None, _MASK + "; mean of the distance map", _GEDIT, "lpips-alex"),
    "inside-L1": Spec(_region(partial(_l1, side="inside")), True, 0, 1, _MASK + "; how much was done, not how well", _GEDIT),
    "inside-SSIM": Spec(_region(partial(_ssim, side="inside")), True, -1, 1, _MASK + "; lightness, outside made equal", _GEDIT),
    "inside-DINO": Spec(_alike("made-inside", "source-inside"), True, -1, 1, _DINO + "; the mask's box in result and source", _GEDIT, DINO),
    "mask-IoU": Spec(_iou, True, 0, 1, "masks above 127, of one size", "intersection over union; both empty is 1"),
}  # fmt: skip
_STAND_INS = {"clip": "mini-clip", "dino": "mini-dino", "lpips": "mini-lpips"}
_FOUND = ("recall", "DINO_sub")
_LESS = ("CLIP-out", "CLIP-score", "aesthetic", "PickScore")
NAMES: tuple[str, ...] = (
    *SPECS,
    *(f"mini-{n}" for n, s in SPECS.items() if n not in _LESS and (s.backbone in rows() or s.backbone == "finder")),
)


def metric(wanted: str, backbones: Backbones) -> Metric:
    """The metric called `wanted`, `[mini-]NAME[~source|~target][@BACKBONE]`. Nothing is opened yet.

    Raises `InvalidOption` for an unknown name, a comparison or a backbone that the metric cannot have.
    """
    rest, at, backbone = wanted.partition("@")
    name, tilde, against = rest.partition("~")
    if name not in NAMES:
        raise InvalidOption(f"no metric is called {name!r}; there are: {', '.join(NAMES)}")
    spec = SPECS[name.removeprefix("mini-")]
    if tilde and (spec.against is None or against not in ("target", "source")):
        able = ", ".join(one for one, row in SPECS.items() if row.against)
        raise InvalidOption(f"{wanted!r} is not possible; ~target and ~source are for {able}")
    chosen = _backbone(name, spec, backbone if at else "", backbones)
    if name in _FOUND and backbones.finder.mini:
        raise InvalidOption(
            f"{name} needs a paper's detector, the finder is the embedded one; use mini-{name}, or pass a Finder"
        )
    printed = name + (f"~{against}" if tilde and against != spec.against else "")
    if chosen in rows() and chosen != spec.backbone:
        printed += f" ({rows()[chosen].short})"
    revision = backbones.revision(chosen) if chosen in rows() or chosen in MINI else _REVISIONS.get(chosen, "")
    label = backbones.finder.name if chosen == "finder" else chosen
    side = cast(Role, against or spec.against or "target")
    return spec.make(spec, Wish(printed, label, revision, side))


_REVISIONS = {"brisque-opencv-live": "770 support vectors, PyPI brisque 0.2.0"}


def _backbone(name: str, spec: Spec, asked: str, backbones: Backbones) -> str:
    if not spec.backbone or spec.backbone not in rows():
        if asked:
            raise InvalidOption(f"{name} has no choice of backbone; leave '@{asked}' out")
        return spec.backbone
    family = rows()[spec.backbone].family
    if name.startswith("mini-"):
        if asked:
            raise InvalidOption(f"{name} is the embedded stand-in; '@' is for {name.removeprefix('mini-')}")
        return _STAND_INS[family]
    choices = [n for n, row in rows().items() if row.family == family]
    if asked and asked not in choices:
        raise InvalidOption(f"{name} cannot use {asked!r}; allowed: {', '.join(choices)}")
    return asked or spec.backbone


def available(backbones: Backbones) -> tuple[str, ...]:
    """The metrics whose weights are there: published ones first, then the stand-ins that run everywhere."""
    out = []
    for name in NAMES:
        needed = {SPECS[name].backbone} & set(rows()) if name in SPECS else set()
        needed |= {L14} if name == "aesthetic" else set()
        if all(backbones.has(one) for one in needed) and not (name in _FOUND and backbones.finder.mini):
            out.append(name)
    return tuple(out)
