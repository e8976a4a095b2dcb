"""Photographs of a scene of Gaussians, with their cameras, in nerfstudio's layout: something to try `pixwright scene edit-photos` on.

python recipes/scenes/photographs.py examples/scenes/table-vase.ply photographs
pixwright scene edit-photos photographs "make the vase gold" -o photographs-gold --system local --turntable turn.gif
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pixwright.scene3d.cameras import orbit
from pixwright.scene3d.nerf.views import write_dataset
from pixwright.scene3d.splats.gaussians import gaussians_of
from pixwright.scene3d.splats.ply import read_ply
from pixwright.scene3d.views import views_of


def main() -> None:
    """Read, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scene", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--views", type=int, default=32)
    parser.add_argument("--side", type=int, default=256, help="pixels")
    asked = parser.parse_args()
    gaussians = gaussians_of(read_ply(asked.scene))
    cameras = orbit(*gaussians.box(), asked.views, asked.side)
    write_dataset(asked.folder, cameras, views_of(gaussians, cameras).pictures(gaussians))
    print(f"{asked.folder}: {asked.views} photographs of {asked.side} pixels")


if __name__ == "__main__":
    main()
