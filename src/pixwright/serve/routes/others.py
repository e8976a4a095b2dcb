"""Routes that clients of other local servers call: IOPaint's inpainting, and A1111's img2img."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from pixwright.flow import LAST_SEED
from pixwright.records.plan import MAX_INSTRUCTION
from pixwright.serve.files import converted
from pixwright.serve.follow import done
from pixwright.serve.services import Served, Services
from pixwright.serve.shapes import ErrorBody, JobAsked

router = APIRouter(tags=["others"], responses={"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}})
REMOVE = "remove the object"
"""What IOPaint's route asks for without words."""


class InpaintAsked(BaseModel):
    """IOPaint's: base64 or `data:` addresses; white of the mask is taken away. Its other fields tune networks and are ignored."""

    model_config = ConfigDict(extra="ignore")

    image: str
    mask: str
    prompt: Annotated[str, Field(max_length=MAX_INSTRUCTION)] = ""
    sd_seed: int = 0


class Img2ImgAsked(BaseModel):
    """A1111's, as far as it means something here; the rest is ignored."""

    model_config = ConfigDict(extra="ignore")

    init_images: Annotated[list[str], Field(min_length=1, max_length=1)]
    prompt: Annotated[str, Field(min_length=1, max_length=MAX_INSTRUCTION)]
    mask: str | None = None
    inpainting_mask_invert: Annotated[int, Field(ge=0, le=1)] = 0
    """1: white is what stays."""
    seed: int = -1
    batch_size: Annotated[int, Field(ge=1, le=10)] = 1
    width: Annotated[int, Field(ge=1, le=8192)] | None = None
    height: Annotated[int, Field(ge=1, le=8192)] | None = None


@router.post("/api/v1/inpaint", response_class=Response)
async def inpaint(asked: InpaintAsked, request: Request, services: Served) -> Response:
    """Take away what is white in the mask, or do there what the prompt says; a PNG. 422 `not_done` where nothing could be done."""
    picture = await run_in_threadpool(services.add_address, asked.image, "image")
    mask = await run_in_threadpool(services.add_address, asked.mask, "mask")
    job = JobAsked(
        picture=services.picture(picture.id, "image").id,
        mask=services.picture(mask.id, "mask").id,
        instruction=asked.prompt.strip() or REMOVE,
        seed=_seed(asked.sd_seed),
        format="png",
    )
    made = (await done(services, request, job))[0]
    data = await run_in_threadpool(_file, services, made["id"])
    return Response(data, media_type="image/png", headers={"X-Seed": str(made["seed"])})


@router.post("/sdapi/v1/img2img")
async def img2img(asked: Img2ImgAsked, request: Request, services: Served) -> dict[str, Any]:
    """Edit as the prompt says, within the mask; `images` are PNG in base64, of `width` x `height` where both are given."""
    picture = await run_in_threadpool(services.add_address, asked.init_images[0], "init_images")
    mask = None
    if asked.mask:
        mask = services.picture((await run_in_threadpool(services.add_address, asked.mask, "mask")).id, "mask").id
    job = JobAsked(
        picture=services.picture(picture.id, "init_images").id,
        mask=None if asked.inpainting_mask_invert else mask,
        protect=mask if asked.inpainting_mask_invert else None,
        instruction=asked.prompt,
        seed=_seed(asked.seed),
        n=asked.batch_size,
        format="png",
    )
    made = await done(services, request, job)
    size = (asked.width, asked.height) if asked.width and asked.height else None
    images = [base64.b64encode(await run_in_threadpool(_file, services, one["id"], size)).decode() for one in made]
    shown = {name: value for name, value in asked.model_dump().items() if name not in ("init_images", "mask")}
    info = {"seed": made[0]["seed"], "prompt": asked.prompt, "pixwright": [one["report"] for one in made]}
    return {"images": images, "parameters": shown, "info": json.dumps(info)}


def _file(services: Services, id: str, size: tuple[int | None, int | None] | None = None) -> bytes:
    """A result as PNG, in another size where one was asked for."""
    stored = services.store.stored("results", id, "result")
    width, height = size or (None, None)
    if width is None or height is None or (width, height) == (stored.about["width"], stored.about["height"]):
        return stored.path.read_bytes()
    return converted(services, stored.path, (width, height), "png", None)


def _seed(given: int) -> int:
    """Theirs may be negative, which means any."""
    return given if 0 <= given <= LAST_SEED else 0
