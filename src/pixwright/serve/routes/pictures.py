"""`/v1/pictures`: what clients post, and small versions of it."""

from __future__ import annotations

from fastapi import APIRouter, Response, UploadFile
from fastapi.responses import FileResponse

from pixwright.serve.files import Form, Side, media_type, preview, sent
from pixwright.serve.services import Served
from pixwright.serve.shapes import ErrorBody, PictureOut

router = APIRouter(prefix="/v1/pictures", tags=["pictures"], responses={"4XX": {"model": ErrorBody}})


@router.post("", status_code=201)
def post(file: UploadFile, services: Served) -> PictureOut:
    """Keep a picture (PNG, JPEG, WebP, AVIF, HEIC, TIFF, BMP, GIF) or a sound (WAV, FLAC, OGG, MP3). The file's name is not used."""
    kept = services.add(file.file)
    return PictureOut(id=kept.id, **kept.about)


@router.get("/{id}", response_class=FileResponse)
def get(id: str, services: Served) -> FileResponse:
    """The file as it was posted."""
    kept = services.store.stored("pictures", id, "picture")
    return sent(kept.path, media_type(kept.path))


@router.get("/{id}/preview", response_class=Response)
def small(id: str, services: Served, side: Side = 1600, form: Form = "webp") -> Response:
    """Its longer side shrunk to at most `side`, upright, sRGB, alpha kept."""
    return preview(services, services.picture(id).path, side, form)
