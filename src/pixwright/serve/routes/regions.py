"""`/v1/regions`: where a phrase is, or what is clicked on. `/v1/plans`: what words mean, before anything is done."""

from __future__ import annotations

from fastapi import APIRouter, Response

from pixwright.serve.errors import Rejected
from pixwright.serve.files import Side, made
from pixwright.serve.services import Served
from pixwright.serve.shapes import ErrorBody, OfPicture, PlanAsked, PlanOut, RegionAsked, RegionOut
from pixwright.serve.store import new_id

router = APIRouter(prefix="/v1", tags=["regions"], responses={"4XX": {"model": ErrorBody}})


@router.post("/regions", status_code=201)
def find(asked: RegionAsked, services: Served) -> RegionOut:
    """Find a phrase, the thing at points, the thing in a box, or take a mask. 422 `nothing_found` says why nothing was."""
    ways = {"phrase": asked.phrase, "points": asked.points, "box": asked.box, "mask": asked.mask}
    given = {name: value for name, value in ways.items() if value is not None}
    if len(given) != 1:
        raise Rejected(400, "invalid_request", f"give one of {', '.join(ways)}; {len(given)} were given", "phrase")
    if asked.points is not None and not any(on for _, _, on in asked.points):
        raise Rejected(400, "invalid_mask", "no point is on the thing; give at least one with true", "points")
    source = services.source(asked.picture, asked.version)
    id = new_id("reg")
    file = services.store.folder / "regions" / f"{id}.png"
    mask = None if asked.mask is None else str(services.picture(asked.mask, "mask").path)
    found = services.looks.ask("region", {**ways, "mask": mask, "picture": str(source), "file": str(file)})
    if not found.pop("found"):
        raise Rejected(422, "nothing_found", found["note"])
    services.write_region(asked.model_dump(mode="json"), found, id, file)
    del found["size"]
    return RegionOut(id=id, mask=f"/v1/regions/{id}/mask", **found)


@router.post("/regions/ahead", status_code=202)
def ahead(asked: OfPicture, services: Served) -> dict[str, str]:
    """This picture is about to be clicked on: the server looks at it while nothing else is asked, so that the clicks are quick."""
    services.looks.ask("ahead", {"picture": str(services.source(asked.picture, asked.version))})
    return {"status": "looking"}


@router.get("/regions/{id}/mask", response_class=Response)
def mask(id: str, services: Served, side: Side | None = None) -> Response:
    """PNG, 8-bit grey, white = found: in the picture's full size, or with its longer side at most `side`."""
    kept = services.store.stored("regions", id, "region")
    question = {"picture": str(kept.path), "side": side, "size": kept.about["found"]["size"]}
    return made(services.looks.picture("mask", question), "image/png")


@router.post("/plans")
def plan(asked: PlanAsked, services: Served) -> PlanOut:
    """What the words mean; 422 `not_understood` names what was not."""
    given = asked.picture is not None or asked.version is not None
    source = str(services.source(asked.picture, asked.version)) if given else None
    question = {
        "instruction": asked.instruction,
        "pointed": asked.pointed,
        "picture": source,
        "attachments": [str(services.attachment(one)) for one in asked.attachments],
        "system": services.settings.system,
    }
    return PlanOut(**services.looks.ask("plan", question))
