"""Names for diffusers' classes in our signatures. Their base classes carry no types, so a checker knows none of their attributes."""

from __future__ import annotations

from typing import Any, TypeAlias

UNet: TypeAlias = Any
"""`diffusers.UNet2DConditionModel`."""
Autoencoder: TypeAlias = Any
"""`diffusers.AutoencoderKL` or `diffusers.AutoencoderTiny`."""
AttentionLayer: TypeAlias = Any
"""`diffusers.models.attention_processor.Attention`."""
Scheduler: TypeAlias = Any
"""Any scheduler of diffusers with `set_timesteps`, `scale_model_input` and `step`."""
