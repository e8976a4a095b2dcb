"""MM-Inst: instructions that interleave words with pictures and sounds (InstructAny2Pix: section 3.3.1 and appendix A.2.2).

The paper's notation is kept: `[image:base:CAPTION]`, `[image:...]`, `[audio:...]`, and the control tokens that a model shall answer,
`[base] [sub].. [gen]`. The shares of the kinds are ours: the paper shows them only as a drawing (figure A.4).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from pixwright.build.contract import Catalogue, Layer, LayeredScene, ScenePair, WantedReference
from pixwright.build.pairs import global_, local
from pixwright.build.pairs.realise import realise
from pixwright.build.pairs.references import view
from pixwright.build.pairs.stage import PairDraft, Stage, Unfit
from pixwright.build.pairs.visual import style_transfer
from pixwright.build.run.networks import encoders
from pixwright.build.run.quarantine import Quarantined
from pixwright.build.run.recipe import Recipe, spread
from pixwright.build.scene.captions import listed, place_phrase
from pixwright.build.scene.render import render
from pixwright.build.sets.bench import Bench, bench
from pixwright.build.sets.painted import SCENE, method_of, painted
from pixwright.build.wording.names import head
from pixwright.records.instruction import Array, SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Asset, Part, Reference, Sample
from pixwright.records.vocabulary import MOODS
from pixwright.words import lexicon
from pixwright.words.saying import article

MOST_REFERENCES = 4
"""Things that one instruction brings in."""
CANDIDATES = 5
"""References that are made for each caption; the best is kept (paper: A.2.2, by CLIP and CLAP)."""
SOUND = 0.75
"""How often a thing that makes a sound is referred to by it rather than by a picture."""
HEARD, _TRIES = 0.65, 12
"""How often an instruction about things is looked for in which one is heard, and in how many scenes; needs sources with sounds."""
_MUTE = frozenset({"food", "clothing", "symbol", "fantasy", "celebration", "toy", "plant"})
"""Categories whose things make no sound by which one would know them, whatever lies beside their picture."""


@dataclass(frozen=True)
class Told:
    """A draft with its interleaved words. `words` holds {base} and {1}, {2}, ...; `subjects` are what those stand for."""

    kind: str
    draft: PairDraft
    words: str
    subjects: tuple[Subject, ...]
    steps: tuple[Step, ...] = ()
    """All steps, where there are several."""


@dataclass(frozen=True)
class Subject:
    """A reference to be made: of a layer (by picture or sound), or a given asset or picture."""

    name: str
    layer: Layer | None = None
    sound: str | None = None
    wanted: WantedReference | None = None
    new: bool = True
    """Whether it is in the edited picture: then the model answers a [sub] token for it."""


def make(recipe: Recipe, start: int, stop: int) -> Iterable[Sample | Quarantined]:
    """Rows of places start..stop-1. The recipe's `types` are not used: the kinds of `mm_inst.json` take their place."""
    work = bench(recipe)
    for index in range(start, stop):
        yield from work.fill(index, lambda at, rng, name: candidate(work, at, rng, name))


def kind_of(index: int) -> str:
    """The kind of a place, along the golden-ratio sequence: each kind's share is right at any length."""
    shares: dict[str, float] = table()["kinds"]
    return spread(index, tuple(shares.items()))


def candidate(work: Bench, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """A candidate for a place: an exact pair, or one whose edited picture a diffusion model paints (option `pairs`, with `weights`)."""
    made = from_scene(work, kind_of(index), rng, identity)
    method = method_of(work.recipe.options, index)
    if method == SCENE or isinstance(made, str):
        return made
    return painted(made, method, work.recipe.options.get("weights", "mini"), int(rng.integers(2**31)))


def from_scene(work: Bench, kind: str, rng: np.random.Generator, identity: str) -> Sample | str:
    """A candidate from a composed scene."""
    found = _told(work, kind, rng)
    if isinstance(found, str):
        return found
    stage, told = found
    draft = told.draft
    step = draft.step.model_copy(update={"instruction": told.words.replace("{base}", "the picture")})
    pair = ScenePair(step.type, draft.before, draft.after, step, "", draft.touched, extra=dict(draft.extra))
    sample = realise(pair, render, work.catalogue, identity, work.recipe.name)
    made = [_reference(number, one, stage) for number, one in enumerate(told.subjects, 1)]
    return _interleaved(sample, told, [reference for reference, _ in made], [p for _, parts in made for p in parts])


def _told(work: Bench, kind: str, rng: np.random.Generator) -> tuple[Stage, Told] | str:
    """A scene with an instruction about it, now and then sought until one is heard in it; or why there is none."""
    seeking = not kind.startswith("fit_") and bool(voices(work.catalogue)) and rng.random() < HEARD
    found: tuple[Stage, Told] | str = ""
    for _ in range(_TRIES if seeking else 1):
        stage = Stage(work.scene(rng, 2, 4), work.catalogue, rng)
        try:
            told = tell(kind, stage)
        except Unfit as reason:
            found = found or f"unfit: {reason}"
            continue
        found = stage, told
        if any(one.sound for one in told.subjects):
            break
    return found


def _interleaved(sample: Sample, told: Told, references: Sequence[Reference], parts: Sequence[Part]) -> Sample:
    """The sample with its three wordings: numbered, in the paper's notation, and the tokens of the answer."""
    numbered = {str(one.number): f"[{one.number}]" for one in references}
    noted = {
        str(
            one.number
        ): f"[{'audio' if one.samples is not None else 'image'}:{one.caption.replace('[', '(').replace(']', ')')}]"
        for one in references
    }
    subjects = "".join(f"[sub:{n}:{one.name}] " for n, one in enumerate(told.subjects, 1) if one.new)
    instruction = filled(told.words, {"base": "the picture", **numbered})
    extra = {"kind": told.kind, "method": "scene"}
    if told.steps:
        extra["steps"] = json.dumps([one.model_dump(mode="json", exclude_defaults=True) for one in told.steps])
    return replace(
        sample,
        instruction=instruction,
        step=sample.step.model_copy(update={"instruction": instruction}),
        multimodal=filled(told.words, {"base": f"[image:base:{sample.source_caption}]", **noted}),
        target=f"[base] {subjects}[gen:{sample.edited_caption}]",
        references=tuple(references),
        parts=(*sample.parts, *(part for part in parts if part not in sample.parts)),
        extra={**sample.extra, **extra},
    )


def filled(words: str, slots: dict[str, str]) -> str:
    """The words with every {slot} filled: numbers are no names that `str.format` takes by keyword."""
    for name, text in slots.items():
        words = words.replace("{" + name + "}", text)
    return words


# --- the kinds ---------------------------------------------------------------------------------------------------------------------------


def _words(stage: Stage, kind: str) -> str:
    return framed(stage, str(stage.pick(table()[kind])))


def framed(stage: Stage, words: str) -> str:
    """A command as people give one: "could you ...?"."""
    return str(stage.pick(table()["frames"])).replace("{x}", words)


def _single(draft: PairDraft) -> int:
    """The one layer that an edit concerns. Raises `Unfit` for several."""
    if draft.touched is None or len(draft.touched) != 1 or draft.step.count:
        raise Unfit("the edit concerns several things")
    return draft.touched[0]


def _alone(scene: LayeredScene, index: int) -> None:
    """Raises `Unfit` where a picture of a thing could mean another in the scene as well: "erase [1]" with three of them."""
    noun = head(scene.layers[index].name)
    if sum(head(one.name) == noun for one in scene.layers) > 1:
        raise Unfit("several things could be meant")


def _subject(stage: Stage, layer: Layer, new: bool) -> Subject:
    asset = stage.asset(layer)
    own = voices(stage.catalogue).get(asset.name, ()) if asset.category not in _MUTE else ()
    heard = stage.pick(own) if own and stage.rng.random() < SOUND else None
    return Subject(layer.name, layer, heard, new=new)


_VOICES: WeakKeyDictionary[Catalogue, dict[str, tuple[str, ...]]] = WeakKeyDictionary()


def voices(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Name of a thing -> the keys of its sounds: those recorded under that name, and those that come with a picture of it."""
    if catalogue not in _VOICES:
        found: dict[str, list[str]] = {}
        for asset in catalogue.assets("sound"):
            found.setdefault(asset.name, []).append(asset.key)
        for asset in catalogue.assets("cutout"):
            if asset.sound and asset.sound not in found.setdefault(asset.name, []):
                found[asset.name].append(asset.sound)
        _VOICES[catalogue] = {name: tuple(keys) for name, keys in found.items()}
    return _VOICES[catalogue]


def add(stage: Stage) -> Told:
    """A thing that a picture shows, or that makes a sound, comes in."""
    draft = local.add(stage)
    return Told("add", draft, _words(stage, "add"), (_subject(stage, draft.after.layers[_single(draft)], True),))


def remove(stage: Stage) -> Told:
    """The thing of a picture or sound goes."""
    draft = local.remove(stage)
    _alone(draft.before, _single(draft))
    return Told(
        "remove", draft, _words(stage, "remove"), (_subject(stage, draft.before.layers[_single(draft)], False),)
    )


def replace_thing(stage: Stage) -> Told:
    """One for another; the old one named or shown."""
    draft = local.replace_thing(stage)
    index = _single(draft)
    new = _subject(stage, draft.after.layers[index], True)
    if stage.rng.random() < 0.4 and draft.step.target:
        return Told(
            "replace", draft, _words(stage, "replace_named").replace("{target}", str(draft.step.target)), (new,)
        )
    _alone(draft.before, index)
    old = _subject(stage, draft.before.layers[index], False)
    return Told("replace", draft, _words(stage, "replace"), (old, new))


def fit_music(stage: Stage) -> Told:
    """The picture takes on the mood of a piece of music."""
    pieces = [a for a in stage.catalogue.assets("music") if a.tags and a.tags[0] in MOODS]
    if not pieces:
        raise Unfit("the sources hold no music")
    mood = stage.pick(pieces).tags[0]
    alike = stage.shuffled([a for a in pieces if a.tags[0] == mood])[:CANDIDATES]
    best = max(alike, key=lambda a: heard(a, stage.catalogue))
    after = global_.finished(stage.scene, (EditType.TONE_TRANSFER, mood))
    step = Step(type=EditType.TONE_TRANSFER, instruction="", value=mood, reference=1)
    draft = PairDraft(stage.scene, after, step, "", {}, None)
    wanted = WantedReference(1, "asset", best.name, asset=best.key)
    return Told("fit_music", draft, _words(stage, "fit_music"), (Subject(best.name, wanted=wanted, new=False),))


def fit_style(stage: Stage) -> Told:
    """The picture takes on the style of another."""
    draft = style_transfer(stage)
    (wanted,) = draft.references
    subject = Subject(wanted.name, wanted=wanted, new=False)
    return Told("fit_style", replace(draft, references=()), _words(stage, "fit_style"), (subject,))


def other(stage: Stage) -> Told:
    """Several things at once, with up to four references: another time, season, weather or place and a thing that comes or goes; several that come; one that is
    replaced and another that goes."""
    kinds = table()["other"]
    return _SEVERAL[stage.pick(list(kinds))](stage)


def _tone(stage: Stage, draft: PairDraft, subject: Subject, name: str) -> Told:
    tone = stage.pick(list(table()["tones"]))
    after = global_.finished(draft.after, (EditType.TONE_TRANSFER, tone))
    steps = (Step(type=EditType.TONE_TRANSFER, instruction="", value=tone), draft.step)
    return _several(stage, name, draft.before, after, steps, (subject,), {"tone": table()["tones"][tone]})


def tone_add(stage: Stage) -> Told:
    """Another tone, and something comes in."""
    draft = local.add(stage)
    return _tone(stage, draft, _subject(stage, draft.after.layers[_single(draft)], True), "tone_add")


def tone_remove(stage: Stage) -> Told:
    """Another tone, and something goes."""
    draft = local.remove(stage)
    _alone(draft.before, _single(draft))
    return _tone(stage, draft, _subject(stage, draft.before.layers[_single(draft)], False), "tone_remove")


def place_add(stage: Stage) -> Told:
    """Another place, and something comes in."""
    draft = local.add(stage)
    moved = global_.background_change(replace(stage, scene=draft.after))
    subject = _subject(stage, draft.after.layers[_single(draft)], True)
    phrase = {"place": place_phrase(moved.after.place)}
    return _several(stage, "place_add", draft.before, moved.after, (moved.step, draft.step), (subject,), phrase)


def add_several(stage: Stage) -> Told:
    """Two to four things come in."""
    nouns = [head(layer.name) for layer in stage.scene.layers]
    able = [i for i, noun in enumerate(nouns) if stage.editable(i) and nouns.count(noun) == 1]
    if len(able) < 2:
        raise Unfit("there are not two things to add")
    chosen = sorted(stage.shuffled(able)[: int(stage.rng.integers(2, MOST_REFERENCES + 1))])
    before = local.without(stage.scene, chosen)
    layers = [stage.scene.layers[i] for i in chosen]
    steps = tuple(Step(type=EditType.ADD, instruction="", value=layer.name) for layer in layers)
    things = listed([f"{{{n}}}" for n in range(1, len(chosen) + 1)])
    subjects = tuple(_subject(stage, layer, True) for layer in layers)
    return _several(stage, "add_several", before, stage.scene, steps, subjects, {"things": things})


def replace_remove(stage: Stage) -> Told:
    """One for another, and a third goes."""
    draft = local.replace_thing(stage)
    index = _single(draft)
    _alone(draft.before, index)
    rest = local.remove(replace(stage, scene=draft.after))
    gone = _single(rest)
    if gone == index:
        raise Unfit("the new thing would go at once")
    _alone(draft.before, gone)
    old, new = draft.before.layers[index], draft.after.layers[index]
    shown = ((old, False), (new, True), (draft.after.layers[gone], False))
    subjects = tuple(_subject(stage, layer, is_new) for layer, is_new in shown)
    return _several(stage, "replace_remove", draft.before, rest.after, (draft.step, rest.step), subjects, {})


def _several(
    stage: Stage,
    name: str,
    before: LayeredScene,
    after: LayeredScene,
    steps: tuple[Step, ...],
    subjects: tuple[Subject, ...],
    slots: dict[str, str],
) -> Told:
    words = filled(framed(stage, str(stage.pick(table()["other"][name]))), slots)
    return Told("other", PairDraft(before, after, steps[0], "", {}, None), words, subjects, steps)


_SEVERAL: dict[str, Callable[[Stage], Told]] = {
    one.__name__: one for one in (tone_add, tone_remove, place_add, add_several, replace_remove)
}


def tell(kind: str, stage: Stage) -> Told:
    """An instruction of a kind of `mm_inst.json` about the stage's scene. Raises `Unfit`."""
    return _TELLERS[kind](stage)


_TELLERS: dict[str, Callable[[Stage], Told]] = {
    "add": add,
    "remove": remove,
    "replace": replace_thing,
    "fit_music": fit_music,
    "fit_style": fit_style,
    "other": other,
}


# --- references --------------------------------------------------------------------------------------------------------------------------


def _reference(number: int, subject: Subject, stage: Stage) -> tuple[Reference, list[Part]]:
    catalogue = stage.catalogue
    if subject.sound is not None:
        asset = catalogue.asset(subject.sound)
        samples, rate = catalogue.samples(asset.key)
        return Reference(number, subject.name, asset.caption, samples=samples, rate=rate), [asset.part]
    if subject.layer is not None:
        pictures = [view(subject.layer, catalogue, int(seed)) for seed in stage.rng.integers(2**31, size=CANDIDATES)]
        pixels = pictures[best_view(subject.name, pictures)]
        return Reference(number, subject.name, article(subject.name), pixels), []
    assert subject.wanted is not None
    wanted = replace(subject.wanted, number=number)
    pair = ScenePair(
        EditType.ADD, stage.scene, stage.scene, Step(type=EditType.ADD, instruction=""), "", references=(wanted,)
    )
    sample = realise(pair, render, catalogue, "reference")
    return sample.references[0], [part for part in sample.parts if part.key == wanted.asset]


def best_view(name: str, pictures: Sequence[Array]) -> int:
    """The candidate that fits the noun best: by the classes that it stands for, or, for nouns without any, the most typical of them all.

    The paper uses CLIP; here the packaged backbone stands in.
    """
    looks = [encoders().picture.features(one, 224) for one in pictures]
    entry = lexicon().look(lexicon().singular(name)[0])
    if entry is not None and entry.imagenet and entry.exact and not entry.is_("person"):
        classes, weights = (list(column) for column in zip(*entry.imagenet, strict=True))
        return int(np.argmax([float(encoders().picture.odds(look)[classes] @ np.array(weights)) for look in looks]))
    pooled = np.stack([look.grid.mean(axis=(0, 1)) for look in looks])
    pooled /= np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-6)
    return int(np.argmax(pooled @ pooled.mean(axis=0)))


def heard(asset: Asset, catalogue: Catalogue) -> float:
    """How well the packaged tagger's tags of a piece fit its caption: the paper's CLAP, by cosine of sentence embeddings."""
    if asset.sha256 not in _heard:
        samples, rate = catalogue.samples(asset.key)
        tags = list(encoders().music.tags(SoundAttachment(asset.name, samples, rate)))[:6]
        one, two = encoders().text.embed([", ".join(tags), asset.caption])
        _heard[asset.sha256] = float(one @ two)
    return _heard[asset.sha256]


_heard: dict[str, float] = {}


@cache
def table() -> dict[str, Any]:
    """Kinds with their shares, templates and tones."""
    return dict(json.loads(files("pixwright.build.sets").joinpath("mm_inst.json").read_text("utf-8")))
