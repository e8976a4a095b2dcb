"""`/v1/videos` and `/v1/scenes`: what was posted to `/v1/pictures` and moves or can be walked around, looked at and edited as a whole."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from pixwright.serve.files import made
from pixwright.serve.routes.jobs import Key, shown
from pixwright.serve.services import Served
from pixwright.serve.shapes import SCENE_VIEWS, ErrorBody, FilmAsked, FrameAsked, JobOut, PictureOut

router = APIRouter(prefix="/v1", tags=["films"], responses={"4XX": {"model": ErrorBody}, "507": {"model": ErrorBody}})


@router.post("/videos/{id}/frames", status_code=201)
def frame(id: str, asked: FrameAsked, services: Served) -> PictureOut:
    """Keep a frame as a picture, to be looked at and edited as any other."""
    kept = services.frame(id, asked.seconds)
    return PictureOut(id=kept.id, **kept.about)


@router.post("/videos/{id}/edits", status_code=202, response_model=JobOut)
def edit_video(id: str, asked: FilmAsked, services: Served, response: Response, key: Key = None) -> dict[str, Any]:
    """Edit the whole video: a job as any other, with frames as its steps. It goes on where it was when the server ends."""
    row, _ = services.submit_film(id, "video", asked, key)
    response.headers["Location"] = f"/v1/jobs/{row.id}"
    return shown(services, row)


@router.post("/scenes/{id}/edits", status_code=202, response_model=JobOut)
def edit_scene(id: str, asked: FilmAsked, services: Served, response: Response, key: Key = None) -> dict[str, Any]:
    """Edit a scene of Gaussians: a job as any other; its result is a .ply with a turntable."""
    row, _ = services.submit_film(id, "scene", asked, key)
    response.headers["Location"] = f"/v1/jobs/{row.id}"
    return shown(services, row)


@router.get("/scenes/{id}/views/{number}", response_class=Response)
def view(id: str, number: Annotated[int, Path(ge=1, le=SCENE_VIEWS)], services: Served) -> Response:
    """One of the views that an edit of the scene looks at, evenly around it: what `point` is a place in."""
    data = services.looks.picture("view", {"scene": str(services.film(id, "scene").path), "number": number})
    return made(data, "image/png")


@router.get("/scenes/{id}/turntable", response_class=Response)
def turntable(id: str, services: Served) -> Response:
    """The scene as it was posted, turning: a moving WebP."""
    data = services.looks.picture("turntable", {"scene": str(services.film(id, "scene").path)})
    return made(data, "image/webp")
