"""Weights laid out once for the processor. torch lays a convolution's weights out anew in every call, and multiplies float32 matrices by MKL, which is
slow on processors that are not Intel's; oneDNN's packed kernels do neither. Its group norm of bfloat16 in channels_last takes five times as long as the
same in float32, conversion included. Inference on a CPU only; `pack` and `unpack` are inverses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_OPS = ("_reorder_convolution_weight", "_convolution_pointwise", "_reorder_linear_weight", "_linear_pointwise")


def can_pack() -> bool:
    """Whether this torch has oneDNN's packed kernels."""
    backend: Any = torch.backends.mkldnn
    return bool(backend.is_available()) and all(hasattr(torch.ops.mkldnn, name) for name in _OPS)


def pack(module: nn.Module) -> int:
    """Let every convolution and linear layer in `module` use packed weights, and bfloat16 group norms compute in float32; the number of layers, 0 where it
    cannot be done (no CPU, no oneDNN).

    Packed copies are made at a layer's first call and cost its weights' memory again. Parameters and `state_dict` stay as they are, and changed weights are packed
    anew. While gradients are on, the layers work as before. Results differ by rounding.
    """
    if not can_pack():
        return 0
    found = [layer for layer in module.modules() if _fits(layer)]
    for layer in found:
        layer.forward = _Packed(layer, _KERNELS[type(layer)])
    return len(found)


def unpack(module: nn.Module) -> None:
    """Undo `pack`; layers that were not packed are left alone."""
    for layer in module.modules():
        if isinstance(layer.__dict__.get("forward"), _Packed):
            del layer.forward


def _fits(layer: nn.Module) -> bool:
    if type(layer) is nn.Conv2d:
        usual = layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
        return usual and layer.weight.device.type == "cpu" and layer.weight.dtype in (torch.float32, torch.bfloat16)
    if type(layer) is nn.GroupNorm:
        return layer.affine and layer.weight.device.type == "cpu" and layer.weight.dtype == torch.bfloat16
    return (
        type(layer) is nn.Linear
        and layer.weight.device.type == "cpu"
        and layer.weight.dtype in (torch.float32, torch.bfloat16)
    )


class _Packed:
    """Stands in for a layer's `forward`. Not a module, so the layer's parameters and names stay."""

    def __init__(self, layer: Any, kernel: Callable[[Any, Tensor, Tensor | None], tuple[Tensor, Tensor]]) -> None:
        self.layer, self.kernel = layer, kernel
        self.weight: Tensor | None = None
        self.of: tuple[Any, ...] = ()

    def __call__(self, x: Tensor) -> Tensor:
        weight = self.layer.weight
        if torch.is_grad_enabled() or x.dtype != weight.dtype or x.device.type != "cpu" or not x.numel():
            plain: Tensor = type(self.layer).forward(self.layer, x)
            return plain
        now = (_stamp(weight), _stamp(self.layer.bias))
        if now != self.of:
            self.weight, self.of = None, now
        out, self.weight = self.kernel(self.layer, x, self.weight)
        return out


def _stamp(weight: Tensor | None) -> tuple[Any, ...]:
    """What changes when a weight does."""
    return (
        () if weight is None else (weight.data_ptr(), weight.dtype, None if weight.is_inference() else weight._version)
    )


def _conv(layer: nn.Conv2d, x: Tensor, packed: Tensor | None) -> tuple[Tensor, Tensor]:
    where = (layer.padding, layer.stride, layer.dilation, layer.groups)
    if packed is None:
        packed = torch.ops.mkldnn._reorder_convolution_weight(layer.weight.detach(), *where, list(x.shape))
    out: Tensor = torch.ops.mkldnn._convolution_pointwise(x, packed, layer.bias, *where, "none", [], "")
    return out, packed


def _linear(layer: nn.Linear, x: Tensor, packed: Tensor | None) -> tuple[Tensor, Tensor]:
    if packed is None:
        packed = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), x.numel() // x.shape[-1])
    out: Tensor = torch.ops.mkldnn._linear_pointwise(x.contiguous(), packed, layer.bias, "none", [], "")
    return out, packed


def _norm(layer: nn.GroupNorm, x: Tensor, packed: Tensor | None) -> tuple[Tensor, Tensor]:
    if packed is None:
        packed = torch.stack([layer.weight.detach(), layer.bias.detach()]).float()
    return F.group_norm(x.float(), layer.num_groups, packed[0], packed[1], layer.eps).to(x.dtype), packed


_KERNELS: dict[type[nn.Module], Callable[[Any, Tensor, Tensor | None], tuple[Tensor, Tensor]]] = {
    nn.Conv2d: _conv,
    nn.Linear: _linear,
    nn.GroupNorm: _norm,
}
