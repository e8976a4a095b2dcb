"""A function with the signature and meaning of `gsplat.rasterization` 1.5.3, which draws with CUDA alone: made of our own weights, and differentiable by colours as gsplat's is."""

from __future__ import annotations

import numpy as np
import torch

from pixwright.scene3d.cameras import Camera
from pixwright.scene3d.splats import harmonics
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.render import weights_of


def documented(
    means, quats, scales, opacities, colors, viewmats, Ks, width, height, near_plane=0.01, far_plane=1e10, radius_clip=0.0,
    eps2d=0.3, sh_degree=None, packed=True, tile_size=16, backgrounds=None, render_mode="RGB", sparse_grad=False, absgrad=False,
    rasterize_mode="classic", channel_chunk=32, distributed=False, camera_model="pinhole", segmented=False, covars=None,
    with_ut=False, with_eval3d=False, radial_coeffs=None, tangential_coeffs=None, thin_prism_coeffs=None, ftheta_coeffs=None,
    rolling_shutter=None, viewmats_rs=None,
):  # fmt: skip
    """`gsplat.rasterization` as its documentation has it: N Gaussians, C = 1 cameras; pictures CxHxWxD, alphas CxHxWx1, and more."""
    assert (eps2d, render_mode, rasterize_mode) == (0.3, "RGB", "classic")
    means, quats, scales, opacities = (one.detach() for one in (means, quats, scales, opacities))
    pose = np.linalg.inv(viewmats[0].double().numpy())
    (fx, _, cx), (_, fy, cy), _ = Ks[0].double().numpy()
    camera = Camera(pose[:3, :3], pose[:3, 3], width, height, fx, fy, cx, cy)
    plain = np.zeros((len(means), 1, 3), np.float32)
    logits = torch.logit(opacities).numpy()
    weights = weights_of(Gaussians(means.numpy(), quats.numpy(), scales.log().numpy(), logits, plain), camera)
    matrix = torch.sparse_coo_tensor(
        np.stack([weights.pixels, weights.owners]), weights.values, (height * width, len(means))
    )
    if sh_degree is not None:
        ways = means.numpy() - pose[:3, 3]
        seen = harmonics.basis(ways / np.linalg.norm(ways, axis=1, keepdims=True), sh_degree)
        colors = ((colors * torch.as_tensor(seen, dtype=colors.dtype)[..., None]).sum(1) + 0.5).clamp(min=0)
    picture = (matrix @ colors).reshape(1, height, width, -1)
    return picture, 1 - torch.as_tensor(weights.left)[None, ..., None], {}
