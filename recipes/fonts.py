"""Copy the two faces of added text, a serif and a handwriting, and their licences into `edit/data/fonts`: `python -m recipes.fonts`. Needs npm."""

from __future__ import annotations

from pathlib import Path

from recipes.convert.carriers import member

TARGET = Path(__file__).parents[1] / "src/pixwright/edit/data/fonts"
FACES = {
    "caveat": ("700Bold/Caveat_700Bold.ttf", "caveat_bold.ttf"),
    "lora": ("600SemiBold/Lora_600SemiBold.ttf", "lora_semibold.ttf"),
}
"""Carrier -> file in its package, and ours."""


def main() -> None:
    for carrier, (source, name) in FACES.items():
        (TARGET / name).write_bytes(member(carrier, f"package/{source}"))
        (TARGET / f"{carrier}.OFL.txt").write_bytes(member(carrier, "package/LICENSE_FONT"))


if __name__ == "__main__":
    main()
