"""What was trained, as one safetensors file: the projectors, the new token rows and the change of the layers above, in float16."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidRecord
from pixwright.extras import optional
from pixwright.mllm.network import Adaptation, InterleavedNetwork
from pixwright.mllm.tokens import PromptLayout
from pixwright.weights.store import refuse_pickle


def save_adapter(
    path: Path, network: InterleavedNetwork, layout: PromptLayout, base: str, recipe: Mapping[str, Any]
) -> None:
    """Write what learns of the network. base: what it stands on, by name."""
    torch = optional("torch", "the language model", "torch")
    safetensors = optional("safetensors.torch", "the language model", "torch")
    stored = {name: one.detach().cpu().to(torch.float16).contiguous() for name, one in network.learnt()}
    about = {
        "base": base,
        "adaptation": json.dumps(asdict(network.adaptation)),
        "layout": json.dumps(asdict(layout)),
        "spread": repr(network.spread),
        "recipe": json.dumps(dict(recipe), default=str),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    safetensors.save_file(stored, str(draft), metadata=about)
    draft.replace(path)


class AdapterFile:
    """A file that `save_adapter` wrote. Raises InvalidRecord if it is none."""

    def __init__(self, path: Path) -> None:
        refuse_pickle(path)
        safetensors = optional("safetensors", "the language model", "torch")
        try:
            with safetensors.safe_open(str(path), framework="pt") as opened:
                about = opened.metadata() or {}
                self.tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a mapping
            self.adaptation = Adaptation(**json.loads(about["adaptation"]))
            self.layout = PromptLayout(**json.loads(about["layout"]))
            self.spread = float(about["spread"])
            self.base = about["base"]
            self.recipe: dict[str, Any] = json.loads(about["recipe"])
        except (OSError, KeyError, TypeError, ValueError, safetensors.SafetensorError) as problem:
            raise InvalidRecord(
                f"{path} is no trained part of a language model ({problem}); export it again with recipes/train"
            ) from problem
        self.path = path

    @property
    def describes(self) -> bool:
        """Whether its captions are to be shown to people: its run was told so, after somebody looked at them."""
        return bool(self.recipe.get("run", {}).get("language", {}).get("describes", False))

    @property
    def trained_on(self) -> dict[str, str]:
        """The weights whose vectors it reads and writes, by their names in the registry -> sha256; empty where nobody recorded them."""
        return {name: str(self.recipe[name]) for name in ("aligned",) if name in self.recipe}

    def fill(self, network: InterleavedNetwork) -> None:
        """Put the weights into a network. Raises InvalidRecord where they do not fit."""
        learnt = dict(network.learnt())
        differs = sorted(
            name
            for name in learnt.keys() | self.tensors.keys()
            if name not in learnt or name not in self.tensors or learnt[name].shape != self.tensors[name].shape
        )
        if differs:
            raise InvalidRecord(
                f"{self.path.name} does not fit this language model ({len(differs)} parts differ, such as {differs[0]}); it was trained on {self.base}"
            )
        for name, one in learnt.items():
            one.data.copy_(self.tensors[name])
