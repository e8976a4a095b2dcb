"""Pictures, weights and tiny networks for the tests of metrics."""

import json
from pathlib import Path

import numpy as np

WORDS = ("a", "photo", "of", "cat", "dog", "cup")


def drawn(seed, height=96, width=128):
    """A smooth random picture: blobs of colour, HxWx3 uint8."""
    import cv2

    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def noisy(picture, sigma, seed=0):
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture.astype(np.float64) + noise, 0, 255).astype(np.uint8)


def write_tensors(path: Path, tensors):
    """A .safetensors file of float32 arrays, written without the package."""
    header, parts, offset = {}, [], 0
    for name, values in tensors.items():
        data = np.ascontiguousarray(values, np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    head = json.dumps(header).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + b"".join(parts))


def lpips_tensors(seed=0):
    """AlexNet's five convolutions and LPIPS's heads with random weights, under the names that the file has."""
    rng = np.random.default_rng(seed)
    shapes = {0: (64, 3, 11, 11), 3: (192, 64, 5, 5), 6: (384, 192, 3, 3), 8: (256, 384, 3, 3), 10: (256, 256, 3, 3)}
    out = {}
    for order, (index, shape) in enumerate(shapes.items()):
        out[f"features.{index}.weight"] = rng.normal(0, 1.4 / np.sqrt(np.prod(shape[1:])), shape).astype(np.float32)
        out[f"features.{index}.bias"] = rng.normal(0, 0.05, shape[0]).astype(np.float32)
        out[f"lin{order}.weight"] = rng.uniform(0, 0.1, (1, shape[0], 1, 1)).astype(np.float32)
    return out


def save_clip(folder: Path, seed=0):
    """A CLIP of 224 px with random weights of transformers' own classes, with a byte-level tokenizer of OpenAI's form."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(seed)
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    tokens = _tokenizer(folder)
    config = CLIPConfig(
        text_config=size | {"vocab_size": len(tokens), "bos_token_id": tokens["<|startoftext|>"], "eos_token_id": tokens["<|endoftext|>"], "max_position_embeddings": 77},
        vision_config=size | {"image_size": 224, "patch_size": 32},
        projection_dim=16,
    )  # fmt: skip
    model = CLIPModel(config).eval()
    model.save_pretrained(folder)
    return model


def save_dino(folder: Path, seed=0):
    """A ViT of 224 px with random weights."""
    import torch
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(seed)
    config = ViTConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        patch_size=32,
        layer_norm_eps=1e-6,
    )
    model = ViTModel(config, add_pooling_layer=False).eval()
    model.save_pretrained(folder)
    return model


def _tokenizer(folder: Path):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: i for i, word in enumerate((*WORDS, "<unk>", "<|startoftext|>", "<|endoftext|>"))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    start, end = "<|startoftext|>", "<|endoftext|>"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}", special_tokens=[(start, vocabulary[start]), (end, vocabulary[end])]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return vocabulary


class Counting:
    """An embedder that counts its runs: mean colour as the vector, length of the text as the caption's."""

    name, revision, recipe = "counting", "test", "counting"

    def __init__(self):
        self.runs, self.seen, self.prepared = 0, 0, 0

    def prepare(self, picture):
        self.prepared += 1
        return np.broadcast_to(picture.mean((0, 1)).astype(np.uint8), (4, 4, 3)).copy()

    def pictures(self, prepared):
        self.runs += 1
        self.seen += len(prepared)
        return prepared.mean((1, 2)).astype(np.float32) + 1

    def texts(self, texts):
        return np.asarray([[len(t), 1, 1] for t in texts], np.float32)
