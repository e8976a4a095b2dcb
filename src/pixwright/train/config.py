"""What a training run is, as frozen values that go into every checkpoint and every exported file. No torch here."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from pixwright.records.kind import EditType
from pixwright.records.thing import Frozen

UNREAD = "none"
"""In place of a language model: the denoiser's own text encoder reads the instruction."""
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Data(Frozen):
    """Where examples come from: scenes that are composed and rendered for the run, or shards that `pixwright build` wrote. Training split only."""

    pairs: Annotated[int, Field(ge=1)] = 40_000
    """Scenes to compose; ignored where there are shards."""
    shards: tuple[str, ...] = ()
    """Folders or files of shards; empty: scenes."""
    seed: Annotated[int, Field(ge=0)] = 0
    part: Annotated[int, Field(ge=1)] = 1000
    """Examples in a part of the cache, the unit of work and of what a killed run loses."""
    types: dict[EditType, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """Proportions of the edit types in scenes; empty: `train.scenes.proportions()`."""
    keep_pictures: bool = True
    """False: a part's pictures are deleted once they are encoded, but for the first part's: of 2.5 million pairs of 256 px they are a terabyte, their latents 160 GB."""
    reasoned: bool = False
    """Scenes come with an indirect instruction too, and every example is read twice: as it is told indirectly and directly."""
    kinds: tuple[str, ...] = ()
    """Of ReasonPix2Pix's data the parts that are learnt from (I, II, III); empty: all. Validation sees the held-out examples of all of them."""
    held_out: Annotated[int, Field(ge=0)] = 256
    """Examples at the beginning that only validation sees. They are of the training split too: the reserved files stay unseen."""


class Optimiser(Frozen):
    """AdamW with warm-up and a cosine to zero."""

    lr: Annotated[float, Field(gt=0)] = 1e-4
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    warm_up: Annotated[int, Field(ge=0)] = 200
    """Steps."""
    cosine: bool = True
    """False: constant after the warm-up, as InstructPix2Pix and AnySD train."""
    clip: Annotated[float, Field(gt=0)] = 1.0
    """Norm of the gradient."""
    batch: Annotated[int, Field(ge=1)] = 64
    """Examples a process and micro-step."""
    accumulate: Annotated[int, Field(ge=1)] = 1
    """Micro-steps a step."""
    ema: Share = 0.999
    """Decay of the averaged weights, which are what is exported; warmed up as (1 + step) / (10 + step)."""
    precision: Literal["no", "bf16", "fp16"] = "no"
    recompute: bool = False
    """Activations are computed again for the gradient instead of being kept: less memory, a third more time."""


class Length(Frozen):
    """When a run ends, and what it writes on the way."""

    steps: Annotated[int, Field(ge=1)] = 1_000_000
    minutes: Annotated[float, Field(gt=0)] | None = None
    """Wall time of training, over all resumptions; the cosine follows whichever of the two is further."""
    log_every: Annotated[int, Field(ge=1)] = 50
    check_every: Annotated[float, Field(gt=0)] = 5.0
    """Minutes between checkpoints; each brings validation, a sample sheet and an export."""


class Objective(Frozen):
    """What the denoiser learns."""

    stage: Literal[1, 2] = 1
    """1: the whole denoiser on instructions. 2: experts, projector, router and task table beside a frozen denoiser."""
    prediction: Literal["epsilon", "v_prediction"] = "epsilon"
    drop_each: Annotated[float, Field(ge=0, le=1 / 3)] = 0.05
    """Shares that lose only the text, only the picture, both."""
    drop_visual: Share = 0.1
    captions: Share = 0.0
    """Share that is shown no picture, and the edited picture's caption as text: what text-to-picture methods need of the same network."""
    min_snr: Annotated[float, Field(gt=0)] | None = None
    """Gamma of min-SNR weighting (arXiv 2303.09556; 5 there); None: every noise level counts the same."""
    balance: Annotated[float, Field(ge=0)] = 0.0
    """Weight of the load-balance loss of stage 2."""
    learns: Literal["all", "text"] = "all"
    """text: of the denoiser only the layers learn that read the text, an eighth of the mini one's weights."""
    flip: bool = True
    """Mirror half of the examples whose words and pictures allow it."""


class AlignedSettings(Frozen):
    """Rows and heads of the aligned encoder (`train.aligned`)."""

    sources: tuple[str, ...] = ("packaged",)
    """What is looked at and listened to, by name (`build.source.named`)."""
    views: Annotated[int, Field(ge=1)] = 2
    """Pictures of each cut-out and background."""
    scenes: Annotated[int, Field(ge=1)] = 1500
    tested: Annotated[int, Field(ge=1)] = 100
    """Scenes of the test split."""
    hearings: Annotated[int, Field(ge=1)] = 12
    """Of every sound; the first is the recording as it is."""
    graded: Annotated[int, Field(ge=1)] = 900
    """Pictures of every quality, for the refinement alone."""
    most: Annotated[int, Field(ge=0)] = 0
    """Rows of a side at the most; 0: all."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Of the rows."""
    width: Annotated[int, Field(ge=1)] = 256
    blocks: Annotated[int, Field(ge=0)] = 1
    expansion: Annotated[int, Field(ge=1)] = 2
    dropout: Share = 0.4
    mixed: Share = 0.4
    """Share of the rows of a step that are mixtures of two (FuseMix)."""
    noise: Annotated[float, Field(ge=0)] = 0.1
    """On latents, as a share of their spread."""


class LanguageSettings(Frozen):
    """Rows and shape of the multi-modal language model (`train.language`)."""

    base: str = "smollm2"
    """The frozen model: the registry's name, or a folder of any causal model of transformers."""
    sources: tuple[str, ...] = ("packaged", "stamps")
    """What scenes are made of, by name (`build.source.named`)."""
    photographs: tuple[str, ...] = ("packaged",)
    """Whose backgrounds stand for pictures that were not composed, by name."""
    scenes: Annotated[int, Field(ge=2)] = 1024
    """Edited scenes that are rendered; each is said in many ways."""
    held_scenes: Annotated[int, Field(ge=1)] = 64
    """Of these, the first ones that only validation sees."""
    seed: Annotated[int, Field(ge=0)] = 1
    rows: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=lambda: {"edit": 20_000})
    """Task (`train.language.rows`) -> rows."""
    texts: Annotated[int, Field(ge=1)] = 1_000_000
    """Different texts at the most: each is read once by the frozen layers. When there are so many, only rows about them are taken, with other pictures."""
    describes: bool = False
    """Whether what it writes of pictures and sounds is to be shown to people. Learning captions is not enough: look at them first."""
    held_rows: Annotated[int, Field(ge=1)] = 192
    """Instructions about the held-out scenes."""
    group: Annotated[int, Field(ge=1)] = 32
    """Rows of about one length that make an example."""
    enter: Annotated[int, Field(ge=0)] = 24
    """Frozen layers below the place where pictures and sounds enter; 0 as in the paper."""
    tune: Literal["lora", "full"] = "lora"
    rank: Annotated[int, Field(ge=1)] = 16
    picture_tokens: Annotated[int, Field(ge=1, le=8)] = 1
    sound_tokens: Annotated[int, Field(ge=1, le=4)] = 1
    regression: Literal["l2", "l1"] = "l2"
    """l2 as the paper says; l1 as its published code does."""
    weight: Annotated[float, Field(ge=0)] = 2.0
    """Of the regression beside the next token's loss."""
    noise: Annotated[float, Field(ge=0)] = 0.2
    """Length of the noise on vectors that go in, which have length 1."""
    others: Annotated[int, Field(ge=0)] = 2048
    """Words of the vocabulary that no answer holds and that the model learns not to say; all of them would cost most of the time."""


class Trained(StrEnum):
    """What a run trains."""

    AUTOENCODER = "autoencoder"
    DENOISER = "denoiser"
    """Stage 1 of AnySD."""
    EXPERTS = "experts"
    """Stage 2."""
    CONNECTOR = "connector"
    """ReasonPix2Pix's connector alone: it learns to say what instructions mean as the denoiser's own text encoder would."""
    REASON = "reason"
    """ReasonPix2Pix: denoiser and connector."""
    DECODER = "decoder"
    """InstructAny2Pix's view adapter."""
    ALIGNED = "aligned"
    REFINEMENT = "refinement"
    LANGUAGE = "language"


class Run(Frozen):
    """A whole run."""

    name: str
    kind: Trained
    shape: str = "mini"
    side: Annotated[int, Field(ge=32)] = 64
    seed: Annotated[int, Field(ge=0)] = 0
    data: Data = Data()
    optimiser: Optimiser = Optimiser()
    length: Length = Length()
    objective: Objective = Objective()
    language: LanguageSettings = LanguageSettings()
    """Of kind `language` alone."""
    start: str = ""
    """Weights to begin with: a name or a folder as `--set weights=` takes it. Published sizes need it; mini stage 2 else begins with the denoiser in its own folder."""
    reader: str = "mini"
    """Of kinds `connector` and `reason`: the frozen language model, as `--set reader=` of the system takes it; `none`: instructions are read by the denoiser's own text encoder
    (the ablation without a language model), and what `reason` writes is a denoiser."""
    aligned: AlignedSettings = AlignedSettings()
    """Of kinds `aligned` and `refinement` alone."""
