"""Public reports of what was in a file and silently went; each with a neighbour of its kind."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin

from pixwright.errors import ImageTooLarge, TruncatedImage, UnsupportedImage
from pixwright.media import load_picture, save_picture
from pixwright.media.formats import pngfile

PIXELS = np.random.default_rng(3).integers(0, 255, (48, 64, 3)).astype(np.uint8)


def file(name, **options):
    held = io.BytesIO()
    Image.fromarray(PIXELS).save(held, name, **options)
    return held.getvalue()


def edited(picture):
    after = picture.pixels.copy()
    after[:8, :8] = 0
    return after


def test_a_png_keeps_its_texts(tmp_path):
    """The prompt and settings that generators put into their pictures."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", "a red cup, steps 20")
    texts.add_text("Description", "naïve", zip=True)
    texts.add_itxt("Title", "Tasse à café", "fr")
    picture = load_picture(file("PNG", pnginfo=texts))
    saved = save_picture(edited(picture), picture, tmp_path / "out.png", record='{"a": 1}')
    assert Image.open(saved.path).text | {"pixwright": ""} == {
        "parameters": "a red cup, steps 20", "Description": "naïve", "Title": "Tasse à café", "pixwright": "",
    }  # fmt: skip
    again = load_picture(saved.path)
    twice = save_picture(edited(again), again, tmp_path / "twice.png", record='{"b": 2}')
    assert Image.open(twice.path).text["pixwright"] == '{"b": 2}', "an old record is replaced, not kept beside"
    other = save_picture(edited(picture), picture, tmp_path / "out.webp")
    assert any("not carried" in note for note in other.notes)


def test_a_jpeg_keeps_xmp_iptc_and_comment(tmp_path):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:rights>A. Person</dc:rights></x:xmpmeta>'
    data = file("JPEG", xmp=xmp, comment=b"seen in May", quality=90)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x08\x1c\x02\x78\0\x03cup"
    data = data[:2] + b"\xff\xed" + (len(iptc) + 2).to_bytes(2, "big") + iptc + data[2:]
    picture = load_picture(data)
    written = save_picture(edited(picture), picture, tmp_path / "out.jpg", record="{}").path.read_bytes()
    assert xmp in written and iptc in written and b"seen in May" in written and not picture.warnings


@pytest.mark.parametrize(
    ("mark", "name"), [(b"http://ns.adobe.com/hdr-gain-map/1.0/", "gain map"), (b"nothing special", "second picture")]
)
def test_a_second_picture_that_goes_is_said(mark, name, tmp_path):
    xmp = b'<x:xmpmeta hdrgm:Version="1.0">' + mark + b"</x:xmpmeta>"
    data = file("JPEG", xmp=xmp) + file("JPEG", quality=20)
    picture = load_picture(data)
    assert any(name in warning for warning in picture.warnings)
    written = save_picture(edited(picture), picture, tmp_path / "out.jpg").path.read_bytes()
    assert b"hdrgm" not in written and written.count(b"\xff\xd8\xff") == 1


def test_the_makers_notes_and_serial_numbers_do_not_travel(tmp_path):
    held = Image.Exif()
    held[0x010F] = "Maker"
    held.get_ifd(0x8769).update({0x927C: b"secret notes", 0xA431: "SN123456", 0x829A: 0.01})
    picture = load_picture(file("JPEG", exif=held))
    written = save_picture(edited(picture), picture, tmp_path / "out.jpg").path
    assert b"secret notes" not in written.read_bytes() and b"SN123456" not in written.read_bytes()
    assert Image.open(written).getexif().get_ifd(0x8769)[0x829A] == 0.01


def test_a_jpeg_that_is_coded_anew_says_so(tmp_path):
    held = io.BytesIO()
    Image.fromarray(PIXELS[..., 0]).save(held, "JPEG")
    picture = load_picture(held.getvalue())
    after = picture.pixels.copy()
    after[:8, :8] = (255, 0, 0)
    saved = save_picture(after, picture, tmp_path / "out.jpg")
    assert any("coded anew" in note and "it was L" in note for note in saved.notes)


@pytest.mark.parametrize("name", ["PNG", "GIF"])
def test_a_full_palette_does_not_change_the_colour_that_was_asked_for(name, tmp_path):
    """A full palette gave brown for blue, and said done."""
    ramp = np.stack(np.meshgrid(np.arange(64), np.arange(48)), -1).sum(-1)
    table = np.stack([np.arange(256), np.arange(256) // 2, np.zeros(256)], 1).astype(np.uint8)
    image = Image.fromarray((ramp * 2 % 256).astype(np.uint8), "P")
    indices = np.asarray(image).copy()
    indices[:4] = np.arange(256).reshape(4, 64)
    image = Image.fromarray(indices, "P")
    image.putpalette(table.tobytes())
    held = io.BytesIO()
    image.save(held, name, optimize=False)
    picture = load_picture(held.getvalue())
    after = picture.pixels.copy()
    after[10:30, 10:40] = (20, 40, 220)
    saved = save_picture(after, picture, tmp_path / f"out.{name.lower()}")
    now = load_picture(saved.path).pixels
    assert saved.notes and np.abs(now[10:30, 10:40, :3].astype(int) - (20, 40, 220)).max() <= 12
    if name == "PNG":
        assert np.array_equal(now, after)


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_half_a_picture_with_a_proper_end_is_still_half(name):
    photo = np.asarray(
        Image.open(Path(__file__).parents[2] / "examples" / "coffee.png").convert("RGB").resize((300, 200))
    )
    held = io.BytesIO()
    Image.fromarray(photo).save(held, name)
    data = held.getvalue()
    if name == "JPEG":
        half = data[: len(data) // 2] + b"\xff\xd9"
    else:
        rows = zlib.decompress(b"".join(content for kind, content in pngfile.chunks(data) if kind == b"IDAT"))
        parts = [(k, zlib.compress(rows[: len(rows) // 2]) if k == b"IDAT" else c) for k, c in pngfile.chunks(data)]
        once = dict(reversed(parts))
        half = pngfile.SIGNATURE + b"".join(
            struct.pack(">I", len(once[k])) + k + once[k] + struct.pack(">I", zlib.crc32(k + once[k]))
            for k in (b"IHDR", b"IDAT", b"IEND")
        )
    with pytest.raises(TruncatedImage):
        load_picture(half)
    assert load_picture(data).size == (200, 300)


def test_a_flat_end_is_no_half_picture():
    for shade in (0, 128, 255):
        photo = np.full((160, 240, 3), shade, np.uint8)
        photo[:40, :, 0] = np.arange(240)
        for quality in (30, 75, 95):
            held = io.BytesIO()
            Image.fromarray(photo).save(held, "JPEG", quality=quality)
            assert load_picture(held.getvalue()).size == (160, 240)
        held = io.BytesIO()
        Image.fromarray(photo).save(held, "PNG")
        assert load_picture(held.getvalue()).size == (160, 240)


def test_a_bomb_of_scans_is_refused_at_once():
    held = io.BytesIO()
    Image.fromarray(PIXELS).save(held, "JPEG", progressive=True)
    data = held.getvalue()
    at = data.rindex(b"\xff\xda")
    with pytest.raises(ImageTooLarge, match="scans"):
        load_picture(data[:-2] + data[at:-2] * 5000 + b"\xff\xd9")


PHOTO = Image.open(Path(__file__).parents[2] / "examples" / "coffee.png").convert("RGB").resize((300, 200))


def photo(name, **options):
    held = io.BytesIO()
    PHOTO.save(held, name, **options)
    return held.getvalue()


def blanked(data, start=0.5, length=200):
    """The data with a hole of zeros in it."""
    at = int(start * len(data))
    return data[:at] + bytes(length) + data[at + length :]


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"restart_marker_rows": 1}, {"qtables": "web_low"}])
def test_zeros_in_the_middle_of_a_jpeg_are_seen(options):
    data = photo("JPEG", **options)
    assert load_picture(data).size == (200, 300)
    with pytest.raises(TruncatedImage, match="missing"):
        load_picture(blanked(data))


def test_a_progressive_jpeg_without_its_last_scans_is_half_a_picture():
    """With a proper end stuck on; a picture that was saved so is whole."""
    data = photo("JPEG", progressive=True)
    assert load_picture(data).size == (200, 300)
    for share in (0.3, 0.6):
        with pytest.raises(TruncatedImage, match="scans"):
            load_picture(data[: int(share * len(data))] + b"\xff\xd9")


def test_a_flat_sky_is_no_hole():
    """An encoder that fits its tables to the picture writes zeros for blocks without detail."""
    sky = Image.new("RGB", (1200, 900), (120, 160, 230))
    for options in ({"optimize": True}, {"progressive": True}, {"quality": 20, "optimize": True}):
        held = io.BytesIO()
        sky.save(held, "JPEG", **options)
        assert load_picture(held.getvalue()).size == (900, 1200)


def test_a_damaged_strip_of_a_tiff_is_seen():
    data = photo("TIFF", compression="tiff_adobe_deflate")
    assert load_picture(data).size == (200, 300)
    with pytest.raises(TruncatedImage, match="does not unpack"):
        load_picture(blanked(data))


def test_few_scans_over_many_pixels_are_a_bomb_as_well():
    held = io.BytesIO()
    Image.new("RGB", (8000, 8000), (90, 80, 70)).save(held, "JPEG", progressive=True, quality=30)
    data = held.getvalue()
    at = data.rindex(b"\xff\xda")
    with pytest.raises(ImageTooLarge, match="160 scans of 8000x8000"):
        load_picture(data[:-2] + data[at:-2] * 150 + b"\xff\xd9")


def test_a_tiff_of_real_numbers_is_named_as_such(recwarn):
    import cv2

    values = np.random.default_rng(0).random((20, 30, 3)).astype(np.float32)
    ok, data = cv2.imencode(".tiff", values)
    assert ok
    with pytest.raises(UnsupportedImage, match="floating point"):
        load_picture(data.tobytes())
    assert not recwarn.list


def test_a_tiff_keeps_xmp_and_iptc(tmp_path):
    texts = {700: b"<x:xmpmeta>rights</x:xmpmeta>", 33_723: b"\x1c\x02\x78\x00\x03cup"}
    held = io.BytesIO()
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, content in texts.items():
        tags.tagtype[tag] = 1 if tag == 700 else 7
        tags[tag] = content
    PHOTO.save(held, "TIFF", tiffinfo=tags)
    picture = load_picture(held.getvalue())
    saved = save_picture(edited(picture), picture, tmp_path / "out.tif", record="{}")
    with Image.open(saved.path) as now:
        assert {tag: bytes(now.tag_v2[tag]) for tag in texts} == texts
    assert any("not carried" in note for note in save_picture(edited(picture), picture, tmp_path / "o.png").notes)


def test_a_gifs_comment_is_named():
    held = io.BytesIO()
    PHOTO.quantize(16).save(held, "GIF", comment=b"made in May")
    assert any("comment" in warning for warning in load_picture(held.getvalue()).warnings)
