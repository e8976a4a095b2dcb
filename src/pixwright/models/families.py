"""Which of other people's pipelines are opened, and how each is called: what it takes, in whose words, at which size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from PIL import Image

from pixwright.records.instruction import Array


@dataclass(frozen=True, eq=False)
class PipelineRequest:
    """What a pipeline is asked to paint."""

    pictures: Sequence[Array]
    """Each HxWx3 uint8, the one to edit first."""
    words: str
    """An instruction, or for pipelines that paint inside a mask what the picture shall show."""
    seed: int
    steps: int
    guidance: float
    negative: str = ""
    """Words for what shall not be there; only where the pipeline takes them."""
    mask: Array | None = None
    """HxW uint8 of the first picture, 255 = paint; only where the pipeline paints inside one."""
    watch: Callable[[int, int], None] = lambda done, of: None
    """Is told after each step; what it raises ends the run."""


Run: TypeAlias = Callable[[PipelineRequest], Array]
"""-> HxWx3 uint8 of the first picture's size."""


@dataclass(frozen=True, eq=False)
class Piped:
    """A published pipeline, ready to run. Nothing in it changes from edit to edit."""

    name: str
    """diffusers' name of the class."""
    run: Run
    """Any size is taken; what the pipeline cannot take is resized for it, and the result is put back to the first picture's size."""
    side: int
    """Pixels of the pictures that it was trained on."""
    multiple: int
    """Of this many pixels are the sides at which it works."""
    fit: Callable[[int, int], tuple[int, int]]
    """Height and width of a picture -> those at which it is worked on. What has this size already is not resized."""
    rebuild: Callable[[Array], Array]
    """HxWx3 uint8 -> the same, through the pipeline's autoencoder and back."""
    digests: Mapping[str, str]
    """Name -> sha256 of every weight file that was read."""
    several: int = 1
    """How many pictures it takes, the one to edit included."""
    called: str = "image {}"
    """How its training instructions name the n-th picture."""
    fixed: bool = False
    """Works at about one megapixel, whatever it is given."""
    masked: bool = False
    """Paints inside a mask what a caption says, instead of following an instruction."""
    paints_noise: Callable[[Array, Array], bool] = lambda before, after: False
    """Whether the second picture is no picture beside the first (`nn.latents.coherence`), both HxWx3 uint8 of one size."""


@dataclass(frozen=True)
class Family:
    """How a pipeline's class is called. `arguments`: pictures, height, width, guidance -> what is particular to it."""

    arguments: Callable[[list[Image.Image], int, int, float], dict[str, Any]]
    side: int = 1024
    several: int = 1
    called: str = "image {}"
    fixed: bool = False
    denoiser: str = "transformer"
    negative: bool = False
    """Takes words for what shall not be there."""
    chat: bool = False
    """Its language model reads words in the form of its chat template."""
    masked: bool = False
    opened_as: str = ""
    """The class that its parts are put together as; the folder's own where this is empty."""
    made_here: Callable[[Path], dict[str, Any]] = lambda folder: {}
    """Parts that are not loaded as the folder's index says."""
    calls_back: bool = True
    """Tells after each step where it is, by diffusers' callback."""


def _flux2(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    return {"image": pictures, "height": height, "width": width, "guidance_scale": guidance}


def _kontext(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    """Its own choice among seventeen sizes would change the aspect, and what comes out would not lie on what went in."""
    own = {"max_area": height * width, "_auto_resize": False}
    return {"image": pictures[0], "height": height, "width": width, "guidance_scale": guidance, **own}


def _qwen(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    """Guided only where there is something to be guided away from: its authors use one blank."""
    guided = guidance > 1
    words = {"negative_prompt": " " if guided else None, "true_cfg_scale": guidance if guided else 1.0}
    return {"image": pictures[0], "height": height, "width": width, **words}


def _qwen_plus(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    return _qwen(pictures, height, width, guidance) | {"image": pictures}


def _pix2pix(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    return {"image": pictures[0], "guidance_scale": guidance, "image_guidance_scale": 1.5}


def _sized(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    return {"image": pictures[0], "height": height, "width": width, "guidance_scale": guidance}


def _dreamlite(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    """Guidance by the picture as its authors have it; the distilled network takes both scales and uses neither."""
    return _sized(pictures, height, width, guidance) | {"image_guidance_scale": 1.5}


def _pix2pix_xl(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    return _sized(pictures, height, width, guidance) | {"image_guidance_scale": 1.5}


class _Reader:
    """What the processors of Qwen's language models that see do with words and pictures; the library's own also want a reader of films, which needs torchvision."""

    def __init__(self, folder: Path) -> None:
        import transformers

        pictures = getattr(transformers, "Qwen2VLImageProcessorPil", None) or transformers.Qwen2VLImageProcessor
        self._pictures = pictures.from_pretrained(str(folder), local_files_only=True)
        self._words = transformers.Qwen2Tokenizer.from_pretrained(str(folder), local_files_only=True)

    def __call__(self, text: list[str], images: Any, padding: bool, return_tensors: str) -> Any:
        """Texts, and the pictures of all of them in order; each of their picture marks is repeated as often as its picture has tokens."""
        from transformers import BatchFeature

        seen = self._pictures(images=images, return_tensors=return_tensors)
        counts = iter((seen["image_grid_thw"].prod(dim=1) // self._pictures.merge_size**2).tolist())
        marked = []
        for one in text:
            head, *rest = one.split(_PICTURE)
            marked.append(head + "".join(_PICTURE * next(counts) + piece for piece in rest))
        words = self._words(marked, padding=padding, return_tensors=return_tensors)
        return BatchFeature({**words, **seen})


_PICTURE = "<|image_pad|>"


def _own_reader(folder: Path) -> dict[str, Any]:
    return {"processor": _Reader(folder / "processor")}


def _only_words(folder: Path) -> dict[str, Any]:
    """FLUX.2's processor reads words only unless it is asked to rewrite them; its pictures' part needs torchvision."""
    from transformers import AutoTokenizer

    return {"tokenizer": AutoTokenizer.from_pretrained(str(folder / "tokenizer"), local_files_only=True)}


def _refine(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    return {"image": pictures[0], "guidance_scale": guidance}


def _unchecked(folder: Path) -> dict[str, Any]:
    return {"safety_checker": None}


FAMILIES: dict[str, Family] = {
    "Flux2KleinPipeline": Family(_flux2, several=4, chat=True),
    "Flux2Pipeline": Family(_flux2, several=6, made_here=_only_words, chat=True),
    "FluxKontextPipeline": Family(_kontext),
    "QwenImageEditPipeline": Family(_qwen, fixed=True, made_here=_own_reader, negative=True),
    "QwenImageEditPlusPipeline": Family(
        _qwen_plus, several=3, called="Picture {}", fixed=True, made_here=_own_reader, negative=True
    ),
    "DreamLitePipeline": Family(_dreamlite, denoiser="unet", made_here=_own_reader, negative=True, calls_back=False),
    "DreamLiteMobilePipeline": Family(_dreamlite, denoiser="unet", made_here=_own_reader, calls_back=False),
    "StableDiffusionInstructPix2PixPipeline": Family(
        _pix2pix, side=512, denoiser="unet", made_here=_unchecked, negative=True
    ),
    "StableDiffusionXLInstructPix2PixPipeline": Family(_pix2pix_xl, side=768, denoiser="unet", negative=True),
}
PAINTERS: dict[str, Family] = {
    name: Family(_sized, denoiser=denoiser, negative=True, masked=True, opened_as=kind)
    for kind, denoiser, names in (
        ("StableDiffusionXLInpaintPipeline", "unet", ("StableDiffusionXLPipeline", "StableDiffusionXLInpaintPipeline")),
        (
            "StableDiffusion3InpaintPipeline",
            "transformer",
            ("StableDiffusion3Pipeline", "StableDiffusion3InpaintPipeline"),
        ),
    )
    for name in names
}
"""Text-to-picture networks of SDXL's and Stable Diffusion 3's shape, which paint inside a mask."""
SUPPORTED: tuple[str, ...] = tuple(FAMILIES)
"""The classes that a folder's model_index.json may name."""
REFINER = "StableDiffusionXLImg2ImgPipeline"
"""What repaints the detail of a finished picture: SDXL's refiner."""
REFINER_FAMILY = Family(_refine, denoiser="unet")
