"""The networks that metrics look through: by name and revision from the local store, each loaded once; and the embedded stand-ins.

`backbones.json` lists the published ones. Nothing is downloaded here: weights lie in `FOLDER/NAME` where the caller names a folder, else in
the weights store. torch and transformers are imported only when a published backbone is opened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, WeightsMissing
from pixwright.evaluate.metrics.contract import Floats
from pixwright.extras import optional
from pixwright.records.instruction import Array
from pixwright.records.region import Box
from pixwright.weights.registry import home, registry
from pixwright.weights.store import pins, place, refuse_pickle

Find: TypeAlias = Callable[[Array, str], Box | None]


class Embedder(Protocol):
    """Pictures to vectors in two steps, so that what two networks share is prepared once."""

    name: str
    revision: str
    recipe: str
    """Equal recipes prepare a picture equally."""

    def prepare(self, picture: Array) -> Array:
        """HxWx3 uint8 -> the (S, S, 3) uint8 that the network sees."""
        ...

    def pictures(self, prepared: Array) -> Floats:
        """(N, S, S, 3) uint8 -> (N, D) vectors."""
        ...


class Perceptual(Protocol):
    """Distance maps of pairs of pictures (LPIPS)."""

    name: str
    revision: str

    def maps(self, a: Sequence[Array], b: Sequence[Array]) -> list[Floats]:
        """For pairs of equal size: distance maps of the whole frame."""
        ...

    def distances(self, a: Sequence[Array], b: Sequence[Array]) -> list[float]:
        """For pairs of equal size: the distances."""
        ...


@dataclass(frozen=True)
class BackboneRow:
    """A row of `backbones.json`. `repo` is a model hub's; a row with `file` is one file instead of a folder."""

    name: str
    short: str
    family: str
    about: str
    licence: str
    revision: str
    input: str
    repo: str = ""
    file: str = ""
    resize: int = 224
    pulled: bool = False
    """Opened from the weights store alone (`pixwright models pull NAME`), by onnxruntime."""


@cache
def rows() -> dict[str, BackboneRow]:
    """The published backbones by name."""
    text = files("pixwright.evaluate").joinpath("backbones.json").read_text("utf-8")
    return {row["name"]: BackboneRow(**row) for row in json.loads(text)}


def row(name: str) -> BackboneRow:
    """The row called `name`. Raises `InvalidOption` for an unknown one."""
    if name not in rows():
        raise InvalidOption(f"no backbone is called {name!r}; there are: {', '.join((*rows(), *MINI))}")
    return rows()[name]


MINI = ("mini-clip", "mini-dino", "mini-lpips")


@dataclass(frozen=True)
class Finder:
    """Finds a subject by a phrase. `mini` where it is the embedded grounder and no paper's detector."""

    name: str
    find: Find
    mini: bool = False


class Backbones:
    """Opens each backbone once. `given` puts a ready one (another framework's, a test's) under a name."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        encoders: Encoders | None = None,
        device: str = "cpu",
        finder: Finder | None = None,
        given: dict[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        self.encoders = encoders or Encoders()
        self.device = device
        self.finder = finder or Finder("the embedded grounder", self._ground, mini=True)
        self._open: dict[str, Any] = dict(given or {})

    def locate(self, name: str) -> Path:
        """Where the weights are. Raises `WeightsMissing`, or `WeightsCorrupt` for pickle."""
        known, store = row(name), registry()
        if self.folder is not None and not known.pulled:
            where = self.folder / (known.file or name)
        elif name in store:
            where = place(store[name])
        else:
            where = home() / name / known.file if known.file else home() / name
        refuse_pickle(where)
        if not where.exists():
            origin = f"hub {known.repo}@{known.revision}" if known.repo else "docs/metrics.md says how to make it"
            fix = f"run: pixwright models pull {name}" if known.pulled else f"put them there: {origin}"
            raise WeightsMissing(f"weights '{name}' ({known.short}) are not at {where}; {fix}")
        return where

    def has(self, name: str) -> bool:
        """Whether `name` can be opened without an error about missing weights."""
        if name in self._open or name in MINI:
            return True
        try:
            return bool(self.locate(name))
        except WeightsMissing:
            return False

    def revision(self, name: str) -> str:
        """The commit that the first pull recorded, else the registry's revision; of a stand-in, the network it is made from."""
        if name in MINI:
            return "EfficientNet-Lite2" + (" and MiniLM" if name == "mini-clip" else "")
        known = getattr(self._open.get(name), "revision", None)  # a head is plain layers
        return str(known if known is not None else (pins().get(name, {}).get("revision") or row(name).revision))

    def embedder(self, name: str) -> Any:
        """The `Embedder` (CLIP also has `texts`) called `name`."""
        return self._get(name)

    def perceptual(self, name: str) -> Perceptual:
        """`lpips-alex` or `mini-lpips`."""
        found: Perceptual = self._get(name)
        return found

    def head(self, name: str) -> list[tuple[Floats, Floats]]:
        """The (weight, bias) layers of a head over CLIP, in order."""
        found: list[tuple[Floats, Floats]] = self._get(name)
        return found

    def _get(self, name: str) -> Any:
        if name not in self._open:
            self._open[name] = self._load(name)
        return self._open[name]

    def _load(self, name: str) -> Any:
        if name in MINI:
            from pixwright.evaluate.metrics import mini

            if "sight" not in self._open:
                self._open["sight"] = mini.SharedFeatures(self.encoders)
            return mini.load(name, self._open["sight"])
        known, where = row(name), self.locate(name)
        if known.family == "lpips":
            from pixwright.evaluate.metrics.perceptual import Lpips

            return Lpips.load(where, known, self.device)
        if known.family == "head":
            from pixwright.evaluate.metrics.tensors import read_tensors

            return layers(read_tensors(where))
        if known.pulled:
            from pixwright.evaluate.metrics.towers import Towers

            return Towers.load(known, self.revision(name))
        from pixwright.evaluate.metrics import published

        opened = published.Clip if known.family == "clip" else published.Dino
        return opened.load(where, known, self.revision(name), self.device)

    def _ground(self, picture: Array, phrase: str) -> Box | None:
        from pixwright.ground import ground

        region = ground(picture, phrase, self.encoders)
        return region.boxes[0] if region.found else None


def layers(tensors: dict[str, Floats]) -> list[tuple[Floats, Floats]]:
    """The linear layers `layers.N.weight`, `layers.N.bias` of a state dictionary in the order of N."""
    numbers = sorted({int(part) for name in tensors for part in name.split(".") if part.isdecimal()})
    return [(tensors[f"layers.{n}.weight"], tensors[f"layers.{n}.bias"]) for n in numbers]


def need(module: str) -> Any:
    """An optional package. Raises `MissingExtra` with the line that installs it."""
    return optional(module, "this metric", "eval")
