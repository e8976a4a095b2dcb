"""Cameras: the file's axes, focal lengths and mistakes; rays and projections are each other's inverse."""

import json
from math import atan

import cv2
import numpy as np
import pytest
from PIL import Image

from pixwright.errors import InvalidScene
from pixwright.scene3d.cameras import looking, orbit, read_transforms

LEVEL = [[1, 0, 0, 0], [0, 0, -1, -3], [0, 1, 0, 0], [0, 0, 0, 1]]
"""OpenGL, at (0, -3, 0): looks along +y, z is up."""


def written(folder, frames=None, **fields):
    one = [{"file_path": "a.png", "transform_matrix": LEVEL}]
    held = {"w": 64, "h": 48, "fl_x": 50.0, "frames": one if frames is None else frames}
    path = folder / "transforms.json"
    path.write_text(json.dumps(held | fields))
    return path


def test_a_file_of_nerfstudio_is_read_in_our_axes(tmp_path):
    (camera,) = read_transforms(written(tmp_path, fl_y=51.0, cx=30.0, cy=25.0))
    assert (camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy) == (64, 48, 50, 51, 30, 25)
    assert np.allclose(camera.forward, (0, 1, 0)) and np.allclose(camera.right, (1, 0, 0))
    assert np.allclose(camera.up, (0, 0, 1)) and np.allclose(camera.position, (0, -3, 0))
    # One unit up at a distance of three lies a third of the focal length above the middle.
    assert np.allclose(camera.projected(np.array([[0.0, 0.0, 1.0]])), [[30, 25 - 51 / 3]])
    assert camera.picture is None


def test_a_point_behind_the_camera_has_no_place(tmp_path):
    (camera,) = read_transforms(written(tmp_path))
    assert np.isnan(camera.projected(np.array([[0.0, -4.0, 0.0]]))).all()


def test_older_files_say_the_angle_and_leave_the_ending_out(tmp_path):
    Image.new("RGB", (40, 20)).save(tmp_path / "r_0.png")
    path = tmp_path / "transforms.json"
    frames = [{"file_path": "./r_0", "transform_matrix": LEVEL}]
    path.write_text(json.dumps({"camera_angle_x": 2 * atan(0.5), "frames": frames}))
    (camera,) = read_transforms(path, pictures=True)
    assert (camera.width, camera.height) == (40, 20)
    assert camera.fx == pytest.approx(40) and camera.fy == pytest.approx(40)
    assert camera.picture == tmp_path / "r_0.png"


def test_a_frame_may_differ_from_the_others(tmp_path):
    frames = [{"transform_matrix": LEVEL}, {"transform_matrix": LEVEL, "fl_x": 99.0, "w": 32}]
    first, second = read_transforms(written(tmp_path, frames))
    assert (first.fx, second.fx, first.width, second.width) == (50, 99, 64, 32)


def test_a_trained_scene_lies_where_nerfstudio_moved_it(tmp_path):
    applied = [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, -1, 0]]
    path = written(tmp_path, applied_transform=applied)
    moved = np.array([[1.0, 0, 0, 2.0], [0, 1, 0, 0], [0, 0, 1, 0]])
    whole = moved @ np.vstack([applied, [0, 0, 0, 1]])
    path.with_name("dataparser_transforms.json").write_text(json.dumps({"transform": whole.tolist(), "scale": 0.5}))
    (camera,) = read_transforms(path)
    assert np.allclose(camera.position, (1.0, -1.5, 0)) and np.allclose(camera.forward, (0, 1, 0))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"frames": []}, "no list of frames"),
        ({"camera_model": "EQUIRECTANGULAR"}, "EQUIRECTANGULAR"),
        ({"fl_x": 0}, "no focal length"),
        ({"fl_x": "long"}, "finite numbers"),
        ({"k1": [1]}, "k1"),
        ({"frames": ["a.png"]}, "frame 1"),
        ({"frames": [{"transform_matrix": [[1, 0], [0, 1]]}]}, "4x4"),
        ({"frames": [{"transform_matrix": (np.diag([1.0, 2, 3, 1])).tolist()}]}, "no rotation"),
        ({"frames": [{"transform_matrix": (np.diag([1.0, 1, -1, 1])).tolist()}]}, "no rotation"),
        ({"w": None}, "no w and h"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, fields, words):
    with pytest.raises(InvalidScene, match=words):
        read_transforms(written(tmp_path, **fields))


def test_a_missing_or_broken_file_is_said(tmp_path):
    with pytest.raises(InvalidScene, match="cannot be read"):
        read_transforms(tmp_path / "none.json")
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(InvalidScene, match="not JSON"):
        read_transforms(tmp_path / "b.json")
    (tmp_path / "b.json").write_text("[1]")
    with pytest.raises(InvalidScene, match="not a JSON object"):
        read_transforms(tmp_path / "b.json")
    with pytest.raises(InvalidScene, match=r"a\.png"):
        read_transforms(written(tmp_path), pictures=True)


def test_rays_and_projection_are_inverse():
    camera = looking((2, -3, 1.5), (0.2, 0, 0.3), 16, 50)
    directions = camera.rays()
    assert np.allclose(np.linalg.norm(directions, axis=1), 1)
    pixels = camera.projected(camera.position + 2.5 * directions)
    assert np.allclose(pixels[0], 0.5) and np.allclose(pixels[-1], 15.5)
    assert np.allclose(pixels[1], (1.5, 0.5))  # row by row


def test_distortion_is_undone(tmp_path):
    (camera,) = read_transforms(written(tmp_path, k1=0.1, k2=-0.02, p1=0.001, p2=0.002))
    pixels = np.array([[10.5, 8.5], [60.0, 40.0]])
    points = camera.rays(pixels) @ camera.rotation  # in camera axes
    back, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), camera.intrinsics, np.array(camera.distortion))
    assert np.allclose(back[:, 0], pixels, atol=1e-2)


def test_an_orbit_sees_the_whole_box_from_all_sides():
    low, high = np.array([-1.0, -2.0, 0.0]), np.array([3.0, 1.0, 1.5])
    cameras = orbit(low, high, 8, 64)
    corners = np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(3, -1).T
    for camera in cameras:
        pixels = camera.projected(corners)
        assert (pixels > 0).all() and (pixels < 64).all()
        assert camera.up[2] > 0 and abs(camera.right[2]) < 1e-9
    assert np.allclose(cameras[0].right, (1, 0, 0))
    azimuths = np.unwrap([np.arctan2(*(c.position - (low + high) / 2)[1::-1]) for c in cameras])
    assert np.allclose(np.diff(azimuths), 2 * np.pi / 8)


def test_a_camera_may_look_straight_down():
    camera = looking((0, 0, 5), (0, 0, 0), 10, 60)
    assert np.allclose(camera.world_to_camera @ [*camera.position, 1], (0, 0, 0, 1))
    assert np.allclose(camera.rotation @ camera.rotation.T, np.eye(3))
    assert np.allclose(camera.projected(np.zeros((1, 3))), 5)


def test_another_size_sees_the_same():
    camera = looking((0, -3, 1), (0, 0, 0), 200, 45)
    small = camera.sized(50)
    points = np.array([[0.3, 0.2, 0.4], [-0.5, 0, 0]])
    assert (small.width, small.height) == (50, 50)
    assert np.allclose(small.projected(points) * 4, camera.projected(points))
