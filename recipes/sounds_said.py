"""The rows of MM-Inst-Test mini that bring a sound or music, twice: as they are, and with its caption in the paper's notation in its place. For the ablation of docs/multimodal.md.

pixwright build splits -o out/splits
python -m recipes.sounds_said out/splits/mm-inst-test-mini -o out/sounds
pixwright evaluate mm-inst-test --system instructany2pix --data out/sounds/heard -o out/sounds/run-heard
pixwright evaluate mm-inst-test --system instructany2pix --data out/sounds/said -o out/sounds/run-said
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import soundfile

from pixwright.evaluate.readers.splits import samples
from pixwright.records.sample import Reference, Sample


def written(one: Reference, file: Path) -> str:
    """The reference as a file beside `file`; its name."""
    if one.samples is not None:
        target = file.with_suffix(".wav")
        soundfile.write(target, one.samples, one.rate)
    else:
        assert one.pixels is not None
        target = file.with_suffix(".png")
        order = cv2.COLOR_RGBA2BGRA if one.pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
        cv2.imwrite(str(target), cv2.cvtColor(one.pixels, order))
    return target.name


def row(sample: Sample, folder: Path, *, said: bool) -> dict[str, Any]:
    """A line of `examples.jsonl`. `said`: sounds are words in the instruction; the others keep their order and get its numbers."""
    text, kept = sample.instruction, []
    for one in sample.references:
        if said and one.samples is not None:
            text = text.replace(f"[{one.number}]", f"[audio:{one.caption}]")
        else:
            kept.append(one)
            text = text.replace(f"[{one.number}]", f"[{len(kept)}]")
    cv2.imwrite(str(folder / f"{sample.id}.png"), np.ascontiguousarray(sample.source[..., ::-1]))
    return {
        "id": sample.id,
        "picture": f"{sample.id}.png",
        "instruction": text,
        "caption": sample.edited_caption,
        "source_caption": sample.source_caption,
        "attachments": [written(one, folder / f"{sample.id}-{k}") for k, one in enumerate(kept, 1)],
        "groups": {"kind": sample.extra.get("kind", "")},
    }


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    heard = [one for one in samples(given.split) if any(ref.samples is not None for ref in one.references)]
    for name in ("heard", "said"):
        folder = given.output / name
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(row(one, folder, said=name == "said")) for one in heard]
        (folder / "examples.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(heard)} rows; the same captions and pictures in both")


if __name__ == "__main__":
    main()
