"""The tools as an assistant has them: the SDK's own client, over stdin and stdout, with the real server."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("mcp")
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def folder(tmp_path):
    """The allowed folder, with a small cup of coffee in it."""
    inside = tmp_path / "pictures"
    inside.mkdir()
    Image.open(EXAMPLES / "coffee.png").convert("RGB").resize((300, 200)).save(inside / "coffee.png")
    return inside


@pytest.fixture
def talk(folder, tmp_path):
    """Runs a conversation with a server of its own: `talk(steps)`, where `steps(client)` is a coroutine."""

    def talk(steps):
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "pixwright", "mcp", "--allow", str(folder)],
            env={**os.environ, "PIXWRIGHT_DATA": str(tmp_path / "data")},
        )

        async def whole():
            async with Client(server, read_timeout_seconds=120) as client:
                return await steps(client)

        return asyncio.run(whole())

    return talk


def of_kind(result, kind):
    return [part for part in result.content if part.type == kind]


def file_of(result):
    (link,) = of_kind(result, "resource_link")
    return Path(unquote(urlsplit(link.uri).path))


def test_an_assistant_edits_goes_on_undoes_and_redoes(talk, folder):
    async def steps(client):
        tools = (await client.list_tools()).tools
        first = await client.call_tool("edit_picture", {"picture": "coffee.png", "instruction": "make it warmer"})
        one = first.structured_content
        more = await client.call_tool("edit_picture", {"version": one["version"], "instruction": "a bit more"})
        by_path = await client.call_tool(
            "edit_picture", {"picture": one["output"], "instruction": "flip it horizontally", "output": "flipped.png"}
        )
        undone = await client.call_tool("undo", {"version": by_path.structured_content["version"]})
        redone = await client.call_tool(
            "redo", {"version": undone.structured_content["version"], "output": str(folder / "again.png")}
        )
        words = await client.call_tool(
            "edit_picture", {"version": redone.structured_content["version"], "instruction": "undo everything"}
        )
        return tools, first, more, by_path, undone, redone, words

    tools, first, more, by_path, undone, redone, words = talk(steps)
    assert [tool.name for tool in tools] == ["edit_picture", "find_region", "plan_edit", "describe", "undo", "redo"]
    assert all(tool.output_schema and tool.description and tool.annotations.title is None for tool in tools)
    reads = [tool.name for tool in tools if tool.annotations.read_only_hint]
    assert reads == ["plan_edit", "describe"] and not any(tool.annotations.destructive_hint for tool in tools)

    report = first.structured_content
    assert not first.is_error and report["verdict"] == "done" and report["outside_max_difference"] == 0
    assert file_of(first) == Path(report["output"]) == folder / "coffee-edited.png"
    (text,), (image,) = of_kind(first, "text"), of_kind(first, "image")
    assert text.text.startswith("done: ") and report["version"] in text.text
    shown = Image.open(io.BytesIO(base64.b64decode(image.data)))
    assert image.mime_type == "image/jpeg" and shown.size == (300, 200)
    # The handle, or the path of its output: both go on from there, in one session.
    sessions = {one.structured_content["session"] for one in (first, more, by_path, undone, redone, words)}
    assert len(sessions) == 1
    assert np.array_equal(
        np.asarray(Image.open(folder / "flipped.png")), np.asarray(Image.open(file_of(first)))[:, ::-1]
    )
    assert undone.structured_content["version"] == report["version"]
    assert undone.structured_content["verdict"] == words.structured_content["verdict"] == "moved"
    assert (folder / "again.png").read_bytes() == (folder / "flipped.png").read_bytes()
    original = np.asarray(Image.open(folder / "coffee.png"))
    assert np.array_equal(np.asarray(Image.open(file_of(words))), original)


def test_an_assistant_looks_before_it_edits(talk, folder):
    async def steps(client):
        return (
            await client.call_tool("describe", {"picture": "coffee.png"}),
            await client.call_tool(
                "find_region", {"picture": "coffee.png", "phrase": "the cup", "mask_output": "mask.png"}
            ),
            await client.call_tool("find_region", {"picture": "coffee.png", "phrase": "the dog"}),
            await client.call_tool("plan_edit", {"instruction": "make the cup blue and remove the spoon"}),
        )

    seen, cup, dog, plan = talk(steps)
    assert seen.structured_content["format"] == "PNG" and seen.structured_content["width"] == 300
    assert {"name", "score", "box"} <= seen.structured_content["things"][0].keys()
    assert cup.structured_content["found"] and file_of(cup) == folder / "mask.png"
    x0, y0, x1, y1 = cup.structured_content["boxes"][0]
    mask = np.asarray(Image.open(folder / "mask.png"))
    assert mask.shape == (200, 300) and mask[y0:y1, x0:x1].mean() > 100
    assert not dog.structured_content["found"] and not of_kind(dog, "resource_link") and not dog.is_error
    assert len(plan.structured_content["lines"]) == 2 and not of_kind(plan, "image")


def test_what_goes_wrong_is_said_in_words(talk, folder, tmp_path):
    outside = tmp_path / "secret.png"
    outside.write_bytes((folder / "coffee.png").read_bytes())
    (folder / "link.png").symlink_to(outside)
    (folder / "sub").mkdir()
    bad = [
        {"picture": str(outside), "instruction": "make it warmer"},
        {"picture": "../secret.png", "instruction": "make it warmer"},
        {"picture": "link.png", "instruction": "make it warmer"},
        {"picture": "coffee.png", "instruction": "make it warmer", "output": str(tmp_path / "out.png")},
        {"picture": "coffee.png", "instruction": "make it warmer", "output": "coffee.png"},
        {"picture": "coffee.png", "instruction": "make it warmer", "mask": "/etc/passwd"},
        {"picture": "missing.png", "instruction": "make it warmer"},
        {"picture": "coffee.png", "instruction": "flurb the gnarl"},
        {"instruction": "make it warmer"},
        {"version": "ver_" + "a" * 22, "instruction": "make it warmer"},
    ]

    async def steps(client):
        not_done = await client.call_tool("edit_picture", {"picture": "coffee.png", "instruction": "remove the dog"})
        return [await client.call_tool("edit_picture", one) for one in bad], not_done

    answers, not_done = talk(steps)
    for asked, answer in zip(bad, answers, strict=True):
        assert answer.is_error, asked
        (text,) = of_kind(answer, "text")
        assert ": " in text.text and "Traceback" not in text.text
    assert "outside of the allowed folders" in of_kind(answers[2], "text")[0].text
    assert not (tmp_path / "out.png").exists()
    # What was understood and not done is no error: it is an answer, and nothing was written.
    assert not not_done.is_error and not_done.structured_content["verdict"] == "not_done"
    assert not_done.structured_content["output"] is None and "not found" in of_kind(not_done, "text")[0].text
    assert "--" not in of_kind(not_done, "text")[0].text, "there is no command line here"
    assert not_done.structured_content["steps"][0]["instruction"].startswith("remove the")
    assert sorted(one.name for one in folder.iterdir()) == ["coffee.png", "link.png", "sub"]
