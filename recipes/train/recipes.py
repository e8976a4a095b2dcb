"""Training runs by name. Each function returns the whole configuration; `python -m recipes.train.run NAME --out DIR` runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pixwright.build.wording import reasoning
from pixwright.train.config import AlignedSettings, Data, LanguageSettings, Length, Objective, Optimiser, Run, Trained

_MINI = Data(pairs=48_000, part=500, seed=1)

PHOTOGRAPHS = ("photos",)
"""Whose pictures stand for what the language model is shown in place of a composed scene."""


def mini_autoencoder() -> Run:
    """The autoencoder of the mini systems: 64 px to latents 16 x 16 x 4.

    `python -m recipes.train.run mini_autoencoder --out out/train/mini`. Makes the examples too: 48,000 pairs, 45 to 60 a second and core.
    Then 12 minutes on two cores. Held-out PSNR: see docs/training.md.
    """
    return Run(
        name="mini_autoencoder",
        kind=Trained.AUTOENCODER,
        data=_MINI,
        optimiser=Optimiser(lr=2e-3, weight_decay=0.0, batch=32, ema=0.995, precision="bf16"),
        length=Length(minutes=12, check_every=4),
    )


def mini_anysd_stage1() -> Run:
    """The mini denoiser on instructions, and on captions where it sees no picture.

    `python -m recipes.train.run mini_anysd_stage1 --out out/train/mini`, after the autoencoder in the same folder. An hour on two cores, 90 pictures a second
    and idle core; validation loss and samples are in the folder.
    """
    return Run(
        name="mini_anysd_stage1",
        kind=Trained.DENOISER,
        data=_MINI,
        optimiser=Optimiser(lr=1e-3, batch=64, warm_up=300, precision="bf16"),
        length=Length(minutes=60, check_every=5),
        objective=Objective(prediction="v_prediction", captions=0.12),
    )


def mini_anysd_stage2() -> Run:
    """Experts, projector, router and task table beside the frozen mini denoiser.

    `python -m recipes.train.run mini_anysd_stage2 --out out/train/mini`, after stage 1 in the same folder. 20 minutes on two cores.
    """
    return Run(
        name="mini_anysd_stage2",
        kind=Trained.EXPERTS,
        data=_MINI,
        optimiser=Optimiser(lr=1e-3, batch=64, warm_up=200, precision="bf16"),
        length=Length(minutes=20, check_every=4),
        objective=Objective(stage=2, prediction="v_prediction"),
    )


def mini_decoder() -> Run:
    """InstructAny2Pix's view adapter beside the frozen mini denoiser, on scenes and the vectors of the packaged aligned encoder.

    `python -m recipes.train.run mini_decoder --out out/train/mini`, with the mini autoencoder and denoiser in the same folder. Scenes and their vectors take ten minutes on two cores, the
    training twenty. What it reads are vectors of the aligned encoder at hand: train it again after that.
    """
    return Run(
        name="mini_decoder",
        kind=Trained.DECODER,
        data=Data(pairs=6_000, part=500, seed=2, held_out=128),
        optimiser=Optimiser(lr=1e-3, batch=64, warm_up=100, precision="bf16"),
        length=Length(minutes=18, check_every=6),
        objective=Objective(stage=2, prediction="v_prediction"),
    )


def _sd15(name: str, kind: Trained, steps: int, optimiser: Optimiser, side: int = 256, **more: Any) -> Run:
    """A published training on Stable Diffusion 1.5, from shards whose pictures are not kept in memory."""
    return Run(
        name=name,
        kind=kind,
        shape="sd15",
        data=Data(keep_pictures=False),
        side=side,
        optimiser=optimiser,
        length=Length(steps=steps, check_every=30),
        **more,
    )


def _accumulated(batch: int) -> Optimiser:
    """So many pictures a GPU and pass; on eight GPUs four passes of 32 are a step of 1,024. Constant rate 1e-4."""
    return Optimiser(lr=1e-4, batch=batch, accumulate=4, warm_up=0, cosine=False, ema=0.9999, precision="bf16")


def instructpix2pix_sd15() -> Run:
    """InstructPix2Pix's own training: Stable Diffusion 1.5, widened to eight channels, 256 px, 1,024 pictures a step, constant rate 1e-4.

    `accelerate launch -m recipes.train.run instructpix2pix_sd15 --start SD15_FOLDER --shards FOLDER --out DIR` on eight GPUs of 80 GB; accumulation is for eight.
    The paper trained 10,000 steps in 25.5 hours on eight A100. Never run by this project: no GPU was there.
    """
    return _sd15("instructpix2pix_sd15", Trained.DENOISER, 10_000, _accumulated(32))


def anysd_sd15_stage1() -> Run:
    """AnySD's stage 1, which goes on from instructpix2pix_sd15 or its published weights: 256 px, 4,096 pictures a step, constant rate 1e-4.

    `accelerate launch -m recipes.train.run anysd_sd15_stage1 --start IP2P_FOLDER --shards FOLDER --out DIR` on eight GPUs of 80 GB. The paper: 110,000 steps.
    Never run by this project: no GPU was there.
    """
    return _sd15("anysd_sd15_stage1", Trained.DENOISER, 110_000, _accumulated(128), seed=23)


def anysd_sd15_stage2() -> Run:
    """AnySD's stage 2: nine experts in all 16 cross-attention layers, 512 px, 64 pictures a GPU, constant rate 1e-4, decay .01.

    `accelerate launch -m recipes.train.run anysd_sd15_stage2 --start STAGE1_FOLDER --shards FOLDER --out DIR`; the folder needs an image encoder of CLIP ViT-H/14.
    Unlike the public code all experts are trained in one run, by the router, and references are dropped (10 %), so that their guidance scale means something.
    Never run by this project: no GPU was there.
    """
    optimiser = Optimiser(lr=1e-4, batch=64, warm_up=0, cosine=False, precision="bf16", recompute=True)
    objective = Objective(stage=2, balance=0.01)
    return _sd15("anysd_sd15_stage2", Trained.EXPERTS, 20_000, optimiser, side=512, objective=objective)


_REASONED = Data(pairs=4_000, part=250, seed=1, types=dict.fromkeys(reasoning.types(), 1.0), reasoned=True)
"""Part I of ReasonPix2Pix, from scenes; both kinds of instruction of each."""


def mini_reason_words() -> Run:
    """ReasonPix2Pix's connector at mini scale, before the denoiser: what is said indirectly becomes what the mini denoiser's own text encoder says of the plain instruction.

    `python -m recipes.train.run mini_reason_words --out out/train/reason`; needs `pixwright models pull smollm2`. Scenes and states are read once, a third of a
    second of one core for each scene with its two instructions; then ten minutes.
    """
    return Run(
        name="mini_reason_words",
        kind=Trained.CONNECTOR,
        start="mini",
        data=_REASONED,
        optimiser=Optimiser(lr=1e-3, weight_decay=0.05, batch=64, warm_up=100, ema=0.995),
        length=Length(minutes=4, check_every=1),
    )


def mini_reason() -> Run:
    """ReasonPix2Pix at mini scale: the connector goes on learning with the layers of the packaged mini denoiser that read its tokens, on the diffusion loss.

    `python -m recipes.train.run mini_reason --out out/train/reason`, after mini_reason_words in the same folder, whose scenes it takes. What is written are connector and changed
    layers alone, 4.5 MB beside the packaged denoiser.
    """
    return Run(
        name="mini_reason",
        kind=Trained.REASON,
        start="mini",
        data=_REASONED,
        optimiser=Optimiser(lr=5e-4, batch=64, warm_up=100, precision="bf16"),
        length=Length(minutes=30, check_every=5),
        objective=Objective(prediction="v_prediction", learns="text"),
    )


def reasonpix2pix_sd15() -> Run:
    """ReasonPix2Pix as published: Stable Diffusion 1.5, widened to eight channels, with the states of LLaVA-1.5-7B; 256 px, constant rate 1e-4 (paper: section 4.1).

    `accelerate launch -m recipes.train.run reasonpix2pix_sd15 --start SD15_FOLDER --reader LLAVA_FOLDER --shards FOLDER --out DIR`. The other numbers are
    InstructPix2Pix's, as the paper says. Never run by this project: no GPU was there.
    """
    return _sd15("reasonpix2pix_sd15", Trained.REASON, 10_000, _accumulated(32))


def mini_aligned() -> Run:
    """The heads of the aligned encoder: words, pictures, sounds and music in one space of 256.

    `python -m recipes.train.run mini_aligned --out out/train/aligned`, after `pixwright assets fetch fluent stamps clipart photos music sounds`. Looks at about 6,700 pictures and
    listens to 2,200 sounds first (about a quarter of an hour of one idle core), then takes 280 steps of 1,150 pairs: two minutes of an idle core.
    """
    return Run(
        name="mini_aligned",
        kind=Trained.ALIGNED,
        optimiser=Optimiser(lr=2e-3, weight_decay=0.1, batch=640, warm_up=50, ema=0.98),
        length=Length(steps=280, log_every=10, check_every=30),
        aligned=AlignedSettings(
            sources=("packaged", "fluent", "stamps", "photos", "clipart", "music", "sounds"), scenes=1400
        ),
    )


def mini_refinement() -> Run:
    """The refinement module: a vector of words or a sound, and a score -> the vector of a picture of that meaning and score.

    `python -m recipes.train.run mini_refinement --out out/train/aligned`, after mini_aligned in the same folder and after its heads are in the package. Grades 900 pictures first;
    then a minute of one idle core.
    """
    return Run(
        name="mini_refinement",
        kind=Trained.REFINEMENT,
        optimiser=Optimiser(lr=5e-4, weight_decay=0.1, batch=256, warm_up=30, ema=0.98),
        length=Length(steps=250, log_every=10, check_every=0.3),
        aligned=mini_aligned().aligned,
    )


def mini_mllm_pretraining() -> Run:
    """The four tasks that come before instructions: captions of pictures and sounds, vectors from words and sounds (InstructAny2Pix: section 3.2.2).

    `python -m recipes.train.run mini_mllm_pretraining --out out/train/mllm-pretraining`, after `pixwright models pull smollm2` and `pixwright assets fetch stamps photos`.
    """
    rows = {"caption_picture": 1600, "caption_sound": 600, "words_to_vector": 1600, "sound_to_vector": 600}
    return _mllm("mini_mllm_pretraining", LanguageSettings(scenes=2048, photographs=PHOTOGRAPHS, rows=rows), steps=140)


def mini_mllm() -> Run:
    """SmolLM2-135M as the multi-modal language model: projectors, control tokens and LoRA on its top six layers, on MM-Inst's instructions.

    `python -m recipes.train.run mini_mllm --out out/train/mllm`, after `pixwright models pull smollm2` and `pixwright assets fetch stamps photos`; `--start` takes
    mini_mllm_pretraining.safetensors. Of 44,600 rows those about the first 2,400 texts are kept, some 20,000.
    A step takes about half a second of an idle core.
    """
    rows = {"caption_picture": 400, "caption_sound": 200, "edit": 44_000}
    return _mllm(
        "mini_mllm",
        LanguageSettings(scenes=2048, photographs=PHOTOGRAPHS, rows=rows, texts=2400, held_rows=96),
        steps=640,
    )


def mini_plans() -> Run:
    """The same model on the knowledge file alone: what is wished for and what is shown -> explicit steps, and why.

    `python -m recipes.train.run mini_plans --out out/train/plans`, then `python -m recipes.wishes --weights out/train/plans/mini_plans.safetensors`.
    """
    settings = LanguageSettings(rows={"plan": 12_000}, held_rows=64)
    return _mllm("mini_plans", settings, steps=375)


def mini_mllm_captions() -> Run:
    """Half of the pre-training, the captions alone: for the ablation."""
    rows = {"caption_picture": 1600, "caption_sound": 600}
    return _mllm("mini_mllm_captions", LanguageSettings(scenes=2048, photographs=PHOTOGRAPHS, rows=rows), steps=70)


def mini_mllm_short() -> Run:
    """A fifth of `mini_mllm`, instructions alone: for the ablation of what is learnt before, by `--start` or without it."""
    return _mllm(
        "mini_mllm_short",
        LanguageSettings(scenes=2048, photographs=PHOTOGRAPHS, rows={"edit": 9000}, texts=900, held_rows=96),
        steps=130,
    )


def _mllm(name: str, settings: LanguageSettings, steps: int = 400, minutes: float | None = None) -> Run:
    return Run(
        name=name,
        kind=Trained.LANGUAGE,
        language=settings,
        optimiser=Optimiser(lr=2e-3, batch=1, warm_up=10, ema=0.97),
        length=Length(steps=steps, minutes=minutes, log_every=5, check_every=7),
    )


def mllm_vicuna_7b() -> Run:
    """InstructAny2Pix's own size: a 7B model in FOLDER, all layers, inputs below the first as in the paper, L1 as its code.

    `accelerate launch -m recipes.train.run mllm_vicuna_7b --start FOLDER --out DIR`; FOLDER is any causal model of transformers. Never run by this project: no GPU was there.
    """
    settings = LanguageSettings(enter=0, rank=64, regression="l1", rows={"edit": 500_000}, scenes=100_000)
    optimiser = Optimiser(lr=2e-5, batch=1, accumulate=4, warm_up=100, precision="bf16")
    return Run(
        name="mllm_vicuna_7b",
        kind=Trained.LANGUAGE,
        language=settings,
        optimiser=optimiser,
        length=Length(steps=30_000),
    )


RUNS: dict[str, Callable[[], Run]] = {
    one.__name__: one
    for one in (
        mini_autoencoder,
        mini_anysd_stage1,
        mini_anysd_stage2,
        mini_reason_words,
        mini_reason,
        mini_aligned,
        mini_decoder,
        mini_refinement,
        mini_mllm_pretraining,
        mini_mllm,
        mini_plans,
        mini_mllm_captions,
        mini_mllm_short,
        mllm_vicuna_7b,
        instructpix2pix_sd15,
        anysd_sd15_stage1,
        anysd_sd15_stage2,
        reasonpix2pix_sd15,
    )
}
