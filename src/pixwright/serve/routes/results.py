"""`/v1/results`: what jobs made."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from pixwright.serve.files import Form, Side, converted, made, media_type, preview, sent
from pixwright.serve.services import Served
from pixwright.serve.shapes import ErrorBody

FullForm = Annotated[Form | None, Query(alias="format")]
router = APIRouter(prefix="/v1/results", tags=["results"], responses={"4XX": {"model": ErrorBody}})


@router.get("/{id}", response_class=Response)
def get(id: str, services: Served, form: FullForm = None, download: bool = False) -> Response:
    """The whole file, with its record; with `format` coded anew in another one, full size, without record."""
    stored = services.store.stored("results", id, "result")
    path = stored.path
    if form is None or media_type(path) == f"image/{form}":
        return sent(path, media_type(path), download)
    data = converted(services, path, (stored.about["width"], stored.about["height"]), form, None)
    return made(data, f"image/{form}", f"{id}.{form}" if download else None)


@router.get("/{id}/preview", response_class=Response)
def small(id: str, services: Served, side: Side = 1600, form: Form = "webp") -> Response:
    """Its longer side shrunk to at most `side`."""
    return preview(services, services.store.stored("results", id, "result").path, side, form)


@router.get("/{id}/difference", response_class=Response)
def difference(id: str, services: Served, side: Side = 1600) -> Response:
    """PNG: what changed in magenta, the more opaque the more it changed, all else transparent."""
    kept = services.store.stored("results", id, "result")
    question = {"before": kept.about["source"], "after": str(kept.path), "side": side}
    return made(services.looks.picture("difference", question), "image/png")


@router.get("/{id}/report")
def report(id: str, services: Served) -> dict[str, Any]:
    """The whole account: verdict, steps with their checks and controls, regions, plan, notes."""
    about = services.store.stored("results", id, "result").about
    return {name: about[name] for name in ("report", "plan", "steps", "regions", "notes")}
