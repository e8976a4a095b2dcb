"""`/v1/capabilities`: what this server can do, and how much of it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from pixwright import __version__
from pixwright.media.picture import ACCEPTED
from pixwright.media.sound import ACCEPTED_SOUND
from pixwright.records.kind import EditType
from pixwright.records.plan import MAX_INSTRUCTION
from pixwright.serve.services import Served
from pixwright.systems import BUILDERS

router = APIRouter(prefix="/v1", tags=["about"])


@router.get("/capabilities")
def capabilities(services: Served) -> dict[str, Any]:
    """Version, systems, edit types with an example each, and the bounds of requests."""
    bounds = services.bounds
    return {
        "version": __version__,
        "system": services.settings.system,
        "systems": [{"name": name, "about": builder.about} for name, builder in BUILDERS.items()],
        "types": [{"name": str(one), "group": one.group, "example": one.traits.example} for one in EditType],
        "examples": [one.traits.example for one in EditType if "[" not in one.traits.example],
        "formats": {"pictures": ACCEPTED, "sounds": ACCEPTED_SOUND},
        "limits": {
            "max_body_bytes": bounds.body_bytes,
            "max_pixels": bounds.pixels,
            "max_pictures": bounds.pictures,
            "max_candidates": bounds.candidates,
            "max_queue_size": bounds.queued,
            "max_job_seconds": bounds.job_seconds,
            "max_instruction": MAX_INSTRUCTION,
        },
        "queue": services.store.waiting(),
    }


@router.get("/health")
def health(services: Served) -> dict[str, Any]:
    """200 while the server answers."""
    return {"status": "ok", "queue": services.store.waiting()}
