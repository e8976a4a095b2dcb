"""ImageBind (Girdhar et al., CVPR 2023, arXiv 2305.05665): words, pictures and sounds by three transformers that were trained into one space.

The network is written here from the paper and from the names and shapes of the published file (`tests/models/layouts`); nothing of its program is used. Its weights are under
CC-BY-NC 4.0, and they are pickle: `pixwright models convert imagebind_huge.pth` makes them .safetensors. Depth, heat and motion, which they hold as well, are not read.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from pixwright.encoders.heads import unit
from pixwright.encoders.published import (
    CLIP_MEAN,
    CLIP_STD,
    Floats,
    device_of,
    middle_square,
    need,
    normalised,
    open_tokenizer,
    unit_rows,
)
from pixwright.encoders.signal import RATE, resample
from pixwright.errors import WeightsCorrupt, WeightsMissing
from pixwright.records.instruction import Array, Samples
from pixwright.weights.ledger import measured
from pixwright.weights.registry import registry
from pixwright.weights.store import digest, path, refuse_pickle

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]

HEADS = {"vision": 16, "text": 16, "audio": 12}
"""The transformers that are read, and their attention heads, which no tensor tells."""
WIDER = 4
"""How much wider the hidden layer of a block is than the block."""
BINS, FRAMES, STRIDE = 128, 204, 10
"""Mel bands and frames (10 ms each) of a clip of sound, and how far its patches lie apart."""
SECONDS, CLIPS = 2, 3
"""Length of a clip of sound, and how many are listened to, from the beginning to the end."""
MEAN, DEVIATION = -4.268, 9.138
"""Of the logarithms of mel energies, as they were brought to about 0 and 1 in training."""
TOKENIZER = "clip-vit-base-patch32-onnx"
"""Whose tokenizer reads the words where none lies beside the weights: the registry's name of a CLIP, for all have the same one."""
TERMS = "ImageBind's weights are under CC-BY-NC 4.0: not for commercial use"
_FRAME = 400
"""Samples of one frame of the mel spectrogram: shorter sounds are filled up."""
_FINE, _COARSE = 1e-6, 1e-5
"""What layer norms add to the variance: all of them, and that of the patches of sound."""


def open_imagebind(given: str, device: str = "auto") -> ImageBindEncoder:
    """`given`: a name of the registry, a .safetensors file, or a folder with one. `tokenizer.json` is CLIP's, from beside it or from `TOKENIZER`.

    Raises `WeightsMissing`, `WeightsCorrupt` (pickle, another network, a tensor that is missing or of another shape), `InvalidOption` (a device), `MissingExtra`.
    """
    need("transformers")
    file = _file(path(given) if given in registry() else Path(given).expanduser())
    words = file.parent if (file.parent / "tokenizer.json").is_file() else _clip()
    where = device_of(device)
    return ImageBindEncoder({kind: _tower(file, kind, where) for kind in HEADS}, open_tokenizer(words), file)


def _file(where: Path) -> Path:
    found = sorted(where.glob("*.safetensors")) if where.is_dir() else [where]
    if len(found) == 1 and found[0].is_file():
        refuse_pickle(found[0])
        return found[0]
    raise WeightsMissing(
        f"{where} is no .safetensors file and no folder with one of ImageBind's; `pixwright models convert imagebind_huge.pth` makes it of the published file"
    )


def _clip() -> Path:
    try:
        return path(TOKENIZER)
    except WeightsMissing as problem:
        raise WeightsMissing(
            f"ImageBind reads words with CLIP's tokenizer: put its tokenizer.json beside the weights, or run: pixwright models pull {TOKENIZER}"
        ) from problem


def wanted(shapes: Shapes, kind: str) -> Shapes:
    """Name -> shape of every tensor that the transformer of that kind needs, by the sizes that some of the file's own `shapes` have. Raises `WeightsCorrupt` for another network."""
    trunk, front, head = f"modality_trunks.{kind}.", f"modality_preprocessors.{kind}.", f"modality_heads.{kind}."
    patches = front + {"vision": "rgbt_stem.proj.1.weight", "audio": "rgbt_stem.proj.weight"}.get(
        kind, "token_embedding.weight"
    )
    places = front + ("pos_embed" if kind == "text" else "pos_embedding_helper.pos_embed")
    project = head + ("proj.1.weight" if kind == "text" else "2.weight")
    norms = [head + ("proj.0" if kind == "text" else "0")]
    for name in (patches, places, project):
        if name not in shapes:
            raise WeightsCorrupt(f"it lacks {name}")
    width = shapes[places][-1]
    needed = {patches: shapes[patches], places: (1, shapes[places][1], width), project: (shapes[project][0], width)}
    if kind == "text":
        needed[patches] = (shapes[patches][0], width)
    else:
        needed[front + "cls_token"] = (1, 1, width)
        needed[patches] = (width, *shapes[patches][1:])
    norms += {"vision": [trunk + "pre_transformer_layer.0"], "audio": [front + "rgbt_stem.norm_layer"]}.get(kind, [])
    blocks = {name.split(".")[3] for name in shapes if name.startswith(f"{trunk}blocks.")}
    for n in range(max(1, len(blocks))):
        block = f"{trunk}blocks.{n}."
        norms += [f"{block}norm_1", f"{block}norm_2"]
        layers = {
            "attn.in_proj_": (3 * width, width),
            "attn.out_proj.": (width, width),
            "mlp.fc1.": (WIDER * width, width),
            "mlp.fc2.": (width, WIDER * width),
        }
        for name, size in layers.items():
            needed |= {f"{block}{name}weight": size, f"{block}{name}bias": size[:1]}
        if kind == "audio":
            needed |= {f"{block}attn.bias_{one}": (1, 1, width) for one in "kv"}
    return needed | {f"{norm}.{part}": (width,) for norm in norms for part in ("weight", "bias")}


@dataclass(frozen=True, eq=False)
class Tower:
    """One transformer. `tensors`: by the names of the file, on one device."""

    kind: str
    tensors: Mapping[str, Any]

    def __call__(self, given: Any) -> Any:
        """A batch, as its kind is read, -> (N, width) vectors of unit length.

        vision: (N, 3, side, side) pixels; audio: (N, 1, BINS, FRAMES) mel energies; both normalised. text: (N, T) numbers of tokens, each text's end the highest of them.
        """
        torch = need("torch")
        found = self._through({"vision": self._seen, "audio": self._heard, "text": self._read}[self.kind](given))
        if self.kind == "text":
            last = self._head(found[torch.arange(len(found), device=found.device), given.argmax(1)], "proj.0", "proj.1")
        else:
            last = self._head(found[:, 0], "0", "2")
        return torch.nn.functional.normalize(last, dim=-1)

    @property
    def width(self) -> int:
        """Numbers of a vector."""
        return int(
            self.tensors[f"modality_heads.{self.kind}.{'proj.1' if self.kind == 'text' else '2'}.weight"].shape[0]
        )

    def side(self) -> int:
        """Pixels of a picture's sides: patches that have a place, times the patch."""
        patch = self._front("rgbt_stem.proj.1.weight").shape[-1]
        return int(round((self._front("pos_embedding_helper.pos_embed").shape[1] - 1) ** 0.5) * patch)

    @property
    def longest(self) -> int:
        """Tokens of a text."""
        return int(self._front("pos_embed").shape[1])

    def _front(self, name: str) -> Any:
        return self.tensors[f"modality_preprocessors.{self.kind}.{name}"]

    def _seen(self, pixels: Any) -> Any:
        """A picture is a film that stands still for as many frames as a patch has."""
        weight = self._front("rgbt_stem.proj.1.weight")
        film = pixels[:, :, None].expand(-1, -1, weight.shape[2], -1, -1)
        made = need("torch").nn.functional.conv3d(film, weight, stride=weight.shape[2:])
        return self._norm(self._placed(made), "modality_trunks.vision.pre_transformer_layer.0")

    def _heard(self, energies: Any) -> Any:
        made = need("torch").nn.functional.conv2d(energies, self._front("rgbt_stem.proj.weight"), stride=STRIDE)
        patches = made.flatten(2).transpose(1, 2)
        normed = self._norm(patches, "modality_preprocessors.audio.rgbt_stem.norm_layer", _COARSE)
        return self._placed(normed.transpose(1, 2))

    def _read(self, tokens: Any) -> Any:
        return self._front("token_embedding.weight")[tokens] + self._front("pos_embed")[:, : tokens.shape[1]]

    def _placed(self, patches: Any) -> Any:
        """(N, width, ...) -> (N, 1 + patches, width), the token of the whole first, each with its place."""
        rows = patches.flatten(2).transpose(1, 2)
        whole = self._front("cls_token").expand(len(rows), -1, -1)
        return need("torch").cat([whole, rows], 1) + self._front("pos_embedding_helper.pos_embed")

    def _through(self, rows: Any) -> Any:
        functional = need("torch").nn.functional
        trunk = f"modality_trunks.{self.kind}.blocks."
        for n in range(len({name.split(".")[3] for name in self.tensors if name.startswith(trunk)})):
            block = f"{trunk}{n}."
            rows = rows + self._attended(self._norm(rows, f"{block}norm_1"), f"{block}attn.")
            hidden = functional.gelu(self._linear(self._norm(rows, f"{block}norm_2"), f"{block}mlp.fc1."))
            rows = rows + self._linear(hidden, f"{block}mlp.fc2.")
        return rows

    def _attended(self, rows: Any, at: str) -> Any:
        """Attention among all, in texts to what stands before only; in sounds to one more key and value that every clip has."""
        torch = need("torch")
        query, key, value = self._linear(rows, f"{at}in_proj_").chunk(3, -1)
        if f"{at}bias_k" in self.tensors:
            more = {one: self.tensors[f"{at}bias_{one}"].expand(len(rows), -1, -1) for one in "kv"}
            key, value = torch.cat([key, more["k"]], 1), torch.cat([value, more["v"]], 1)
        parted = [one.unflatten(-1, (HEADS[self.kind], -1)).transpose(1, 2) for one in (query, key, value)]
        found = torch.nn.functional.scaled_dot_product_attention(*parted, is_causal=self.kind == "text")
        return self._linear(found.transpose(1, 2).flatten(2), f"{at}out_proj.")

    def _linear(self, rows: Any, at: str) -> Any:
        return need("torch").nn.functional.linear(rows, self.tensors[f"{at}weight"], self.tensors.get(f"{at}bias"))

    def _norm(self, rows: Any, at: str, added: float = _FINE) -> Any:
        weight, bias = self.tensors[f"{at}.weight"], self.tensors[f"{at}.bias"]
        return need("torch").nn.functional.layer_norm(rows, weight.shape, weight, bias, added)

    def _head(self, rows: Any, norm: str, project: str) -> Any:
        at = f"modality_heads.{self.kind}."
        return self._linear(self._norm(rows, at + norm), f"{at}{project}.")


def _tower(file: Path, kind: str, device: Any) -> Tower:
    """A transformer's tensors in float32. Raises `WeightsCorrupt`."""
    safetensors = need("safetensors")
    try:
        with safetensors.safe_open(str(file), framework="pt") as opened:
            shapes = {name: tuple(opened.get_slice(name).get_shape()) for name in opened.keys()}  # noqa: SIM118
            needed = wanted(shapes, kind)
            wrong = next((name for name, size in needed.items() if shapes.get(name) != size), None)
            if wrong is not None:
                raise WeightsCorrupt(f"{wrong} has {shapes.get(wrong, 'no shape')}, {needed[wrong]} is needed")
            return Tower(kind, {name: opened.get_tensor(name).float().to(device) for name in needed})
    except (WeightsCorrupt, safetensors.SafetensorError, IndexError, OSError) as problem:
        raise WeightsCorrupt(f"{file} is not ImageBind's ({problem}); convert the published file again") from problem


class ImageBindEncoder:
    """Implements `encoders.aligned.Aligned`. The published program multiplies vectors of words and sounds by a number of each kind; here all are of unit length. Stateless."""

    terms = TERMS

    def __init__(self, towers: Mapping[str, Tower], tokenizer: Any, file: Path) -> None:
        self._towers, self._tokenizer, self._where = towers, tokenizer, file
        self.width = towers["vision"].width

    @cached_property
    def digests(self) -> dict[str, str]:
        """Name -> sha256 of the file."""
        return {self._where.stem: measured(self._where, digest)}

    def text(self, texts: Sequence[str]) -> Floats:
        """(N, width) unit vectors of texts; each is cut at the length that it reads, its end kept."""
        if not texts:
            return np.zeros((0, self.width), np.float32)
        longest = self._towers["text"].longest
        found = [self._tokenizer.encode(text).ids for text in texts]
        cut = [ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]] for ids in found]
        # What stands after a text's end is seen by nobody: attention looks back only.
        filled = [ids + [0] * (max(map(len, cut)) - len(ids)) for ids in cut]
        return self._run("text", np.asarray(filled, np.int64))

    def picture(self, picture: Array) -> Floats:
        """(width,) of a picture HxWx3 uint8: its middle square, by CLIP's mean and deviation."""
        square = middle_square(picture, self._towers["vision"].side())
        return np.asarray(self._run("vision", normalised(square, CLIP_MEAN, CLIP_STD))[0], np.float32)

    def sound(self, samples: Samples, rate: int) -> Floats:
        """(width,) of a sound, mono float32 at `rate` Hz: the mean of clips at its beginning, middle and end."""
        return unit(np.asarray(self._run("audio", energies(resample(samples, rate)))).mean(0))

    def music(self, samples: Samples, rate: int) -> Floats:
        """(width,) of a piece of music: as `sound`."""
        return self.sound(samples, rate)

    def _run(self, kind: str, given: Any) -> Floats:
        torch, tower = need("torch"), self._towers[kind]
        with torch.inference_mode():
            return unit_rows(tower(torch.from_numpy(given).to(next(iter(tower.tensors.values())).device)))


def energies(samples: Samples) -> Floats:
    """Mono float32 at 16 kHz -> (CLIPS, 1, BINS, FRAMES) log mel energies, as the spectrogram transformer's (Gong et al., Interspeech 2021), normalised."""
    last = max(0, len(samples) - SECONDS * RATE)
    starts = [last * n // (CLIPS - 1) for n in range(CLIPS)]
    clips = [samples[start : start + SECONDS * RATE] for start in starts]
    filled = [np.pad(clip, (0, max(0, _FRAME - len(clip)))) for clip in clips]
    made = _extractor()(filled, sampling_rate=RATE, return_tensors="np")["input_values"]
    return np.ascontiguousarray(np.asarray(made, np.float32).transpose(0, 2, 1)[:, None])


@cache
def _extractor() -> Any:
    with warnings.catch_warnings():
        # The lowest of so many bands are narrower than the spectrum's lines, and stay empty: so it was in training.
        warnings.filterwarnings("ignore", message="At least one mel filter")
        # It divides by twice its deviation.
        return need("transformers").ASTFeatureExtractor(
            sampling_rate=RATE, num_mel_bins=BINS, max_length=FRAMES, mean=MEAN, std=DEVIATION / 2
        )
