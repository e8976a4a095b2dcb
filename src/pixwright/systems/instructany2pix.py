"""InstructAny2Pix: instructions that interleave words, pictures and sounds; subjects as themselves; the look of what is heard (InstructAny2Pix paper, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pixwright.edit.contract import Context, Proposal
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, MissingExtra, WeightsMissing
from pixwright.models.options import ModelOptions, options_from
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region
from pixwright.systems.contract import NO_OPTIONS, System
from pixwright.systems.local import EmbeddedEyes, judge_with
from pixwright.systems.options import InstructAny2PixOptions
from pixwright.systems.torch_parts import Once, need_torch

if TYPE_CHECKING:
    from pixwright.edit.networks.any2pix import Any2PixEditor, Refine
    from pixwright.edit.networks.decoder import Decoder
    from pixwright.edit.networks.inputs import Inputs
    from pixwright.encoders.aligned import Aligned
    from pixwright.mllm.contract import LanguageModel, Understanding

MINI = "mini"
"""The packaged aligned encoder."""
BASE_SIDE = 64
"""Pixels of the grey square that stands for a picture where an instruction is read without one."""
_GREY = 128


def instructany2pix(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """The system. Networks are read at the first edit that needs them; torch is needed by the language model and the decoder only.

    Raises InvalidOption, or MissingExtra where one of these is asked for without torch.
    """
    from pixwright.parse.interleaved import Senses, parse_interleaved

    chosen = options_from(InstructAny2PixOptions, options)
    h = shares_from(chosen.h)
    if _paints(chosen):
        need_torch("decoder=yes")
    if chosen.aligned != MINI:
        need_torch(f"aligned={chosen.aligned}")
    enc = encoders or Encoders()
    aligned = Once(lambda: _aligned(chosen, enc))
    inputs = Once(lambda: _inputs(aligned(), enc))
    language = Once(lambda: _language(chosen, aligned))
    decoder = Once(lambda: _decoder(chosen, h, enc))
    editor = Once(lambda: _editor(chosen, h, enc, inputs(), language, decoder))
    reader = _Reader(inputs, language, enc)
    senses = Senses(kind=lambda one: inputs().kind(one), name=lambda one: inputs().name(one))

    def parse(instruction: Instruction, picture: Array | None) -> Plan:
        read = reader if instruction.attachments and language().model else None
        plan = parse_interleaved(instruction, picture, enc, senses, read)
        terms = "" if chosen.aligned == MINI else aligned().terms
        return plan.model_copy(update={"notes": (*plan.notes, terms)}) if terms else plan

    def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        return editor().edit(picture, step, region, context)

    def digests() -> dict[str, str]:
        parts = (decoder.made and decoder.made.model, language.made, aligned.made)
        return {name: value for part in parts for name, value in getattr(part, "digests", {}).items()}

    return System(
        name="instructany2pix",
        encoders=enc,
        parse=parse,
        eyes=lambda: EmbeddedEyes(enc),
        edit=edit,
        judge=judge_with(enc),
        options=options,
        further_weights=digests,
    )


def shares_from(text: str) -> tuple[float, float, float]:
    """The three shares that an option names. Raises InvalidOption."""
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != len(("base", "gen", "refined")) or not any(values):
        raise InvalidOption(
            f"h={text!r}; allowed: three numbers with commas, not all 0, for base, gen and refined, such as 0,0.4,1"
        )
    return values[0], values[1], values[2]


@dataclass(frozen=True, eq=False)
class _Language:
    """The language model, if there is one, what is said of it, and the sha256 of its files."""

    model: LanguageModel | None
    said: str
    digests: Mapping[str, str] = field(default_factory=dict)


def _aligned(chosen: InstructAny2PixOptions, encoders: Encoders) -> Aligned:
    """The packaged aligned encoder, or a published one."""
    if chosen.aligned == MINI:
        return encoders.aligned
    from pixwright.encoders.spaces.opening import open_published
    from pixwright.parse.heard import makers

    return open_published(chosen.aligned, [f"the sound of {noun}" for noun in makers()], chosen.device)


def _inputs(aligned: Aligned, encoders: Encoders) -> Inputs:
    from pixwright.edit.networks.inputs import Inputs
    from pixwright.parse.heard import makers

    return Inputs(aligned, encoders.music, encoders.picture, makers())


def _language(chosen: InstructAny2PixOptions, aligned: Once[Aligned]) -> _Language:
    """SmolLM2 where it is pulled, a folder that was named, or none. Raises what opening a named folder raises."""
    if chosen.language == "no":
        return _Language(None, "no language model was asked (language=no)")
    if chosen.language == "auto" and chosen.aligned != MINI:
        return _Language(None, "no language model (the packaged one reads the packaged aligned encoder's vectors)")
    from pixwright.mllm.opening import language_model

    weights = "mini" if chosen.language == "auto" else chosen.language
    try:
        model: LanguageModel = language_model(weights)
    except (WeightsMissing, MissingExtra) as problem:
        if chosen.language != "auto":
            raise
        return _Language(None, f"no language model ({problem})")
    width = aligned().width
    if model.width != width:
        raise InvalidOption(
            f"language={chosen.language}: its vectors are {model.width} wide, the aligned encoder's {width}; give one that was trained with it"
        )
    return _Language(model, "SmolLM2" if weights == "mini" else weights)


def _editor(
    chosen: InstructAny2PixOptions,
    h: tuple[float, float, float],
    encoders: Encoders,
    inputs: Inputs,
    language: Once[_Language],
    decoder: Once[Decoder | None],
) -> Any2PixEditor:
    from pixwright.edit.networks.any2pix import Any2PixEditor
    from pixwright.edit.styles.gallery import open_gallery

    gallery = Once(lambda: open_gallery(inputs.aligned.text))
    return Any2PixEditor(
        inputs,
        gallery,
        model=language().model,
        reader=language().said,
        refine=_refine(chosen, encoders),
        score=chosen.score,
        h=h,
        alpha=chosen.alpha,
        look=chosen.look,
        decoder=decoder(),
    )


def _refine(chosen: InstructAny2PixOptions, encoders: Encoders) -> Refine | None:
    """The refinement module, where a score is wanted of a vector that it knows: it was trained in the packaged aligned encoder's space."""
    fits = chosen.score and chosen.aligned == MINI
    return (lambda vector, score: encoders.refinement(vector[None], score)[0]) if fits else None


def _paints(chosen: InstructAny2PixOptions) -> bool:
    """Whether the denoiser paints. Raises InvalidOption where it shall and cannot."""
    if chosen.decoder == "auto":
        return bool(chosen.views)
    if chosen.decoder == "yes" and not chosen.views:
        raise InvalidOption(
            f"decoder=yes needs views=FILE, layers trained for weights={chosen.weights} (python -m recipes.train.run mini_decoder); or leave it out"
        )
    return chosen.decoder == "yes"


def _decoder(chosen: InstructAny2PixOptions, h: tuple[float, float, float], encoders: Encoders) -> Decoder | None:
    if not _paints(chosen):
        return None
    from pixwright.edit.networks.decoder import Decoder
    from pixwright.models.layouts.views import open_views
    from pixwright.models.open import open_model
    from pixwright.models.pipelines import open_refiner
    from pixwright.nn.experts import eject
    from pixwright.nn.views import inject_views

    model = open_model(chosen, encoders)
    # The mini network comes with AnySD's experts, which have the same places.
    eject(model.unet)
    views = open_views(Path(chosen.views).expanduser(), model.unet)
    inject_views(model.unet, views)
    kept = chosen.model_dump(include=set(ModelOptions.model_fields)) | {"weights": chosen.refiner, "lora": ""}
    refiner = open_refiner(ModelOptions(**kept), chosen.refinement) if chosen.refiner else None
    return Decoder(
        model,
        views,
        steps=chosen.steps,
        guidance=chosen.guidance,
        alpha=chosen.alpha,
        h=h,
        norm=chosen.norm,
        subject=chosen.subject,
        strength=chosen.strength,
        side=chosen.side or None,
        praised=not model.reads_captions,
        refiner=refiner,
    )


class _Reader:
    """The language model with the inputs' vectors, as the parser asks it."""

    def __init__(self, inputs: Once[Inputs], language: Once[_Language], encoders: Encoders) -> None:
        self._inputs, self._language, self._encoders = inputs, language, encoders

    @property
    def name(self) -> str:
        """What the model is called."""
        return self._language().said

    def __call__(self, instruction: Instruction, picture: Array | None) -> Understanding:
        """Base, subjects and the picture to be, of the whole instruction."""
        shown = np.full((BASE_SIDE, BASE_SIDE, 3), _GREY, np.uint8) if picture is None else picture
        listed = self._inputs().listed(shown, instruction.attachments)
        model = self._language().model
        assert model is not None, "a reader is handed over only where there is a model"
        return model.understand(instruction.text, listed)
