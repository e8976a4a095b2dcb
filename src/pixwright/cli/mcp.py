"""`pixwright mcp`: the tools for assistants."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixwright.cli.options import SystemOpt


def mcp(
    allow: Annotated[
        list[Path] | None,
        typer.Option("--allow", metavar="DIR", help="A folder whose files may be read and written; default: this one."),
    ] = None,
    system: SystemOpt = "local",
) -> None:
    """Answer an assistant over stdin and stdout (Model Context Protocol): docs/mcp.md says how to set it up."""
    from pixwright.doors.allowed import Allowed
    from pixwright.doors.tools import Tools
    from pixwright.extras import require
    from pixwright.sessions.store import Sessions, data_folder

    require(("mcp",), "pixwright mcp", "mcp")
    from pixwright.doors.mcp import serve

    serve(Tools(Allowed.of(allow or []), Sessions(data_folder() / "sessions"), system))
