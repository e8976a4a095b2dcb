"""CLIP and CLAP at toy size, made here in the published layout: one interface, and sounds that arrive in CLIP's space by way of words."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tokenizers import Tokenizer, models, pre_tokenizers, processors  # noqa: E402

from pixwright.encoders.spaces.clip_clap import open_clip_clap  # noqa: E402
from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing  # noqa: E402

WORDS = "[PAD] [SEP] [CLS] [UNK] a the sound of dog cow train photo".split()
BRIDGE = ("the sound of a dog", "the sound of a cow", "the sound of a train")
SMALL = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}


def save_tokenizer(folder) -> None:
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing("[CLS] $0 [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 1)])
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="[PAD]", sep_token="[SEP]", cls_token="[CLS]", unk_token="[UNK]"
    )
    fast.save_pretrained(folder)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("aligned")
    torch.manual_seed(0)
    words = {"vocab_size": len(WORDS), "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0}
    clip = transformers.CLIPConfig(
        text_config={**SMALL, **words, "max_position_embeddings": 12},
        vision_config={**SMALL, "image_size": 16, "patch_size": 8},
        projection_dim=24,
    )
    transformers.CLIPModel(clip).save_pretrained(root / "clip")
    clap = transformers.ClapConfig(
        text_config={**SMALL, **words, "max_position_embeddings": 14, "projection_dim": 20},
        audio_config={
            "depths": [1, 1],
            "num_attention_heads": [2, 2],
            "num_hidden_layers": 2,
            "hidden_size": 32,
            "patch_embeds_hidden_size": 16,
            "spec_size": 64,
            "num_mel_bins": 16,
            "window_size": 4,
            "projection_dim": 20,
            "enable_fusion": False,
        },
        projection_dim=20,
    )
    transformers.ClapModel(clap).save_pretrained(root / "clap")
    transformers.ClapFeatureExtractor(
        feature_size=16,
        sampling_rate=16_000,
        hop_length=160,
        max_length_s=2,
        fft_window_size=512,
        truncation="rand_trunc",
    ).save_pretrained(root / "clap")
    for name in ("clip", "clap"):
        save_tokenizer(root / name)
    return root


@pytest.fixture(scope="module")
def aligned(folders):
    return open_clip_clap(str(folders / "clip"), str(folders / "clap"), BRIDGE, "cpu")


def test_every_kind_is_a_unit_vector_of_clips_width(aligned):
    sound = np.random.default_rng(0).normal(0, 0.1, 22_050).astype(np.float32)
    picture = np.random.default_rng(1).integers(0, 256, (30, 44, 3), np.uint8)
    found = [
        *aligned.text(["a dog", "the photo of a cow"]),
        aligned.picture(picture),
        aligned.sound(sound, 22_050),
        aligned.music(sound, 22_050),
    ]
    assert aligned.width == 24
    for vector in found:
        assert vector.shape == (24,) and np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert aligned.text([]).shape == (0, 24)


def test_a_sound_is_a_mixture_of_the_bridges_texts(aligned):
    sound = np.sin(np.arange(16_000) / 8).astype(np.float32)
    vector, texts = aligned.sound(sound, 16_000), aligned.text(list(BRIDGE))
    weights, *_ = np.linalg.lstsq(texts.T.astype(np.float64), vector.astype(np.float64), rcond=None)
    assert np.abs(texts.T @ weights - vector).max() < 1e-4 and (weights > -1e-4).all()


def test_digests_name_both_folders(aligned):
    assert set(aligned.digests) == {"clip", "clap"} and all(len(one) == 64 for one in aligned.digests.values())


def test_what_cannot_be_opened_is_said(folders, tmp_path):
    with pytest.raises(InvalidOption, match="bridge"):
        open_clip_clap(str(folders / "clip"), str(folders / "clap"), ())
    with pytest.raises(WeightsMissing):
        open_clip_clap(str(tmp_path / "none"), str(folders / "clap"), BRIDGE)
    with pytest.raises(WeightsCorrupt):
        open_clip_clap(str(folders / "clap"), str(tmp_path), BRIDGE)
