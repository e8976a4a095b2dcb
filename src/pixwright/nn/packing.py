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


def pack(module: nn.Module, *, keep: bool = True) -> int:
    """Let every convolution and linear layer in `module` use packed weights, and bfloat16 group norms compute in float32; the number of layers, 0 where it
    cannot be done (no CPU, no oneDNN).

    Packed copies are made at a layer's first call. With `keep` they cost its weights' memory again, and changed weights are packed anew; without it the plain weights
    are given up for them, whose parameters are then empty until something asks for them: `state_dict`, a call with gradients, `unpack`. Those of linear and
    convolutional layers come back bit for bit. While gradients are on, the layers work as before. Results differ by rounding.
    """
    if not can_pack():
        return 0
    found = [layer for layer in module.modules() if _fits(layer)]
    for layer in found:
        layer.forward = _Packed(layer, _KERNELS[type(layer)], keep or type(layer) is nn.GroupNorm)
    return len(found)


def unpack(module: nn.Module) -> None:
    """Undo `pack`; layers that were not packed are left alone."""
    for layer in module.modules():
        packed = layer.__dict__.get("forward")
        if isinstance(packed, _Packed):
            packed.end()
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

    def __init__(
        self, layer: Any, kernel: Callable[[Any, Tensor, Tensor | None], tuple[Tensor, Tensor]], keep: bool
    ) -> None:
        self.layer, self.kernel, self.keep = layer, kernel, keep
        self.weight: Tensor | None = None
        self.of: tuple[Any, ...] = ()
        self.given_up = False
        asked = (layer.register_state_dict_pre_hook, layer.register_load_state_dict_pre_hook)
        self.hooks = [] if keep else [register(self._asked) for register in asked]

    def __call__(self, x: Tensor) -> Tensor:
        weight = self.layer.weight
        if torch.is_grad_enabled() or x.dtype != weight.dtype or x.device.type != "cpu" or not x.numel():
            self._restore()
            plain: Tensor = type(self.layer).forward(self.layer, x)
            return plain
        if not self.given_up:
            now = (_stamp(weight), _stamp(self.layer.bias))
            if now != self.of:
                self.weight, self.of = None, now
        out, self.weight = self.kernel(self.layer, x, self.weight)
        if not self.keep and not self.given_up:
            weight.data, self.given_up = weight.data.new_empty(0), True
        return out

    def end(self) -> None:
        """The layer as it was."""
        self._restore()
        for hook in self.hooks:
            hook.remove()

    def _asked(self, *_: Any) -> None:
        self._restore()

    def _restore(self) -> None:
        """The plain weights, out of the packed ones."""
        if self.given_up:
            assert self.weight is not None
            self.layer.weight.data = self.weight.to_dense()
            self.given_up = False


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
