"""The mini network: a small denoiser, autoencoder and experts (`models.files`) beside the packaged encoders of words and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidRecord
from pixwright.media.pixels import resized
from pixwright.models.contract import MINI, Texts
from pixwright.models.device import cast_to
from pixwright.models.files import NetworkFiles, read_part
from pixwright.models.ready import Loaded
from pixwright.nn.experts import Experts
from pixwright.nn.network import UNet
from pixwright.nn.shapes import Shape
from pixwright.records.instruction import Array

TOKENS = 32
"""Tokens of a text that the mini network reads."""
FEATURES = 1280
"""Width of what the picture encoder says of a cell."""
LOOK = 128
"""Pixels of the square that a reference is squashed to."""


def tokens_of(texts: Sequence[str], encoders: Encoders) -> NDArray[np.float32]:
    """(B, 32, 384): MiniLM's tokens. The empty text is two tokens like any other's ends."""
    return encoders.text.tokens(texts, TOKENS)


def features_of(pictures: Sequence[Array], encoders: Encoders) -> NDArray[np.float32]:
    """Pictures HxWx3 uint8 of any size, squashed to 128 x 128 -> (B, 16, 1280): EfficientNet-Lite2's grid of 4 x 4 cells, row by row."""
    grids = []
    for picture in pictures:
        small = resized(picture[..., :3], LOOK, LOOK, cv2.INTER_LINEAR)
        grid = encoders.picture.features(small, LOOK).grid
        grids.append(grid.reshape(-1, grid.shape[-1]))
    return np.stack(grids)


def load_mini(files: Mapping[str, Path], encoders: Encoders, device: torch.device, dtype: torch.dtype) -> Loaded:
    """The networks from `autoencoder`, `denoiser` and, where it is there, `experts`; on the processor, in that dtype.

    Raises InvalidOption or InvalidRecord for files that are not such.
    """
    denoiser, coder = read_part(files["denoiser"]), read_part(files["autoencoder"])
    if denoiser.schedule is None:
        raise InvalidRecord(f"{files['denoiser'].name} says no schedule; export it again with recipes/train")
    shape = Shape(denoiser.shape, coder.shape, {})
    unet = _filled(shape.make_unet, denoiser, files["denoiser"], dtype)
    autoencoder = _filled(shape.make_autoencoder, coder, files["autoencoder"], dtype)

    def read(texts: Sequence[str]) -> Texts:
        tokens = torch.from_numpy(tokens_of(texts, encoders)).to(device, dtype)
        return Texts(tokens, ids=encoders.text.ids(texts, TOKENS))

    def look(pictures: Sequence[Array | None]) -> Tensor:
        seen = [np.zeros((LOOK, LOOK, 3), np.uint8) if one is None else one for one in pictures]
        return torch.from_numpy(features_of(seen, encoders)).to(device, dtype)

    return Loaded(
        unet=unet,
        autoencoder=autoencoder,
        schedule=denoiser.schedule,
        read=read,
        look=look,
        side=denoiser.side,
        reads_captions=True,
        scales=MINI,
        blank=128,
        feature_width=FEATURES,
        experts=load_experts(files["experts"], unet)[0] if "experts" in files else None,
        files=dict(files),
    )


def load_experts(path: Path, unet: UNet) -> tuple[Experts, int]:
    """Experts of this project's own training, in the network's dtype, not injected yet, and the width of the picture features that they read.

    Raises InvalidOption or InvalidRecord.
    """
    part = read_part(path)

    def make() -> Experts:
        settings = dict(part.shape)
        given: list[Any] = [settings.pop(name) for name in ("inner", "width", "feature_width")]
        # The router computes a table when it is made, so it is made for real.
        with torch.device("cpu"), torch.random.fork_rng(devices=[]):
            return Experts(*given, **settings)

    experts = _filled(make, part, path, unet.dtype)
    assert isinstance(experts, Experts)
    return experts, int(part.shape["feature_width"])


def _filled(make: Callable[[], Any], part: NetworkFiles, path: Path, dtype: torch.dtype) -> Any:
    """The network with the part's weights. Made without memory where it can be: no weight is drawn only to be replaced."""
    try:
        with torch.device("meta"):
            network = make()
        network.load_state_dict(dict(part.state), assign=True)
    except (RuntimeError, TypeError, KeyError, ValueError) as problem:
        reason = " ".join(str(problem).split())[:200]
        raise InvalidRecord(f"{path.name}: its weights do not fit its shape ({reason}); export it again") from None
    return cast_to(network, dtype)
