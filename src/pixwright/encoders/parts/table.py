"""`Parts`: which pulled network has which part of an edit. A part whose network fails is the embedded one's again, and the edit is told so in one line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from pixwright.encoders.parts.account import tell
from pixwright.encoders.parts.contract import Part
from pixwright.errors import InvalidOption, PartFailed, WeightsCorrupt, WeightsMissing
from pixwright.weights.registry import entry, registry
from pixwright.weights.store import place

T = TypeVar("T")
SHOWN = 160
"""Characters of a reason that are told."""


@dataclass(frozen=True)
class Network:
    """A network that can have a part: its class, as `module:class` of this room, with `load(name)`."""

    part: Part
    opens: str


NETWORKS: dict[str, Network] = {
    "grounding-dino-tiny-onnx": Network("ground", "grounding_dino:GroundingDino"),
    "sam2.1-tiny-onnx": Network("outline", "sam:Sam2"),
    "slimsam-onnx": Network("outline", "sam:SlimSam"),
    "clipseg-onnx": Network("words", "clipseg:ClipSeg"),
    "migan-onnx": Network("fill", "inpainting:MiGan"),
    "lama-onnx": Network("fill", "inpainting:LaMa"),
    "birefnet-lite-onnx": Network("matte", "birefnet:BiRefNet"),
    "depth-anything-v2-small-onnx": Network("depth", "depth_anything:DepthAnything"),
    "clip-vit-base-patch32-onnx": Network("similarity", "clip:ClipTowers"),
}
"""The registry's names of what can be pulled for a part. Of two that are here for one part the first is taken."""
DID: dict[Part, str] = {
    "ground": "looked for",
    "outline": "outlined",
    "words": "surface looked for",
    "fill": "filled",
    "matte": "what stands out seen",
    "depth": "depth seen",
    "similarity": "likeness judged",
}
"""Part -> what an edit's account says of it."""


def pulled() -> tuple[str, ...]:
    """The networks for parts that are in the store: the first of each part, in the table's order."""
    known = registry()
    first: dict[Part, str] = {}
    for name, network in NETWORKS.items():
        if network.part not in first and name in known and place(known[name]).exists():
            first[network.part] = name
    return tuple(first.values())


class Parts:
    """The networks that an edit may use, each opened when it is first asked. Safe to share between threads."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        """`names`: of NETWORKS, at most one a part. Raises `InvalidOption` for another name or two of a part, `WeightsMissing` for one that is not in the store."""
        self._names: dict[Part, str] = {}
        for name in names:
            if name not in NETWORKS:
                raise InvalidOption(f"{name!r} is no part's network; there is: {', '.join(NETWORKS)}")
            if NETWORKS[name].part in self._names:
                raise InvalidOption(
                    f"{self._names[NETWORKS[name].part]} and {name} are both for '{NETWORKS[name].part}'; give one"
                )
            if not place(entry(name)).exists():
                raise WeightsMissing(f"{name} is not in the store; run: pixwright models pull {name}")
            self._names[NETWORKS[name].part] = name
        self._opened: dict[str, Any] = {}
        self._opening = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """What may be asked."""
        return tuple(self._names.values())

    @property
    def loaded(self) -> tuple[str, ...]:
        """What was opened so far."""
        return tuple(name for name, network in self._opened.items() if not isinstance(network, PartFailed))

    def has(self, part: Part) -> str:
        """The name of the part's network; empty without one."""
        return self._names.get(part, "")

    def ask(self, part: Part, question: Callable[[Any], T], told: Callable[[T], str] = lambda _: "") -> T | None:
        """The answer of the part's network; None where there is none, or it failed. What it did is told, with what `told` adds."""
        name = self._names.get(part)
        if name is None:
            return None
        try:
            answer = question(self._network(name))
        except (PartFailed, WeightsMissing, WeightsCorrupt) as problem:
            tell(f"{DID[part]} by the embedded part: {name} failed ({str(problem)[:SHOWN]})")
            return None
        tell(f"{DID[part]} by {name}{told(answer)}")
        return answer

    def _network(self, name: str) -> Any:
        """The network, opened once; one that could not be opened is not tried again."""
        with self._opening:
            if name not in self._opened:
                module, _, kind = NETWORKS[name].opens.partition(":")
                try:
                    self._opened[name] = getattr(import_module(f"pixwright.encoders.parts.{module}"), kind).load(name)
                except (PartFailed, WeightsMissing, WeightsCorrupt) as problem:
                    self._opened[name] = PartFailed(str(problem))
            found = self._opened[name]
        if isinstance(found, PartFailed):
            raise found
        return found
