"""Cosines, heads, preprocessing, and CLIP and DINO against transformers' own classes with random weights."""

import builtins
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from evaluate_samples import drawn, save_clip, save_dino, write_tensors
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial import distance
from skimage import data

from pixwright.encoders.parts.clip import ClipTowers
from pixwright.errors import InvalidImage, InvalidOption, MissingExtra, WeightsCorrupt, WeightsMissing
from pixwright.evaluate.metrics import cosine, preprocess
from pixwright.evaluate.metrics.backbones import Backbones, layers, need, rows
from pixwright.evaluate.metrics.contract import Case
from pixwright.evaluate.metrics.named import B32, DINO, L14, metric
from pixwright.evaluate.metrics.score import score
from pixwright.evaluate.metrics.tensors import read_tensors

vectors = st.integers(0, 10**6).map(lambda seed: np.random.default_rng(seed).normal(size=24).astype(np.float32))


@settings(max_examples=20, deadline=None)
@given(vectors, vectors, st.floats(0.01, 50))
def test_cosine_is_scipys_and_knows_no_length(a, b, scale):
    assert cosine.cosine(a, b) == pytest.approx(1 - distance.cosine(a, b), abs=1e-6)
    assert cosine.cosine(a, b) == cosine.cosine(b, a)
    assert cosine.cosine(a * np.float32(scale), b) == pytest.approx(cosine.cosine(a, b), abs=1e-5)
    assert cosine.cosine(a, a) == pytest.approx(1)
    assert cosine.cosine(a, a * 0) == 0


@settings(max_examples=20, deadline=None)
@given(vectors, vectors, vectors, vectors)
def test_direction_is_torchs_cosine_of_differences(a, b, c, d):
    torch = pytest.importorskip("torch")
    unit = [torch.nn.functional.normalize(torch.from_numpy(v.copy()), dim=0) for v in (a, b, c, d)]
    wanted = torch.nn.functional.cosine_similarity(unit[1] - unit[0], unit[3] - unit[2], dim=0).item()
    assert cosine.directional(a, b, c, d) == pytest.approx(wanted, abs=1e-5)
    assume(np.abs(a - b).max() > 0)
    assert cosine.directional(a, b, a, b) == pytest.approx(1, abs=1e-6)
    assert cosine.directional(a, b, b, a) == pytest.approx(-1, abs=1e-6)
    assert cosine.directional(a, a, c, d) == 0
    # The same picture through float32 twice is not a change in a random direction.
    assert cosine.directional(a, a * np.float32(1 + 1e-7), c, d) == 0


def test_the_aesthetic_head_is_torchs_sequence_of_linear_layers():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    sizes = {0: (768, 1024), 2: (1024, 128), 4: (128, 64), 6: (64, 16), 7: (16, 1)}
    chain = {n: torch.nn.Linear(*size) for n, size in sizes.items()}
    tensors = {
        f"layers.{n}.{part}": getattr(layer, part).detach().numpy()
        for n, layer in chain.items()
        for part in ("weight", "bias")
    }
    vector = np.random.default_rng(0).normal(size=768).astype(np.float32)
    value = torch.nn.functional.normalize(torch.from_numpy(vector), dim=0)
    with torch.inference_mode():
        for layer in chain.values():
            value = layer(value)
    shuffled = dict(sorted(tensors.items(), reverse=True))
    assert cosine.linear_chain(vector, layers(shuffled)) == pytest.approx(value.item(), abs=1e-5)


def test_preprocessing_takes_bytes_only():
    picture = data.astronaut()
    with pytest.raises(InvalidImage, match="float"):
        preprocess.crop_square(picture.astype(np.float32) / 127.5 - 1, 224, 224)
    with pytest.raises(InvalidImage):
        preprocess.crop_square(picture[..., 0], 224, 224)
    backbones = Backbones()
    minus = Case("a", picture.astype(np.float32) / 127.5 - 1, picture)
    with pytest.raises(InvalidImage, match="convert it first"):
        score([minus], [metric("mini-CLIP-I", backbones)], backbones)


@pytest.mark.parametrize("shape", [(300, 451), (451, 300), (224, 224), (97, 640)])
def test_the_crop_is_the_middle_of_the_resized_picture(shape):
    from PIL import Image

    picture = drawn(1, *shape)
    height, width = shape
    size = (224, int(224 * height / width)) if width < height else (int(224 * width / height), 224)
    whole = np.asarray(Image.fromarray(picture).resize(size, Image.BICUBIC))
    left, top = round((size[0] - 224) / 2), round((size[1] - 224) / 2)
    assert np.array_equal(preprocess.crop_square(picture, 224, 224), whole[top : top + 224, left : left + 224])


def test_the_preprocessing_is_that_of_clips_own_processor():
    pytest.importorskip("transformers")
    from transformers import CLIPImageProcessorPil

    picture = data.chelsea()
    wanted = CLIPImageProcessorPil()(picture, return_tensors="np")["pixel_values"]
    found = preprocess.normalised(
        preprocess.crop_square(picture, 224, 224)[None], preprocess.CLIP_MEAN, preprocess.CLIP_STD
    )
    assert np.abs(found - wanted).max() < 1e-5


def test_clip_gives_the_vectors_of_the_library(tmp_path):
    pytest.importorskip("transformers")
    import torch

    model = save_clip(tmp_path / B32)
    clip = Backbones(tmp_path).embedder(B32)
    picture = data.chelsea()
    values = torch.from_numpy(
        preprocess.normalised(clip.prepare(picture)[None], preprocess.CLIP_MEAN, preprocess.CLIP_STD)
    )
    ids = torch.tensor([[7, 0, 1, 2, 3, 8], [7, 4, 8, 8, 8, 8]])
    with torch.inference_mode():
        wanted = model(pixel_values=values, input_ids=ids, attention_mask=torch.tensor([[1] * 6, [1, 1, 1, 0, 0, 0]]))
    assert clip.pictures(clip.prepare(picture)[None]) == pytest.approx(wanted.image_embeds.numpy(), abs=1e-5)
    assert clip.texts(["a photo of cat", "Dog"]) == pytest.approx(wanted.text_embeds.numpy(), abs=1e-5)
    assert clip.texts(["Dog"])[0] == pytest.approx(clip.texts(["a photo of cat", "Dog"])[1], abs=1e-5)
    assert clip.texts(["cat " * 200]).shape == (1, 16)
    assert clip.scale == pytest.approx(model.logit_scale.exp().item())


def test_dino_gives_the_class_token_of_the_library(tmp_path):
    pytest.importorskip("transformers")
    import torch

    model = save_dino(tmp_path / DINO)
    dino = Backbones(tmp_path).embedder(DINO)
    picture = data.coffee()
    crop = preprocess.crop_square(picture, 256, 224)
    assert np.array_equal(dino.prepare(picture), crop)
    values = torch.from_numpy(preprocess.normalised(crop[None], preprocess.IMAGENET_MEAN, preprocess.IMAGENET_STD))
    with torch.inference_mode():
        wanted = model(pixel_values=values).last_hidden_state[:, 0].numpy()
    assert dino.pictures(crop[None]) == pytest.approx(wanted, abs=1e-5)


def test_the_magicbrush_protocol_agrees_with_an_independent_computation(tmp_path):
    pytest.importorskip("transformers")
    import torch

    clip, dino = save_clip(tmp_path / B32), save_dino(tmp_path / DINO)
    made, truth = [drawn(i, 200, 260) for i in range(3)], [drawn(i + 10, 240, 230) for i in range(3)]
    captions = ["a photo of cat", "a dog", "cup"]
    backbones = Backbones(tmp_path)
    names = ("L1", "L2", "CLIP-I", "CLIP-T", "DINO")
    cases = [Case(str(i), m, t, caption=c) for i, (m, t, c) in enumerate(zip(made, truth, captions, strict=True))]
    found = score(cases, [metric(name, backbones) for name in names], backbones, size=2)
    by_hand = {name: [] for name in names}
    for m, t, caption in zip(made, truth, captions, strict=True):
        x, y = (torch.from_numpy(p.copy()).double() / 255 for p in (preprocess.fit(m, 240, 230), t))
        by_hand["L1"].append((x - y).abs().mean().item())
        by_hand["L2"].append(((x - y) ** 2).mean().item())
        ids = torch.tensor([[7, *(("a", "photo", "of", "cat", "dog", "cup").index(w) for w in caption.split()), 8]])
        seen = []
        with torch.inference_mode():
            for p in (m, t):
                values = torch.from_numpy(
                    preprocess.normalised(
                        preprocess.crop_square(p, 224, 224)[None], preprocess.CLIP_MEAN, preprocess.CLIP_STD
                    )
                )
                both = clip(pixel_values=values, input_ids=ids)
                values = torch.from_numpy(
                    preprocess.normalised(
                        preprocess.crop_square(p, 256, 224)[None], preprocess.IMAGENET_MEAN, preprocess.IMAGENET_STD
                    )
                )
                seen.append(
                    (both.image_embeds[0], both.text_embeds[0], dino(pixel_values=values).last_hidden_state[0, 0])
                )
        by_hand["CLIP-I"].append(1 - distance.cosine(seen[0][0], seen[1][0]))
        by_hand["CLIP-T"].append(1 - distance.cosine(seen[0][0], seen[0][1]))
        by_hand["DINO"].append(1 - distance.cosine(seen[0][2], seen[1][2]))
    for name in names:
        assert found.summary[name].mean == pytest.approx(np.mean(by_hand[name]), abs=1e-6), name


def test_pickscore_and_aesthetic_run_on_their_own_clip(tmp_path):
    pytest.importorskip("transformers")
    model = save_clip(tmp_path / "pickscore-v1", 1)
    save_clip(tmp_path / L14, 2)
    rng = np.random.default_rng(0)
    head = {
        "layers.0.weight": rng.normal(size=(4, 16)),
        "layers.0.bias": rng.normal(size=4),
        "layers.2.weight": rng.normal(size=(1, 4)),
        "layers.2.bias": np.zeros(1),
    }
    write_tensors(tmp_path / "aesthetic-v2.safetensors", head)
    backbones = Backbones(tmp_path)
    found = score(
        [Case("a", drawn(1), caption="a cat"), Case("b", drawn(2))],
        [metric(n, backbones) for n in ("PickScore", "aesthetic")],
        backbones,
    )
    pick = backbones.embedder("pickscore-v1")
    alike = cosine.cosine(pick.pictures(pick.prepare(drawn(1))[None])[0], pick.texts(["a cat"])[0])
    assert found.rows[0].values["PickScore"] == pytest.approx(model.logit_scale.exp().item() * alike, abs=1e-3)
    assert found.rows[1].values["PickScore"] is None
    vector = backbones.embedder(L14).pictures(backbones.embedder(L14).prepare(drawn(2))[None])[0]
    wanted = head["layers.2.weight"] @ (head["layers.0.weight"] @ vector + head["layers.0.bias"])
    assert found.rows[1].values["aesthetic"] == pytest.approx(wanted[0], abs=1e-4)


def test_weights_that_lack_a_tensor_are_not_filled_with_noise(tmp_path):
    pytest.importorskip("transformers")
    from safetensors.numpy import load_file, save_file

    save_dino(tmp_path / DINO)
    where = tmp_path / DINO / "model.safetensors"
    kept = load_file(where)
    kept.pop("layernorm.weight")
    save_file(kept, where, metadata={"format": "pt"})
    with pytest.raises(WeightsCorrupt, match="layernorm"):
        Backbones(tmp_path).embedder(DINO)


def test_what_is_missing_is_said_by_name(tmp_path, monkeypatch):
    backbones = Backbones(tmp_path)
    with pytest.raises(WeightsMissing, match="openai/clip-vit-base-patch32"):
        score([Case("a", drawn(1), drawn(1))], [metric("CLIP-I", backbones)], backbones)
    with pytest.raises(WeightsMissing, match="aesthetic-v2"):
        backbones.head("aesthetic-v2")
    assert not any(backbones.has(name) for name in rows())
    with pytest.raises(InvalidOption, match="clip-vit-h14"):
        backbones.embedder("clip-vit-h15")
    real = builtins.__import__
    monkeypatch.setattr("pixwright.extras.import_module", lambda name: real(name + "_that_is_not_there"))
    with pytest.raises(MissingExtra, match=r"pixwright\[eval\]"):
        need("transformers")


def test_a_folder_of_pickle_is_refused(tmp_path):
    pytest.importorskip("transformers")
    import torch

    save_dino(tmp_path / DINO)
    (tmp_path / DINO / "model.safetensors").unlink()
    torch.save({}, tmp_path / DINO / "pytorch_model.bin")
    with pytest.raises(WeightsCorrupt, match="safetensors"):
        Backbones(tmp_path).embedder(DINO)


def test_a_tensor_file_is_read_whole_or_not_at_all(tmp_path):
    file = tmp_path / "a.safetensors"
    values = {"x": np.arange(6, dtype=np.float32).reshape(2, 3), "y": np.ones(4, np.float32)}
    write_tensors(file, values)
    assert all(np.array_equal(read_tensors(file)[name], v) for name, v in values.items())
    whole = file.read_bytes()
    for cut in (0, 7, 20, len(whole) - 4):
        file.write_bytes(whole[:cut])
        with pytest.raises(WeightsCorrupt):
            read_tensors(file)
    head = json.dumps({"h": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    file.write_bytes(len(head).to_bytes(8, "little") + head + np.array([0x3F80, 0xC000], "<u2").tobytes())
    assert read_tensors(file)["h"].tolist() == [1.0, -2.0]


def test_clip_in_8_bits_scores_without_torch(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path))
    name = "clip-vit-base-patch32-onnx"
    backbones = Backbones()
    assert not backbones.has(name)
    with pytest.raises(WeightsMissing, match=f"pixwright models pull {name}"):
        backbones.embedder(name)
    shutil.copytree(Path(__file__).parents[1] / "golden" / "parts" / "random" / name, tmp_path / name)
    wanted = [metric(f"{one}@{name}", backbones) for one in ("CLIP-I", "CLIP-T", "CLIP-dir")]
    own = "ViT-B/32, 8 bits"
    assert [one.about.name for one in wanted] == [f"CLIP-I ({own})", f"CLIP-T ({own})", f"CLIP-dir ({own})"]
    red, blue = (np.full((80, 96, 3), colour, np.uint8) for colour in ((220, 30, 30), (30, 30, 220)))
    captions = {"caption": "a red ball", "source_caption": "a blue sky"}
    cases = [Case(str(i), made, target=red, source=red, **captions) for i, made in enumerate((red, blue))]
    rows_made = score(cases, wanted, backbones).rows
    same, other = (row.values[f"CLIP-I ({own})"] for row in rows_made)
    assert same == pytest.approx(1, abs=1e-5) and other < same
    towers = ClipTowers.load(name)
    before, after = (towers.picture(backbones.embedder(name).prepare(one)) for one in (red, blue))
    words = towers.text(list(captions.values()))
    assert rows_made[1].values[f"CLIP-T ({own})"] == pytest.approx(cosine.cosine(after, words[0]), abs=1e-5)
    turned = cosine.cosine(after - before, words[0] - words[1])
    assert rows_made[1].values[f"CLIP-dir ({own})"] == pytest.approx(turned, abs=1e-5)
    assert rows_made[0].values[f"CLIP-dir ({own})"] == 0, "no change agrees with nothing"
