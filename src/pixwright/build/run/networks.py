"""The packaged networks and the embedded system of a building process: loaded when first used, and once, however many parts ask."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pixwright import systems
from pixwright.encoders.bundle import Encoders
from pixwright.systems import System

if TYPE_CHECKING:
    from pixwright.edit.networks.instructedit import InstructEditor

PAINTED_RATIO, PAINTED_STEPS = 0.8, 50
"""How much of the noise is put in before a picture is painted anew, and rungs of the ladder."""


@cache
def encoders() -> Encoders:
    """The packaged networks."""
    return Encoders()


@cache
def system() -> System:
    """The embedded system, on the same networks."""
    return systems.local(encoders())


@cache
def painter(weights: str, method: str) -> InstructEditor:
    """A captioned painter with `mini` or published weights that works by a method of `nn.latents.sharing.METHODS`.

    Raises `MissingExtra` without torch, `WeightsMissing` or `InvalidOption` for weights that are not there or do not read captions.
    """
    from pixwright.edit.networks.instructedit import InstructEditor
    from pixwright.models.open import open_model
    from pixwright.models.options import ModelOptions, options_from
    from pixwright.nn.guidance import Scales
    from pixwright.nn.latents.sharing import METHODS

    model = open_model(options_from(ModelOptions, {"weights": weights}), encoders())
    ratios = (PAINTED_RATIO,)
    return InstructEditor(model, PAINTED_STEPS, Scales(text=model.scales.text), ratios, sharing=METHODS[method])
