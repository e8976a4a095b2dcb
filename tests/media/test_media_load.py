"""Every picture of the list of bad inputs is handled or refused by name; nothing is guessed."""

from __future__ import annotations

import io
import resource
import struct
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from media_pictures import (
    ADOBE,
    cmyk_profile,
    deep_png,
    deep_samples,
    file_of,
    grey_profile,
    palette_file,
    photo,
    rgb_profile,
)
from PIL import Image, ImageCms, ImageOps, TiffImagePlugin

from pixwright.errors import ImageTooLarge, InvalidImage, TruncatedImage, UnsupportedImage
from pixwright.media import Kind, Limits, load_picture
from pixwright.media.formats import encode

PNG = file_of(photo(21, 33), "RGB", "PNG")
JPEG = file_of(photo(331, 509), "RGB", "JPEG", quality=90)


@pytest.mark.parametrize("size", [(1, 1), (331, 509), (1, 7), (13, 1)])
@pytest.mark.parametrize("name", ["PNG", "WEBP", "TIFF", "BMP"])
def test_odd_sizes_keep_their_pixels(name: str, size: tuple[int, int]):
    rgb = photo(*size)
    options = {"lossless": True} if name == "WEBP" else {}
    picture = load_picture(file_of(rgb, "RGB", name, **options))
    assert picture.source.format == name
    assert np.array_equal(picture.pixels, rgb)
    assert not picture.pixels.flags.writeable


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_orientation_is_made_upright(name: str, orientation: int):
    options = {"lossless": True} if name == "WEBP" else {}
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = file_of(photo(31, 47), "RGB", name, exif=exif if name == "TIFF" else exif.tobytes(), **options)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    picture = load_picture(data)
    assert picture.source.orientation == orientation
    assert np.array_equal(picture.pixels, upright)


def test_sixteen_bit_grey_is_scaled_not_clipped():
    deep = deep_samples(33, 21, 1)
    for data in (deep_png(deep, Kind.GREY_16), file_of(deep, "I;16", "TIFF")):
        picture = load_picture(data)
        assert picture.source.kind is Kind.GREY_16
        assert np.array_equal(picture.source.native, deep)
        assert np.abs(picture.pixels[..., 0] - deep / 257).max() <= 0.5


@pytest.mark.parametrize(("channels", "kind"), [(2, Kind.GREY_ALPHA_16), (3, Kind.RGB_16), (4, Kind.RGBA_16)])
def test_sixteen_bit_colour_keeps_its_depth(channels: int, kind: Kind):
    deep = deep_samples(19, 23, channels)
    files = [deep_png(deep, kind)]
    if channels > 2:
        turned = np.ascontiguousarray(deep[..., [2, 1, 0, 3][:channels]])
        files += [cv2.imencode(".tiff", turned)[1].tobytes(), cv2.imencode(".png", turned)[1].tobytes()]
    for data in files:
        picture = load_picture(data)
        assert picture.source.kind is kind
        assert np.array_equal(picture.source.native, deep)
        assert picture.pixels.shape[2] == (4 if kind.alpha else 3)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_sixteen_bit_tiff_is_made_upright(orientation: int):
    deep = deep_samples(7, 11, 3)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[0x0112] = orientation
    data = encode._deep_tiff(encode.FileDraft(deep, Kind.RGB_16), tags)
    turns = {1: 0, 3: 2, 6: 3, 8: 1}[orientation]
    assert np.array_equal(load_picture(data).source.native, np.rot90(deep, turns))


def test_other_modes_have_the_right_colours():
    grey = photo(9, 11)[..., 0]
    alpha = photo(9, 11, 5)[..., 1]
    picture = load_picture(file_of(np.dstack([grey, alpha]), "LA", "PNG"))
    assert np.array_equal(picture.pixels, np.dstack([grey, grey, grey, alpha]))
    picture = load_picture(file_of(np.where(grey > 128, 255, 0).astype(np.uint8), "1", "PNG"))
    assert picture.source.kind is Kind.BILEVEL
    assert np.array_equal(picture.pixels[..., 1], np.where(grey > 128, 255, 0))
    for clear in (False, True):
        data = palette_file(40, 50, clear=clear)
        picture = load_picture(data)
        mode = "RGBA" if clear else "RGB"
        assert picture.source.kind is Kind.PALETTE
        assert np.array_equal(picture.pixels, np.asarray(Image.open(io.BytesIO(data)).convert(mode)))


def test_a_colour_key_becomes_alpha():
    rgb = photo(9, 11)
    picture = load_picture(file_of(rgb, "RGB", "PNG", transparency=tuple(int(v) for v in rgb[0, 0])))
    assert picture.pixels.shape[2] == 4
    assert picture.pixels[0, 0, 3] == 0
    assert np.array_equal(picture.pixels[..., :3], rgb)


def test_cmyk_with_a_profile_goes_through_it_and_without_says_so():
    inks = np.dstack([photo(20, 30), photo(20, 30, 3)[..., :1]])
    icc = cmyk_profile()
    want = ImageCms.profileToProfile(
        Image.fromarray(inks, "CMYK"),
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        "RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    picture = load_picture(file_of(inks, "CMYK", "TIFF", icc_profile=icc))
    assert np.array_equal(picture.pixels, np.asarray(want))
    assert not picture.warnings
    plain = load_picture(file_of(inks, "CMYK", "TIFF"))
    assert "CMYK" in plain.warnings[0]
    white = load_picture(file_of(np.zeros((4, 4, 4), np.uint8), "CMYK", "TIFF"))
    assert (white.pixels == 255).all()
    ycck = load_picture(file_of(np.zeros((16, 16, 4), np.uint8), "CMYK", "JPEG"))
    assert (ycck.pixels >= 254).all()


@pytest.mark.parametrize("gamut", [None, ADOBE])
def test_wide_gamut_is_converted_to_srgb(gamut: tuple | None):
    icc = rgb_profile() if gamut is None else rgb_profile(gamut, 2.19921875)
    grey_and_red = np.array([[[128, 128, 128], [200, 60, 60]]], np.uint8)
    picture = load_picture(file_of(grey_and_red, "RGB", "PNG", icc_profile=icc))
    assert picture.source.managed
    assert picture.source.icc == icc
    red = picture.pixels[0, 1].astype(int)
    assert red[0] > 204 and red[1] < 58  # the same numbers mean a stronger red in a wider space
    assert np.ptp(picture.pixels[0, 0]) <= 1


def test_srgb_profiles_change_nothing():
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rgb = photo(40, 30)
    picture = load_picture(file_of(rgb, "RGB", "PNG", icc_profile=icc))
    assert np.array_equal(picture.pixels, rgb)
    assert picture.source.icc == icc and not picture.source.managed


def test_grey_profile_is_applied():
    grey = np.full((4, 4), 128, np.uint8)
    picture = load_picture(file_of(grey, "L", "PNG", icc_profile=grey_profile()))
    assert picture.pixels[0, 0, 0] > 160


@pytest.mark.parametrize("icc", [b"not a profile", rgb_profile()[:200], cmyk_profile(), b"\0" * 300])
def test_a_bad_profile_is_ignored_with_a_warning(icc: bytes):
    rgb = photo(20, 20)
    picture = load_picture(file_of(rgb, "RGB", "PNG", icc_profile=icc))
    assert np.array_equal(picture.pixels, rgb)
    assert "profile is ignored" in picture.warnings[0]
    assert picture.source.icc is None


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG", "TIFF"])
def test_animations_say_which_frame(name: str):
    frames = [Image.fromarray(photo(20, 30, i)) for i in range(3)]
    if name == "GIF":
        frames = [frame.quantize(64) for frame in frames]
    held = io.BytesIO()
    options = {"lossless": True} if name == "WEBP" else {}
    frames[0].save(held, name, save_all=True, append_images=frames[1:], **options)
    picture = load_picture(held.getvalue())
    assert picture.source.frames > 1
    assert ("only the first" if name == "TIFF" else "frame 1 of 3") in picture.warnings[0]
    assert np.array_equal(picture.pixels[..., :3], np.asarray(frames[0].convert("RGB")))


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", InvalidImage, "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", InvalidImage, "web page"),
        (np.random.default_rng(0).bytes(500), InvalidImage, "not a picture"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedImage, "SVG"),
        (b"<svg onload='alert(1)'/>", UnsupportedImage, "SVG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", UnsupportedImage, "EPS"),
        (b"%PDF-1.7\n", UnsupportedImage, "PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", InvalidImage, "HEIF"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", InvalidImage, "AVIF"),
        (b"8BPS\0\x01", UnsupportedImage, "PSD"),
        (b"fLaC\0\0\0\x22", InvalidImage, "FLAC"),
        (PNG[:20], TruncatedImage, "PNG"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, TruncatedImage, "PNG"),
        (b"\xff\xd8\xff" + b"\0" * 100, TruncatedImage, "JPEG"),
        (b"GIF89a", InvalidImage, "GIF"),
        (b"II*\0\x08\0\0\0", InvalidImage, "TIFF"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(data: bytes, error: type[Exception], words: str, tmp_path: Path):
    with pytest.raises(error, match=words) as caught:
        load_picture(data)
    assert "\n" not in str(caught.value)
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    with pytest.raises((InvalidImage, UnsupportedImage, TruncatedImage)):
        load_picture(path)


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_half_a_picture_is_never_edited(name: str, share: float):
    whole = palette_file(200, 200, "GIF", 200) if name == "GIF" else file_of(photo(200, 200), "RGB", name)
    with pytest.raises((TruncatedImage, InvalidImage)) as caught:
        load_picture(whole[: int(len(whole) * share)])
    if name in ("PNG", "JPEG", "WEBP", "GIF", "BMP"):
        assert caught.type is TruncatedImage


def test_half_a_progressive_jpeg_is_never_edited():
    whole = file_of(photo(200, 200), "RGB", "JPEG", progressive=True)
    with pytest.raises(TruncatedImage):
        load_picture(whole[: len(whole) // 2])


def _png_header(width: int, height: int, bits: int = 1, colour: int = 0) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)),
            chunk(b"IDAT", body),
            chunk(b"IEND", b""),
        ]
    )


@pytest.mark.parametrize("size", [(13_000, 13_000), (20_000, 20_000), (1, 60_000), (60_000, 1), (9_000, 8_000)])
def test_bombs_are_refused_on_the_header(size: tuple[int, int]):
    data = _png_header(*size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    with pytest.raises(ImageTooLarge, match="at most"):
        load_picture(data)
    assert time.process_time() - start < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("chunk", ["zTXt", "iCCP"])
def test_metadata_bombs_are_refused(chunk: str):
    body = b"key\0\0" + zlib.compress(b"\0" * 50_000_000)
    raw = struct.pack(">I", len(body)) + chunk.encode() + body + struct.pack(">I", zlib.crc32(chunk.encode() + body))
    with pytest.raises(ImageTooLarge, match="metadata"):
        load_picture(PNG[:33] + raw + PNG[33:])


def test_no_area_and_own_limits():
    with pytest.raises(InvalidImage):
        load_picture(_png_header(0, 10))
    with pytest.raises(ImageTooLarge, match="33x21"):
        load_picture(PNG, limits=Limits(max_pixels=100))
    with pytest.raises(InvalidImage, match="at least 64"):
        load_picture(PNG, limits=Limits(min_side=64))
    with pytest.raises(ImageTooLarge, match="bytes"):
        load_picture(PNG, limits=Limits(max_bytes=100))


def test_float_and_lab_are_refused_by_name():
    with pytest.raises(UnsupportedImage, match="floating point"):
        load_picture(file_of(np.random.default_rng(0).random((9, 9), np.float32), "F", "TIFF"))
    with pytest.raises(UnsupportedImage, match=r"Lab"):
        load_picture(file_of(photo(9, 9), "LAB", "TIFF"))
    with pytest.raises(UnsupportedImage, match="32-bit"):
        load_picture(file_of(np.arange(81, dtype=np.int32).reshape(9, 9), "I", "TIFF"))


def test_paths(tmp_path: Path):
    with pytest.raises(InvalidImage, match="does not exist"):
        load_picture(tmp_path / "none.png")
    with pytest.raises(InvalidImage, match="folder"):
        load_picture(tmp_path)
    with pytest.raises(InvalidImage):
        load_picture(tmp_path / ("x" * 4096))
    with pytest.raises(InvalidImage):
        load_picture(Path("a\0b.png"))
    wrong = tmp_path / "photo.png"
    wrong.write_bytes(JPEG)
    with pytest.raises(UnsupportedImage, match=r"content is JPEG.*photo\.jpg"):
        load_picture(wrong)
    free = tmp_path / "upload"
    free.write_bytes(JPEG)
    assert load_picture(free).size == (331, 509)


def test_random_damage_is_an_error_or_a_whole_picture():
    rng = np.random.default_rng(1)
    for name in ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP"):
        whole = palette_file(40, 40, "GIF") if name == "GIF" else file_of(photo(40, 40), "RGB", name)
        for _ in range(25):
            data = bytearray(whole)
            for at in rng.integers(8, len(data), 4):
                data[at] = rng.integers(0, 256)
            try:
                picture = load_picture(bytes(data))
            except (InvalidImage, TruncatedImage, ImageTooLarge, UnsupportedImage):
                continue
            assert picture.pixels.ndim == 3
