"""Files as answers: typed by what they are, never to be taken for a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Query, Response
from fastapi.responses import FileResponse

from pixwright.serve.services import Services

SANDBOX = "default-src 'none'; sandbox"
"""What a picture may do when it is opened as a page: nothing."""
FOREVER = "private, max-age=31536000, immutable"
"""An id's file never changes."""
TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".heif": "image/heif",
    ".tif": "image/tiff",
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".ply": "application/octet-stream",
}
Side = Annotated[int, Query(ge=16, le=8192)]
"""The longest side of a preview, in pixels."""
Form = Literal["webp", "png", "jpeg"]


def media_type(path: Path) -> str:
    """By the ending that we gave it."""
    return TYPES.get(path.suffix, "application/octet-stream")


def sent(path: Path, kind: str, download: bool = False, name: str | None = None) -> FileResponse:
    """A file of ours, to be shown or, as a `download`, to be kept; `name`: where it is not the file's own."""
    headers = {"Content-Security-Policy": SANDBOX, "Cache-Control": FOREVER}
    how = "attachment" if download else "inline"
    return FileResponse(
        path, media_type=kind, headers=headers, filename=name or path.name, content_disposition_type=how
    )


def made(data: bytes, kind: str, download: str | None = None) -> Response:
    """A picture that was made for this answer; `download`: to be kept under that name."""
    headers = {"Content-Security-Policy": SANDBOX, "Cache-Control": FOREVER}
    if download is not None:
        headers["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(download, safe='')}"
    return Response(data, media_type=kind, headers=headers)


def converted(services: Services, path: Path, size: tuple[int, int], form: str, quality: int | None) -> bytes:
    """A result in another size (width, height), format or quality (1 to 100)."""
    question = {"picture": str(path), "width": size[0], "height": size[1], "form": form.upper(), "quality": quality}
    return services.looks.picture("convert", question)


def preview(services: Services, path: Path, side: int, form: Form) -> Response:
    """A small version of a picture."""
    data = services.looks.picture("preview", {"picture": str(path), "side": side, "form": form.upper()})
    found = "image/png" if data.startswith(b"\x89PNG") else f"image/{form}"
    return made(data, found)
