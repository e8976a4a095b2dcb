"""MagicBrush's script, written a second time with other means: Pillow, numpy, scipy and transformers alone, file by file."""

import json

import numpy as np
import pytest
from evaluate_samples import save_clip, save_dino
from PIL import Image
from scipy.spatial import distance
from task_sets import magicbrush, magicbrush_outputs

from pixwright.evaluate.run.commands import evaluate

WITHIN = 1e-6


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """CLIP ViT-B/32 and dino_vits16 in form, small and with random weights, under the names that the protocol asks for."""
    pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("weights")
    return folder, save_clip(folder / "clip-vit-base-patch32"), save_dino(folder / "dino-vits16", seed=1)


def prepared(path, resize, mean, std):
    """Resize, CenterCrop, ToTensor, Normalize as torchvision does them, for one file."""
    import torch

    image = Image.open(path).convert("RGB")
    width, height = image.size
    size = (resize, int(resize * height / width)) if width < height else (int(resize * width / height), resize)
    image = image.resize(size, Image.BICUBIC)
    left, top = round((size[0] - 224) / 2), round((size[1] - 224) / 2)
    pixels = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32) / 255
    return torch.from_numpy(((pixels - np.float32(mean)) / np.float32(std)).transpose(2, 0, 1)[None].astype(np.float32))


def unit_scores(path_a, path_b, embed):
    return 1 - distance.cosine(embed(path_a), embed(path_b))


def independent(truth, outputs, folder, clip, dino, setting):
    """Means over all-turn or final-turn, as `evaluation/image_eval.py` says them."""
    import torch
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "clip-vit-base-patch32/tokenizer.json"))
    clip_mean, clip_std = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)

    def pooled(found):
        return (found if torch.is_tensor(found) else found.pooler_output)[0].double().numpy()

    def see(path):
        with torch.inference_mode():
            return pooled(clip.get_image_features(pixel_values=prepared(path, 224, clip_mean, clip_std)))

    def read(text):
        with torch.inference_mode():
            return pooled(clip.get_text_features(input_ids=torch.tensor([tokenizer.encode(text).ids])))

    def look(path):
        with torch.inference_mode():
            seen = dino(pixel_values=prepared(path, 256, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
        return seen.last_hidden_state[0, 0].double().numpy()

    captions = json.loads((truth / "local_descriptions.json").read_text())
    rows = []
    for session, turns in json.loads((truth / "edit_sessions.json").read_text()).items():
        numbers = range(1, len(turns) + 1) if setting == "magicbrush" else [len(turns)]
        kind = "inde" if setting == "magicbrush" else "iter"
        for n in numbers:
            target = truth / "images" / session / f"{session}-output{n}.png"
            made = outputs / session / (f"{session}_1.png" if n == 1 else f"{session}_{kind}_{n}.png")
            wanted = Image.open(target).convert("RGB")
            a = np.asarray(Image.open(made).convert("RGB").resize(wanted.size), np.float64) / 255
            b = np.asarray(wanted, np.float64) / 255
            text = read(captions[session][target.name])
            rows.append(
                (
                    np.abs(a - b).mean(),
                    ((a - b) ** 2).mean(),
                    unit_scores(made, target, see),
                    unit_scores(made, target, look),
                    1 - distance.cosine(see(made), text),
                )
            )
    return np.mean(rows, axis=0), len(rows)


@pytest.mark.parametrize(("setting", "count"), [("magicbrush", 6), ("magicbrush-multi", 3)])
def test_published_outputs_give_what_an_independent_computation_gives(networks, tmp_path, setting, count):
    folder, clip, dino = networks
    truth = magicbrush(tmp_path / "test", {"30": 1, "139": 3, "7": 2})
    outputs = magicbrush_outputs(tmp_path / "results", truth)
    lines = list(
        evaluate(setting, system=f"outputs:{outputs}", data=truth, output=tmp_path / "run", weights=folder, show=False)
    )
    assert not [line for line in lines if line.startswith("note")]
    wanted, rows = independent(truth, outputs, folder, clip, dino, setting)
    found = json.loads((tmp_path / "run/table.json").read_text())["overall"]
    assert found["rows"] == rows == count and found["failed"] == 0
    for name, value in zip(("L1", "L2", "CLIP-I", "DINO", "CLIP-T"), wanted, strict=True):
        assert found["values"][name]["mean"] == pytest.approx(value, abs=WITHIN), name
    assert len(set(np.round(wanted, 4))) == 5


def test_a_multi_turn_table_is_not_a_single_turn_table(networks, tmp_path):
    truth = magicbrush(tmp_path / "test")
    outputs = magicbrush_outputs(tmp_path / "results", truth)
    means = {}
    for setting in ("magicbrush", "magicbrush-multi"):
        list(
            evaluate(
                setting, system=f"outputs:{outputs}", data=truth, output=tmp_path / setting, metrics="L1", show=False
            )
        )
        means[setting] = json.loads((tmp_path / setting / "table.json").read_text())["overall"]["values"]["L1"]["mean"]
    assert means["magicbrush-multi"] > means["magicbrush"] + 0.01
