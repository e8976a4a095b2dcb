"""The plug-ins, installed as a user installs them, against stand-ins of their hosts and a real server."""

from __future__ import annotations

import ast
import asyncio
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hosts import Document, GimpImage, comfy, gimp, krita, loaded
from PIL import Image

from own_server import own_server

pytest.importorskip("fastapi")
pytest.importorskip("python_multipart")
pytest.importorskip("uvicorn")
pytest.importorskip("pixwright.serve.app", reason="the server")

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"
HOSTS = {"gi", "krita", "PyQt5", "PyQt6", "comfy_api", "torch", "PIL", "pixwright_client"}
"""What the hosts bring, and our own client."""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A server of its own."""
    with own_server(tmp_path_factory.mktemp("served"), "--threads", "1") as (_, address):
        yield address.rstrip("/")


@pytest.fixture
def installed(tmp_path, monkeypatch, address):
    """Installs a plug-in as its page says; its folder."""
    monkeypatch.setenv("PIXWRIGHT_SERVER", address)

    def installed(program):
        command = [sys.executable, str(PLUGINS / "install.py"), program, str(tmp_path)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert f"restart {program}" in said
        return Path(said.split(": restart")[0])

    return installed


@pytest.fixture
def scene():
    """HxWx4: grey, with a red square."""
    pixels = np.full((64, 96, 4), 255, np.uint8)
    pixels[..., :3] = np.linspace(60, 200, 96, dtype=np.uint8)[None, :, None]
    pixels[16:32, 24:48, :3] = (200, 30, 30)
    return pixels


def half(pixels):
    """The left half is selected."""
    selected = np.zeros(pixels.shape[:2], np.uint8)
    selected[:, : selected.shape[1] // 2] = 255
    return selected


def only_left(before, after):
    different = np.any(before[..., :3] != after[..., :3], axis=2)
    middle = different.shape[1] // 2
    return different[:, :middle].mean() > 0.5 and not different[:, middle:].any()


def test_nothing_is_needed_that_the_hosts_do_not_bring():
    for path in PLUGINS.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module)
            for name in names:
                first = name.partition(".")[0]
                assert first in sys.stdlib_module_names | HOSTS, f"{path.name} imports {name}"


def test_gimp_puts_the_result_on_top_and_keeps_to_the_selection(installed, monkeypatch, scene, address):
    folder = installed("gimp")
    script = folder / "pixwright-edit.py"
    assert script.stat().st_mode & 0o100, "GIMP runs only what may be run"
    hosts, told, shown = gimp()
    plugin = loaded(monkeypatch, hosts, script, "gimp_plugin")
    one = plugin.PixwrightEdit()
    assert one.do_query_procedures() == ["pixwright-edit"]
    procedure = one.do_create_procedure("pixwright-edit")
    assert ("add_menu_path", ("<Image>/Filters/",)) in procedure.calls
    assert procedure.arguments["server"] == address
    image = GimpImage(scene)
    image.selection = half(scene)

    def run(words):
        config = type(
            "Config", (), {"get_property": lambda _, name: {**procedure.arguments, "instruction": words}[name]}
        )
        return procedure.run(procedure, "with-last-vals", image, [], config(), None)

    living = GimpImage.living
    assert run("make it darker") == ("success", None)
    assert len(image.layers) == 2 and image.layers[0].name == "make it darker"
    assert only_left(scene, image.layers[0].pixels)
    assert image.groups == 0 and GimpImage.living == living, "copies are deleted, the step of undo is closed"
    assert "done" in told[-1]
    image.selection[:] = 0
    assert run("crop it to a square") == ("success", None)
    assert len(image.layers) == 2 and (shown[0].get_width(), shown[0].get_height()) == (64, 64)
    status, error = run("flurb the gnarl")
    assert status == "error" and "did not understand" in error
    monkeypatch.setitem(procedure.arguments, "server", "http://127.0.0.1:9")
    status, error = run("make it darker")
    assert status == "error" and "pixwright serve" in error


def test_krita_puts_the_result_into_a_new_layer(installed, monkeypatch, scene):
    folder = installed("krita")
    assert (folder.parent / "pixwright_edit.desktop").is_file()
    document = Document(scene, half(scene))
    hosts, told, made = krita(document, "make it darker")
    package = loaded(monkeypatch, hosts, folder / "__init__.py", "pixwright_edit")
    package.PixwrightEdit(None).run()
    (node,) = document.nodes
    assert node.name == "make it darker" and only_left(scene, node.pixels) and "done" in told[-1]
    hosts, told, made = krita(Document(scene), "crop it to a square")
    package = loaded(monkeypatch, hosts, folder / "__init__.py", "pixwright_edit")
    package.PixwrightEdit(None).run()
    assert made[0].nodes[0].pixels.shape == (64, 64, 4)


def test_comfyui_gets_pictures_a_mask_and_words(installed, monkeypatch, scene, address):
    torch = pytest.importorskip("torch")
    package = loaded(monkeypatch, comfy(), installed("comfyui") / "__init__.py", "pixwright_node")
    (node,) = asyncio.run(asyncio.run(package.comfy_entrypoint()).get_node_list())
    schema = node.define_schema()
    assert schema.node_id == "PixwrightEdit" and [one.kind for one in schema.outputs] == ["IMAGE", "MASK", "STRING"]
    given = {one.id for one in schema.inputs}
    assert given == {"image", "instruction", "mask", "seed", "server"}
    batch = torch.from_numpy(scene[..., :3].copy()).float()[None].repeat(2, 1, 1, 1) / 255
    mask = torch.from_numpy(half(scene)).float()[None] / 255
    pictures, changed, told = node.execute(batch, "make it darker", mask, 0, address).values
    assert pictures.shape == batch.shape and changed.shape == batch.shape[:3] and told.count("done") == 2
    after = (pictures[0] * 255).round().byte().numpy()
    assert only_left(scene, after)
    assert bool((changed[0] == torch.from_numpy(np.any(after != scene[..., :3], axis=2)).float()).all())
    with pytest.raises(RuntimeError, match="did not understand"):
        node.execute(batch[:1], "flurb the gnarl", None, 0, address)


def test_the_client_stops_when_it_is_told_to_and_says_what_is_wrong(monkeypatch, address, scene):
    monkeypatch.syspath_prepend(str(PLUGINS))
    from pixwright_client import Server, ServerError, png

    out = io.BytesIO()
    Image.fromarray(scene).save(out, "PNG")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png(96, 64, scene.tobytes())))), scene)
    server = Server(address)
    seen = []
    assert server.edit(
        out.getvalue(), "make it darker", watch=lambda what, done: seen.append((what, done)) or True
    ).picture
    assert all(0 <= done <= 1 for _, done in seen)
    with pytest.raises(ServerError, match="stopped"):
        server.edit(out.getvalue(), "make it warmer", watch=lambda what, done: False)
    with pytest.raises(ServerError, match="picture"):
        server.edit(b"no picture", "make it darker")
    not_done = server.edit(out.getvalue(), "remove the dog")
    assert not_done.picture is None and not_done.verdict == "not_done" and not_done.lines
