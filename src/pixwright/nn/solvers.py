"""Solvers by name: which of diffusers' schedulers each is, and with what settings. No torch here: options name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

Solver: TypeAlias = str
"""A name of `SOLVERS`."""


@dataclass(frozen=True)
class SolverRow:
    """One row of the table. Settings besides the noise levels, which are the network's own."""

    scheduler: str
    """diffusers' class."""
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


_DPM = {"timestep_spacing": "trailing", "algorithm_type": "dpmsolver++"}
SOLVERS: Mapping[Solver, SolverRow] = MappingProxyType(
    {
        "ddim": SolverRow(
            "DDIMScheduler", {"clip_sample": False, "set_alpha_to_one": False, "timestep_spacing": "leading"}
        ),
        "ddim_trailing": SolverRow(
            "DDIMScheduler", {"clip_sample": False, "set_alpha_to_one": False, "timestep_spacing": "trailing"}
        ),
        "euler_trailing": SolverRow("EulerDiscreteScheduler", {"timestep_spacing": "trailing"}),
        "euler": SolverRow("EulerDiscreteScheduler", {"timestep_spacing": "linspace"}),
        "euler_ancestral": SolverRow("EulerAncestralDiscreteScheduler", {"timestep_spacing": "linspace"}),
        "heun": SolverRow("HeunDiscreteScheduler", {"timestep_spacing": "linspace"}),
        "dpm2": SolverRow("KDPM2DiscreteScheduler", {"timestep_spacing": "linspace"}),
        "lms": SolverRow("LMSDiscreteScheduler", {"timestep_spacing": "linspace"}),
        "pndm": SolverRow(
            "PNDMScheduler", {"skip_prk_steps": True, "set_alpha_to_one": False, "timestep_spacing": "leading"}
        ),
        "deis": SolverRow("DEISMultistepScheduler", {"timestep_spacing": "trailing"}),
        "unipc": SolverRow("UniPCMultistepScheduler", {"timestep_spacing": "trailing"}),
        "dpm++": SolverRow("DPMSolverMultistepScheduler", _DPM),
        "dpm++karras": SolverRow("DPMSolverMultistepScheduler", {**_DPM, "use_karras_sigmas": True}),
        "dpm++sde": SolverRow("DPMSolverMultistepScheduler", {**_DPM, "algorithm_type": "sde-dpmsolver++"}),
        "lcm": SolverRow("LCMScheduler", {"clip_sample": False, "set_alpha_to_one": False}),
        "tcd": SolverRow("TCDScheduler", {"clip_sample": False, "set_alpha_to_one": False}),
    }
)
"""`ddim` (arXiv 2010.02502), the Euler, Heun and DPM-2 solvers (arXiv 2206.00364; Euler ancestral is InstructPix2Pix's and AnySD's), `lms` and `pndm` (arXiv
2202.09778), `deis` (arXiv 2204.13902), `unipc` (arXiv 2302.04867), `dpm++` (arXiv 2211.01095, order 2: good in 15 to 25 steps), and for networks distilled to
few steps `lcm` (arXiv 2310.04378) and `tcd` (arXiv 2402.19159)."""
