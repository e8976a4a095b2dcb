"""`pixwright serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixwright.cli.options import SetOpt, SystemOpt
from pixwright.cli.say import say


def serve(
    host: Annotated[str, typer.Option("--host", help="0.0.0.0 lets others in your network in, with the token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", help="8080 is where clients of IOPaint look; 0: any.")] = 8080,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    threads: Annotated[int, typer.Option("--threads", help="Of the networks; 0: every core.")] = 0,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Pictures, results and jobs; default: your data folder."),
    ] = None,
    system: SystemOpt = "local",
    setting: SetOpt = None,
    token: Annotated[
        str | None,
        typer.Option("--token", help="What every request must bring; made by itself where others can connect."),
    ] = None,
    allow_urls: Annotated[
        bool, typer.Option("--allow-urls", help="Fetch the https addresses that requests name; never private ones.")
    ] = False,
    cors: Annotated[
        list[str] | None, typer.Option("--cors", metavar="ORIGIN", help="A page of this origin may call, too.")
    ] = None,
    max_megabytes: Annotated[int, typer.Option("--max-megabytes", help="Of one request.")] = 256,
    max_megapixels: Annotated[int, typer.Option("--max-megapixels", help="Of one picture.")] = 64,
    max_queue: Annotated[int, typer.Option("--max-queue", help="Jobs that may wait.")] = 100,
    max_seconds: Annotated[int, typer.Option("--max-seconds", help="Of one job.")] = 600,
    keep_days: Annotated[
        int,
        typer.Option("--keep-days", min=0, help="Delete pictures, results and ended jobs after so long; 0: never."),
    ] = 0,
) -> None:
    """Serve the page and the HTTP routes (OpenAI's, IOPaint's and A1111's among them): docs/server.md."""
    from pixwright.cli.values import settings_from
    from pixwright.extras import require

    require(("fastapi", "uvicorn", "python_multipart"), "`pixwright serve`", "serve")
    from pixwright.serve.run import serve as run
    from pixwright.serve.settings import MEGABYTE, Bounds, Settings
    from pixwright.sessions.store import data_folder

    bounds = Bounds(max_megabytes * MEGABYTE, max_megapixels * MEGABYTE, queued=max_queue, job_seconds=max_seconds)
    options, folder, origins = settings_from(setting), data or data_folder(), tuple(cors or ())
    settings = Settings(folder, host, port, system, options, threads, token, allow_urls, origins, bounds, keep_days)
    run(settings, say, open_page=open_page)
