"""The ways in: files, words, masks, plans, job files, a model's replies, the command line."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shlex
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from fuzzing.run import Target
from pixwright.batch import Common, jobs_from
from pixwright.cli.app import app
from pixwright.cli.guard import guarded
from pixwright.encoders.bundle import Encoders
from pixwright.flow import Request, edit_picture
from pixwright.media import load_mask, load_picture, save_picture
from pixwright.parse import parse
from pixwright.parse.language import Endpoint, Unusable, _content, _validated
from pixwright.parse.processor import read_reply
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan
from pixwright.systems import System, build

SIDE = 48
"""Longer side, in pixels, of the pictures that are edited."""
EXIT_INTERNAL = 70


@cache
def encoders() -> Encoders:
    return Encoders()


@cache
def system() -> System:
    return build("local", None, {})


def photograph(height: int = 36, width: int = SIDE) -> np.ndarray:
    """A small picture of a red thing before a soft ground."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.dstack([90 + x, 120 + y, np.full_like(x, 150)]).astype(np.uint8)
    pixels[height // 4 : height // 2 + 1, width // 3 : width // 2 + 1] = (200, 40, 40)
    return pixels


def _files() -> list[bytes]:
    base = Image.fromarray(photograph())
    ways = [
        (base, "PNG", {}), (base, "JPEG", {"quality": 80}), (base, "JPEG", {"progressive": True}), (base.convert("L"), "JPEG", {}), (base.convert("CMYK"), "JPEG", {}),
        (base, "WEBP", {"lossless": True}), (base, "WEBP", {"quality": 70}), (base, "TIFF", {}), (base, "TIFF", {"compression": "tiff_lzw"}), (base, "BMP", {}),
        (base.convert("P"), "GIF", {}), (base.convert("P"), "PNG", {}), (base.convert("RGBA"), "PNG", {}), (base.convert("I;16"), "PNG", {}), (base.convert("1"), "TIFF", {}),
        (base, "GIF", {"save_all": True, "append_images": [base.rotate(90)]}), (base, "AVIF", {}),
    ]  # fmt: skip
    out = []
    for picture, kind, options in ways:
        held = io.BytesIO()
        with contextlib.suppress(OSError, KeyError, ValueError):
            picture.save(held, kind, **options)
            out.append(held.getvalue())
    return out


def _decode(data: bytes) -> object:
    picture = load_picture(data)
    with tempfile.TemporaryDirectory() as folder:
        save_picture(picture.pixels, picture, Path(folder) / "out.png")
    return picture.pixels.shape[2]


def _mask(data: bytes) -> object:
    return bool(load_mask(data, 36, SIDE).any())


def _sentences() -> list[bytes]:
    more = (
        "make the left cup red and remove the spoon", "remove the background and keep the shadow", "straighten the horizon", "crop to 16:9", "extend both sides by 20%",
        'change the text "A" to "B"', "make it 20 % brighter but leave the face alone", "upscale 4x", "add two more cups on the table", "make the fork green remove the spoon",
    )  # fmt: skip
    return [text.encode() for text in (*(kind.traits.example for kind in EditType), *more)]


def _words(data: bytes) -> object:
    text = data.decode("utf-8", "surrogatepass")
    plan = parse(Instruction(text), None, encoders(), use_llm=False)
    return sorted({step.type.value for step in plan.steps})


def _plans() -> list[bytes]:
    made = []
    for kind in EditType:
        with contextlib.suppress(Exception):
            plan = parse(Instruction(kind.traits.example), None, encoders(), use_llm=False)
            made.append(plan.model_dump_json(exclude_none=True, exclude_defaults=True).encode())
    return made


def _plan(data: bytes) -> object:
    """A plan as a stranger's record has it, on a picture whose size the bytes decide; what is no plan is read as one of the seeds' values."""
    try:
        plan = Plan.model_validate_json(data)
    except ValueError:
        return "no plan"
    rng = random.Random(data)
    height, width = rng.choice(((1, 1), (2, 3), (17, 9), (36, SIDE), (30, 64)))
    pixels = photograph(height, width)
    if rng.random() < 0.3:
        pixels = np.dstack([pixels, np.full((height, width), rng.choice((0, 128, 255)), np.uint8)])
    small = plan.model_copy(update={"steps": plan.steps[:2]})
    return edit_picture(pixels, Request(Instruction(plan.instruction), plan=small), system()).report.verdict.value


def _lines() -> list[bytes]:
    rows = [
        {"picture": "a.png", "instruction": "make it red"}, {"picture": "a.png", "instruction": "make it red", "box": [1, 2, 3, 4], "output": "x.png"},
        {"picture": "a.png", "instruction": "make it red", "mask": "m.png", "seed": 3, "n": 2}, {"picture": "b.png", "instruction": "blur it", "point": [[1, 2], "3,4"]},
        {"picture": "a.png", "instruction": "fit to [1]", "attachments": ["b.png"], "controls": {"exposure": 0.5}},
    ]  # fmt: skip
    return ["\n".join(json.dumps(row) for row in rows[: n + 1]).encode() for n in range(len(rows))]


def _jobs(data: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "jobs.jsonl"
        source.write_bytes(data)
        todo = jobs_from(source, Common(Path(folder) / "out"))
        return sorted({type(job).__name__ for job in todo.jobs})


def _replies() -> list[bytes]:
    plan = json.loads(_plans()[4])
    answer = json.dumps({"steps": plan["steps"]})
    lines = 'Segmentation prompt: the cup\nEditing prompt 1: "a cup"\nEditing prompt 2: "a red cup"'
    contents = [answer, f"<think>{{a}}</think>\n```json\n{answer}\n```", lines, f"Sure! {answer} Done."]
    whole = [json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}) for text in contents]
    parts = json.dumps({"choices": [{"message": {"content": [{"type": "text", "text": answer}]}}]})
    return [text.encode() for text in (*whole, parts)]


def _reply(data: bytes) -> object:
    text = data.decode("utf-8", "replace")
    endpoint = Endpoint("http://127.0.0.1:1/v1", "m")
    said = []
    for read in (lambda content: _validated(content, Instruction("make the cup red"), endpoint), read_reply):
        try:
            said.append(type(read(_content(text))).__name__)
        except Unusable as problem:
            said.append(str(problem)[:12])
    return said


def _commands() -> list[bytes]:
    lines = (
        "plan 'make it red'", "plan 'make it red' --json", "edit a.png 'make it red' -o x.png --box 1,2,20,20", "edit a.png 'blur it' -o x.jpg --seed 3 --quiet",
        "edit a.png 'make it sepia' -o x.png --set a=b --set-control amount=50", "mask a.png 'the cup' -o m.png --point 3,4 --not-point 5,6", "mask a.png --all",
        "cut a.png -o c.png --trim --margin 5% --shadow", "batch . 'make it sepia' -o out --recursive", "redo a.png --source a.png", "types", "systems local", "models list",
        "edit a.png 'make it red' -o x.png --mask a.png --report r.json --compare c.png --force", "watch . 'make it sepia' -o out --idle 0",
    )  # fmt: skip
    return [line.encode() for line in lines]


def _command(data: bytes) -> object:
    """A line of arguments through the real command, in a folder of its own that holds one picture. What leads out of the folder is not tried."""
    try:
        line = shlex.split(data.decode("utf-8", "surrogatepass"))
    except ValueError:
        return "no line"
    if any(
        "/" in word or "\x00" in word or word in ("evaluate", "build", "pull", "fetch", "serve", "live")
        for word in line
    ):
        return "not tried"
    if "watch" in line and "--idle" not in line:
        return "not tried"
    here, told = Path.cwd(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        Image.fromarray(photograph()).save(Path(folder) / "a.png")
        os.chdir(folder)
        try:
            with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
                code = guarded(lambda: _ended(line))
        finally:
            os.chdir(here)
    if code == EXIT_INTERNAL:
        raise AssertionError(told.getvalue()[-300:])
    return code


def _ended(line: list[str]) -> None:
    with contextlib.suppress(SystemExit):
        app(line, standalone_mode=True)


TARGETS: dict[str, Target] = {
    "decode": Target(_files, _decode),
    "words": Target(_sentences, _words, text=True),
    "masks": Target(_files, _mask),
    "plans": Target(_plans, _plan),
    "jobs": Target(_lines, _jobs),
    "replies": Target(_replies, _reply),
    "commands": Target(_commands, _command, text=True),
}
