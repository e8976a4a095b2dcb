"""Files of Gaussians: byte for byte, whatever else they hold; and what is no such file is named."""

import struct

import numpy as np
import pytest
from clouds import cloud, file_of

from pixwright.errors import InvalidScene, OutputExists
from pixwright.scene3d.splats import ply
from pixwright.scene3d.splats.gaussians import as_rows, gaussians_of


def test_a_file_comes_back_byte_for_byte(written, tmp_path):
    scene = ply.read_ply(written)
    ply.write_ply(scene, tmp_path / "copy.ply")
    assert (tmp_path / "copy.ply").read_bytes() == written.read_bytes()


def test_the_layout_is_the_one_that_viewers_know():
    """By hand, with struct: x y z, normals, colour, rest channel by channel, opacity, scales, quaternion."""
    one = cloud(1, 1)
    data = file_of(one).data()
    at = data.index(b"end_header\n") + len("end_header\n")
    numbers = struct.unpack("<26f", data[at:])
    assert numbers[:3] == tuple(one.centres[0]) and numbers[3:6] == (0, 0, 0)
    assert numbers[6:9] == tuple(one.coefficients[0, 0])
    assert numbers[9:12] == tuple(one.coefficients[0, 1:, 0])  # the red channel's three
    assert numbers[12:15] == tuple(one.coefficients[0, 1:, 1])
    assert numbers[18] == one.logits[0] and numbers[19:22] == tuple(one.log_scales[0])
    assert numbers[22:] == tuple(one.quaternions[0])


def test_everything_else_in_a_file_stays(tmp_path):
    """A comment, line ends of another system, properties of other types between ours, an element behind the rows."""
    layout = [(name, "<f4") for name in ply.NEEDED[:4]] + [("label", "u1"), ("note", "<f8")]
    layout += [(name, "<f4") for name in ply.NEEDED[4:]]
    rows = np.zeros(5, layout)
    rows["label"], rows["note"], rows["rot_0"] = range(5), np.pi, 1
    kinds = {"<f4": "float", "u1": "uint8", "<f8": "double"}
    lines = ["ply", "format binary_little_endian 1.0", "comment by hand", "element vertex 5"]
    lines += [f"property {kinds[kind]} {name}" for name, kind in layout]
    lines += ["element camera 1", "property int id", "end_header", ""]
    path = tmp_path / "odd.ply"
    path.write_bytes("\r\n".join(lines).encode() + rows.tobytes() + b"\x07\0\0\0")
    scene = ply.read_ply(path)
    assert scene.data() == path.read_bytes()
    assert scene.rows["label"].tolist() == [0, 1, 2, 3, 4] and scene.tail == b"\x07\0\0\0"
    changed = as_rows(scene, np.array([3]), gaussians_of(scene.with_rows(scene.rows[2:3])))
    assert changed["label"] == 3 and changed["note"] == np.pi
    fewer = scene.with_rows(scene.rows[[0, 4]])
    (tmp_path / "fewer.ply").write_bytes(fewer.data())
    again = ply.read_ply(tmp_path / "fewer.ply")
    assert again.rows.tobytes() == scene.rows[[0, 4]].tobytes() and again.tail == scene.tail
    assert b"element vertex 2\r\n" in again.header and b"comment by hand" in again.header


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_numbers_go_into_rows_and_come_back(degree):
    some = cloud(7, degree, seed=degree)
    back = gaussians_of(file_of(some))
    for name in ("centres", "quaternions", "log_scales", "logits", "coefficients"):
        assert np.array_equal(getattr(some, name), getattr(back, name)), name
    assert back.degree == degree


def broken(data, old, new, count=1):
    assert old in data
    return data.replace(old, new, count)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: b"\x89PNG" + data, "not a .ply"),
        (lambda data: broken(data, b"binary_little_endian", b"ascii"), "format is ascii"),
        (lambda data: broken(data, b"binary_little_endian", b"binary_big_endian"), "binary_big_endian"),
        (lambda data: broken(data, b"format binary_little_endian 1.0\n", b""), "not said"),
        (lambda data: broken(data, b"end_header", b"end_of_it"), "no end"),
        (lambda data: broken(data, b"property float opacity\n", b""), "cloud of points or a mesh.*opacity"),
        (lambda data: broken(data, b"float scale_1", b"float size_1"), "no property scale_1"),
        (lambda data: broken(data, b"float f_rest_4", b"float rest_4"), r"8 properties f_rest"),
        (lambda data: broken(data, b"float f_rest_4", b"float f_rest_9"), r"9 properties f_rest"),
        (lambda data: broken(data, b"property float nx", b"property list uchar int nx"), "list uchar"),
        (lambda data: broken(data, b"property float nx", b"property half nx"), "half"),
        (lambda data: broken(data, b"property float ny", b"property float nx"), "'float nx' is not read"),
        (lambda data: broken(data, b"element vertex 300", b"element vertex 0"), "no vertices"),
        (lambda data: broken(data, b"element vertex 300", b"element vertex 301"), "ends after 300 of 301"),
        (lambda data: broken(data, b"element vertex 300", b"element vertex 99999999"), "at most 4,000,000"),
        (lambda data: broken(data, b"element vertex", b"element chunk 2\nelement vertex"), "compressed"),
        (lambda data: broken(data, b"element vertex", b"element face 2\nelement vertex"), "first element is 'face 2'"),
        (lambda data: data[:-1], "ends after 299 of 300"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(written, change, words):
    written.write_bytes(change(written.read_bytes()))
    with pytest.raises(InvalidScene, match=words):
        ply.read_ply(written)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(InvalidScene, match="cannot be read"):
        ply.read_ply(tmp_path / "none.ply")


def test_nothing_is_overwritten_unasked(scene, written):
    before = written.read_bytes()
    with pytest.raises(OutputExists):
        ply.write_ply(scene.with_rows(scene.rows[:3]), written)
    assert written.read_bytes() == before
    ply.write_ply(scene.with_rows(scene.rows[:3]), written, replace=True)
    assert len(ply.read_ply(written).rows) == 3
