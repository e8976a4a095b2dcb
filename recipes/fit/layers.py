"""A network of one hidden layer as `ground.fitted.inside.believed` takes it."""

from __future__ import annotations

import numpy as np
import torch


def tensors_of(network: torch.nn.Sequential, mean: np.ndarray, spread: np.ndarray) -> dict[str, np.ndarray]:
    """The tensors of two linear layers with a rectifier between, and the mean and spread of what they are shown."""
    first, second = (network[i].state_dict() for i in (0, 2))
    tensors = {
        "first": first["weight"].T,
        "first_bias": first["bias"],
        "second": second["weight"].T,
        "second_bias": second["bias"],
    }
    return {"mean": mean, "spread": spread, **{name: value.numpy().copy() for name, value in tensors.items()}}
