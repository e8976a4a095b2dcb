"""Fewer and cheaper steps: shortcuts for any weights, or a LoRA by its name in the registry with the solver, steps and guidance that it was published with.

What the user gives himself stays his.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)
Shortcut: TypeAlias = Literal["none", "fast"]
"""With any weights."""
FewSteps: TypeAlias = Literal["lcm", "lcm-xl", "hyper", "hyper-xl", "lightning-xl", "turbo"]
"""With a LoRA, or with weights that are distilled themselves."""
Preset: TypeAlias = Shortcut | FewSteps

_UNGUIDED = {"text": 1.0, "picture": 1.0, "rescale": 0.0}
PRESETS: Mapping[Preset, Mapping[str, Any]] = MappingProxyType(
    {
        "none": {},
        "fast": {"solver": "dpm++", "steps": 20, "reuse": 2, "compare": 2},
        "lcm": {"lora": "lcm-lora-sd1.5", "solver": "lcm", "steps": 4, "text": 1.5, "picture": 1.0, "rescale": 0.0},
        "lcm-xl": {"lora": "lcm-lora-sdxl", "solver": "lcm", "steps": 4, "text": 1.5, "picture": 1.0, "rescale": 0.0},
        "hyper": {"lora": "hyper-sd1.5-8steps", "solver": "ddim_trailing", "steps": 8, **_UNGUIDED},
        "hyper-xl": {"lora": "hyper-sdxl-8steps", "solver": "ddim_trailing", "steps": 8, **_UNGUIDED},
        "lightning-xl": {"lora": "sdxl-lightning-4steps", "solver": "euler_trailing", "steps": 4, **_UNGUIDED},
        "turbo": {"solver": "euler_trailing", "steps": 4, **_UNGUIDED},
    }
)
"""LCM-LoRA (arXiv 2311.05556; guidance of 1 to 2 as its card says), Hyper-SD (arXiv 2404.13686), SDXL-Lightning (arXiv 2402.13929), and for weights that are distilled
themselves SD-Turbo's settings (arXiv 2311.17042)."""


def with_preset(chosen: T) -> T:
    """The options with the preset's values where none was given."""
    values = PRESETS[getattr(chosen, "preset", "none")]
    return chosen.model_copy(
        update={name: value for name, value in values.items() if name not in chosen.model_fields_set}
    )
