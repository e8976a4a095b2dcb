"""What is saved is what was loaded, but for the edit: in every mode the unedited samples are the file's own."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media_pictures import (
    ADOBE,
    cmyk_profile,
    deep_png,
    deep_samples,
    exif_bytes,
    file_of,
    grey_profile,
    palette_file,
    patched,
    photo,
    rgb_profile,
)
from PIL import Image

from pixwright.errors import InvalidImage, InvalidOption
from pixwright.media import Kind, load_picture, read_record, save_picture
from pixwright.media.formats.encode import FileDraft, bmp, tiff

RECORD = '{"plan": "a <b> & c", "naïve": "élan \\u00e9"}'


def _inputs() -> dict[str, tuple[str, bytes]]:
    """Name -> (ending, file) in every lossless mode and format."""
    h, w = 37, 41
    rgb, alpha = photo(h, w), photo(h, w, 9)[..., :1]
    alpha[:5] = 0
    rgba = np.dstack([rgb, alpha])
    grey = rgb[..., 0].copy()
    deep = {n: deep_samples(h, w, n) for n in (1, 2, 3, 4)}
    inks = np.dstack([rgb, alpha])
    return {
        "png 1": (".png", file_of(np.where(grey > 128, 255, 0).astype(np.uint8), "1", "PNG")),
        "png L": (".png", file_of(grey, "L", "PNG")),
        "png L icc": (".png", file_of(grey, "L", "PNG", icc_profile=grey_profile())),
        "png LA": (".png", file_of(np.dstack([grey, alpha]), "LA", "PNG")),
        "png P": (".png", palette_file(h, w)),
        "png P clear": (".png", palette_file(h, w, clear=True)),
        "png P4": (".png", palette_file(h, w, colours=12)),
        "png RGB": (".png", file_of(rgb, "RGB", "PNG")),
        "png RGB p3": (".png", file_of(rgb, "RGB", "PNG", icc_profile=rgb_profile())),
        "png RGBA": (".png", file_of(rgba, "RGBA", "PNG")),
        "png RGBA adobe": (".png", file_of(rgba, "RGBA", "PNG", icc_profile=rgb_profile(ADOBE))),
        "png L16": (".png", deep_png(deep[1], Kind.GREY_16)),
        "png LA16": (".png", deep_png(deep[2], Kind.GREY_ALPHA_16)),
        "png RGB16": (".png", deep_png(deep[3], Kind.RGB_16)),
        "png RGBA16": (".png", deep_png(deep[4], Kind.RGBA_16)),
        "webp RGB": (".webp", file_of(rgb, "RGB", "WEBP", lossless=True)),
        "webp RGBA": (".webp", file_of(rgba, "RGBA", "WEBP", lossless=True, exact=True)),
        "webp lossy": (".webp", file_of(rgba, "RGBA", "WEBP", quality=70)),
        "tiff 1": (".tif", file_of(np.where(grey > 128, 255, 0).astype(np.uint8), "1", "TIFF", compression="group4")),
        "tiff L": (".tif", file_of(grey, "L", "TIFF")),
        "tiff LA": (".tif", file_of(np.dstack([grey, alpha]), "LA", "TIFF")),
        "tiff P": (".tif", palette_file(h, w, "TIFF")),
        "tiff RGB": (".tif", file_of(rgb, "RGB", "TIFF", compression="tiff_lzw", dpi=(300, 300))),
        "tiff RGBA": (".tif", file_of(rgba, "RGBA", "TIFF")),
        "tiff CMYK": (".tif", file_of(inks, "CMYK", "TIFF")),
        "tiff CMYK icc": (".tif", file_of(inks, "CMYK", "TIFF", icc_profile=cmyk_profile())),
        "tiff L16": (".tif", file_of(deep[1], "I;16", "TIFF")),
        "tiff RGB16": (".tif", tiff(FileDraft(deep[3], Kind.RGB_16))),
        "tiff RGBA16": (".tif", tiff(FileDraft(deep[4], Kind.RGBA_16, compression="tiff_lzw"))),
        "bmp 1": (".bmp", file_of(np.where(grey > 128, 255, 0).astype(np.uint8), "1", "BMP")),
        "bmp L": (".bmp", file_of(grey, "L", "BMP")),
        "bmp P": (".bmp", palette_file(h, w, "BMP")),
        "bmp RGB": (".bmp", file_of(rgb, "RGB", "BMP")),
        "bmp RGBA": (".bmp", bmp(FileDraft(rgba, Kind.RGBA))),
        "gif P": (".gif", palette_file(h, w, "GIF")),
        "gif P clear": (".gif", palette_file(h, w, "GIF", clear=True)),
    }


INPUTS = _inputs()


def _shown(picture) -> np.ndarray:
    """What a palette picture looks like; the samples of any other."""
    source = picture.source
    return source.palette[source.native] if source.palette is not None else source.native


@pytest.mark.parametrize("name", INPUTS)
def test_nothing_changed_means_the_same_samples(name: str, tmp_path: Path):
    ending, data = INPUTS[name]
    picture = load_picture(data)
    saved = save_picture(picture.pixels, picture, tmp_path / f"out{ending}")
    again = load_picture(saved.path)
    assert again.source.kind is picture.source.kind
    assert again.source.format == picture.source.format
    assert np.array_equal(_shown(again), _shown(picture))
    assert np.array_equal(again.pixels, picture.pixels)
    assert again.source.icc == picture.source.icc
    assert again.source.compression == picture.source.compression
    assert again.source.bits == picture.source.bits
    if picture.source.dpi:
        assert again.source.dpi == pytest.approx(picture.source.dpi, abs=0.1)


@pytest.mark.parametrize("name", INPUTS)
def test_a_patch_changes_its_own_samples_only(name: str, tmp_path: Path):
    ending, data = INPUTS[name]
    picture = load_picture(data)
    after, changed = patched(picture.pixels, 8, 9)
    if picture.source.kind.grey:  # the same grey in all channels
        after[..., :3] = after[..., :1]
        changed = (after != picture.pixels).any(2)
    saved = save_picture(after, picture, tmp_path / f"out{ending}")
    again = load_picture(saved.path)
    assert again.source.kind is picture.source.kind
    assert np.array_equal(_shown(again)[~changed], _shown(picture)[~changed])
    if picture.pixels.shape[2] == 4:
        assert np.array_equal(again.pixels[..., 3], picture.pixels[..., 3])
        if picture.source.kind.alpha:
            assert np.array_equal(again.source.native[..., -1], picture.source.native[..., -1])
    error = np.abs(again.pixels[changed][:, :3].astype(int) - after[changed][:, :3])
    # A profile's gamut, a press's inks and a palette's entries bound what can be stored; everything else is exact.
    bound = {"1": 255, "P": 60, "CMYK": 255 if picture.source.managed else 3}.get(picture.source.kind.value, 0)
    assert error.max() <= (bound or (10 if picture.source.managed else 0))
    assert not picture.source.managed or picture.source.kind is Kind.CMYK or error.mean() < 1


def test_p3_colours_come_back_within_the_gamut(tmp_path: Path):
    icc = rgb_profile()
    rgb = photo(64, 64) // 2 + 60
    picture = load_picture(file_of(rgb, "RGB", "PNG", icc_profile=icc))
    after = picture.pixels.copy()
    after[10:30, 10:30] = after[10:30, 10:30] // 2 + 40
    again = load_picture(save_picture(after, picture, tmp_path / "out.png").path)
    assert again.source.icc == icc
    assert np.abs(again.pixels.astype(int) - after).max() <= 3


def test_colour_in_a_grey_picture_is_kept_and_said(tmp_path: Path):
    for data in (INPUTS["png L"][1], INPUTS["png LA"][1], INPUTS["png L16"][1], INPUTS["png 1"][1]):
        picture = load_picture(data)
        after = picture.pixels.copy()
        after[5:9, 5:9, :3] = (200, 30, 30)
        saved = save_picture(after, picture, tmp_path / "out.png")
        assert any("colour" in note for note in saved.notes)
        assert np.array_equal(load_picture(saved.path).pixels, after)


def test_a_full_palette_says_how_far_off_it_is(tmp_path: Path):
    data = palette_file(200, 200, colours=256)
    picture = load_picture(data)
    after = picture.pixels.copy()
    after[50:100, 50:100] = np.random.default_rng(0).integers(0, 256, (50, 50, 3))
    saved = save_picture(after, picture, tmp_path / "out.png")
    assert any("free entries" in note for note in saved.notes)
    again = load_picture(saved.path)
    outside = np.ones((200, 200), bool)
    outside[50:100, 50:100] = False
    assert np.array_equal(again.pixels[outside], picture.pixels[outside])


def test_three_channels_keep_the_alpha_and_hidden_colours(tmp_path: Path):
    picture = load_picture(INPUTS["png RGBA"][1])
    after = np.ascontiguousarray(picture.pixels[..., :3])
    after[20:30, 20:30] = (1, 2, 3)
    again = load_picture(save_picture(after, picture, tmp_path / "out.png").path)
    assert np.array_equal(again.pixels[..., 3], picture.pixels[..., 3])
    assert np.array_equal(again.pixels[..., :3], after)


def test_new_alpha_promotes_the_mode(tmp_path: Path):
    for name in ("png RGB", "png L", "png RGB16", "tiff RGB", "tiff CMYK", "bmp RGB", "webp RGB"):
        ending, data = INPUTS[name]
        picture = load_picture(data)
        alpha = np.full(picture.size, 255, np.uint8)
        alpha[:10] = 0
        after = np.dstack([picture.pixels[..., :3], alpha])
        again = load_picture(save_picture(after, picture, tmp_path / f"out{ending}").path)
        assert np.array_equal(again.pixels, after), name


def test_another_size_is_saved_whole(tmp_path: Path):
    for name, (ending, data) in INPUTS.items():
        picture = load_picture(data)
        after = np.ascontiguousarray(picture.pixels[3:20, 5:33])
        again = load_picture(save_picture(after, picture, tmp_path / f"out{ending}").path)
        assert again.size == (17, 28), name
        assert again.source.kind is picture.source.kind, name


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp", ".tif", ".bmp", ".gif"])
@pytest.mark.parametrize(
    "name",
    ["png RGBA", "png RGB16", "png LA16", "tiff CMYK icc", "png P clear", "png L", "png L16", "png RGB p3", "png 1"],
)
def test_another_format(name: str, ending: str, tmp_path: Path):
    picture = load_picture(INPUTS[name][1])
    saved = save_picture(picture.pixels, picture, tmp_path / f"out{ending}")
    again = load_picture(saved.path)
    assert again.size == picture.size
    if ending in (".png", ".tif", ".webp") and not picture.source.managed:
        assert np.array_equal(again.pixels, picture.pixels)
    elif again.pixels.shape == picture.pixels.shape:
        # JPEG and GIF approximate; a profile that no longer fits is converted.
        solid = (picture.pixels[..., -1] >= 128) if again.pixels.shape[2] == 4 else np.ones(picture.size, bool)
        assert np.abs(again.pixels[solid].astype(int) - picture.pixels[solid]).mean() < 12 + 20 * (ending == ".gif")
    if ending == ".jpg" and picture.pixels.shape[2] == 4:
        assert any("white" in note for note in saved.notes)


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp", ".tif", ".gif"])
def test_the_record_is_embedded_and_read_back(ending: str, tmp_path: Path):
    picture = load_picture(file_of(photo(40, 40), "RGB", "PNG"))
    saved = save_picture(picture.pixels, picture, tmp_path / f"out{ending}", record=RECORD)
    assert read_record(saved.path) == RECORD
    assert read_record(saved.path.read_bytes()) == RECORD
    again = load_picture(saved.path)
    save_picture(again.pixels, again, saved.path)
    assert read_record(saved.path) is None


def test_bmp_says_that_it_holds_no_record(tmp_path: Path):
    picture = load_picture(INPUTS["bmp RGB"][1])
    saved = save_picture(picture.pixels, picture, tmp_path / "out.bmp", record=RECORD)
    assert any("record" in note for note in saved.notes)
    assert read_record(saved.path) is None


@pytest.mark.parametrize(("name", "ending"), [("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp"), ("TIFF", ".tif")])
def test_exif_is_kept_but_the_place(name: str, ending: str, tmp_path: Path):
    exif = exif_bytes(6, make="<script>alert(1)</script>")
    options = {"xmp": b"<x:xmpmeta>secret GPSLatitude</x:xmpmeta>"} if name in ("JPEG", "WEBP") else {}
    held = Image.Exif()
    held.load(exif)
    data = file_of(photo(48, 64), "RGB", name, exif=held if name == "TIFF" else exif, **options)
    picture = load_picture(data)
    for keep in (False, True):
        saved = save_picture(picture.pixels, picture, tmp_path / f"out{ending}", keep_gps=keep)
        written = saved.path.read_bytes()
        assert b"<script" not in written and b"secret" not in written
        again = Image.open(io.BytesIO(written)).getexif()
        assert again.get(0x0112, 1) == (6 if name == "JPEG" else 1)
        assert again[0x010E] == "a day out"
        assert bool(again.get_ifd(0x8825)) is keep
        assert again.get_ifd(0x8769)[0x9003] == "2020:01:01 00:00:00"
        assert np.array_equal(load_picture(written).pixels, picture.pixels)


def test_what_follows_or_hides_in_the_file_is_dropped(tmp_path: Path):
    for ending, name in ((".png", "PNG"), (".jpg", "JPEG")):
        data = file_of(photo(32, 32), "RGB", name, comment=b"<?php x ?>") + b"PK\x03\x04<script>"
        picture = load_picture(data)
        written = save_picture(picture.pixels, picture, tmp_path / f"out{ending}").path.read_bytes()
        assert b"script" not in written and b"php" not in written and b"PK\x03\x04" not in written


def test_the_same_input_gives_the_same_bytes(tmp_path: Path):
    for name, (ending, data) in INPUTS.items():
        picture = load_picture(data)
        first = save_picture(picture.pixels, picture, tmp_path / f"a{ending}", record=RECORD)
        second = save_picture(picture.pixels, load_picture(data), tmp_path / f"b{ending}", record=RECORD)
        assert first.path.read_bytes() == second.path.read_bytes(), name
        assert first.sha256 == second.sha256


def test_writing_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = tmp_path / "in.png"
    source.write_bytes(INPUTS["png RGB"][1])
    picture = load_picture(source)
    save_picture(255 - picture.pixels, picture, tmp_path / "out.png")
    assert source.read_bytes() == INPUTS["png RGB"][1]
    save_picture(255 - picture.pixels, picture, source)  # over the input, when it is named
    assert np.array_equal(load_picture(source).pixels, 255 - picture.pixels)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    before = source.read_bytes()
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InvalidOption, match="No space left"):
        save_picture(picture.pixels, picture, source)
    assert source.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.png", "out.png"]


def test_bad_targets(tmp_path: Path):
    picture = load_picture(INPUTS["png RGB"][1])
    for target, words in (
        (tmp_path / "a.xyz", "ending"),
        (tmp_path, "folder"),
        (tmp_path / "no" / "a.png", "cannot be written"),
    ):
        with pytest.raises(InvalidOption, match=words):
            save_picture(picture.pixels, picture, target)
    assert save_picture(picture.pixels, picture, tmp_path / "plain").format == "PNG"
    with pytest.raises(InvalidImage):
        read_record(b"nothing")


@settings(max_examples=25, deadline=None)
@given(height=st.integers(1, 40), width=st.integers(1, 40), channels=st.sampled_from([3, 4]), seed=st.integers(0, 99))
def test_any_edit_of_any_size_comes_back(height: int, width: int, channels: int, seed: int, tmp_path_factory):
    rng = np.random.default_rng(seed)
    before, after = rng.integers(0, 256, (2, height, width, channels), dtype=np.uint8)
    after = np.where(rng.random((height, width, 1)) < 0.5, before, after)
    mode = "RGB" if channels == 3 else "RGBA"
    picture = load_picture(file_of(before, mode, "PNG"))
    folder = tmp_path_factory.mktemp("any")
    for ending in (".png", ".webp", ".tif", ".bmp"):
        again = load_picture(save_picture(after, picture, folder / f"out{ending}").path)
        if again.pixels.shape[2] == channels:
            assert np.array_equal(again.pixels, after)
        else:
            assert (after[..., 3] == 255).all()
