"""A shot of a file, carried over from a fitted canonical picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
av = pytest.importorskip("av")

from pixwright.errors import InvalidOption  # noqa: E402
from pixwright.flow import Request  # noqa: E402
from pixwright.records.instruction import Instruction  # noqa: E402
from pixwright.systems import build  # noqa: E402
from pixwright.video.codef.fit import PRESETS, CanonicalSettings  # noqa: E402
from pixwright.video.codef.shot import CanonicalShot, flows_of  # noqa: E402
from pixwright.video.footage import Footage  # noqa: E402
from pixwright.video.run import CANONICAL, VideoJob, edit_video  # noqa: E402
from pixwright.video.shot import VideoAsk  # noqa: E402

FRAMES, SHIFT = 5, 2
SMALL = CanonicalSettings(
    steps=150, rate=1e-2, patches=8, side=8, width=32, depth=2, bands=3, levels=6, table=2**12, finest=128, hidden=32
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A camera that goes to the right over a smooth picture."""
    path = tmp_path_factory.mktemp("clip") / "pan.mp4"
    noise = np.random.default_rng(2).integers(0, 256, (64, 120, 3)).astype(np.uint8)
    ground = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), None, 0, 255, cv2.NORM_MINMAX)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 80, 48, "yuv420p"
        for number in range(FRAMES):
            frame = np.ascontiguousarray(ground[8:56, 8 + SHIFT * number : 88 + SHIFT * number])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        out.mux(stream.encode(None))
    return path


def test_flow_goes_to_the_next_frame_and_is_nothing_where_it_cannot_be_trusted(clip: Path) -> None:
    pictures = [shown.pixels for shown in Footage(clip).frames()]
    flow = flows_of(pictures)[0]
    known = np.isfinite(flow).all(2)
    assert known[8:-8, 8:-8].mean() > 0.8
    assert np.abs(flow[8:-8, 8:-8][known[8:-8, 8:-8]].mean(0) - (-SHIFT, 0)).max() < 0.5


def test_every_frame_takes_the_edit_of_the_canonical_picture(clip: Path, tmp_path: Path) -> None:
    footage = Footage(clip)
    asked = VideoAsk(Request(Instruction("make it darker")), build("local"))
    shot = CanonicalShot(footage, 0, FRAMES, asked, tmp_path, settings=SMALL, device="cpu")
    shot.open(None)
    shot.follow(lambda stage, count: None)
    frames = list(shot.frames(0, FRAMES))
    assert len(frames) == FRAMES
    for frame in frames:
        before, after = frame.shown.pixels.astype(float), frame.after.astype(float)
        assert after.mean() < before.mean() - 8
        assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.95, "its own detail is in it"
        assert frame.account.outside_max_difference == 0
    account = shot.account()
    assert account.ways == ("canonical picture",)
    assert account.reconstruction_psnr is not None and account.reconstruction_psnr > 25
    assert (tmp_path / "canonical" / "canonical-0.safetensors").exists(), "a fit that was stopped goes on"


def test_there_are_two_ways_to_carry_an_edit(clip: Path, tmp_path: Path) -> None:
    assert {"flow", "codef", *PRESETS} == set(CANONICAL)
    with pytest.raises(InvalidOption, match="allowed are flow, codef, codef-small, codef-large"):
        edit_video(VideoJob(clip, "make it darker", tmp_path / "out.mp4", canonical="atlas"))
