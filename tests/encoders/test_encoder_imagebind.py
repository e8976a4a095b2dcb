"""ImageBind in its published layout at toy size, from the pickle to vectors, beside the same network of torch's own modules."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from safetensors.torch import load_file, save_file  # noqa: E402
from tiny_imagebind import LAYOUT, LENGTH, SIDE, WIDTH, WORDS, published, tiny_imagebind  # noqa: E402

from pixwright import systems  # noqa: E402
from pixwright.encoders.bundle import Encoders  # noqa: E402
from pixwright.encoders.published import CLIP_MEAN, CLIP_STD  # noqa: E402
from pixwright.encoders.spaces import imagebind  # noqa: E402
from pixwright.encoders.spaces.opening import open_published  # noqa: E402
from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing  # noqa: E402
from pixwright.flow import Request, edit_picture  # noqa: E402
from pixwright.records.instruction import Instruction, SoundAttachment  # noqa: E402
from pixwright.weights.store import digest  # noqa: E402

RATE = 16_000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("space") / "imagebind"
    return folder, tiny_imagebind(folder)


@pytest.fixture(scope="module")
def encoder(made):
    return open_published(str(made[0]), (), "cpu")


def noise(seconds, rate=RATE):
    return np.random.default_rng(2).normal(0, 0.1, int(seconds * rate)).astype(np.float32)


def test_words_are_read_to_their_end_and_nothing_after_it_counts(made, encoder):
    texts = ["the sound of a dog", "rain", " ".join(["cow train"] * 6)]
    tokens = np.zeros((3, LENGTH), np.int64)
    for row, text in zip(tokens, texts, strict=True):
        ids = [*[11, *(WORDS.index(word) for word in text.split())][: LENGTH - 1], 12]
        row[: len(ids)] = ids
    found = encoder.text(texts)
    assert found.shape == (3, WIDTH) and np.abs(found - made[1]("text", torch.from_numpy(tokens))).max() < 1e-5
    assert encoder.text([]).shape == (0, WIDTH)


def test_a_pictures_middle_square_is_seen(made, encoder):
    picture = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE + 6, 3), np.uint8)
    pixels = (picture[:, 3:-3] / 255.0 - CLIP_MEAN) / CLIP_STD
    given = torch.from_numpy(pixels.transpose(2, 0, 1)[None].astype(np.float32))
    assert np.abs(encoder.picture(picture) - made[1]("vision", given)[0]).max() < 1e-4


def test_a_sound_is_the_mean_of_three_clips(made, encoder):
    samples = noise(5)
    clips = [samples[start : start + 2 * RATE] for start in (0, 3 * RATE // 2, 3 * RATE)]
    given = np.stack([kaldi(clip) for clip in clips])[:, None]
    mean = made[1]("audio", torch.from_numpy(given.astype(np.float32))).mean(0)
    assert np.abs(encoder.sound(samples, RATE) - mean / np.linalg.norm(mean)).max() < 1e-3
    assert np.array_equal(encoder.music(samples, RATE), encoder.sound(samples, RATE))


@pytest.mark.parametrize("seconds", [0.01, 0.5, 2.0])
def test_short_sounds_are_filled_up(encoder, seconds):
    found = encoder.sound(noise(seconds, 44_100), 44_100)
    assert found.shape == (WIDTH,) and np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
    assert imagebind.energies(noise(seconds)).shape == (3, 1, 128, 204)


def kaldi(clip):
    """Log mel energies of a clip after Kaldi's documentation, (128, 204), filled up with zeros and then normalised."""
    frames = np.lib.stride_tricks.sliding_window_view(clip.astype(np.float64), 400)[::160]
    frames = frames - frames.mean(1, keepdims=True)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], 1)
    power = np.abs(np.fft.rfft(frames * np.hanning(400), 512)) ** 2
    mel = lambda hertz: 1127 * np.log1p(np.asarray(hertz) / 700)  # noqa: E731
    edges = np.linspace(mel(20), mel(8000), 130)
    at = mel(np.arange(257) * RATE / 512)
    rise, fall = (at - edges[:-2, None]) / np.diff(edges)[0], (edges[2:, None] - at) / np.diff(edges)[0]
    banks = np.maximum(0, np.minimum(rise, fall))
    log = np.log(np.maximum(power @ banks.T, np.finfo(np.float32).eps))
    return (np.pad(log, ((0, 204 - len(log)), (0, 0))).T + 4.268) / 9.138


def test_energies_are_kaldis():
    samples = noise(2)
    found = imagebind.energies(samples)[0, 0]
    assert found.shape == (128, 204) and np.abs(found - kaldi(samples)).max() < 1e-3
    assert np.allclose(found[:, 198:], 4.268 / 9.138), "filled up before it is normalised"


@pytest.mark.parametrize("kind", imagebind.HEADS)
def test_the_published_names_and_shapes_are_those_that_are_wanted(kind):
    shapes = published()
    read = {
        name: size for name, size in shapes.items() if name.split(".")[1] == kind and name not in LAYOUT["not_read"]
    }
    assert imagebind.wanted(shapes, kind) == read
    assert len({name.split(".")[3] for name in read if ".blocks." in name}) == LAYOUT["blocks"][kind]


def test_the_published_size_runs_through_without_its_weights():
    """On torch's device of shapes alone: 224 pixels, 77 tokens and 204 frames fit the places that the file has."""
    shapes = published()
    towers = {
        kind: imagebind.Tower(
            kind, {name: torch.empty(size, device="meta") for name, size in imagebind.wanted(shapes, kind).items()}
        )
        for kind in imagebind.HEADS
    }
    side, longest = towers["vision"].side(), towers["text"].longest
    assert (side, longest) == (224, 77)
    given = {"vision": (2, 3, side, side), "audio": (2, 1, imagebind.BINS, imagebind.FRAMES), "text": (2, longest)}
    for kind, size in given.items():
        batch = torch.zeros(size, dtype=torch.long if kind == "text" else torch.float32, device="meta")
        assert towers[kind](batch).shape == (2, 1024) and towers[kind].width == 1024


def test_the_toys_names_are_the_published_ones(made):
    blocks = {name.replace(".N.", f".{n}.") for name in LAYOUT["tensors"] for n in range(2)}
    others = ("modality_trunks.imu", "modality_preprocessors.depth")
    assert {name for name in load_file(made[0] / "imagebind_huge.safetensors") if not name.startswith(others)} == blocks


def test_its_licence_and_its_file_are_named(made, encoder):
    assert "CC-BY-NC 4.0" in encoder.terms and "not for commercial use" in encoder.terms
    assert encoder.digests == {"imagebind_huge": digest(made[0] / "imagebind_huge.safetensors")}


def test_what_cannot_be_opened_is_said(made, tmp_path, monkeypatch):
    state = load_file(made[0] / "imagebind_huge.safetensors")
    words = (made[0] / "tokenizer.json").read_bytes()
    (tmp_path / "tokenizer.json").write_bytes(words)
    for name, change in (
        ("modality_trunks.audio.blocks.1.attn.bias_k", None),
        ("modality_heads.text.proj.1.weight", None),
        ("modality_trunks.vision.blocks.0.mlp.fc1.weight", torch.zeros(3, 3)),
    ):
        save_file({key: change if key == name else one for key, one in state.items() if key != name or change is not None}, tmp_path / "a.safetensors")  # fmt: skip
        with pytest.raises(WeightsCorrupt, match=name):
            open_published(str(tmp_path), (), "cpu")
    (tmp_path / "a.safetensors").write_bytes(b"\x10")
    with pytest.raises(WeightsCorrupt, match="is not ImageBind's"):
        open_published(str(tmp_path), (), "cpu")
    with pytest.raises(WeightsCorrupt, match="pickle"):
        open_published(str(made[0].parent / "release" / "imagebind_huge.pth"), (), "cpu")
    with pytest.raises(WeightsMissing, match="models convert"):
        open_published(str(made[0].parent / "release"), (), "cpu")
    with pytest.raises(InvalidOption, match="comma"):
        open_published("a,b,c", (), "cpu")
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path / "home"))
    (tmp_path / "alone").mkdir()
    save_file(state, tmp_path / "alone" / "a.safetensors")
    with pytest.raises(WeightsMissing, match=r"tokenizer\.json beside the weights"):
        open_published(str(tmp_path / "alone"), (), "cpu")


def test_the_system_takes_it_and_its_report_says_the_licence(made):
    system = systems.build("instructany2pix", Encoders(), {"aligned": str(made[0]), "device": "cpu"})
    song = SoundAttachment("song.ogg", noise(3), RATE)
    picture = np.random.default_rng(3).integers(0, 256, (64, 80, 3), np.uint8)
    result = edit_picture(picture, Request(Instruction("fit the picture to [1]", (song,))), system)
    assert sum(note == imagebind.TERMS for note in result.notes) == 1
    assert any("the packaged one reads the packaged aligned encoder's vectors" in note for note in result.notes)
    assert result.report.weights["imagebind_huge"] == digest(made[0] / "imagebind_huge.safetensors")
