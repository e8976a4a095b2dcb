"""The named systems: each a parser, a grounder, an editor and a judge.

Start at `build` here (a name -> a `System`) and `contract` (what a system is). `local` is the embedded one; `auto` takes for each step the best of those that are there; `anysd` and `instructedit` paint with a denoiser
(`torch_parts`), `piped` with other people's pipelines; `options` are what `--set` sets. Built parts go in; nothing is looked up later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.systems import options as sets
from pixwright.systems.anysd import anysd
from pixwright.systems.auto import auto
from pixwright.systems.contract import NO_OPTIONS, Eyes, System
from pixwright.systems.instructany2pix import instructany2pix
from pixwright.systems.instructedit import instructedit
from pixwright.systems.local import local
from pixwright.systems.piped import dreamlite, flux2_klein, inpaint, qwen_image_edit
from pixwright.systems.reasonpix2pix import reasonpix2pix

__all__ = ["BUILDERS", "Builder", "Eyes", "System", "build", "local"]


@dataclass(frozen=True)
class Builder:
    """A named system before it is built. `about` is one line for the help."""

    about: str
    options: type[BaseModel]
    make: Callable[[Encoders | None, Mapping[str, str]], System]


BUILDERS: dict[str, Builder] = {
    "local": Builder(
        "embedded: rules, packaged networks, editors at full resolution; no torch", sets.LocalOptions, local
    ),
    "anysd": Builder(
        "AnySD: type -> routed experts -> latent denoiser with three-condition guidance", sets.AnySDOptions, anysd
    ),
    "instructedit": Builder(
        "InstructEdit: language processor -> segmenter -> DiffEdit with an encoding ratio that the judge chooses",
        sets.InstructEditOptions,
        instructedit,
    ),
    "instructany2pix": Builder(
        "InstructAny2Pix: words, pictures and sounds together -> subjects as themselves, and the look of music",
        sets.InstructAny2PixOptions,
        instructany2pix,
    ),
    "reasonpix2pix": Builder(
        "ReasonPix2Pix: a language model that sees -> its states through a connector -> editing denoiser",
        sets.ReasonPix2PixOptions,
        reasonpix2pix,
    ),
    "flux2-klein": Builder(
        "FLUX.2-klein through diffusers' pipeline; its weights must be given", sets.Flux2KleinOptions, flux2_klein
    ),
    "dreamlite": Builder(
        "DreamLite through diffusers' pipeline; its weights must be given", sets.DreamLiteOptions, dreamlite
    ),
    "inpaint": Builder(
        "SDXL or Stable Diffusion 3 inside the region, through diffusers' pipeline; its weights must be given",
        sets.InpaintOptions,
        inpaint,
    ),
    "qwen-image-edit": Builder(
        "Qwen-Image-Edit through diffusers' pipeline; its weights must be given",
        sets.QwenImageEditOptions,
        qwen_image_edit,
    ),
    "auto": Builder(
        "for each step the best editor that is there, by measured acceptance; tried until the witnesses agree",
        sets.AutoOptions,
        auto,
    ),
}


def build(name: str, encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """The system of that name. Raises InvalidOption for an unknown one, or an option that it does not have."""
    if name not in BUILDERS:
        raise InvalidOption(f"no system is called {name!r}; there is: {', '.join(BUILDERS)}")
    return BUILDERS[name].make(encoders, options)


def options_of(name: str) -> list[dict[str, object]]:
    """The system's options: name, default and what each is. Raises InvalidOption for an unknown name."""
    describe(name)
    fields = BUILDERS[name].options.model_fields.items()
    return [{"name": field, "default": info.default, "about": info.description} for field, info in fields]


def describe(name: str) -> list[str]:
    """The system's options with their defaults, a line each. Raises InvalidOption for an unknown name."""
    if name not in BUILDERS:
        raise InvalidOption(f"no system is called {name!r}; there is: {', '.join(BUILDERS)}")
    rows = []
    for field, info in BUILDERS[name].options.model_fields.items():
        value = info.default
        shown = ("no", "yes")[value] if isinstance(value, bool) else value
        rows.append(f"{f'{field}={shown}':18} {info.description}")
    return rows or ["it has none"]
