"""How weights are loaded: values that a record can hold. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pixwright.errors import InvalidOption

T = TypeVar("T", bound=BaseModel)


class ModelOptions(BaseModel):
    """What every system with a denoiser lets one choose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: str = Field(
        "mini", description="mini, a name of `pixwright models`, or a folder or file of published weights"
    )
    experts: str = Field(
        "",
        description="a name of `pixwright models`, folder or file of experts, where they do not lie with the weights; no: without any",
    )
    image_encoder: str = Field(
        "", description="a name or folder of the CLIP picture encoder that experts read with; empty: beside them"
    )
    lora: str = Field("", description="a .safetensors file of LoRA weights for the denoiser")
    device: str = Field("auto", description="auto (a GPU if there is one), cpu, cuda, cuda:1, mps")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="auto: float32 on a processor, bfloat16 on a GPU"
    )
    offload: bool | Literal["auto"] = Field(
        "auto",
        description="each network waits in main memory and is on the device only while it works; auto: where they do not fit in beside each other",
    )
    quantised: Literal["no", "fp8", "int8", "int4"] = Field(
        "no", description="the denoiser's linear layers in 8 bits (floating or whole numbers) or 4 (needs torchao)"
    )
    compiled: bool = Field(
        False, description="the denoiser compiled by torch.compile: minutes at first, for many edits at one size"
    )
    tiles: bool = Field(
        False, description="large pictures in overlapping tiles of the size that the network was trained on"
    )
    preview: str = Field(
        "", description="a tiny autoencoder (taesd, or its folder) for looks at what is becoming; empty: colours only"
    )


def options_from(kind: type[T], given: Mapping[str, str]) -> T:
    """The options of that kind from NAME=VALUE texts. Raises InvalidOption: the value, what is allowed."""
    unknown = sorted(given.keys() - kind.model_fields.keys())
    if unknown:
        raise InvalidOption(f"there is no option {unknown[0]!r}; there is: {', '.join(kind.model_fields) or 'none'}")
    try:
        return kind.model_validate(given)
    except ValidationError as problem:
        first = problem.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "options"
        about = kind.model_fields[name].description if name in kind.model_fields else ""
        raise InvalidOption(
            f"{name}={given.get(name, '')!r}: {first['msg']}" + (f" ({about})" if about else "")
        ) from None
