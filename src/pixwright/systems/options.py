"""What each system lets one choose: `--set NAME=VALUE`. Every value can be kept in a record; none needs torch."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pixwright.models.options import ModelOptions
from pixwright.models.presets import Preset
from pixwright.nn.solvers import SOLVERS, Solver


def _solver(given: str) -> str:
    if given not in SOLVERS:
        raise ValueError("no solver of that name")
    return given


Scale: TypeAlias = Literal["auto"] | Annotated[float, Field(ge=0, le=100)]
"""A guidance scale, or the weights' own."""


_PARTS = "pulled networks that take over parts: auto (those in the store), embedded (none), or names with commas"


class LocalOptions(BaseModel):
    """The embedded system."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    parts: str = Field("auto", description=_PARTS)


class AutoOptions(BaseModel):
    """`auto` chooses among editors; their own options stand in its table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    editors: str = Field(
        "all", description="names of measured editors with commas, or all; those that are not there are left out"
    )
    parts: str = Field("auto", description=_PARTS)


class SampledOptions(ModelOptions):
    """What systems whose denoiser samples have in common."""

    steps: int = Field(25, ge=1, le=1000, description="denoising steps")
    solver: Annotated[Solver, AfterValidator(_solver)] = Field("dpm++", description=", ".join(SOLVERS))
    picture: Scale = Field(
        "auto", description="guidance scale s_I: how closely the picture is kept; 1 is off; auto: the weights' own"
    )
    rescale: float = Field(0.7, ge=0, le=1, description="guidance rescale against over-saturation; 0 is off")
    ground: Literal["auto", "no", "yes"] = Field(
        "auto", description="limit the edit to the phrase's region: auto for local types and backgrounds"
    )
    side: int = Field(
        0, ge=0, le=4096, description="longer side at which the network works, pixels; 0: what it was trained on"
    )


class AnySDOptions(SampledOptions):
    """AnySD. The defaults are this project's; the public code's are in docs/systems.md."""

    preset: Preset = Field(
        "none",
        description="fast: shortcuts with any weights; few steps by a LoRA that is pulled: lcm, hyper; -xl for SDXL; turbo for distilled weights",
    )
    text: Scale = Field(
        "auto", description="guidance scale s_T: how closely the words are followed; 1 is off; auto: the weights' own"
    )
    visual: Scale = Field(
        "auto", description="guidance scale s_V of the visual prompt; auto: the same as text, one pass less"
    )
    negative: str = Field("", description="words for what shall not be there; guidance leads away from them")
    strength: float = Field(
        0.8, ge=0, le=2, description="factor on what the experts add; 0 is the network without experts"
    )
    routing: Literal["auto", "soft", "hard"] = Field(
        "auto", description="soft: the learned gate; hard: the paper's table 8; auto: as the experts were trained"
    )
    guided_until: float = Field(1.0, gt=0, le=1, description="share of the steps that is guided, from the noisiest on")
    reuse: int = Field(
        1, ge=1, le=10, description="every n-th step computes the whole network; 2 is nearly twice as fast"
    )
    compare: int = Field(
        1,
        ge=1,
        le=10,
        description="every n-th step computes what guidance compares with; 2 saves a third of the passes",
    )
    seeds: int = Field(1, ge=1, le=16, description="so many seeds in one batch; the judge chooses")
    regions: str = Field(
        "", description='a JSON file of words for parts of the picture: [{"words": ..., "mask": FILE}, ...]'
    )


class ReasonPix2PixOptions(SampledOptions):
    """ReasonPix2Pix. Guidance by the picture and by the instruction, as InstructPix2Pix has it."""

    weights: str = Field(
        "mini-reason",
        description="mini-reason, or a folder with connector.safetensors as training leaves it, and the denoiser of eight channels where that is another than the packaged one",
    )
    reader: str = Field(
        "mini", description="the language model: mini, a folder of its own training, or a folder of LLaVA-1.5"
    )
    text: Scale = Field(
        "auto",
        description="guidance scale s_T: how closely the instruction is followed; 1 is off; auto: the weights' own",
    )


class InstructEditOptions(ModelOptions):
    """InstructEdit. Defaults after the paper, but for the encoding ratio, which the judge chooses."""

    steps: int = Field(50, ge=1, le=1000, description="rungs of the DDIM ladder")
    text: float = Field(7.5, ge=0, le=100, description="guidance scale of the edited caption; 1 is off")
    ratio: str = Field(
        "auto", description="encoding ratio in (0, 1], several with commas, or auto: 0.5,0.7,0.9; the judge chooses"
    )
    method: Literal["diffedit", "regeneration", "prompt-to-prompt", "plug-and-play"] = Field(
        "diffedit",
        description="what the new picture takes over from the old one beside its noise: nothing (diffedit, regeneration), where words are looked at, or places and features",
    )
    negative: str = Field("", description="words for what shall not be there; guidance leads away from them")
    rescale: float = Field(0.0, ge=0, le=1, description="guidance rescale; 0.7 against over-saturation")
    segmenter: str = Field(
        "auto", description="auto, embedded, diffedit (its own noise difference), or weights of Grounding DINO"
    )
    sam: str = Field("", description="weights of SAM, with weights of Grounding DINO")
    captioner: str = Field(
        "",
        description="who says what the picture shows: weights of BLIP or BLIP-2, or embedded (tags of the packaged networks); empty: nobody",
    )
    side: int = Field(
        0, ge=0, le=2048, description="longer side at which the network works, pixels; 0: what it was trained on"
    )


class InstructAny2PixOptions(ModelOptions):
    """InstructAny2Pix. Defaults of the published program where it has them."""

    h: str = Field(
        "0,0.4,1", description="shares of base, gen and refined in the vector of the picture to be, with commas"
    )
    alpha: float = Field(
        0.7, ge=0, le=1, description="how much of the picture's structure is kept: 1 all, 0 begins with noise"
    )
    score: float = Field(6.5, ge=0, le=10, description="the score that refinement aims at; 0 leaves refinement out")
    aligned: str = Field(
        "mini",
        description="what brings words, pictures and sounds into one space: mini, the folder or file of ImageBind's weights, or CLIP's and CLAP's folders with a comma between them",
    )
    language: str = Field(
        "auto",
        description="language model: auto (SmolLM2 where it is pulled), no, or a folder of a causal model with this project's tokens",
    )
    look: Literal["heard", "model"] = Field(
        "heard",
        description="whose vector finds the look of music: its own, or the language model's of the picture to be",
    )
    decoder: Literal["auto", "no", "yes"] = Field(
        "auto", description="whether the denoiser paints: auto for published weights, whose views are given"
    )
    views: str = Field("", description="a file of view embeddings' layers (image_proj, ip_adapter) for the denoiser")
    steps: int = Field(25, ge=1, le=1000, description="denoising steps, and rungs of the inversion before them")
    guidance: float = Field(10.0, ge=0, le=100, description="guidance scale of words and views; 1 is off")
    norm: float = Field(20.0, gt=0, le=1000, description="length of the embeddings that the decoder is shown")
    subject: float = Field(
        0.65, ge=0, le=1, description="how much the subjects' own tokens count beside the whole picture's"
    )
    strength: float = Field(1.0, ge=0, le=2, description="factor on what the views add to the words")
    refiner: str = Field("", description="weights of SDXL's refiner, which repaints the detail; empty: none")
    refinement: float = Field(0.5, gt=0, le=1, description="how much of the picture the refiner repaints")
    side: int = Field(
        0, ge=0, le=2048, description="longer side at which the denoiser works, pixels; 0: what it was trained on"
    )


class PipedOptions(ModelOptions):
    """Other people's whole pipelines."""

    guidance: float = Field(4.0, ge=0, le=100, description="guidance scale, where the pipeline has one")
    negative: str = Field("", description="words for what shall not be there, where the pipeline takes them")
    denoiser: str = Field("", description="a .gguf file of the pipeline's denoiser, in place of the folder's")
    side: int = Field(0, ge=0, le=2048, description="longer side at which the pipeline works, pixels; 0: its own")


class Flux2KleinOptions(PipedOptions):
    """FLUX.2-klein is distilled to a few steps."""

    weights: str = Field("flux2-klein-4b", description="a name of `pixwright models`, or a folder in diffusers' layout")
    steps: int = Field(4, ge=1, le=1000, description="denoising steps")
    guidance: float = Field(1.0, ge=0, le=100, description="guidance scale; 1 is off, as distilled")


class DreamLiteOptions(PipedOptions):
    """DreamLite, of 0.39 billion parameters beside the language model that reads words and picture."""

    weights: str = Field(
        "dreamlite-mobile",
        description="a name of `pixwright models`, or a folder in diffusers' layout; dreamlite-base: not distilled, wants about 30 steps and guidance=3.5",
    )
    steps: int = Field(4, ge=1, le=1000, description="denoising steps")
    guidance: float = Field(1.0, ge=0, le=100, description="guidance scale; the distilled network takes none")


class InpaintOptions(ModelOptions):
    """Text-to-picture networks that paint inside the region what the caption says."""

    weights: str = Field(
        "sdxl-base-1.0",
        description="a name of `pixwright models`, or a folder of SDXL or Stable Diffusion 3 in diffusers' layout",
    )
    steps: int = Field(30, ge=1, le=1000, description="denoising steps, of which `strength` are taken")
    guidance: float = Field(7.0, ge=0, le=100, description="guidance scale; 1 is off")
    strength: float = Field(0.9, gt=0, le=1, description="how much of what is there is painted over; 1 all of it")
    negative: str = Field("", description="words for what shall not be there")
    side: int = Field(0, ge=0, le=2048, description="longer side at which the pipeline works, pixels; 0: its own")


class QwenImageEditOptions(PipedOptions):
    """Qwen-Image-Edit and its successors."""

    weights: str = Field(
        "qwen-image-edit-2511", description="a name of `pixwright models`, or a folder in diffusers' layout"
    )
    steps: int = Field(40, ge=1, le=1000, description="denoising steps")
