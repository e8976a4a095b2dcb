"""How fast a batch of metrics is against a plain loop over the same pictures, and whether both say the same.

    python benchmarks/metrics.py                                the embedded metrics
    python benchmarks/metrics.py --published --cases 24         CLIP ViT-B/32 and DINO ViT-S/16 of full size with random weights (extra `eval`)

The set has MagicBrush's form: sessions of three turns, where the truth of a turn is the source of the next; PNG files of 512 px. The loop is what one
writes first: for each sample open its three files, then call one metric after the other, each embedding what it needs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from pixwright.evaluate.metrics.backbones import Backbones
from pixwright.evaluate.metrics.brisque import brisque
from pixwright.evaluate.metrics.contract import Case
from pixwright.evaluate.metrics.named import B32, DINO, cosine, metric, pixelwise
from pixwright.evaluate.metrics.preprocess import fit
from pixwright.evaluate.metrics.score import score

Pixels: TypeAlias = NDArray[np.uint8]
SIDE, TURNS = 512, 3
PIXELWISE = ("L1", "L2", "PSNR", "SSIM", "BRISQUE")
CAPTIONS = ("a photo of a cat", "a cup of coffee on a table", "an astronaut", "a rocket at night")


def make_set(folder: Path, count: int) -> list[Case]:
    """`count` cases of sessions of three turns, written as PNG."""
    photos = [data.chelsea(), data.coffee(), data.astronaut(), data.rocket()]
    cases: list[Case] = []
    for number in range(count):
        session, turn = divmod(number, TURNS)
        names = [folder / f"{session}-{kind}.png" for kind in (f"output{turn}", f"output{turn + 1}", f"made{turn + 1}")]
        for step, name in enumerate(names):
            if not name.exists():
                rng = np.random.default_rng([session, turn, step])
                picture = cv2.resize(photos[(session + turn + step) % len(photos)], (SIDE, SIDE))
                noise = rng.normal(0, 3 + 5 * step, picture.shape)
                Image.fromarray(np.clip(picture + noise, 0, 255).astype(np.uint8)).save(name, compress_level=1)
        words = [CAPTIONS[(session + turn + k) % len(CAPTIONS)] for k in (0, 1)]
        cases.append(Case(str(number), names[2], names[1], names[0], caption=words[1], source_caption=words[0]))
    return cases


def plain_loop(
    cases: list[Case], names: list[str], backbones: Backbones, fresh: Callable[[], None]
) -> dict[str, float]:
    """Mean of each metric, one sample and one metric at a time."""
    values: dict[str, list[float]] = {name: [] for name in names}
    for case in cases:
        made, target, source = (
            np.asarray(Image.open(str(p)).convert("RGB")) for p in (case.made, case.target, case.source)
        )
        for name in names:
            values[name].append(one(name, case, fit(made, *target.shape[:2]), target, source, backbones))
            fresh()
    return {name: float(np.mean(found)) for name, found in values.items()}


def one(name: str, case: Case, made: Pixels, target: Pixels, source: Pixels, backbones: Backbones) -> float:
    """One metric of one sample."""
    direct = {"L1": pixelwise.l1, "L2": pixelwise.l2, "PSNR": pixelwise.psnr, "SSIM": pixelwise.ssim}
    if name in direct:
        return direct[name](made, target)
    if name == "BRISQUE":
        return brisque(made)
    if name.endswith("LPIPS"):
        return backbones.perceptual("mini-lpips").distances([made], [target])[0]
    clip = "mini-clip" if name.startswith("mini-") else B32
    network = backbones.embedder(("mini-dino" if name.startswith("mini-") else DINO) if name.endswith("DINO") else clip)

    def see(picture: Pixels) -> NDArray[np.float32]:
        found: NDArray[np.float32] = network.pictures(network.prepare(picture)[None])[0]
        return found

    if "CLIP-T" in name:
        return cosine.cosine(see(made), network.texts([case.caption])[0])
    if "CLIP-dir" in name:
        words = (network.texts([text])[0] for text in (case.source_caption, case.caption))
        return cosine.directional(see(source), see(made), *words)
    return cosine.cosine(see(made), see(target))


def random_backbones(folder: Path) -> Backbones:
    """CLIP ViT-B/32 and DINO ViT-S/16 of full size, with random weights: speed does not depend on what they have learned."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import CLIPConfig, CLIPModel, ViTConfig, ViTModel

    torch.manual_seed(0)
    CLIPModel(CLIPConfig()).save_pretrained(folder / B32)
    vocabulary = {"<unk>": 1} | {w: i + 2 for i, w in enumerate(sorted({w for text in CAPTIONS for w in text.split()}))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / B32 / "tokenizer.json"))
    small = ViTConfig(hidden_size=384, intermediate_size=1536, num_attention_heads=6, patch_size=16)
    ViTModel(small, add_pooling_layer=False).save_pretrained(folder / DINO)
    return Backbones(folder, device="cuda" if torch.cuda.is_available() else "cpu")


def main() -> None:
    """Time both ways and print a line for each, then the largest difference of any mean."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=48)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--published", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        cases = make_set(Path(place), given.cases)
        if given.published:
            backbones = random_backbones(Path(place))
            names = [*PIXELWISE, "CLIP-I", "CLIP-T", f"CLIP-dir@{B32}", "DINO"]
        else:
            backbones = Backbones()
            names = [*PIXELWISE, "mini-CLIP-I", "mini-CLIP-T", "mini-CLIP-dir", "mini-DINO", "mini-LPIPS"]
        metrics = [metric(name, backbones) for name in names]
        score(cases[:1], metrics, backbones)
        forget = forgetting(backbones)
        forget()
        start, worked = time.perf_counter(), time.process_time()
        table = score(cases, metrics, backbones, given.batch)
        batched, batched_cpu = time.perf_counter() - start, time.process_time() - worked
        forget()
        start, worked = time.perf_counter(), time.process_time()
        means = plain_loop(cases, names, backbones, forget)
        looped, looped_cpu = time.perf_counter() - start, time.process_time() - worked
    worst = max(abs(table.summary[m.about.name].mean - means[n]) for n, m in zip(names, metrics, strict=True))  # type: ignore[operator]
    print(f"{given.cases} cases, {len(names)} metrics, batches of {given.batch}")
    print(f"batched    {batched / given.cases * 1000:7.1f} ms a case   {given.cases / batched:6.1f} cases a second")
    print(f"plain loop {looped / given.cases * 1000:7.1f} ms a case   {looped / batched:6.2f} times as long")
    print(f"processor  {batched_cpu / given.cases * 1000:7.1f} ms against {looped_cpu / given.cases * 1000:.1f} ms")
    print(f"largest difference of a mean: {worst:.1e}")


def forgetting(backbones: Backbones) -> Callable[[], None]:
    """A function that makes the stand-ins forget what they saw, as a loop that calls a network anew would."""
    sight: Any = vars(backbones.embedder("mini-dino")).get("_sight")

    def forget() -> None:
        sight._seen.clear()

    return forget


if __name__ == "__main__":
    main()
