"""The tools as the Model Context Protocol has them (specification of 2026-07-28, Python SDK 2.x), over stdin and stdout.

An answer holds words, a preview of at most 1 MiB, a link to the file, and the report as structured content. What went wrong is an answer with `isError`, in
words that an assistant can act on, and never an error of the protocol.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, ImageContent, ResourceLink, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from pixwright import __version__
from pixwright.doors.preview import preview
from pixwright.doors.tools import EditReport, PictureReport, PlanReport, RegionReport, Tools
from pixwright.errors import PixwrightError, without_options
from pixwright.records.instruction import Array

INSTRUCTIONS = """pixwright edits pictures by instruction, on this machine. Arguments are paths of files; results are written beside the input and never over it.
edit_picture answers with a verdict: done, partly (reasons say what is missing) or not_done (nothing was written). Believe it, and tell the user.
Words may refer to earlier edits of the same picture ("a bit more", "undo the last one", "the other one"): pass the version handle of the last answer, or the path of its output.
When a thing is not found, look with find_region or describe, then point at it with box or points."""
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".tif": "image/tiff", ".bmp": "image/bmp", ".gif": "image/gif"}  # fmt: skip

PicturePath = Annotated[str, Field(description="Path of a picture: PNG, JPEG, WebP, TIFF, BMP or GIF.")]
Handle = Annotated[str, Field(description="The `version` of an earlier answer.", pattern=r"^ver_[A-Za-z0-9_-]{22}$")]
Words = Annotated[str, Field(description='Such as "make the left car red and remove the sign".', max_length=2_000)]
Output = Annotated[
    str | None, Field(description="Where to write the result, with the input's ending; default: beside the input.")
]
Attachments = Annotated[
    list[str], Field(description="Paths of pictures or sounds that the instruction calls [1], [2], ...", max_length=16)
]


def serve(tools: Tools) -> None:
    """Answer until stdin ends."""
    server_of(tools).run("stdio")


def server_of(tools: Tools) -> MCPServer[Any]:
    """The server with its six tools, in a fixed order."""
    server: MCPServer[Any] = MCPServer("pixwright", title="pixwright", instructions=INSTRUCTIONS, version=__version__)

    @server.tool(title="Edit a picture by instruction", annotations=_WRITES)
    def edit_picture(
        instruction: Words,
        picture: PicturePath | None = None,
        version: Handle | None = None,
        output: Output = None,
        attachments: Attachments = [],  # noqa: B006 - the schema's default; it is never changed
        mask: Annotated[str | None, Field(description="Path of a mask: edit only where it is white.")] = None,
        box: Annotated[list[int] | None, Field(description="x0, y0, x1, y1 in pixels: edit what is in it.")] = None,
        points: Annotated[list[list[int]], Field(description="[x, y] in pixels, each on the thing to edit.")] = [],  # noqa: B006
        seed: Annotated[int, Field(ge=0, le=2**32 - 1, description="Same seed, same result.")] = 0,
        controls: Annotated[dict[str, float], Field(description="Other values of a step's controls.")] = {},  # noqa: B006
    ) -> Annotated[CallToolResult, EditReport]:
        """Edit a picture as the words say, and say honestly whether it was done. Give `picture`, or `version` to go on from an earlier answer."""
        return _answered(
            lambda: tools.edit_picture(
                picture, version, instruction, output, attachments, mask, box, points, seed, controls
            )
        )

    @server.tool(title="Find a thing in a picture", annotations=_WRITES)
    def find_region(
        picture: PicturePath,
        phrase: Annotated[str, Field(description='Such as "the second cup from the left".', max_length=400)],
        mask_output: Annotated[
            str | None, Field(description="Where to write the mask as PNG; default: nowhere.")
        ] = None,
    ) -> Annotated[CallToolResult, RegionReport]:
        """Where a phrase is in a picture: boxes, a score, and the picture with all else dimmed."""
        return _answered(lambda: tools.find_region(picture, phrase, mask_output))

    @server.tool(title="Say what an instruction means", annotations=_READS)
    def plan_edit(
        instruction: Words,
        picture: PicturePath | None = None,
        version: Handle | None = None,
        attachments: Attachments = [],  # noqa: B006
        pointed: bool = False,
    ) -> Annotated[CallToolResult, PlanReport]:
        """What would be done, step by step, without an edit. `pointed`: the edit will have a mask or a box, which is what "it" means."""
        return _answered(lambda: (tools.plan_edit(instruction, picture, version, attachments, pointed), None))

    @server.tool(title="Say what a picture shows", annotations=_READS)
    def describe(picture: PicturePath) -> Annotated[CallToolResult, PictureReport]:
        """Size, format, and every thing that is seen, with its box and score."""
        return _answered(lambda: tools.describe(picture))

    _add_steps(server, tools)
    return server


def _add_steps(server: MCPServer[Any], tools: Tools) -> None:
    """Undo and redo."""

    @server.tool(title="Undo", annotations=_WRITES)
    def undo(
        version: Handle, output: Output = None, steps: Annotated[int, Field(ge=1, le=1000)] = 1
    ) -> Annotated[CallToolResult, EditReport]:
        """Go back from a version to the one before. Nothing is lost: redo goes forward again."""
        return _answered(lambda: tools.undo(version, output, steps))

    @server.tool(title="Redo", annotations=_WRITES)
    def redo(
        version: Handle, output: Output = None, steps: Annotated[int, Field(ge=1, le=1000)] = 1
    ) -> Annotated[CallToolResult, EditReport]:
        """Go forward again from a version that was gone back to."""
        return _answered(lambda: tools.redo(version, output, steps))


def _answered(call: Callable[[], tuple[BaseModel, Array | None]]) -> CallToolResult:
    """The answer of a tool, or its failure in words."""
    try:
        report, pixels = call()
    except PixwrightError as error:
        return CallToolResult(
            content=[TextContent(type="text", text=f"{error.code}: {without_options(str(error))}")], is_error=True
        )
    except OSError as error:
        words = f"system_error: {error.strerror or error}; check the path, its rights and the free space"
        return CallToolResult(content=[TextContent(type="text", text=words)], is_error=True)
    whole = report.model_dump(mode="json")
    content: list[Any] = [TextContent(type="text", text=_in_words(report))]
    if pixels is not None:
        data, kind = preview(pixels)
        content.append(ImageContent(type="image", data=base64.b64encode(data).decode(), mime_type=kind))
    written = whole.get("output") or whole.get("mask")
    if written is not None:
        path = Path(written)
        content.append(
            ResourceLink(
                type="resource_link", uri=path.as_uri(), name=path.name, mime_type=_TYPES.get(path.suffix.lower()),
                size=path.stat().st_size,
            )
        )  # fmt: skip
    return CallToolResult(content=content, structured_content=whole)


def _in_words(report: BaseModel) -> str:
    """A report for a person."""
    match report:
        case EditReport():
            lines = [f"{report.verdict}: {report.output or 'nothing was written'}", *report.told]
            lines += [f"{step.verdict}: {step.type} {step.instruction}" for step in report.steps]
            lines += [*report.reasons, *(f"note: {note}" for note in report.notes), f"version: {report.version}"]
        case RegionReport():
            boxes = " ".join(str(box) for box in report.boxes)
            guess = "; a guess: the one thing that stands out" if report.guess else ""
            lines = [f"found at {boxes} (score {report.score}{guess})" if report.found else f"not found: {report.note}"]
            lines += [f"note: {report.note}"] if report.found and report.note else []
        case PlanReport():
            lines = [*report.lines, *(f"not understood: {words}" for words in report.not_understood)]
        case PictureReport():
            lines = [f"{report.width}x{report.height} {report.format}" + (" with transparency" * report.transparent)]
            lines += [f"{thing.name} {thing.box} ({thing.score})" for thing in report.things] or [
                "nothing was recognised"
            ]
            lines += [f"note: {note}" for note in report.warnings]
        case _:
            lines = []
    return "\n".join(lines)
