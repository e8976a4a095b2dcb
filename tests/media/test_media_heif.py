"""AVIF and HEIC: read, and written with what was in them."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from media_pictures import exif_bytes, photo, rgb_profile
from PIL import Image

from pixwright.errors import InvalidImage, MissingExtra, TruncatedImage
from pixwright.media import format_for, load_picture, read_record, save_picture
from pixwright.media.formats import heif, xmp
from pixwright.media.picture import Kind

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:rights>A. Person</dc:rights>'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
RECORD = '{"note": "a < b & c"}'


@pytest.fixture(params=["AVIF", "HEIF"])
def kind(request):
    if request.param == "HEIF":
        pytest.importorskip("pillow_heif")
        heif.library()
    return request.param


def coded(name, pixels, **options):
    """Bytes with as little loss as the format allows."""
    best = {"quality": 100, "subsampling": "4:4:4", "speed": 9}
    if name == "HEIF":
        best = {"quality": -1, "chroma": 444, "matrix_coefficients": 0, "enc_params": {"preset": "ultrafast"}}
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, name, **best, **options)
    return held.getvalue()


def edited(picture):
    after = picture.pixels.copy()
    after[:16, :16, :3] = (250, 10, 10)
    return after


MOST = {"AVIF": 2, "HEIF": 0}
"""Levels by which a sample differs that nobody edited."""


@pytest.mark.parametrize("orientation", [1, 6])
def test_colours_profile_exif_and_texts_stay(kind, orientation, tmp_path):
    profile = rgb_profile()
    data = coded(kind, photo(64, 96), icc_profile=profile, exif=exif_bytes(orientation), xmp=XMP)
    picture = load_picture(data)
    assert picture.size == ((64, 96) if orientation == 1 else (96, 64)) and picture.source.managed
    target = tmp_path / ("out.avif" if kind == "AVIF" else "out.heic")
    saved = save_picture(edited(picture), picture, target, record=RECORD)
    now = load_picture(saved.path)
    assert (saved.format, now.size, now.source.icc) == (kind, picture.size, profile)
    outside = np.abs(now.source.native.astype(int) - picture.source.native)[16:, 16:]
    assert outside.max() <= MOST[kind]
    assert read_record(saved.path) == RECORD and now.source.texts == ((xmp.NAME, XMP),)
    held = Image.open(saved.path).getexif()
    assert held[0x010F] == "Acme" and not held.get_ifd(0x8825), "the place is left out"
    assert any("was lossy" in note for note in saved.notes)


def test_alpha_stays(kind, tmp_path):
    pixels = np.dstack([photo(48, 64), np.linspace(0, 255, 48 * 64).reshape(48, 64).astype(np.uint8)])
    picture = load_picture(coded(kind, pixels))
    saved = save_picture(edited(picture), picture, tmp_path / ("o.avif" if kind == "AVIF" else "o.heic"))
    now = load_picture(saved.path)
    assert now.source.kind is Kind.RGBA and np.array_equal(now.pixels[..., 3], picture.pixels[..., 3])
    assert np.array_equal(pixels[..., 3], picture.pixels[..., 3])


def test_grey_stays_grey(kind, tmp_path):
    picture = load_picture(_grey(kind))
    after = picture.pixels.copy()
    after[:8, :8] = 200
    saved = save_picture(after, picture, tmp_path / ("o.avif" if kind == "AVIF" else "o.heic"))
    assert (picture.source.kind, saved.mode) == (Kind.GREY, "L")
    assert np.abs(load_picture(saved.path).pixels.astype(int) - after).max() <= 1


def _grey(kind):
    held = io.BytesIO()
    Image.fromarray(photo(48, 64)[..., 0]).save(held, kind, quality=100 if kind == "AVIF" else -1)
    return held.getvalue()


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_half_a_file_is_refused(kind, share):
    data = coded(kind, photo(64, 96))
    with pytest.raises((InvalidImage, TruncatedImage)):
        load_picture(data[: int(len(data) * share)])


def test_the_name_may_be_that_of_a_family(kind):
    """Phones write the general brand first, and what it is after that."""
    data = bytearray(coded(kind, photo(48, 64)))
    assert data[4:8] == b"ftyp"
    data[8:12] = b"mif1"
    assert load_picture(bytes(data)).source.format == kind


def test_deeper_samples_and_second_pictures_are_said():
    assert heif.bits_of(b"....av1C\x81\x00\x4c\x00", "AVIF", {}) == 10
    assert heif.bits_of(b"....av1C\x81\x00\x6c\x00", "AVIF", {}) == 12
    assert heif.bits_of(b"....av1C\x81\x00\x0c\x00", "AVIF", {}) == 8
    assert (
        heif.second_picture(b"", "HEIF", {"aux": {"urn:com:apple:photo:2020:aux:hdrgainmap": [3]}}) == "an HDR gain map"
    )
    assert heif.second_picture(b"", "HEIF", {"depth_images": [1]}) == "a depth map"
    assert heif.second_picture(b"meta tmap", "AVIF", {}) == "an HDR gain map" and not heif.second_picture(
        b"", "AVIF", {}
    )


def test_without_the_extra_the_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    heif.library.cache_clear()
    try:
        with pytest.raises(MissingExtra, match=r"pixwright\[heif\]"):
            load_picture(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
        with pytest.raises(MissingExtra, match=r"pixwright\[heif\]"):
            format_for(__import__("pathlib").Path("a.heic"), "PNG")
    finally:
        heif.library.cache_clear()


def test_a_webp_keeps_its_texts_beside_the_record(tmp_path):
    held = io.BytesIO()
    Image.fromarray(photo(48, 64)).save(held, "WEBP", lossless=True, xmp=XMP)
    picture = load_picture(held.getvalue())
    saved = save_picture(edited(picture), picture, tmp_path / "o.webp", record=RECORD)
    assert read_record(saved.path) == RECORD and not picture.warnings
    again = load_picture(saved.path)
    assert again.source.texts == ((xmp.NAME, XMP),), "the record is not a text of the picture"
    twice = save_picture(edited(again), again, tmp_path / "p.webp", record='{"b": 2}')
    assert read_record(twice.path) == '{"b": 2}' and twice.path.read_bytes().count(b"<pixwright:record>") == 1
