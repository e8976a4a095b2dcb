"""BLIP and BLIP-2 at toy size, made here: how they are opened, asked and read."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from pixwright.encoders.captioner import MEDIUM, Captioner, open_captioner
from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing

WORDS = (
    "[PAD] [SEP] [CLS] [UNK] <image> a the photo painting of dog cat red is on grass Question Answer : , ? .".split()
)
PICTURE = np.random.default_rng(0).integers(0, 256, (30, 44, 3), np.uint8)
VISION = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 16, "patch_size": 8}  # fmt: skip


def tokenizer(framed: bool) -> Tokenizer:
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.add_special_tokens(["[PAD]", "[SEP]", "[CLS]", "<image>"])
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    if framed:
        made.post_processor = processors.TemplateProcessing(
            "[CLS] $0 [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 1)]
        )
    return made


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    from transformers import Blip2Config, Blip2ForConditionalGeneration, BlipConfig, BlipForConditionalGeneration

    root = tmp_path_factory.mktemp("captioners")
    torch.manual_seed(0)
    words = {"vocab_size": len(WORDS), "bos_token_id": 2, "pad_token_id": 0}
    text = dict(hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, max_position_embeddings=64, sep_token_id=1, eos_token_id=1, **words)  # fmt: skip
    BlipForConditionalGeneration(BlipConfig(vision_config=VISION, text_config=text)).save_pretrained(root / "blip")
    tokenizer(True).save(str(root / "blip" / "tokenizer.json"))
    opt = dict(model_type="opt", hidden_size=16, word_embed_proj_dim=16, ffn_dim=16, num_hidden_layers=1, num_attention_heads=2, max_position_embeddings=96, eos_token_id=1, **words)  # fmt: skip
    former = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "vocab_size": 9,
    }
    config = Blip2Config(vision_config=VISION, qformer_config=former, text_config=opt, num_query_tokens=3, image_token_index=4)  # fmt: skip
    Blip2ForConditionalGeneration(config).save_pretrained(root / "blip2")
    tokenizer(False).save(str(root / "blip2" / "tokenizer.json"))
    return root


@pytest.mark.parametrize("name", ["blip", "blip2"])
def test_a_folder_captions_the_same_picture_alike(folders, name):
    captioner = open_captioner(str(folders / name), "cpu")
    once = captioner.describe(PICTURE, "dog")
    assert once == captioner.describe(PICTURE, "dog") and "\n" not in once
    assert " of" in once and "Question" not in once.split(";")[0]
    assert len(captioner.digests[name]) == 64


@pytest.mark.parametrize("name", ["blip", "blip2"])
def test_answers_are_those_of_the_library_itself(folders, name):
    """The pixels, the prompt's tokens and where the answer begins, against transformers' own calls."""
    import cv2

    captioner = open_captioner(str(folders / name), "cpu")
    network = captioner._network
    small = cv2.resize(PICTURE, (16, 16), interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    mean, std = np.array([0.4815, 0.4578, 0.4082]), np.array([0.2686, 0.2613, 0.2758])
    pixels = torch.from_numpy(((small - mean) / std).transpose(2, 0, 1)[None]).float()
    assert torch.allclose(captioner._pixels(PICTURE), pixels, atol=1e-3)
    words = [WORDS.index(word) for word in ("a", "photo", "of")]
    ids = [2, *words, 1] if name == "blip" else [4, 4, 4, 2, *words]
    given = torch.tensor([ids])
    found = network.generate(pixel_values=pixels, input_ids=given.clone(), attention_mask=torch.ones_like(given), do_sample=False, max_new_tokens=40)  # fmt: skip
    made = found[0].tolist()[4 if name == "blip" else 7 :]
    assert captioner._continued(pixels, "a photo of") == captioner._tokenizer.decode(made)


def scripted(kind: str, *answers: str):
    """A captioner whose network says what it is told to, and what it was asked."""
    left, asked = list(answers), []
    words = tokenizer(kind == "blip")

    class Network:
        device, dtype = torch.device("cpu"), torch.float32
        config = SimpleNamespace(
            model_type=kind,
            use_decoder_only_language_model=True,
            vision_config=SimpleNamespace(image_size=16),
            text_config=SimpleNamespace(bos_token_id=2, sep_token_id=1),
            image_token_index=4,
            num_query_tokens=2,
        )

        def generate(self, pixel_values, input_ids, **settings):
            asked.append(words.decode(input_ids[0].tolist()))
            given = input_ids[0].tolist()[:-1] if kind == "blip" else input_ids[0].tolist()
            said = [WORDS.index(word) for word in left.pop(0).split()]
            return torch.tensor([[*given, *said, 1]])

    return Captioner(Network(), words, None), asked


def test_blip_2_is_asked_what_it_is_and_completes_the_caption():
    captioner, asked = scripted("blip-2", "a painting .", "a cat on grass", "red")
    assert captioner.describe(PICTURE, "cat") == "a painting of a cat on grass; the cat: red"
    assert MEDIUM.startswith("Is this a photo, a painting")
    assert asked[0].startswith("Question :") and asked[0].endswith("Answer :") and asked[1] == "a painting of"
    captioner, _ = scripted("blip-2", "a a a a a a a a", "dog")
    assert captioner.describe(PICTURE) == "a photo of dog"


def test_blip_begins_by_itself():
    captioner, asked = scripted("blip", "a dog on grass", "red")
    assert captioner.describe(PICTURE, "dog") == "a photo of a dog on grass; the dog is red"
    assert asked == ["", "the dog is"]
    assert scripted("blip", "a painting of a dog")[0].describe(PICTURE) == "a painting of a dog"


def test_what_cannot_be_opened_is_named(folders, tmp_path):
    with pytest.raises(WeightsMissing, match="nowhere"):
        open_captioner("nowhere")
    (tmp_path / "config.json").write_text('{"model_type": "blip"}')
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(WeightsCorrupt, match="safetensors"):
        open_captioner(str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(WeightsCorrupt, match="'bert'"):
        open_captioner(str(tmp_path))
    with pytest.raises(InvalidOption, match="warp"):
        open_captioner(str(folders / "blip"), "warp")


def test_a_missing_tensor_is_no_random_one(folders, tmp_path):
    import shutil

    from safetensors.torch import load_file, save_file

    whole = tmp_path / "cut"
    shutil.copytree(folders / "blip", whole)
    state = load_file(whole / "model.safetensors")
    gone = next(name for name in state if name.endswith("mlp.fc1.weight"))
    del state[gone]
    save_file(state, whole / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(WeightsCorrupt, match=r"lacks .*fc1"):
        open_captioner(str(whole), "cpu")
