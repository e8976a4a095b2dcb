"""Videos and scenes behind HTTP: what is taken, a frame as a picture, and the edit of the whole as a durable job."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from serving import ended, events, post_picture

av = pytest.importorskip("av")

from pixwright.errors import InvalidScene  # noqa: E402
from pixwright.media.formats.sniff import video_format  # noqa: E402
from pixwright.serve.film import moving  # noqa: E402
from pixwright.systems import build  # noqa: E402

FRAMES = 8


def film(path, frames=FRAMES, size=(64, 96)):
    """A red square that moves over a gradient, 10 frames a second."""
    height, width = size
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            pixels = np.dstack([np.tile(np.linspace(60, 200, width, dtype=np.uint8), (height, 1))] * 3)
            pixels[20:44, 10 + 2 * number : 40 + 2 * number] = (200, 30, 30)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return film(tmp_path_factory.mktemp("film") / "square.mp4").read_bytes()


def test_files_by_their_first_bytes():
    assert video_format(b"\0\0\0\x20ftypisom") == "MP4" and video_format(b"\0\0\0\x14ftypqt  ") == "MOV"
    assert video_format(b"\0\0\0\x20ftypavif") is None and video_format(b"\0\0\0\x18ftypheic") is None
    assert video_format(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm") == "WEBM"
    assert video_format(b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska") == "MKV"
    assert video_format(b"RIFF\0\0\0\0AVI LIST") == "AVI" and video_format(b"RIFF\0\0\0\0WAVE") is None


def test_a_video_is_taken_looked_at_and_edited(client, video):
    posted = client.post("/v1/pictures", files={"file": ("x.mp4", video)})
    assert posted.status_code == 201, posted.text
    about = posted.json()
    assert (about["kind"], about["format"], about["width"], about["height"], about["frames"]) == ("video", "MP4", 96, 64, FRAMES)  # fmt: skip
    part = client.get(f"/v1/pictures/{about['id']}", headers={"Range": "bytes=0-15"})
    assert part.status_code == 206 and part.headers["content-type"] == "video/mp4", "a browser seeks in it"

    frame = client.post(f"/v1/videos/{about['id']}/frames", json={"seconds": 0.5}).json()
    assert frame["kind"] == "picture" and (frame["width"], frame["height"]) == (96, 64)
    shown = np.asarray(Image.open(io.BytesIO(client.get(f"/v1/pictures/{frame['id']}").content)).convert("RGB")).astype(int)  # fmt: skip
    red = np.flatnonzero(shown[32, :, 0] - shown[32, :, 1] > 80)
    assert abs(red[0] - 20) <= 2, "the sixth frame"

    asked = {"instruction": "make it darker", "seconds": 0.5}
    job = client.post(f"/v1/videos/{about['id']}/edits", json=asked, headers={"Idempotency-Key": "one film"})
    assert job.status_code == 202 and job.json()["kind"] == "video"
    assert client.post(f"/v1/videos/{about['id']}/edits", json=asked, headers={"Idempotency-Key": "one film"}).json()["id"] == job.json()["id"]  # fmt: skip
    told = events(client, job.json()["id"])
    last = told[-1]
    assert last["status"] == "completed", last["error"]
    steps = [one["progress"]["steps"] for one in told if one["progress"]]
    assert steps and max(steps) == FRAMES
    (result,) = last["result"]["pictures"]
    assert result["verdict"] == "done" and result["outside_changed"] == 0 and result["format"] == "mp4"
    data = client.get(result["url"]).content
    with av.open(io.BytesIO(data)) as made:
        after = [frame.to_ndarray(format="rgb24") for frame in made.decode(video=0)]
    assert len(after) == FRAMES
    with av.open(io.BytesIO(video)) as source:
        before = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]
    assert np.mean(after) < np.mean(before) - 5
    assert client.get(f"/v1/results/{result['id']}/report").json()["report"]["verdict"] == "done"


def test_what_is_no_video_is_said(client, video):
    broken = client.post("/v1/pictures", files={"file": ("x.mp4", video[:300])})
    assert broken.status_code == 400 and broken.json()["error"]["message"]
    picture = post_picture(client)
    wrong = client.post(f"/v1/videos/{picture}/edits", json={"instruction": "make it darker"})
    assert wrong.status_code == 400 and "is a picture; give a video" in wrong.json()["error"]["message"]
    id = client.post("/v1/pictures", files={"file": ("x.mp4", video)}).json()["id"]
    asked = client.post("/v1/jobs", json={"picture": id, "instruction": "make it darker"})
    assert asked.status_code == 400 and "is a video; give a picture" in asked.json()["error"]["message"]
    lost = client.post(f"/v1/videos/{id}/edits", json={"instruction": "make the giraffe green"})
    last = ended(client, lost.json()["id"])
    assert last["status"] == "completed" and last["result"]["pictures"][0]["verdict"] == "not_done"
    assert last["result"]["pictures"][0]["url"] is None


VASE = Path(__file__).parents[2] / "examples" / "scenes" / "table-vase.ply"


def test_a_scene_is_taken_and_turns(client):
    posted = client.post("/v1/pictures", files={"file": ("x.ply", VASE.read_bytes())})
    assert posted.status_code == 201, posted.text
    about = posted.json()
    assert (about["kind"], about["format"], about["gaussians"]) == ("scene", "PLY", 4000)
    turn = client.get(f"/v1/scenes/{about['id']}/turntable")
    assert turn.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(turn.content)).n_frames == moving._TURN
    side = client.get(f"/v1/scenes/{about['id']}/views/3")
    assert Image.open(io.BytesIO(side.content)).size == (384, 384)
    assert client.get(f"/v1/scenes/{about['id']}/views/13").status_code in (400, 422)
    broken = client.post("/v1/pictures", files={"file": ("x.ply", b"ply\nformat ascii 1.0\n")})
    assert broken.status_code == 400 and broken.json()["error"]["code"] == "invalid_scene"
    with pytest.raises(InvalidScene, match="4,000 Gaussians; at most 3,999"):
        moving.facts_of(VASE, b"ply\n", 1, 3999)


def test_an_edited_scene_is_two_files(tmp_path, monkeypatch):
    """As the process that edits calls it, with fewer and smaller views."""
    monkeypatch.setattr(moving, "SCENE_VIEWS", 4)
    monkeypatch.setattr(moving, "_SCENE_SIDE", 64)
    told = []
    outputs = [str(tmp_path / "after.ply"), str(tmp_path / "turn.webp")]
    job = {
        "kind": "scene", "picture": str(VASE), "instruction": "make it darker", "outputs": outputs, "options": {},
        "system": "local", "controls": {}, "seed": 0,
    }  # fmt: skip
    scene, turntable = moving.edited(job, build("local"), told.append)
    assert (scene["kind"], turntable["kind"]) == ("scene", "turntable")
    assert [scene["file"], turntable["file"]] == outputs and all(Path(one).stat().st_size for one in outputs)
    assert scene["report"]["verdict"] in ("done", "partly") and 0 < scene["report"]["changed_fraction"] <= 1
    assert told and {"step", "steps", "stage", "understood"} <= told[0].keys()
