"""The aligned encoder: one space, unit vectors, no torch; and that the heads in numpy are those that were trained."""

import subprocess
import sys

import cv2
import numpy as np
import pytest

from pixwright.encoders.aligned import AlignedEncoder
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.heads import head_of, pack, packaged, unpack
from pixwright.encoders.latents import (
    MUSIC_WIDTH,
    PICTURE_WIDTH,
    SOUND_WIDTH,
    music_latent,
    picture_latent,
    sound_latent,
)
from pixwright.errors import WeightsCorrupt
from pixwright.weights import store

ENCODERS = Encoders()
RATE = 22_050


def tone(seconds: float = 1.5, hertz: float = 330.0) -> np.ndarray:
    """A plain tone with a little tremble."""
    t = np.arange(int(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * hertz * t) * (1 + 0.3 * np.sin(2 * np.pi * 5 * t))).astype(np.float32)


def picture() -> np.ndarray:
    """Grass under sky."""
    out = np.full((120, 160, 3), (120, 180, 230), np.uint8)
    out[70:] = (60, 140, 50)
    return out


def test_every_kind_is_a_unit_vector_of_one_width():
    aligned = ENCODERS.aligned
    found = [
        *aligned.text(["a dog", "the sound of a cow", ""]),
        aligned.picture(picture()),
        aligned.sound(tone(), RATE),
        aligned.music(tone(4), RATE),
    ]
    assert aligned.width == 256
    for vector in found:
        assert vector.shape == (256,) and vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_no_texts_are_no_vectors():
    assert ENCODERS.aligned.text([]).shape == (0, 256)


def test_it_is_the_same_each_time_and_for_each_size_of_batch():
    aligned = ENCODERS.aligned
    both, one = aligned.text(["a red apple", "a blue car"]), aligned.text(["a blue car"])
    # In a batch MiniLM's 8 bits round otherwise.
    assert both[1] @ one[0] > 0.999
    assert np.array_equal(aligned.picture(picture()), aligned.picture(picture()))


def test_words_of_like_meaning_lie_nearer():
    cat, kitten, truck = ENCODERS.aligned.text(["a cat", "a kitten", "a fire truck"])
    assert cat @ kitten > cat @ truck + 0.2


def test_how_loud_a_sound_is_does_not_matter():
    loud, quiet = (sound_latent(gain * tone(), RATE, ENCODERS.music) for gain in (1.0, 0.05))
    assert np.abs(loud - quiet).max() < 0.02


@pytest.mark.parametrize("seconds", [0.1, 0.7, 20.0])
def test_short_and_long_sounds_have_latents_of_one_width(seconds):
    assert sound_latent(tone(seconds), RATE, ENCODERS.music).shape == (SOUND_WIDTH,)
    assert music_latent(tone(seconds), RATE, ENCODERS.music).shape == (MUSIC_WIDTH,)


def test_a_telephones_rate_is_heard_too():
    low = cv2.resize(tone(3)[None], (3 * 8000, 1), interpolation=cv2.INTER_LINEAR)[0]
    assert np.isfinite(ENCODERS.aligned.sound(low, 8000)).all()


def test_a_grey_picture_and_a_tiny_one_are_seen():
    for pixels in (np.full((9, 7, 3), 128, np.uint8), np.zeros((300, 40, 3), np.uint8)):
        latent = picture_latent(pixels, ENCODERS.picture)
        assert latent.shape == (PICTURE_WIDTH,) and np.isfinite(latent).all()


def test_no_torch_is_loaded():
    code = (
        "import sys, numpy as np; from pixwright.encoders.bundle import Encoders; a = Encoders().aligned; a.text(['x']);"
        "a.picture(np.zeros((64, 64, 3), np.uint8)); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_eight_bits_change_little():
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 1, (40, 30)).astype(np.float32)
    back = unpack(pack({"a.weight": weights, "a.bias": weights[0]}))
    assert np.abs(back["a.weight"] - weights).max() <= np.abs(weights).max() / 127 / 2 + 1e-6
    assert np.allclose(back["a.bias"], weights[0], atol=2e-3)


def test_heads_in_numpy_are_those_in_torch():
    torch = pytest.importorskip("torch")
    from pixwright.train.aligned.heads import TrainedHead

    torch.manual_seed(0)
    latents = np.random.default_rng(1).normal(2, 3, (20, 12)).astype(np.float32)
    head = TrainedHead(latents, 16, 2, 3, 0.5).eval()
    for one in head.parameters():
        torch.nn.init.normal_(one, std=0.3)
    tensors = {f"text.{name}": value.numpy() for name, value in head.state_dict().items()}
    with torch.no_grad():
        expected = head(torch.from_numpy(latents)).numpy()
    assert np.abs(head_of(tensors, "text")(latents) - expected).max() < 1e-5


def test_a_damaged_file_of_heads_is_said(tmp_path, monkeypatch):
    broken = tmp_path / "aligned.npz"
    np.savez(broken, nothing=np.zeros(3))
    monkeypatch.setattr("pixwright.encoders.aligned.path", lambda name: broken)
    with pytest.raises(WeightsCorrupt, match="aligned"):
        AlignedEncoder.load(lambda: ENCODERS.text, lambda: ENCODERS.picture, lambda: ENCODERS.music)


@pytest.mark.parametrize("kept", [0, 4, 60, 2000], ids="{} bytes".format)
@pytest.mark.parametrize("name", ["namer", "worn"])
def test_a_file_that_breaks_off_is_said(tmp_path, monkeypatch, name, kept):
    whole = store.path(name).read_bytes()
    broken = tmp_path / "broken.npz"
    broken.write_bytes(whole[:kept])
    monkeypatch.setattr("pixwright.encoders.heads.path", lambda name: broken)
    with pytest.raises(WeightsCorrupt, match=r"broken\.npz is damaged"):
        packaged(name)


def test_the_heads_fit_their_share_of_the_package():
    assert store.path("aligned").stat().st_size < 4_000_000
