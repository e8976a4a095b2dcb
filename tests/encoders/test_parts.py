"""Who has which part, what is believed of an answer, and that a network that fails costs one line and no edit. The networks are planted: they answer by colour, in the published layout."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from parts_store import stored

from pixwright.encoders.parts import birefnet, inpainting
from pixwright.encoders.parts.account import heard, tell
from pixwright.encoders.parts.contract import checked
from pixwright.encoders.parts.table import NETWORKS, Parts, pulled
from pixwright.errors import InvalidOption, PartFailed, WeightsMissing
from pixwright.weights.registry import packaged

ALL = tuple(NETWORKS)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def picture():
    made = np.full((120, 160, 3), (120, 110, 100), np.uint8)
    made[:40] = (60, 90, 230)
    made[60:100, 100:140] = (230, 30, 30)
    return made


def asked(part, question, *names):
    """The answer, and what was told."""
    with heard() as lines:
        return Parts(names).ask(part, question), lines


def test_every_networks_row_names_its_part_and_every_part_has_one():
    assert {row.name: row.part for row in packaged().values() if row.part} == {
        name: one.part for name, one in NETWORKS.items()
    }
    assert {one.part for one in NETWORKS.values()} == {
        "ground",
        "outline",
        "words",
        "fill",
        "matte",
        "depth",
        "similarity",
    }


def test_what_is_in_the_store_is_taken_and_of_two_for_a_part_the_first(home):
    assert pulled() == ()
    stored(home, "lama-onnx")
    assert pulled() == ("lama-onnx",)
    stored(home, "migan-onnx", "clipseg-onnx")
    assert pulled() == ("clipseg-onnx", "migan-onnx")


def test_names_are_checked(home):
    stored(home, "lama-onnx", "migan-onnx")
    with pytest.raises(InvalidOption, match="'minilm' is no part's network"):
        Parts(["minilm"])
    with pytest.raises(InvalidOption, match="are both for 'fill'"):
        Parts(["lama-onnx", "migan-onnx"])
    with pytest.raises(WeightsMissing, match="pixwright models pull clipseg-onnx"):
        Parts(["clipseg-onnx"])


def test_a_part_without_a_network_is_not_told(home):
    assert asked("fill", lambda network: network) == (None, [])


def test_the_planted_networks_answer_through_the_contract(home, picture):
    stored(home)
    (found,), told = asked("ground", lambda net: net.find(picture, ["red ball"]), "grounding-dino-tiny-onnx")
    assert np.allclose(found[0].box, (100, 60, 140, 100), atol=1.5) and found[0].score == pytest.approx(0.881, abs=0.01)
    assert told == ["looked for by grounding-dino-tiny-onnx"]
    assert asked("ground", lambda net: net.find(picture, ["dog"]), "grounding-dino-tiny-onnx")[0] == [[]]
    net = "sam2.1-tiny-onnx"
    (mask, sure), _ = asked("outline", lambda net: net.boxes(net.look(picture), [(95, 55, 145, 105)])[0], net)
    solid = np.kron(mask > 0.5, np.ones((1, 1)))
    ys, xs = np.nonzero(solid)
    assert np.allclose(
        [xs.min() / 256, xs.max() / 256, ys.min() / 256], [100 / 160, 140 / 160, 60 / 120], atol=0.01
    ) and sure == pytest.approx(0.9)
    (mask, _), _ = asked(
        "outline", lambda net: net.points(net.look(picture), [(120, 80)], [], lambda: (95, 55, 145, 105)), net
    )
    assert (mask > 0.5).sum() == solid.sum()
    sky, _ = asked("words", lambda net: net.mask(picture, "the sky"), "clipseg-onnx")
    assert sky.shape == (352, 352) and sky[:110].min() > 0.9 and sky[130:].max() < 0.1
    front, _ = asked("matte", lambda net: net.matte(picture), "birefnet-lite-onnx")
    assert front.shape == (256, 256) and front[170, 190] > 0.9 and front[170, 20] < 0.1
    near, _ = asked("depth", lambda net: net.near(picture), "depth-anything-v2-small-onnx")
    assert near[0].max() == 0 and near[-1].min() == 1
    red, _ = asked(
        "similarity",
        lambda net: net.text(["a red ball", "a blue dog"]) @ net.picture(picture[60:100, 100:140]),
        "clip-vit-base-patch32-onnx",
    )
    assert red[0] > 0.9 > red[1]


@pytest.mark.parametrize("name", ["migan-onnx", "lama-onnx"])
def test_a_filler_changes_the_hole_alone(home, picture, name):
    stored(home, name)
    hole = np.zeros(picture.shape[:2], np.uint8)
    hole[55:105, 95:145] = 255
    hole[5:12, 5:14] = 9
    made, _ = asked("fill", lambda net: net.fill(picture, hole), name)
    assert np.array_equal(made[hole == 0], picture[hole == 0])
    colour = picture[hole == 0].mean(0) if name == "migan-onnx" else (20, 40, 220)
    assert np.abs(made[hole > 0].astype(int) - colour).max() <= 3


def test_windows_cover_every_hole_and_stay_in_the_picture():
    hole = np.zeros((900, 1400), np.uint8)
    hole[10:40, 10:60] = hole[850:890, 1300:1390] = hole[855:870, 1210:1230] = 1
    parts = list(inpainting.windows(hole))
    assert len(parts) == 2 and all(part[0].stop <= 900 and part[1].stop <= 1400 for part in parts)
    covered = np.zeros_like(hole)
    for part in parts:
        covered[part] = 1
        assert part[0].stop - part[0].start >= 512
    assert (covered >= hole).all()


@pytest.mark.parametrize(("kind", "said"), [("nan", "holds numbers that are none"), ("bright", "not in [-2.0, 257.0]")])
def test_an_answer_that_is_none_is_not_believed(home, picture, kind, said):
    stored(home, "lama-onnx", kind=kind)
    made, told = asked("fill", lambda net: net.fill(picture, picture[..., 0] > 200), "lama-onnx")
    assert (
        made is None
        and len(told) == 1
        and "filled by the embedded part: lama-onnx failed" in told[0]
        and said in told[0]
    )


def test_half_a_file_and_another_layout_cost_one_line(home, picture):
    stored(home, "migan-onnx", "lama-onnx", "birefnet-lite-onnx")
    file = home / "migan-onnx" / "migan_pipeline_v2.onnx"
    file.write_bytes(file.read_bytes()[:200])
    (home / "lama-onnx" / "lama_fp32.onnx").write_bytes((home / "birefnet-lite-onnx/onnx/model_fp16.onnx").read_bytes())
    (home / "birefnet-lite-onnx/onnx/model_fp16.onnx").unlink()
    for name, part, question, said in (
        ("migan-onnx", "fill", lambda net: net.fill(picture, picture[..., 0] > 200), "is not a readable ONNX file"),
        ("lama-onnx", "fill", lambda net: net.fill(picture, picture[..., 0] > 200), "the graph asks for input_image"),
        ("birefnet-lite-onnx", "matte", lambda net: net.matte(picture), "hold no onnx/model_fp16.onnx"),
    ):
        answer, told = asked(part, question, name)
        assert answer is None and said in told[0], told
    assert Parts(["migan-onnx"]).loaded == ()


def test_a_network_that_needs_more_memory_than_there_is_is_not_run(home, picture, monkeypatch):
    stored(home, "birefnet-lite-onnx")
    monkeypatch.setattr(birefnet, "free_memory", lambda: 2e9)
    answer, told = asked("matte", lambda net: net.matte(picture), "birefnet-lite-onnx")
    assert answer is None and "needs 8 GB of free memory, there are 2.0" in told[0]


def test_outputs_are_checked():
    good = np.zeros((1, 2, 3))
    assert checked(good, (1, None, 3), "x").dtype == np.float32
    for bad, shape, low in (
        (good, (1, 2, 4), None),
        (good, (1, 2), None),
        (good + np.inf, (1, 2, 3), None),
        (good - 1, (1, 2, 3), 0.0),
        (np.array(["a"]), (1,), None),
    ):
        with pytest.raises(PartFailed, match=r"^x "):
            checked(bad, shape, "x", low)


def test_an_account_is_heard_in_its_own_thread_and_each_line_once():
    with heard() as outer:
        tell("one")
        tell("one")
        with heard() as inner:
            tell("two")
        other = threading.Thread(target=tell, args=("three",))
        other.start()
        other.join()
    tell("four")
    assert (outer, inner) == (["one"], ["two"])


def test_a_network_is_opened_once_by_many_threads(home, picture):
    stored(home, "migan-onnx")
    parts, seen = Parts(["migan-onnx"]), []
    threads = [threading.Thread(target=lambda: seen.append(parts.ask("fill", id))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 1 and parts.loaded == ("migan-onnx",)
