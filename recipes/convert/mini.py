"""The mini networks as training leaves them -> what is packaged: the autoencoder in float16, denoiser, experts and connector in int8 with a scale a row.

python recipes/convert/mini.py out/train/mini                # a folder with any of autoencoder, denoiser and experts .safetensors
python recipes/convert/mini.py out/train/reason              # or with connector.safetensors
python -m recipes.convert.register
"""

from __future__ import annotations

import sys
from pathlib import Path

from pixwright.models.files import read_part, save_part

DATA = Path(__file__).resolve().parents[2] / "src/pixwright/weights/data"
STORED = {
    "autoencoder": ("mini_autoencoder", "float16"), "denoiser": ("mini_denoiser", "int8"),
    "experts": ("mini_experts", "int8"), "connector": ("mini_reason", "int8"),
}  # fmt: skip
"""Of what training leaves: what it is called in the package, and how its weights are stored."""


def main(folder: Path) -> None:
    """Store what is there."""
    for part, (name, dtype) in STORED.items():
        if (folder / f"{part}.safetensors").exists():
            one = read_part(folder / f"{part}.safetensors")
            save_part(
                DATA / f"{name}.safetensors", one.state, one.shape, one.schedule, one.side, one.recipe, dtype=dtype
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
