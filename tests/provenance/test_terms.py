"""IPTC's digital source type in a result's XMP, in every format that has a place for it, and what becomes of the input's own."""

from __future__ import annotations

from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from pixwright.files import Job, edit_file
from pixwright.media import load_picture, said_source_type
from pixwright.media.formats import texts, xmp
from pixwright.provenance import terms
from pixwright.provenance.check import check
from pixwright.records.kind import EditType
from pixwright.records.result import Origin, Verdict
from pixwright.redoing import redo

CAPTURE, DRAWN, MIXED, MADE = (
    terms.SCHEME + name
    for name in (
        "digitalCapture",
        "compositeSynthetic",
        "compositeWithTrainedAlgorithmicMedia",
        "trainedAlgorithmicMedia",
    )
)
ELEMENT = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:I="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:dc="d">%s'
    b"<dc:title>A cup &amp; a spoon</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def report(*steps):
    """Of steps that are (type, origin, verdict)."""
    made = [SimpleNamespace(type=kind, added=added, verdict=verdict) for kind, added, verdict in steps]
    return SimpleNamespace(steps=made)


def picture(path, **how):
    rows = np.linspace(40, 220, 64).astype(np.uint8)
    Image.fromarray(
        np.dstack([np.tile(rows, (48, 1)), np.full((48, 64), 90, np.uint8), np.tile(rows[::-1], (48, 1))])
    ).save(path, **how)
    return path


def edited(source, out, words="make it brighter"):
    done = edit_file(Job(source, words, out, sign=False))
    assert done.output == out
    return out


TONE = EditType.TONE_TRANSFER, Origin.EXISTING, Verdict.DONE
ADDED = EditType.ADD, Origin.DRAWN, Verdict.PARTLY
PAINTED = EditType.REPLACE, Origin.GENERATED, Verdict.DONE


@pytest.mark.parametrize(
    ("steps", "said", "stated"),
    [
        ([TONE], None, terms.STANDARD),
        ([TONE], CAPTURE, terms.STANDARD),
        ([TONE], MADE, MADE),
        ([TONE], terms.SCHEME + "digitalCreation", terms.SCHEME + "digitalCreation"),
        ([TONE, ADDED], CAPTURE, DRAWN),
        ([ADDED, PAINTED], None, MIXED),
        ([PAINTED], MADE, MADE),
        ([TONE, (*PAINTED[:2], Verdict.NOT_DONE)], None, terms.STANDARD),
        ([(EditType.REMOVE, Origin.EXISTING, Verdict.DONE)], None, terms.SCHEME + "compositeCapture"),
    ],
)
def test_the_strongest_term_stands(steps, said, stated):
    assert terms.stated(report(*steps), said) == stated


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif", "avif"])
def test_every_format_with_a_place_for_it_says_it(tmp_path, ending):
    out = edited(picture(tmp_path / f"in.{ending}"), tmp_path / f"out.{ending}")
    assert said_source_type(load_picture(out)) == terms.STANDARD
    assert check(out)["digital_source_type"] == terms.STANDARD
    assert redo(out)[1]
    again = edited(out, tmp_path / f"again.{ending}")
    assert again.read_bytes().count(b"DigitalSourceType") == 1


@pytest.mark.parametrize("ending", ["png", "webp", "avif", "tif"])
def test_animations_and_pages_say_it_too(tmp_path, ending):
    frames = [Image.new("RGB", (64, 48), (90, shade, 40)) for shade in (80, 160)]
    source, out = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    frames[0].save(source, save_all=True, append_images=frames[1:])
    done = edit_file(Job(source, "make it brighter", output=out))
    assert done.output == out and load_picture(out).source.frames == len(frames)
    assert said_source_type(load_picture(out)) == terms.STANDARD
    assert out.read_bytes().count(b"DigitalSourceType") == 1


@pytest.mark.parametrize("ending", ["gif", "bmp"])
def test_the_others_are_written_without(tmp_path, ending):
    out = edited(picture(tmp_path / f"in.{ending}"), tmp_path / f"out.{ending}")
    assert said_source_type(load_picture(out)) is None


def test_others_can_read_it(tmp_path):
    out = edited(picture(tmp_path / "in.jpg"), tmp_path / "out.jpg")
    told = ElementTree.fromstring(Image.open(out).info["xmp"])
    said = [one.attrib.get("{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType") for one in told.iter()]
    assert terms.STANDARD in said


@pytest.mark.parametrize(
    "way", [b"<I:DigitalSourceType>%s</I:DigitalSourceType>", b'<I:DigitalSourceType rdf:resource="%s"/>']
)
def test_the_packet_of_the_input_keeps_everything_else(tmp_path, way):
    packet = ELEMENT % (way % CAPTURE.encode())
    source = picture(tmp_path / "in.webp", xmp=packet, lossless=True)
    assert said_source_type(load_picture(source)) == CAPTURE
    out = edited(source, tmp_path / "out.webp")
    held = dict(load_picture(out).source.texts)[xmp.NAME]
    assert held == packet.replace(CAPTURE.encode(), terms.STANDARD.encode())


@pytest.mark.parametrize("packed", [False, True])
def test_a_picture_that_was_generated_stays_so_in_another_format(tmp_path, packed):
    packet = (ELEMENT % b"").replace(b'xmlns:dc="d"', b'xmlns:dc="d" I:DigitalSourceType="' + MADE.encode() + b'"')
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet.decode(), zip=packed)
    source = picture(tmp_path / "in.png", pnginfo=info)
    assert said_source_type(load_picture(edited(source, tmp_path / "out.png"))) == MADE
    assert said_source_type(load_picture(edited(source, tmp_path / "out.jpg"))) == MADE


def test_a_packet_that_cannot_be_read_or_is_full_is_left_alone():
    strange = ((xmp.NAME, b"no packet at all"),)
    assert texts.with_source_type(strange, "WEBP", MADE) == strange
    torn = ((b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0torn"),)
    assert texts.with_source_type(torn, "PNG", MADE) == torn
    full = ((b"\xe1", b"http://ns.adobe.com/xap/1.0/\0" + ELEMENT % (b"<dc:a>" + b" " * 64_900 + b"</dc:a>")),)
    assert texts.with_source_type(full, "JPEG", MADE) == full
    ((marker, content),) = texts.with_source_type((), "JPEG", MADE)
    assert marker == b"\xe1" and content.startswith(b"http://ns.adobe.com/xap/1.0/\0<x:")
