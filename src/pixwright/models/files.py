"""One network as one safetensors file that says what it is: what a training run exports and what the packaged mini weights are.

A folder of weights holds `autoencoder.safetensors`, `denoiser.safetensors` and, after stage 2, `experts.safetensors`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixwright.errors import InvalidOption, InvalidRecord
from pixwright.extras import optional

if TYPE_CHECKING:
    from torch import Tensor

    from pixwright.nn.sampling import Schedule

PARTS = ("autoencoder", "denoiser", "experts")
"""What a folder of mini weights holds, each as NAME.safetensors."""
_DTYPES = ("float16", "bfloat16", "float32", "int8")
_SCALE = ".scale"
"""Behind the name of a matrix in int8: what each of its rows is multiplied by."""
_STEPS, _LEAST = 127, 1e-12
"""Largest whole number in int8, and least of what a row's largest value counts as."""
_MATRICES = 3
"""Dimensions, at most, of one matrix or several."""


@dataclass(frozen=True, eq=False)
class NetworkFiles:
    """A network's weights and what its constructor is given."""

    state: Mapping[str, Tensor]
    shape: Mapping[str, Any]
    """denoiser: the settings of `UNet2DConditionModel`. autoencoder: `Shape.autoencoder`, with kind and scaling_factor. experts: the projector's mapping,
    `feature_width`, `inner` (a width for each cross-attention layer) and `width` (that of the text tokens)."""
    side: int
    """Pixels of the pictures that it was trained on."""
    schedule: Schedule | None = None
    """Of the denoiser only."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """Whatever trained it."""


def save_part(
    path: Path,
    state: Mapping[str, Tensor],
    shape: Mapping[str, Any],
    schedule: Schedule | None,
    side: int,
    recipe: Mapping[str, Any],
    *,
    dtype: str = "float16",
) -> None:
    """Write a part; `path` is whole or as it was before, also after a crash. Floating tensors are stored in `dtype`: float16, bfloat16 or float32; or, in int8, matrices
    with a scale a row and the others in float16.

    Raises InvalidOption for another dtype and for values that it cannot hold, MissingExtra without safetensors.
    """
    torch, safetensors = _libraries()
    if dtype not in _DTYPES:
        raise InvalidOption(f"dtype {dtype!r} is none of {', '.join(_DTYPES)}")
    kind = torch.float16 if dtype == "int8" else getattr(torch, dtype)
    stored = {}
    for name, tensor in state.items():
        value = tensor.detach().cpu()
        if dtype == "int8" and value.is_floating_point() and value.dim() > 1:
            stored[name], stored[name + _SCALE] = _to_int8(value)
            continue
        value = value.to(kind) if value.is_floating_point() else value
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise InvalidOption(f"{name} holds values that {dtype} cannot; the run diverged, or needs float32")
        stored[name] = value.contiguous().clone()
    about = {"shape": json.dumps(dict(shape)), "side": str(side), "recipe": json.dumps(dict(recipe), default=str)}
    if schedule is not None:
        about["schedule"] = json.dumps(asdict(schedule))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        safetensors.torch.save_file(stored, str(draft), metadata=about)
        draft.chmod(0o644)  # safetensors lets nobody else read
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_part(path: Path) -> NetworkFiles:
    """Read what `save_part` wrote, tensors in the dtype that they are stored in, int8 as float16.

    Raises InvalidOption for a file that is not there, InvalidRecord for one that no training run of pixwright wrote, MissingExtra without safetensors.
    """
    _, safetensors = _libraries()
    if not path.is_file():
        raise InvalidOption(f"{path} is not there; a folder of weights holds {', '.join(PARTS)}, each .safetensors")
    from pixwright.nn.sampling import Schedule

    try:
        with safetensors.safe_open(str(path), framework="pt") as opened:
            about = opened.metadata() or {}
            state = _whole({name: opened.get_tensor(name) for name in opened.keys()})  # noqa: SIM118 - not a mapping
        schedule = Schedule(**json.loads(about["schedule"])) if "schedule" in about else None
        return NetworkFiles(
            state, json.loads(about["shape"]), int(about["side"]), schedule, json.loads(about.get("recipe", "{}"))
        )
    except (KeyError, ValueError, TypeError, safetensors.SafetensorError) as problem:
        reason = " ".join(str(problem).split())
        raise InvalidRecord(
            f"{path.name} is no file of a pixwright training run ({reason}); give one that `recipes/train` exported"
        ) from None


def _to_int8(values: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers from -127 to 127, and float32 scales that broadcast: one for each row, of a convolution for each output."""
    torch, _ = _libraries()
    over = tuple(range(1, values.dim())) if values.dim() > _MATRICES else (-1,)
    scale = values.float().abs().amax(over, keepdim=True).clamp(min=_LEAST) / _STEPS
    return (values.float() / scale).round().to(torch.int8), scale


def _whole(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """What was stored in int8 as float16 again."""
    state = {}
    for name, value in stored.items():
        if name + _SCALE in stored:
            value = (value.float() * stored[name + _SCALE]).half()
        elif name.endswith(_SCALE) and name.removesuffix(_SCALE) in stored:
            continue
        state[name] = value
    return state


def _libraries() -> tuple[Any, Any]:
    """torch, and safetensors with its part for torch."""
    found = [optional(name, "a file of weights", "torch") for name in ("torch", "safetensors", "safetensors.torch")]
    return found[0], found[1]
