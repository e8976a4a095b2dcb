"""ReasonPix2Pix: a multi-modal language model reads picture and instruction, and its states stand in for the text of an editing denoiser (Jin et al. 2024, section 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pixwright.encoders.aligned import HEADS
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, WeightsMissing
from pixwright.models.options import ModelOptions, options_from
from pixwright.records.instruction import Array, Instruction
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan
from pixwright.systems.anysd import own_scale, painting
from pixwright.systems.contract import NO_OPTIONS, System
from pixwright.systems.options import ReasonPix2PixOptions
from pixwright.systems.torch_parts import need_torch
from pixwright.weights import store
from pixwright.weights.registry import registry

if TYPE_CHECKING:
    from pixwright.edit.networks.anysd import AnySDEditor
    from pixwright.mllm.states import StateReader
    from pixwright.models.connector import Connector
    from pixwright.models.contract import LatentModel, Texts

CONNECTOR = "connector.safetensors"
MINI = "mini-reason"
"""The registry's name of the packaged file that `mini_reason` made: a connector, with the layers of the mini denoiser that learnt with it."""


def reasonpix2pix(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """The system. Networks are read at the first edit. Raises InvalidOption, or MissingExtra without torch."""
    need_torch("reasonpix2pix")
    chosen = options_from(ReasonPix2PixOptions, options)
    enc = encoders or Encoders()
    return painting("reasonpix2pix", enc, options, chosen.ground, whole, lambda tell: _editor(chosen, enc, tell))


def whole(instruction: Instruction, picture: Array | None, encoders: Encoders) -> Plan:
    """One step with all the words: what they mean is the language model's to know, also where their type is not sure. Raises UnclearInstruction for words that ask for no edit."""
    from pixwright.parse.typed import plan_typed

    return plan_typed(instruction, picture, encoders, otherwise=EditType.IMPLICIT_CHANGE)


def _editor(chosen: ReasonPix2PixOptions, encoders: Encoders, tell: Callable[[str], None]) -> AnySDEditor:
    from pixwright.edit.networks.anysd import AnySDEditor, GivenScales
    from pixwright.models.connector import load_connector, put_layers
    from pixwright.models.open import open_model
    from pixwright.nn.guidance import Scales
    from pixwright.nn.sampling import Sampler

    file, base = _weights(chosen.weights)
    connector = load_connector(file)
    given = chosen.model_dump(include=set(ModelOptions.model_fields)) | {"weights": base, "experts": "no"}
    model = open_model(ModelOptions(**given), encoders, tell)
    reader = reader_for(chosen.reader, encoders, str(model.device))
    _check(connector, reader, model, chosen.reader)
    put_layers(model.unet, connector, file)
    model = replace(model, digests={**model.digests, **reader.digests, "connector": store.digest(file)})
    sampler = Sampler(
        solver=chosen.solver,
        steps=chosen.steps,
        scales=Scales(),
        rescale=chosen.rescale,
    )
    return AnySDEditor(
        model,
        sampler,
        strength=0,
        side=chosen.side or None,
        understand=_understand(reader, connector, model),
        scales=GivenScales(own_scale(chosen.picture), own_scale(chosen.text)),
    )


def reader_for(name: str, encoders: Encoders, device: str = "cpu") -> StateReader:
    """The language model of that name or folder. Raises WeightsMissing (what to pull), WeightsCorrupt, MissingExtra."""
    from pixwright.mllm.opening import ADAPTER, language_model
    from pixwright.mllm.states import InterleavedStates, LlavaStates

    if name != "mini" and (Path(name).expanduser() / "preprocessor_config.json").is_file():
        return LlavaStates(Path(name).expanduser(), device)
    adapter = store.path(ADAPTER) if name == "mini" else Path(name).expanduser() / "adapter.safetensors"
    model = language_model(name, device)
    digests = {"language model": store.digest(adapter), "aligned heads": store.digest(store.path(HEADS))}
    return InterleavedStates(model, encoders.aligned.picture, digests=digests)


def _understand(reader: StateReader, connector: Connector, model: LatentModel) -> Callable[[str, Array], Texts]:
    """(words, picture) -> the instruction's tokens and those of none, on the model's device."""
    import torch

    from pixwright.models.contract import Texts

    def understand(words: str, picture: Array) -> Texts:
        with torch.inference_mode():
            tokens = connector(reader([(words, picture), ("", None)]))
        return Texts(tokens.clone().to(model.device, model.dtype))

    return understand


def _weights(given: str) -> tuple[Path, str]:
    """The connector's file, and the weights of the denoiser that it belongs to: those of the same folder, or the packaged mini ones."""
    if given in registry():
        return store.path(given), "mini"
    if given == MINI:
        raise WeightsMissing(
            "no weights of reasonpix2pix come with this package; train them (docs/training.md: mini_reason) and give --set weights=FOLDER"
        )
    folder = Path(given).expanduser()
    if not (folder / CONNECTOR).is_file():
        raise WeightsMissing(
            f"{folder} holds no {CONNECTOR}, which recipes/train writes; give the folder that it was written to"
        )
    whole = (folder / "denoiser.safetensors").is_file() or (folder / "unet").is_dir()
    return folder / CONNECTOR, str(folder) if whole else "mini"


def _check(connector: Connector, reader: StateReader, model: LatentModel, name: str) -> None:
    """Raise InvalidOption unless connector, language model and denoiser belong together."""
    about, text = connector.about, int(model.unet.config.cross_attention_dim)
    if (about["states"], about["tokens"]) != (reader.width, reader.tokens) or about["text"] != text:
        raise InvalidOption(
            f"the connector was trained on {about['reader']} ({about['tokens']} states of {about['states']}) for tokens of {about['text']}; "
            f"reader={name} gives {reader.tokens} of {reader.width}, the denoiser reads {text}: take those that belong together"
        )
    present = {**model.digests, **reader.digests}
    differs = sorted(part for part, known in about["of"].items() if present.get(part, known) != known)
    if differs:
        raise InvalidOption(
            f"the connector was trained with another {' and another '.join(differs)} than is here; take the weights of this version, or train it again "
            "(docs/training.md: mini_reason)"
        )
