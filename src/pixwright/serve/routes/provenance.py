"""`POST /v1/content_provenance_checks`, in OpenAI's shape: what a file says of where it comes from."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, UploadFile

from pixwright.serve.services import Served
from pixwright.serve.shapes import ErrorBody

router = APIRouter(prefix="/v1", tags=["openai"], responses={"4XX": {"model": ErrorBody}})


@router.post("/content_provenance_checks")
def check(file: UploadFile, services: Served) -> dict[str, Any]:
    """A row for each kind of mark that is looked for."""
    stored = services.add(file.file)
    return {
        "object": "content_provenance_check",
        "created_at": int(time.time()),
        "results": services.marks(stored.path),
    }
