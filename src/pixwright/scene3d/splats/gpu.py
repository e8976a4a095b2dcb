"""Drawing on a graphics processor, by gsplat, where that and CUDA are installed: the same footprint as `render.weights_of`, only sooner.

gsplat yields pictures and not weights. A picture is linear in the colours, so its gradient by them is the transpose that lifting and solving need.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.extras import optional
from pixwright.scene3d.cameras import Camera, Floats
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.render import NEAR, TILE, WIDENED

_WHO, _EXTRA = "drawing scenes on a graphics processor", "gsplat"


def available() -> bool:
    """Whether gsplat and a device of CUDA are here. torch is not imported where gsplat is not installed."""
    if find_spec("gsplat") is None or find_spec("torch") is None:
        return False
    return bool(optional("torch", _WHO, "torch").cuda.is_available())


def arguments(gaussians: Gaussians, camera: Camera, colours: Any) -> dict[str, Any]:
    """What `gsplat.rasterization` is called with for one camera; `colours` is a tensor NxC. Only the other tensors are made here."""
    torch = optional("torch", _WHO, "torch")
    place = {"device": colours.device, "dtype": torch.float32}
    known = gaussians.opacities > 0
    return {
        "means": torch.as_tensor(np.where(known[:, None], gaussians.centres, 0), **place),
        "quats": torch.as_tensor(np.where(known[:, None], gaussians.quaternions, 1), **place),
        "scales": torch.as_tensor(np.exp(np.where(known[:, None], gaussians.log_scales, 0)), **place),
        "opacities": torch.as_tensor(gaussians.opacities, **place),
        "colors": colours,
        "viewmats": torch.as_tensor(camera.world_to_camera[None], **place),
        "Ks": torch.as_tensor(camera.intrinsics[None], **place),
        "width": camera.width,
        "height": camera.height,
        "near_plane": NEAR,
        "eps2d": WIDENED,
        "tile_size": TILE,
        "sh_degree": None,
        "packed": False,
        "render_mode": "RGB",
        "rasterize_mode": "classic",
    }


class Rasterised:
    """One view by gsplat. See `render.Footprint`."""

    def __init__(self, gaussians: Gaussians, camera: Camera, device: str = "cuda") -> None:
        self._gaussians, self._camera, self._device = gaussians, camera, device
        _, alpha = self._drawn(np.zeros((len(gaussians), 1), np.float32))
        self.left: Floats = 1 - alpha.detach().cpu().numpy()[0, ..., 0]

    def forward(self, values: Floats) -> Floats:
        """See `render.Footprint`."""
        picture, _ = self._drawn(values)
        return np.asarray(picture.detach().cpu().numpy()[0], np.float32)

    def backward(self, picture: Floats) -> Floats:
        """See `render.Footprint`."""
        torch = optional("torch", _WHO, "torch")
        channels = picture.shape[2]
        colours = torch.zeros((len(self._gaussians), channels), device=self._device, requires_grad=True)
        drawn, _ = self._drawn(colours)
        (found,) = torch.autograd.grad(drawn, colours, torch.as_tensor(picture[None], device=self._device))
        return np.asarray(found.cpu().numpy(), np.float32)

    def of(self, chosen: NDArray[np.bool_]) -> Rasterised:
        """See `render.Footprint`: drawing a part costs as much as drawing all."""
        return self

    def _drawn(self, values: Any) -> tuple[Any, Any]:
        torch, gsplat = optional("torch", _WHO, "torch"), optional("gsplat", _WHO, _EXTRA)
        colours = torch.as_tensor(values, device=self._device)
        picture, alpha, _ = gsplat.rasterization(**arguments(self._gaussians, self._camera, colours))
        return picture, alpha


def footprint(gaussians: Gaussians, camera: Camera) -> Rasterised:
    """A view drawn on the first device of CUDA. Raises MissingExtra."""
    return Rasterised(gaussians, camera)
