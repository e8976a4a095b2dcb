"""Public reports of what was in a file and silently went; each with a neighbour of its kind."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from pixwright.media import load_picture, save_picture

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
