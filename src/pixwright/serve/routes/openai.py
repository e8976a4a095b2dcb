"""OpenAI's picture routes, as the official client calls them: `POST /v1/images/edits` (form or JSON, streamed or not), and `/v1/models`."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from pixwright.flow import LAST_SEED
from pixwright.records.plan import MAX_INSTRUCTION
from pixwright.serve import errors
from pixwright.serve.errors import Rejected
from pixwright.serve.files import converted
from pixwright.serve.follow import changes, pictures_of, wait_for
from pixwright.serve.services import Served, Services
from pixwright.serve.shapes import ErrorBody, JobAsked
from pixwright.serve.store import Stored
from pixwright.systems import BUILDERS

router = APIRouter(prefix="/v1", tags=["openai"], responses={"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}})
ALIASES = {"image[]": "image", "mask_image": "mask", "reference_image": "image"}
"""What other servers of this route call the same parts."""
_LONGEST_PROMPT, _LONGEST_ADDRESS, _MOST_PARTIAL, _MOST_SHARE = 32_000, 20_971_520, 3, 100
"""OpenAI's bounds: characters of a prompt and of an address, `partial_images`, `output_compression`."""
_EXTRA = re.compile(r"<sd_cpp_extra_args>(.*?)</sd_cpp_extra_args>", re.DOTALL)
"""How clients of sd.cpp pass what the route has no field for."""
_NO_TOKENS = {
    "total_tokens": 0,
    "input_tokens": 0,
    "output_tokens": 0,
    "input_tokens_details": {"text_tokens": 0, "image_tokens": 0},
}


class EditsAsked(BaseModel):
    """The fields of both variants. What is not known here is ignored, and the answer says so."""

    model_config = ConfigDict(extra="allow")

    prompt: Annotated[str, Field(min_length=1, max_length=_LONGEST_PROMPT)]
    model: str | None = None
    """One of `/v1/models`; any other name means the server's own system."""
    n: Annotated[int, Field(ge=1, le=10)] | None = None
    size: Annotated[str, Field(pattern=r"^(auto|[1-9][0-9]{0,4}x[1-9][0-9]{0,4})$")] | None = None
    """The result is made to fit within it, in its own proportion; `auto`: as large as the picture."""
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto", "standard", "hd"] | None = None
    background: Literal["transparent", "opaque", "auto"] | None = None
    input_fidelity: Literal["high", "low"] | None = None
    output_format: Literal["png", "jpeg", "webp", "gif", "svg"] | None = None
    output_compression: Annotated[int, Field(ge=0, le=_MOST_SHARE)] | None = None
    stream: bool | None = None
    partial_images: Annotated[int, Field(ge=0, le=_MOST_PARTIAL)] | None = None
    response_format: Literal["b64_json", "url"] | None = None
    safety_identifier: str | None = None
    user: str | None = None
    seed: Annotated[int, Field(ge=0, le=LAST_SEED)] | None = None

    @property
    def form(self) -> str:
        """The format of the result."""
        return self.output_format or "png"

    @property
    def within(self) -> tuple[int, int] | None:
        """Width and height that the result must fit, or None."""
        if self.size in (None, "auto"):
            return None
        width, height = (self.size or "").split("x")
        return int(width), int(height)


class Referred(BaseModel):
    """A picture in the JSON variant: exactly one of the two."""

    model_config = ConfigDict(extra="forbid")

    image_url: Annotated[str, Field(max_length=_LONGEST_ADDRESS)] | None = None
    file_id: str | None = None
    """An id of `POST /v1/pictures`."""


class EditsBody(EditsAsked):
    """The JSON variant."""

    images: Annotated[list[Referred], Field(min_length=1, max_length=16)]
    mask: Referred | None = None
    markup: Referred | None = None


@dataclass(frozen=True)
class Sent:
    """What was sent, whichever variant it was."""

    asked: EditsAsked
    pictures: list[Stored]
    mask: Stored | None = None
    markup: Stored | None = None


_FORM = {
    "type": "object",
    "required": ["prompt", "image"],
    "properties": {
        "prompt": {"type": "string", "minLength": 1},
        "image": {"type": "string", "format": "binary"},
        "mask": {"type": "string", "format": "binary"},
        "markup": {"type": "string", "format": "binary"},
        "n": {"type": "integer", "minimum": 1, "maximum": 10},
        "size": {"type": "string"},
        "output_format": {"type": "string", "enum": ["png", "jpeg", "webp", "gif"]},
        "stream": {"type": "boolean"},
        "partial_images": {"type": "integer", "minimum": 0, "maximum": _MOST_PARTIAL},
        "seed": {"type": "integer", "minimum": 0},
    },
}
_BODIES = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FORM},
            "application/json": {"schema": EditsBody.model_json_schema(ref_template="#/components/schemas/{model}")},
        },
    }
}


@router.post("/images/edits", response_model=None, openapi_extra=_BODIES)
async def edits(request: Request, services: Served) -> Response:
    """Edit a picture as the prompt says. Of several pictures the first is edited, the others are [1], [2], ... of the prompt.

    A mask is read by its alpha where some of it is transparent (transparent = edit here), else white = edit here. A markup is a transparent drawing that points at what is meant. 422 `not_done` where nothing could be done.
    """
    sent = await _read(request, services)
    asked = sent.asked
    job = await run_in_threadpool(_job, services, sent)
    row, _ = await run_in_threadpool(services.submit, job, None, asked.partial_images or 0 if asked.stream else 0)
    told = _About(asked, sent.mask)
    if asked.stream:
        return StreamingResponse(_events(services, row.id, told), media_type="text/event-stream")
    made = await wait_for(services, request, row.id)
    data = [await run_in_threadpool(told.datum, services, one, str(request.base_url)) for one in made]
    return JSONResponse({"created": int(time.time()), "data": data, **told.common(made[0])})


@router.post("/images/generations", response_model=None)
@router.post("/images/variations", response_model=None)
def generations() -> Response:
    """Pictures from words alone are not made here: 400."""
    raise Rejected(
        400,
        "edits_only",
        "this server edits pictures and makes none from words; POST a picture to /v1/images/edits",
        "model",
    )


@router.get("/models")
def models() -> dict[str, Any]:
    """The systems, as models."""
    return {"object": "list", "data": [_model(name) for name in BUILDERS]}


@router.get("/models/{name}")
def model(name: str) -> dict[str, Any]:
    """One of them."""
    if name not in BUILDERS:
        raise errors.not_found(f"model; there is: {', '.join(BUILDERS)}")
    return _model(name)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "pixwright"}


class _About:
    """What is said of a job's pictures in OpenAI's words."""

    def __init__(self, asked: EditsAsked, mask: Stored | None) -> None:
        self.asked, self.mask = asked, mask
        self.ignored = sorted(asked.model_extra or ())

    def datum(self, services: Services, made: Mapping[str, Any], base: str) -> dict[str, Any]:
        """One entry of `data`."""
        if self.asked.response_format == "url":
            return {"url": base.rstrip("/") + made["url"], "pixwright": self.report(made)}
        return {"b64_json": self.encoded(services, made), "pixwright": self.report(made)}

    def encoded(self, services: Services, made: Mapping[str, Any]) -> str:
        """The file in base64: as it was written, or in the size and compression that were asked for."""
        path = services.store.stored("results", made["id"], "result").path
        quality = self.asked.output_compression
        if self.size(made) == (made["width"], made["height"]) and quality is None:
            return base64.b64encode(path.read_bytes()).decode()
        return base64.b64encode(converted(services, path, self.size(made), self.asked.form, quality)).decode()

    def size(self, made: Mapping[str, Any]) -> tuple[int, int]:
        """Width and height: within what was asked for, in the picture's own proportion."""
        width, height = made["width"], made["height"]
        if self.asked.within is None:
            return width, height
        scale = min(self.asked.within[0] / width, self.asked.within[1] / height)
        return max(1, round(width * scale)), max(1, round(height * scale))

    def report(self, made: Mapping[str, Any]) -> dict[str, Any]:
        """Our account of one picture."""
        notes = list(made["notes"])
        if self.ignored:
            notes.append(f"ignored: {', '.join(self.ignored)}")
        read = None if self.mask is None else "alpha 0 = edit" if self.mask.about.get("transparent") else "white = edit"
        return {
            "result": made["id"],
            "verdict": made["verdict"],
            "reasons": made["reasons"],
            "plan": made["plan"],
            "understood": [step["words"] for step in made["steps"]],
            "regions": made["regions"],
            "changed_fraction": made["changed_share"],
            "outside_max_abs_diff": made["outside_changed"],
            "mask_applied": self.mask is not None,
            "mask_read_as": read,
            "protected_pixels_changed": sum(step["protected_changed"] or 0 for step in made["steps"]),
            "seed": made["seed"],
            "notes": notes,
        }

    def common(self, made: Mapping[str, Any]) -> dict[str, Any]:
        """What the answer says of all of its pictures."""
        form = {"jpg": "jpeg"}.get(made["format"], made["format"])
        return self._shape(form, self.size(made), made["transparent"]) | {"usage": _NO_TOKENS}

    def partial(self, look: Mapping[str, Any], index: int) -> dict[str, Any]:
        """The event of a picture on the way: what the steps so far have made, at most 1024 pixels long."""
        form = "png" if self.asked.form == "jpeg" and look["transparent"] else self.asked.form
        return {
            "type": "image_edit.partial_image",
            "b64_json": look["file"],
            "partial_image_index": index,
            "created_at": int(time.time()),
            **self._shape(form, (look["width"], look["height"]), look["transparent"]),
        }

    def _shape(self, form: str, size: tuple[int, int], transparent: bool) -> dict[str, Any]:
        quality = self.asked.quality
        return {
            "output_format": form,
            "size": f"{size[0]}x{size[1]}",
            "quality": quality if quality in ("low", "medium", "high") else "high",
            "background": "transparent" if transparent else "opaque",
        }


async def _events(services: Services, id: str, told: _About) -> AsyncIterator[str]:
    """The stream: comments while it works, the pictures on the way that were asked for, then an event for each picture, or one with the error."""
    looked = 0
    try:
        async for row in changes(services, id):
            for look in services.queue.looks.get(id, [])[looked : told.asked.partial_images or 0]:
                event = told.partial(look, looked)
                looked += 1
                yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
            if row is None or not row.ended:
                yield f": {row.status if row else 'still there'}\n\n"
                continue
            for made in pictures_of(row):
                encoded = await run_in_threadpool(told.encoded, services, made)
                event = {
                    "type": "image_edit.completed",
                    "b64_json": encoded,
                    "created_at": int(time.time()),
                    "pixwright": told.report(made),
                    **told.common(made),
                }
                yield f"event: image_edit.completed\ndata: {json.dumps(event)}\n\n"
    except Rejected as refused:
        content = errors.body(refused.status_code, refused.code, refused.message, refused.param)
        content["error"] |= refused.extra
        yield f"event: error\ndata: {json.dumps(content)}\n\n"
    finally:
        services.queue.looks.pop(id, None)
        # A client that went away in the middle no longer wants it; a job that has ended stays as it is.
        await run_in_threadpool(services.cancel, id)


async def _read(request: Request, services: Services) -> Sent:
    """Raises Rejected."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            body = EditsBody.model_validate(await request.json())
            pictures = [await run_in_threadpool(_referred, services, one) for one in body.images]
            drawn = [
                None if one is None else await run_in_threadpool(_referred, services, one)
                for one in (body.mask, body.markup)
            ]
            return Sent(body, pictures, *drawn)
        if kind != "multipart/form-data":
            raise Rejected(415, "unsupported_content_type", "send multipart/form-data or application/json")
        return await _of_form(request, services)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    except ValueError as error:
        raise Rejected(400, "invalid_request", "the body is no JSON object in UTF-8") from error


async def _of_form(request: Request, services: Services) -> Sent:
    bounds = services.bounds
    files: dict[str, list[UploadFile]] = {}
    fields: dict[str, str] = {}
    async with request.form(max_files=bounds.pictures + 3, max_fields=bounds.parts) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files.setdefault(ALIASES.get(name, name), []).append(value)
            else:
                fields[name] = value
        asked = EditsAsked.model_validate(fields)
        images, drawings = files.pop("image", []), [files.pop(name, []) for name in ("mask", "markup")]
        if files:
            name = next(iter(files))
            raise Rejected(
                400, "unknown_parameter", f"the file {name!r} is not understood; send image[], mask or markup", name
            )
        if not images:
            raise Rejected(400, "missing_required_parameter", "no picture was sent; send it as image", "image")
        pictures = [await run_in_threadpool(services.add, one.file) for one in images]
        drawn = [await run_in_threadpool(services.add, one[0].file) if one else None for one in drawings]
        return Sent(asked, pictures, *drawn)


def _referred(services: Services, given: Referred) -> Stored:
    """A picture of the JSON variant, kept. Raises Rejected."""
    if (given.image_url is None) == (given.file_id is None):
        raise Rejected(400, "invalid_request", "give one of image_url and file_id", "images")
    if given.file_id is not None:
        return services.picture(given.file_id, "images")
    return services.add_address(given.image_url or "", "images")


def _job(services: Services, sent: Sent) -> JobAsked:
    """The native job. Raises Rejected for what is not offered here."""
    asked, pictures = sent.asked, sent.pictures
    if asked.form == "svg":
        raise Rejected(
            400, "unsupported_output_format", "svg is not written; there is: png, jpeg, webp, gif", "output_format"
        )
    if asked.background == "transparent":
        raise Rejected(400, "unsupported_background", "say it in the prompt: 'remove the background'", "background")
    if len(pictures) > services.bounds.pictures:
        raise Rejected(400, "too_many_images", f"at most {services.bounds.pictures} pictures are taken", "image")
    prompt, seed = _without_extra(asked.prompt)
    if not prompt or len(prompt) > MAX_INSTRUCTION:
        raise Rejected(400, "invalid_prompt", f"the prompt must have 1 to {MAX_INSTRUCTION} characters", "prompt")
    first, *others = pictures
    return JobAsked(
        picture=services.picture(first.id, "image").id,
        instruction=prompt,
        attachments=[one.id for one in others],
        mask=None if sent.mask is None else services.picture(sent.mask.id, "mask").id,
        markup=None if sent.markup is None else services.picture(sent.markup.id, "markup").id,
        n=asked.n or 1,
        seed=asked.seed if asked.seed is not None else seed,
        system=asked.model if asked.model in BUILDERS else None,
        format=asked.form,  # type: ignore[arg-type]
    )


def _without_extra(prompt: str) -> tuple[str, int]:
    """The words, and the seed of sd.cpp's arguments among them."""
    seed = 0
    for text in _EXTRA.findall(prompt):
        try:
            found = json.loads(text).get("seed", 0)
        except (ValueError, AttributeError):
            continue
        seed = found if isinstance(found, int) and 0 <= found <= LAST_SEED else 0
    return _EXTRA.sub("", prompt).strip(), seed
