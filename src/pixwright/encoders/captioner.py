"""BLIP and BLIP-2 say what a picture shows (arXiv 2201.12086 and 2301.12597; InstructEdit paper, section 3.2: what an instruction leaves unsaid)."""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from pixwright.encoders.published import (
    CLIP_MEAN,
    CLIP_STD,
    folder_of,
    need,
    normalised,
    open_network,
    open_tokenizer,
)
from pixwright.errors import WeightsCorrupt
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.weights.store import digest

MEDIUM = "Is this a photo, a painting, or another kind of art?"
"""The paper's question; its answer begins the caption."""
_MEDIA = re.compile(r"\b(photo|photograph|picture|painting|drawing|sketch|illustration|cartoon|poster|art|statue)\b")
_NETWORKS = {"blip": "BlipForConditionalGeneration", "blip-2": "Blip2ForConditionalGeneration"}
_LONGEST = 40
"""New tokens of an answer."""


def open_captioner(name: str, device: str = "auto", dtype: str = "float32") -> Captioner:
    """From a folder, or a name of the registry, with config.json, .safetensors and tokenizer.json of BLIP (captioning) or BLIP-2 (OPT or T5).

    Raises `WeightsMissing`, `WeightsCorrupt`, `MissingExtra`.
    """
    where = folder_of(name)
    try:
        kind = str(json.loads((where / "config.json").read_text("utf-8"))["model_type"])
    except (OSError, ValueError, KeyError, TypeError):
        raise WeightsCorrupt(
            f"{where} has no config.json that names a model_type; get the whole folder again"
        ) from None
    if kind not in _NETWORKS:
        raise WeightsCorrupt(f"{where} is {kind!r}; a captioner is one of {', '.join(_NETWORKS)}")
    return Captioner(open_network(_NETWORKS[kind], where, device, dtype), open_tokenizer(where), where)


class Captioner:
    """Captions by greedy search: the same picture has the same caption. Nothing is kept between calls."""

    def __init__(self, network: Any, tokenizer: Any, where: Path) -> None:
        self._network, self._tokenizer, self._where = network, tokenizer, where
        self._two = network.config.model_type == "blip-2"
        self._side = int(network.config.vision_config.image_size)

    @cached_property
    def digests(self) -> dict[str, str]:
        """Name -> sha256 of the folder."""
        return {self._where.name: digest(self._where)}

    def describe(self, picture: Array, target: str = "") -> str:
        """A caption of HxWx3 uint8 that begins with the medium; with `target` more detail on that.

        BLIP-2 is asked what kind of picture it is, and completes "ANSWER of"; BLIP, which answers no questions, begins by itself.
        """
        pixels = self._pixels(picture)
        if not self._two:
            caption = self._continued(pixels, "")
            caption = caption if _MEDIA.search(caption) else f"a photo of {caption}"
            detail = self._continued(pixels, f"the {target} is") if target else ""
            return f"{caption}; the {target} is {detail}" if detail else caption
        medium = self._continued(pixels, f"Question: {MEDIUM} Answer:").split(".")[0].strip().lower()
        medium = medium if medium and len(medium.split()) <= 5 else "a photo"
        caption = f"{medium} of {self._continued(pixels, f'{medium} of')}".strip()
        detail = self._continued(pixels, f"Question: what does the {target} look like? Answer:") if target else ""
        return f"{caption}; the {target}: {detail}" if detail else caption

    def _pixels(self, picture: Array) -> Any:
        torch = need("torch")
        small = normalised(resized(picture, self._side, self._side), CLIP_MEAN, CLIP_STD)
        return torch.from_numpy(small).to(self._network.device, self._network.dtype)

    def _continued(self, pixels: Any, prompt: str) -> str:
        """What the network says after the prompt, on one line."""
        torch = need("torch")
        config = self._network.config
        ids = list(self._tokenizer.encode(prompt).ids)
        begin = config.text_config.bos_token_id
        if self._two:
            # OPT's begins with its token for that; T5 has none.
            ids = [begin, *ids] if config.use_decoder_only_language_model and ids[:1] != [begin] else ids
            ids = [config.image_token_index] * config.num_query_tokens + ids
        elif len(ids) < 2:
            ids = [begin, config.text_config.sep_token_id]
        given = torch.tensor([ids], device=self._network.device)
        with torch.inference_mode():
            found = self._network.generate(
                pixel_values=pixels,
                input_ids=given.clone(),
                attention_mask=torch.ones_like(given),
                do_sample=False,
                num_beams=1,
                max_new_tokens=_LONGEST,
            )[0].tolist()
        # BLIP repeats the prompt but for its closing token, a decoder alone repeats all of it, an encoder and decoder nothing.
        lead = len(ids) if self._two else len(ids) - 1
        repeated = not self._two or config.use_decoder_only_language_model
        text = self._tokenizer.decode(found[lead:] if repeated else found, skip_special_tokens=True)
        return re.sub(r"\s+", " ", text).strip()
