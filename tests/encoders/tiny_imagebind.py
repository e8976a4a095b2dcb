"""ImageBind at toy size under its published names, of torch's own modules: what the package's network is compared with."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch import nn

from pixwright.weights.commands import convert

LAYOUT = json.loads((Path(__file__).parents[1] / "models/layouts/imagebind.json").read_text())
WORDS = "a the sound of dog cow train photo music rain [UNK] <|startoftext|> <|endoftext|>".split()
WIDTH, LENGTH, SIDE = 8, 9, 12
"""Of vectors; tokens of a text; pixels of a picture, in patches of 4."""


def published() -> dict[str, tuple[int, ...]]:
    """Name -> shape of everything in imagebind_huge.pth that words, pictures and sounds have."""
    return {
        name.replace(".N.", f".{n}."): tuple(shape)
        for name, shape in LAYOUT["tensors"].items()
        for n in range(LAYOUT["blocks"][name.split(".")[1]] if ".N." in name else 1)
    }


class Block(nn.Module):
    def __init__(self, width: int, heads: int, biased: bool) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(width, heads, add_bias_kv=biased, batch_first=True)
        self.norm_1, self.norm_2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, 4 * width), "fc2": nn.Linear(4 * width, width)})

    def forward(self, x, mask):
        seen = self.norm_1(x)
        x = x + self.attn(seen, seen, seen, attn_mask=mask)[0]
        return x + self.mlp["fc2"](nn.functional.gelu(self.mlp["fc1"](self.norm_2(x))))


class Stem(nn.Module):
    """Patches, the token of the whole, places."""

    def __init__(self, proj: nn.Module, patches: int, width: int) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, 1, width))
        self.rgbt_stem = nn.ModuleDict({"proj": proj})
        self.pos_embedding_helper = nn.ParameterDict({"pos_embed": torch.randn(1, 1 + patches, width)})

    def forward(self, x):
        x = self.rgbt_stem["proj"](x).flatten(2).mT
        x = self.rgbt_stem["norm_layer"](x) if "norm_layer" in self.rgbt_stem else x
        return torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embedding_helper["pos_embed"]


class Still(nn.Module):
    """A picture twice, as a film of two frames."""

    def forward(self, x):
        return torch.stack([x, x], 2)


class Reference(nn.Module):
    """Two blocks of each kind. The published program scales words and sounds after this; lengths are one here."""

    def __init__(self) -> None:
        super().__init__()
        see, read, hear = 32, 48, 24
        vision = Stem(nn.Sequential(Still(), nn.Conv3d(3, see, (2, 4, 4), (2, 4, 4), bias=False)), 9, see)
        audio = Stem(nn.Conv2d(1, hear, 16, 10, bias=False), 12 * 19, hear)
        audio.rgbt_stem["norm_layer"] = nn.LayerNorm(hear)
        text = nn.ModuleDict({"token_embedding": nn.Embedding(len(WORDS), read)})
        text.register_parameter("pos_embed", nn.Parameter(torch.randn(1, LENGTH, read)))
        text.register_buffer("mask", torch.full((LENGTH, LENGTH), float("-inf")).triu(1))
        self.modality_preprocessors = nn.ModuleDict({"vision": vision, "text": text, "audio": audio})
        sizes = {"vision": (see, 16), "text": (read, 16), "audio": (hear, 12)}
        self.modality_trunks = nn.ModuleDict(
            {
                kind: nn.ModuleDict({"blocks": nn.ModuleList(Block(*size, kind == "audio") for _ in range(2))})
                for kind, size in sizes.items()
            }
        )
        self.modality_trunks["vision"]["pre_transformer_layer"] = nn.Sequential(nn.LayerNorm(see, eps=1e-6))
        heads = {
            kind: nn.Sequential(nn.LayerNorm(w, eps=1e-6), nn.Identity(), nn.Linear(w, WIDTH, bias=False))
            for kind, (w, _) in sizes.items()
        }
        heads["text"] = nn.ModuleDict({"proj": nn.Sequential(heads["text"][0], heads["text"][2])})
        self.modality_heads = nn.ModuleDict(heads)
        # Norms and biases of a new network are ones and zeros, which would hide that they are left out.
        with torch.no_grad():
            for one in self.parameters():
                one.copy_(torch.randn(one.shape) * 0.3)
        self.eval()

    @torch.inference_mode()
    def forward(self, kind, x):
        front, mask = self.modality_preprocessors[kind], None
        if kind == "text":
            end = x.argmax(1)
            mask = front.mask
            hidden = front["token_embedding"](x) + front.pos_embed
        else:
            hidden = front(x)
        if kind == "vision":
            hidden = self.modality_trunks[kind]["pre_transformer_layer"](hidden)
        for block in self.modality_trunks[kind]["blocks"]:
            hidden = block(hidden, mask)
        if kind == "text":
            found = self.modality_heads[kind]["proj"](hidden[torch.arange(len(x)), end])
        else:
            found = self.modality_heads[kind](hidden[:, 0])
        return nn.functional.normalize(found, dim=-1).numpy()


def tokenizer() -> Tokenizer:
    """CLIP's manner: a beginning and an end, whose numbers are the highest."""
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [(word, WORDS.index(word)) for word in WORDS[-2:]]
    made.post_processor = processors.TemplateProcessing(f"{ends[0][0]} $0 {ends[1][0]}", special_tokens=ends)
    return made


def write_pickle(file: Path, network: Reference) -> dict[str, torch.Tensor]:
    """The release: everything that it holds, kinds that are not read included."""
    state = dict(network.state_dict())
    state["modality_trunks.imu.blocks.0.norm_1.weight"] = torch.ones(4)
    state["modality_preprocessors.depth.cls_token"] = torch.ones(1, 1, 4)
    for kind, scale in (("text", 100.0), ("audio", 20.0)):
        state[f"modality_postprocessors.{kind}.1.log_logit_scale"] = torch.tensor(scale).log()
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, file)
    return state


def tiny_imagebind(folder: Path) -> Reference:
    """A folder as a user has it: the pickle converted, CLIP's tokenizer beside it."""
    torch.manual_seed(0)
    network = Reference()
    pickled = folder.parent / "release" / "imagebind_huge.pth"
    write_pickle(pickled, network)
    convert(pickled, folder / "imagebind_huge.safetensors")
    tokenizer().save(str(folder / "tokenizer.json"))
    return network
