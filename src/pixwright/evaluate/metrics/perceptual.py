"""LPIPS over AlexNet (Zhang et al. 2018, version 0.1), in a page of torch, from one local file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixwright.errors import InvalidImage, WeightsCorrupt
from pixwright.evaluate.metrics.backbones import BackboneRow, need
from pixwright.evaluate.metrics.contract import Floats
from pixwright.evaluate.metrics.pixelwise import same
from pixwright.evaluate.metrics.tensors import read_tensors
from pixwright.records.instruction import Array

CONVOLUTIONS = ((0, 4, 2), (3, 1, 2), (6, 1, 1), (8, 1, 1), (10, 1, 1))
"""AlexNet as torchvision numbers it: index in `features`, stride, padding. The first two outputs are pooled on the way to the next."""
POOLED = 2
LEAST = 31
"""Shorter side, in pixels, that leaves a cell after the last pooling."""
_SHIFT = (-0.030, -0.088, -0.188)
_SCALE = (0.458, 0.448, 0.450)


class Lpips:
    """Distance maps of pairs of pictures of one size; inputs are not resized."""

    def __init__(self, tensors: dict[str, Floats], known: BackboneRow, device: str) -> None:
        torch = need("torch")
        self.name, self.revision = known.name, known.revision
        self._device = device
        self._weights = {name: torch.from_numpy(values.copy()).to(device) for name, values in tensors.items()}

    @classmethod
    def load(cls, where: Path, known: BackboneRow, device: str) -> Lpips:
        """From a file with `features.N.weight`, `features.N.bias` (torchvision's AlexNet) and `linK.weight` (1, C, 1, 1), K 0 to 4.

        Raises `WeightsCorrupt` if one of them is missing, `MissingExtra` without torch.
        """
        tensors = read_tensors(where)
        wanted = [f"features.{n}.{part}" for n, _, _ in CONVOLUTIONS for part in ("weight", "bias")]
        for name in (*wanted, *(f"lin{k}.weight" for k in range(len(CONVOLUTIONS)))):
            if name not in tensors:
                raise WeightsCorrupt(f"{where} has no tensor {name}; make the file as docs/metrics.md says")
        return cls(tensors, known, device)

    def maps(self, a: Sequence[Array], b: Sequence[Array]) -> list[Floats]:
        """HxW maps, each stage's upsampled bilinearly; their mean is the distance up to the upsampling's edges (see `distances`)."""
        return [np.asarray(found[0].cpu().numpy(), np.float32) for found in self._pairs(a, b, spatial=True)]

    def distances(self, a: Sequence[Array], b: Sequence[Array]) -> list[float]:
        """LPIPS of each pair: each stage's mean over its cells, summed over the stages (equation 1)."""
        return [float(found.item()) for found in self._pairs(a, b, spatial=False)]

    def _pairs(self, a: Sequence[Array], b: Sequence[Array], *, spatial: bool) -> list[Any]:
        torch = need("torch")
        found: list[Any] = [None] * len(a)
        sizes: dict[tuple[int, ...], list[int]] = {}
        for index, (x, y) in enumerate(zip(a, b, strict=True)):
            same(x, y)
            if min(x.shape[:2]) < LEAST:
                raise InvalidImage(
                    f"{x.shape[1]}x{x.shape[0]} pixels; LPIPS needs sides of at least {LEAST}; compare larger pictures"
                )
            sizes.setdefault(x.shape, []).append(index)
        with torch.inference_mode():
            for part in sizes.values():
                first = self._features(np.stack([a[i] for i in part]))
                second = self._features(np.stack([b[i] for i in part]))
                shape = a[part[0]].shape[:2] if spatial else None
                for index, value in zip(part, self._compare(first, second, shape), strict=True):
                    found[index] = value
        return found

    def _features(self, pictures: Array) -> list[Any]:
        torch = need("torch")
        nn = torch.nn.functional
        values = torch.from_numpy(pictures).to(self._device).permute(0, 3, 1, 2).float() / 127.5 - 1
        shift, scale = (torch.tensor(v, device=self._device).view(1, 3, 1, 1) for v in (_SHIFT, _SCALE))
        values, stages = (values - shift) / scale, []
        for order, (index, stride, padding) in enumerate(CONVOLUTIONS):
            if 0 < order <= POOLED:
                values = nn.max_pool2d(values, 3, 2)
            weight, bias = self._weights[f"features.{index}.weight"], self._weights[f"features.{index}.bias"]
            values = nn.relu(nn.conv2d(values, weight, bias, stride, padding))
            stages.append(values / (values.square().sum(1, keepdim=True).sqrt() + 1e-10))
        return stages

    def _compare(self, x: list[Any], y: list[Any], size: tuple[int, ...] | None) -> Any:
        nn = need("torch").nn.functional
        total: Any = 0
        for k, (p, q) in enumerate(zip(x, y, strict=True)):
            stage = nn.conv2d((p - q).square(), self._weights[f"lin{k}.weight"])
            if size is None:
                total = total + stage.mean((2, 3))
            else:
                total = total + nn.interpolate(stage, size=size, mode="bilinear", align_corners=False)
        return total
