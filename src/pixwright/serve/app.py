"""The server as one ASGI app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles

from pixwright import __version__
from pixwright.serve import errors
from pixwright.serve.guard import Guard
from pixwright.serve.routes import about, films, jobs, openai, others, pictures, provenance, regions, results, sessions
from pixwright.serve.services import Services
from pixwright.serve.settings import Settings

PAGE = Path(__file__).with_name("page")
"""The web page's files."""


def create(settings: Settings) -> FastAPI:
    """The app. Its processes start and end with its life. Raises InvalidOption where the data folder cannot be used."""
    services = Services(settings)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        services.start()
        yield
        await run_in_threadpool(services.stop)

    app = FastAPI(
        title="pixwright",
        version=__version__,
        summary="Edits pictures by instruction.",
        lifespan=life,
        docs_url=None,  # its scripts come from other hosts
        redoc_url=None,
    )
    app.state.services = services
    errors.install(app)
    for family in (sessions, pictures, regions, jobs, films, results, about, openai, others, provenance):
        app.include_router(family.router)
    app.mount("/", StaticFiles(directory=PAGE, html=True), name="page")
    if settings.origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.origins), allow_methods=["*"], allow_headers=["*"]
        )
    app.add_middleware(Guard, settings=settings)
    return app
