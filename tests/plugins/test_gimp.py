"""The plug-in in a real GIMP 3, without a display. Skipped where none is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from own_server import own_server

pytest.importorskip("fastapi")
pytest.importorskip("pixwright.serve.app", reason="the server")

INSTALL = Path(__file__).parents[2] / "plugins" / "install.py"
PATIENCE = 240
"""Seconds for GIMP: it reads all its plug-ins at the first start."""
BATCH = """
import json, os
from gi.repository import Gimp, Gio
told = []
def picture(name):
    return Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(os.path.join(FOLDER, name)))
def edit(image, words, server=SERVER):
    procedure = Gimp.get_pdb().lookup_procedure("pixwright-edit")
    config = procedure.create_config()
    for name, value in (("run-mode", Gimp.RunMode.NONINTERACTIVE), ("image", image), ("instruction", words), ("server", server)):
        config.set_property(name, value)
    config.set_core_object_array("drawables", image.get_layers()[:1])
    ended = procedure.run(config).index(0)
    why = Gimp.get_pdb().get_last_error()
    layers = [(layer.get_name(), layer.get_width(), layer.get_height()) for layer in image.get_layers()]
    told.append({"status": ended.value_nick, "why": why, "layers": layers, "images": len(Gimp.get_images())})
    return image
half = picture("picture.png")
half.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 48, 64)
edit(half, "make it darker")
Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, half, Gio.File.new_for_path(os.path.join(FOLDER, "half.png")), None)
edit(picture("picture.png"), "crop it to a square")
edit(picture("grey.png"), "make it darker")
edit(picture("picture.png"), "flurb the gnarl")
edit(picture("picture.png"), "make it darker", "http://127.0.0.1:9")
with open(os.path.join(FOLDER, "told.json"), "w") as file:
    json.dump(told, file)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What came of every edit, and the folder that the pictures are in."""
    program = shutil.which("gimp-console")
    if program is None:
        pytest.skip("GIMP is not installed")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if not said.strip().rpartition(" ")[2].startswith("3."):
        pytest.skip(f"the plug-in is for GIMP 3; here is {said.strip()}")
    folder = tmp_path_factory.mktemp("gimp")
    own = folder / "config"
    subprocess.run([sys.executable, str(INSTALL), "gimp", str(own / "plug-ins")], check=True)
    pixels = np.full((64, 96, 3), np.linspace(60, 200, 96, dtype=np.uint8)[None, :, None], np.uint8)
    Image.fromarray(pixels).save(folder / "picture.png")
    Image.fromarray(pixels[..., 0]).save(folder / "grey.png")
    with own_server(folder / "data", "--threads", "1") as (_, address):
        script = folder / "batch.py"
        script.write_text(f"FOLDER, SERVER = {str(folder)!r}, {address!r}\n{BATCH}", encoding="utf-8")
        command = [program, "-i", "--no-data", "--no-fonts", "--batch-interpreter=python-fu-eval", "--quit"]
        subprocess.run(
            [*command, "-b", f"exec(open({str(script)!r}).read())"],
            env=os.environ | {"GIMP3_DIRECTORY": str(own)},
            timeout=PATIENCE,
            check=True,
        )
    return json.loads((folder / "told.json").read_text()), folder


def test_the_result_is_a_layer_on_top_and_keeps_to_the_selection(told):
    (half, *_), folder = told
    assert half["status"] == "success"
    assert [row[0] for row in half["layers"]] == ["make it darker", "Background"]
    before, after = (np.asarray(Image.open(folder / name).convert("RGB")) for name in ("picture.png", "half.png"))
    different = np.any(before != after, axis=2)
    assert different[:, :48].mean() > 0.5
    assert not different[:, 48:].any()


def test_another_size_is_a_new_picture_and_grey_is_taken_too(told):
    (half, square, grey, *_), _ = told
    assert square["status"] == grey["status"] == "success"
    assert len(square["layers"]) == 1
    assert square["images"] == half["images"] + 2, "the picture itself, and the one that came of it"
    assert len(grey["layers"]) == 2


def test_what_goes_wrong_is_said_and_leaves_no_copies(told):
    (*_, grey, unclear, unreached), _ = told
    assert unclear["status"] == unreached["status"] == "execution-error"
    assert "did not understand" in unclear["why"]
    assert "pixwright serve" in unreached["why"]
    assert [len(one["layers"]) for one in (unclear, unreached)] == [1, 1]
    assert unreached["images"] == unclear["images"] + 1 == grey["images"] + 2
