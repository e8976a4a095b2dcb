"""The shapes of networks as values: the published ones and a mini one, through the same classes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from pixwright.errors import InvalidOption
from pixwright.nn.experts import Experts, experts_for
from pixwright.nn.network import Autoencoder, UNet


@dataclass(frozen=True)
class Shape:
    """What diffusers' constructors, and ours, are given. `network` makes untrained weights from torch's global seed."""

    unet: Mapping[str, Any]
    autoencoder: Mapping[str, Any]
    projector: Mapping[str, int]

    def with_unet(self, changes: Mapping[str, Any]) -> Shape:
        """The same with other values for some of the network's settings: another size, four channels without a picture, ..."""
        return replace(self, unet={**self.unet, **changes})

    def make_unet(self) -> UNet:
        """The network, untrained."""
        import diffusers

        library: Any = diffusers
        return library.UNet2DConditionModel(**self.unet).eval()

    def make_autoencoder(self) -> Autoencoder:
        """The autoencoder, untrained: AutoencoderKL or AutoencoderTiny."""
        import diffusers

        library: Any = diffusers
        settings = {key: value for key, value in self.autoencoder.items() if key != "kind"}
        kind = library.AutoencoderTiny if self.autoencoder["kind"] == "tiny" else library.AutoencoderKL
        return kind(**settings).eval()

    def make_experts(self, unet: UNet, feature_width: int) -> Experts:
        """Experts for a network of this shape, for features of that width."""
        settings: Any = self.projector
        return experts_for(unet, feature_width, **settings).eval()


@cache
def shapes() -> Mapping[str, Shape]:
    """Every shape by name: `mini` (64-128 px; autoencoder of factor 4), `sd15` and `sdxl`, each with eight input channels as editing needs."""
    table = json.loads((files("pixwright.nn") / "shapes.json").read_text(encoding="utf-8"))
    return {name: Shape(**row) for name, row in table.items()}


def shape(name: str) -> Shape:
    """One shape by name."""
    if name not in shapes():
        raise InvalidOption(f"shape {name!r} is none of {', '.join(shapes())}")
    return shapes()[name]
