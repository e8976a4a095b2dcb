"""Who edits: the named systems, the baselines that need no weights, pictures that were made elsewhere, and your own function."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import cv2
import numpy as np

from pixwright import systems
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.edit.placing.shelves import cut
from pixwright.errors import InvalidOption, PixwrightError
from pixwright.evaluate.run.example import BenchmarkExample, pixels_of
from pixwright.flow import Request, best_of
from pixwright.records.instruction import Array, Instruction, PictureAttachment
from pixwright.records.plan import MAX_INSTRUCTION
from pixwright.records.result import Verdict
from pixwright.records.sample import Asset, Split

Status: TypeAlias = Literal["done", "partly", "not_done", "error"]
Options: TypeAlias = Mapping[str, float | str]
"""What a system takes, such as its guidance scale; a text that is a number is one. Sweeps change numbers."""
INTERNAL = (
    ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError, cv2.error,
)  # fmt: skip
"""What a system may raise without ending the run; anything else is a fault of ours or the user's wish to stop."""


@dataclass(frozen=True, eq=False)
class Made:
    """One answer. Without a picture the unchanged one counts, and the row is reported as failed."""

    picture: Array | None
    status: Status
    reason: str = ""


class SystemUnderTest(Protocol):
    """A system under test."""

    name: str

    def edit(self, example: BenchmarkExample, source: Array, seed: int) -> Made:
        """Edit `source` (HxWx3 uint8; in a chain the previous result) as `example.instruction` says."""
        ...

    def weights(self) -> dict[str, str]:
        """Name -> sha256 of every weight file that was used so far."""
        ...


@dataclass(eq=False)
class Product:
    """A named system of this package. Option `n`: how many seeds are tried, the best by the system's own judge is kept."""

    name: str
    system: systems.System
    n: int = 1

    def edit(self, example: BenchmarkExample, source: Array, seed: int) -> Made:
        if len(example.instruction) > MAX_INSTRUCTION:
            return Made(None, "error", f"the instruction has more than {MAX_INSTRUCTION} characters")
        result = best_of(
            source, Request(Instruction(example.instruction, example.attachments), seed), self.system, self.n
        )
        verdict = result.report.verdict
        reason = "" if verdict is Verdict.DONE else "; ".join(result.report.reasons)
        return Made(None if verdict is Verdict.NOT_DONE else result.picture, verdict.value, reason)

    def weights(self) -> dict[str, str]:
        return self.system.weights_used()


@dataclass
class _Plain:
    name: str

    def weights(self) -> dict[str, str]:
        return {}


class Copy(_Plain):
    """The source, unchanged: the floor of every question about what was done, the ceiling of every one about what was kept."""

    def edit(self, example: BenchmarkExample, source: Array, seed: int) -> Made:
        return Made(source, "done")


class Oracle(_Plain):
    """The ground truth itself: the ceiling."""

    def edit(self, example: BenchmarkExample, source: Array, seed: int) -> Made:
        if example.target is None:
            return Made(None, "error", "the benchmark has no ground truth for this example")
        return Made(pixels_of(example.target), "done")


class Paste(_Plain):
    """What no understanding at all can do: the attached picture, or the packaged cut-out whose name is nearest to the words, pasted in the middle."""

    def edit(self, example: BenchmarkExample, source: Array, seed: int) -> Made:
        attached = next((a for a in example.attachments if isinstance(a, PictureAttachment)), None)
        thing = _solid(attached.pixels) if attached else nearest_cutout(example.instruction)
        return Made(_pasted(source, thing), "done")


@dataclass
class Outputs(_Plain):
    """Pictures that another program made, in the benchmark's own layout of results."""

    folder: Path = field(default_factory=Path)

    def edit(self, example: BenchmarkExample, source: Array, seed: int) -> Made:
        place = self.folder / example.file
        found = next(
            (p for p in (place, *(place.with_suffix(s) for s in (".jpg", ".jpeg", ".webp"))) if p.is_file()), None
        )
        if found is None:
            return Made(None, "error", f"{place.name} is missing")
        return Made(pixels_of(found), "done")


Factory: TypeAlias = Callable[[Options], SystemUnderTest]


def editor(name: str, options: Options | None = None) -> SystemUnderTest:
    """The system called `name`: one of `names()`, `outputs:FOLDER`, or `FILE.py:FUNCTION`, which takes the options and returns an `SystemUnderTest`.

    Raises `InvalidOption` for an unknown name, or an option that the system does not have.
    """
    given = dict(options or {})
    if name.startswith("outputs:"):
        folder = Path(name.removeprefix("outputs:"))
        if not folder.is_dir():
            raise InvalidOption(f"{folder} is not a folder; give the folder that holds the results")
        _no_options(name, given)
        return Outputs(name, folder)
    path, colon, function = name.rpartition(":")
    if colon and path.endswith(".py"):
        return _own(Path(path), function)(given)
    if name in BASELINES:
        _no_options(name, given)
        return BASELINES[name](name)
    if name not in systems.BUILDERS:
        raise InvalidOption(
            f"no system is called {name!r}; there are: {', '.join(names())}, outputs:FOLDER, FILE.py:FUNCTION"
        )
    n = given.pop("n", 1.0)
    if not isinstance(n, float) or n != int(n) or not 1 <= n <= 16:
        raise InvalidOption(f"option n is {n}; allowed: whole numbers from 1 to 16, the seeds that are tried")
    texts = {key: value if isinstance(value, str) else f"{value:.15g}" for key, value in given.items()}
    return Product(name, systems.build(name, None, texts), int(n))


def names() -> tuple[str, ...]:
    """What `--system` knows by name."""
    return (*systems.BUILDERS, *BASELINES)


def attempt(system: SystemUnderTest, example: BenchmarkExample, source: Array, seed: int) -> Made:
    """One edit; what the system raises is an answer with a reason, so that one example never ends a run."""
    try:
        made = system.edit(example, source, seed)
    except PixwrightError as problem:
        return Made(None, "error", f"{problem.code}: {problem}")
    except INTERNAL as problem:
        return Made(None, "error", f"internal: {type(problem).__name__}: {problem}")
    picture = made.picture
    if picture is not None and (picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4)):
        return Made(None, "error", f"it returned {picture.dtype} {picture.shape}, not HxWx3 uint8")
    return made


BASELINES: dict[str, Callable[[str], SystemUnderTest]] = {"copy": Copy, "oracle": Oracle, "paste": Paste}


def _no_options(name: str, given: Options) -> None:
    if given:
        raise InvalidOption(f"system {name!r} has no option {min(given)!r}; leave it out")


@cache
def _own(path: Path, function: str) -> Factory:
    spec = importlib.util.spec_from_file_location(path.stem, path) if path.is_file() else None
    if spec is None or spec.loader is None:
        raise InvalidOption(
            f"{path} is not a file; give FILE.py:FUNCTION, a function of the options that returns a system"
        )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Factory | None = getattr(module, function, None)
    if not callable(found):
        raise InvalidOption(
            f"{path} has no function {function!r}; name one that takes the options and returns a system"
        )
    return found


# --- paste -------------------------------------------------------------------------------------------------------------------------------


def nearest_cutout(text: str) -> Array:
    """HxWx4: the packaged cut-out, of those that no test split holds, whose name shares most with the words."""
    catalogue, assets = _cutouts()
    words = set(re.findall(r"[a-z]+", text.lower()))
    trigrams = _trigrams(" ".join(sorted(words)))

    def near(asset: Asset) -> tuple[int, float]:
        own = asset.name.lower()
        shared = len(words & {*own.split(), own.split()[-1] + "s"})
        pieces = _trigrams(own)
        return shared, len(pieces & trigrams) / len(pieces)

    best = max(assets, key=near)
    return catalogue.pixels(best.key)


def _trigrams(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


@cache
def _cutouts() -> tuple[PackagedCatalogue, tuple[Asset, ...]]:
    catalogue = PackagedCatalogue(Split.TRAIN)
    return catalogue, tuple(sorted(catalogue.assets("cutout"), key=lambda asset: asset.key))


def _solid(pixels: Array) -> Array:
    """HxWx4: by its own alpha, or the whole rectangle."""
    own = cut(pixels, "object")
    return own.pixels if own is not None else np.dstack([pixels[..., :3], np.full(pixels.shape[:2], 255, np.uint8)])


def _pasted(source: Array, thing: Array) -> Array:
    height, width = source.shape[:2]
    scale = 0.4 * min(height, width) / max(thing.shape[:2])
    size = max(1, round(thing.shape[1] * scale)), max(1, round(thing.shape[0] * scale))
    small = cv2.resize(thing, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    y, x = (height - size[1]) // 2, (width - size[0]) // 2
    out = source.copy()
    place = out[y : y + size[1], x : x + size[0]]
    share = small[..., 3:] / 255
    place[:] = np.round(place * (1 - share) + small[..., :3] * share).astype(np.uint8)
    return out
