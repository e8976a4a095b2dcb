"""The table of published ONNX files (tests/models/layouts) against the registry, the code that asks for the names, and the tiny exports that stand for the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from parts_store import GOLDEN, stored

from pixwright.encoders.parts import birefnet, clip, clipseg, depth_anything, grounding_dino, inpainting, sam
from pixwright.encoders.parts.opened import PublishedGraph
from pixwright.encoders.parts.table import NETWORKS
from pixwright.weights.registry import entry

TABLE = json.loads((Path(__file__).parents[1] / "models" / "layouts" / "published_onnx.json").read_text())
SIDES = {
    "grounding-dino-tiny-onnx": grounding_dino.SIDE, "sam2.1-tiny-onnx": sam.SIDE, "slimsam-onnx": sam.SIDE, "clipseg-onnx": clipseg.SIDE, "lama-onnx": inpainting.SIDE,
    "birefnet-lite-onnx": birefnet.SIDE, "depth-anything-v2-small-onnx": depth_anything.SIDE, "clip-vit-base-patch32-onnx": clip.SIDE,
}  # fmt: skip
EXPORTS = [(kind, name) for kind in ("random", "planted") for name in TABLE if (GOLDEN / kind / name).is_dir()]


def graphs(name):
    return {file: row for file, row in TABLE[name].items() if file.endswith(".onnx")}


def test_the_table_the_code_and_the_registry_name_the_same_files():
    assert TABLE.keys() == NETWORKS.keys()
    for name in TABLE:
        assert graphs(name).keys() == {file for file in entry(name).files if file.endswith(".onnx")}
        assert SIDES.get(name) == (TABLE[name].get("shown") or {"size": [None]})["size"][0]


@pytest.mark.parametrize(("kind", "name"), EXPORTS)
def test_the_tiny_exports_have_the_published_names_and_types(tmp_path, monkeypatch, kind, name):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path))
    stored(tmp_path, name, kind=kind)
    for file, row in graphs(name).items():
        graph = PublishedGraph.of(name, file)
        assert {one: about.type for one, about in graph.inputs.items()} == {
            one: f"tensor({kind})" for one, kind in row["inputs"].items()
        }
        assert [one.name for one in graph._session.get_outputs()] == row["outputs"]


def test_every_network_opens_from_its_published_files(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path))
    stored(tmp_path)
    stored(tmp_path, "slimsam-onnx", kind="random")
    for name, network in NETWORKS.items():
        module, _, kind = network.opens.partition(":")
        made = {
            one.__name__.rpartition(".")[2]: one
            for one in (birefnet, clip, clipseg, depth_anything, grounding_dino, inpainting, sam)
        }[module]
        assert getattr(made, kind).load(name)
