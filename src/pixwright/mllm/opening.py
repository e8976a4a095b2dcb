"""Opening a language model: `mini` (SmolLM2-135M and what this project trained on it), or a folder of any causal model of transformers.

SmolLM2 comes as a GGUF file with its tokenizer inside. Reading it takes half a minute, so that what was read is kept beside it as an ordinary model folder.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing
from pixwright.extras import optional, require
from pixwright.mllm.tokens import CONTROLS, PromptLayout
from pixwright.weights import store

SMALL = "smollm2"
"""The registry's name of the mini model's base."""
ADAPTER = "mini-mllm"
"""The registry's name of what was trained on it."""
PLAIN = PromptLayout(before="USER: ", after=" ASSISTANT:", end="</s>")
"""How Vicuna's conversations are written; for tokenizers without a form of their own."""
Bits: TypeAlias = Literal["no", "int8", "int4"]
_WHO = "the language model"
_AGAIN = "reinstall pixwright, or train it again: python -m recipes.train.run mini_mllm"


def language_model(weights: str = "mini", device: str = "cpu") -> Any:
    """A `LanguageModel` (an `InterleavedModel`) that is ready to be asked. weights: `mini`, or a folder with a causal model and, in it,
    `adapter.safetensors`, as training leaves it.

    Raises MissingExtra (torch, transformers), WeightsMissing (what to pull), WeightsCorrupt (trained on other heads of the aligned encoder than those installed),
    InvalidOption or InvalidRecord (no such folder, a file that does not fit).
    """
    require(("torch", "transformers", "safetensors", "gguf"), _WHO, "torch")
    from pixwright.mllm.files import AdapterFile
    from pixwright.mllm.speaking import InterleavedModel

    if weights == "mini":
        folder, file = small_folder(), store.path(ADAPTER)
    else:
        folder = Path(weights).expanduser()
        file = folder / "adapter.safetensors"
        if not file.is_file():
            raise InvalidOption(
                f"{folder} holds no adapter.safetensors; train one with recipes/train, or use weights=mini"
            )
    adapter = AdapterFile(file)
    store.refuse_unfit(file, adapter.trained_on, _AGAIN)
    network, writer = build(folder, adapter.adaptation, adapter.layout, spread=adapter.spread, device=device)
    adapter.fill(network)
    return InterleavedModel(network.to(device), writer, weights, describes=adapter.describes)


def build(
    folder: Path, adaptation: Any, layout: PromptLayout, *, spread: float = 1.0, device: str = "cpu", bits: Bits = "no"
) -> tuple[Any, Any]:
    """(network, writer) over the causal model in `folder`, nothing trained yet. bits: of the frozen weights; needs torchao.

    Raises WeightsCorrupt for a folder that transformers cannot read.
    """
    torch = optional("torch", _WHO, "torch")
    from pixwright.mllm.network import InterleavedNetwork
    from pixwright.mllm.tokens import Writer

    transformers = optional("transformers", _WHO, "torch")
    further: dict[str, Any] = {} if bits == "no" else {"quantization_config": _quantisation(bits)}
    plain = device == "cpu" and bits == "no"
    tokenizer = tokenizer_of(folder)
    try:
        model = transformers.AutoModelForCausalLM.from_pretrained(
            str(folder), local_files_only=True, dtype=torch.float32 if plain else torch.bfloat16, **further
        )
    except (OSError, ValueError, KeyError) as problem:
        raise WeightsCorrupt(
            f"{folder} is no causal language model that transformers reads: {_first_line(problem)}"
        ) from problem
    model = model.eval()
    count = int(model.get_input_embeddings().weight.shape[0])
    writer = Writer(tokenizer, count, layout)
    meanings = [writer.meaning(control) for control in CONTROLS]
    return InterleavedNetwork(model, adaptation, meanings, spread), writer


def tokenizer_of(folder: Path) -> Any:
    """The folder's tokenizer. Raises WeightsCorrupt if there is none that transformers reads."""
    transformers = optional("transformers", _WHO, "torch")
    try:
        return transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError) as problem:
        raise WeightsCorrupt(
            f"{folder} holds no tokenizer that transformers reads: {_first_line(problem)}"
        ) from problem


def _first_line(problem: Exception) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]


def layout_for(tokenizer: Any, layout: PromptLayout) -> PromptLayout:
    """The layout with the tokenizer's own end, where it does not know the layout's marks."""
    known = set(tokenizer.get_vocab())
    if layout.end in known:
        return layout
    return replace(PLAIN, end=str(tokenizer.eos_token), picture=layout.picture, sound=layout.sound)


def small_folder() -> Path:
    """SmolLM2-135M as a model folder, read once from the pulled GGUF file.

    Raises WeightsMissing (what to pull) or WeightsCorrupt.
    """
    try:
        source = store.path(SMALL)
    except WeightsMissing as problem:
        raise WeightsMissing(
            f"the mini language model stands on SmolLM2-135M (98 MB), which is not here; run: pixwright models pull {SMALL}"
        ) from problem
    folder = source.parent / "model"
    if not (folder / "config.json").is_file():
        _convert(source, folder)
    return folder


def _convert(source: Path, folder: Path) -> None:
    """GGUF -> a folder as transformers writes it, in float16: 270 MB. It is whole or not there."""
    torch = optional("torch", _WHO, "torch")
    transformers = optional("transformers", _WHO, "torch")
    safetensors = optional("safetensors.torch", _WHO, "torch")
    given = {"gguf_file": source.name, "local_files_only": True}
    draft = folder.with_name(f".model-{os.getpid()}")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(source.parent), **given)
        model = transformers.AutoModelForCausalLM.from_pretrained(str(source.parent), dtype=torch.float16, **given)
    except (OSError, ValueError, KeyError) as problem:
        raise WeightsCorrupt(f"{source} cannot be read: {problem}; run: pixwright models verify {SMALL}") from problem
    # What was read is float16 now, and says so; `save_pretrained` refuses a model that was read from GGUF.
    model.config.__dict__.pop("quantization_config", None)
    tokenizer.save_pretrained(str(draft))
    model.config.save_pretrained(str(draft))
    safetensors.save_model(model, str(draft / "model.safetensors"), metadata={"format": "pt"})
    shutil.rmtree(folder, ignore_errors=True)
    draft.replace(folder)


def _quantisation(bits: Bits) -> Any:
    quantisation = optional("torchao.quantization", f"quantised={bits}", "torchao")
    transformers = optional("transformers", _WHO, "torch")
    kind = quantisation.Int8WeightOnlyConfig if bits == "int8" else quantisation.Int4WeightOnlyConfig
    return transformers.TorchAoConfig(kind())
