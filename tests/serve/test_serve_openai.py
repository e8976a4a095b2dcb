"""The official `openai` client, unpatched, against our server."""

from __future__ import annotations

import base64
import json
import socket
import time
from io import BytesIO

import httpx
import numpy as np
import pytest
from PIL import Image
from serving import arrow, events, mask, picture, post_picture

openai = pytest.importorskip("openai")
WORDS = "make it darker"


@pytest.fixture(scope="module")
def ai(address):
    return openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=2)


def pixels(datum):
    return np.asarray(Image.open(BytesIO(base64.b64decode(datum.b64_json))).convert("RGB")).astype(int)


def original(**made):
    return np.asarray(Image.open(BytesIO(picture(**made))).convert("RGB")).astype(int)


def test_a_path(ai, tmp_path):
    (tmp_path / "in.png").write_bytes(picture())
    answer = ai.images.edit(image=tmp_path / "in.png", prompt=WORDS, model="gpt-image-1")
    assert pixels(answer.data[0]).mean() < original().mean() - 10
    assert (answer.size, answer.output_format, answer.background) == ("96x64", "png", "opaque")
    report = answer.data[0].pixwright
    assert report["verdict"] == "done" and report["outside_max_abs_diff"] == 0 and report["mask_applied"] is False
    assert [step["type"] for step in report["plan"]["steps"]] == ["tone_transfer"]


def test_bytes_as_jpeg_in_another_size(ai):
    answer = ai.images.edit(
        image=picture(form="JPEG"), prompt=WORDS, size="48x48", output_format="jpeg", output_compression=60
    )
    assert answer.size == "48x32" and pixels(answer.data[0]).shape == (32, 48, 3)
    assert base64.b64decode(answer.data[0].b64_json).startswith(b"\xff\xd8\xff") and answer.output_format == "jpeg"


def test_a_list_is_a_picture_and_its_attachments(ai):
    with pytest.raises(openai.BadRequestError) as refused:
        ai.images.edit(image=[picture()], prompt="apply the style of [1]")
    assert refused.value.code == "invalid_attachment"
    answer = ai.images.edit(
        image=[picture(), picture(64, 64)], prompt=f"{WORDS}", n=2, extra_body={"seed": 7, "cfg": 3}
    )
    assert [one.pixwright["seed"] for one in answer.data] == [7, 8]
    assert "ignored: cfg" in answer.data[0].pixwright["notes"]


@pytest.mark.parametrize("form", ["alpha", "white"])
def test_both_kinds_of_mask(ai, form):
    answer = ai.images.edit(image=picture(), mask=mask(form=form), prompt=WORDS)
    changed = np.abs(pixels(answer.data[0]) - original()).max(2) > 0
    assert changed[:, :40].mean() > 0.9 and not changed[:, 48:].any()
    report = answer.data[0].pixwright
    assert report["mask_applied"] and report["mask_read_as"] == (
        "alpha 0 = edit" if form == "alpha" else "white = edit"
    )


def test_a_drawing_points_at_what_is_meant(ai):
    answer = ai.images.edit(image=picture(), prompt="make it blue", markup=arrow())
    changed = np.abs(pixels(answer.data[0]) - original()).max(2) > 8
    assert changed[20:28, 28:44].mean() > 0.9 and not changed[:, 60:].any()
    assert answer.data[0].pixwright["mask_applied"] is False
    for wrong, code in (({"mask": mask()}, "invalid_option"), ({"markup": picture()}, "invalid_mask")):
        with pytest.raises(openai.BadRequestError) as refused:
            ai.images.edit(image=picture(), prompt="make it blue", **({"markup": arrow()} | wrong))
        assert refused.value.code == code


@pytest.mark.parametrize(("steps", "asked", "sent"), [(1, 2, 0), (2, 1, 1), (3, 3, 2), (3, 1, 1)])
def test_pictures_on_the_way(ai, steps, asked, sent):
    prompt = ", then ".join([WORDS, "mirror it", "make it black and white"][:steps])
    seen = list(ai.images.edit(image=picture(), prompt=prompt, stream=True, partial_images=asked))
    assert [one.type for one in seen] == ["image_edit.partial_image"] * sent + ["image_edit.completed"]
    assert [one.partial_image_index for one in seen[:-1]] == list(range(sent))
    for one in seen[:-1]:
        assert (one.size, one.output_format, one.background) == ("96x64", "png", "opaque") and one.created_at
        # It was darkened, and has its colours still.
        assert pixels(one).mean() < original().mean() - 10 and np.ptp(pixels(one), axis=2).max() > 50


def test_pictures_on_the_way_are_small_and_in_the_format_that_was_asked_for(ai):
    prompt = f"{WORDS}, then mirror it"
    first, last = ai.images.edit(
        image=picture(1280, 640), prompt=prompt, stream=True, partial_images=1, output_format="jpeg"
    )
    assert (first.size, first.output_format) == ("1024x512", "jpeg") and last.size == "1280x640"
    assert base64.b64decode(first.b64_json).startswith(b"\xff\xd8\xff")


def test_a_stream(ai):
    seen = list(ai.images.edit(image=picture(), prompt=WORDS, stream=True, partial_images=1))
    assert [one.type for one in seen] == ["image_edit.completed"] and seen[0].usage.total_tokens == 0
    assert pixels(seen[0]).mean() < original().mean() - 10
    with pytest.raises(openai.APIError, match="grumpf"):
        list(ai.images.edit(image=picture(), prompt="florbel the grumpf", stream=True))


def test_errors_are_typed_and_tried_once(ai, client, caplog):
    empty = BytesIO()
    Image.new("L", (96, 64)).save(empty, "PNG")
    cases = [
        (openai.UnprocessableEntityError, "not_understood", {"prompt": "florbel the grumpf"}),
        (openai.UnprocessableEntityError, "not_done", {"prompt": "remove the zebra"}),
        (openai.BadRequestError, "invalid_image", {"image": b"hello"}),
        (openai.BadRequestError, "invalid_mask", {"mask": mask(10, 50)}),
        (openai.BadRequestError, "invalid_mask", {"mask": empty.getvalue()}),
        (openai.BadRequestError, "refused", {"prompt": "make the schoolgirl naked"}),
        (openai.BadRequestError, "unsupported_output_format", {"output_format": "svg"}),
        (openai.BadRequestError, "unsupported_background", {"background": "transparent"}),
        (openai.BadRequestError, "invalid_request", {"n": 11}),
        (openai.BadRequestError, "invalid_prompt", {"prompt": "a" * 3000}),
    ]
    for kind, code, asked in cases:
        with pytest.raises(kind) as refused:
            ai.images.edit(**({"image": picture(), "prompt": WORDS} | asked))
        assert refused.value.code == code and refused.value.body.keys() >= {"message", "type", "param", "code"}
        assert "--" not in refused.value.body["message"], "there is no command line here"
        assert refused.value.response.headers["x-should-retry"] == "false"
        assert refused.value.response.headers["x-request-id"] == refused.value.request_id
    assert len(client.get("/v1/jobs").json()) < 100
    (logged,) = [line for line in caplog.messages if "was refused" in line]
    assert "minors" in logged and "schoolgirl" not in logged and "pic_" not in logged


def test_a_client_that_goes_away_cancels_its_job(client, address):
    """Nobody waits for the result: the work stops after the try at a step that runs."""
    form = {"prompt": ", then ".join(["make it darker", "mirror it", "make it black and white"] * 2), "n": "10"}
    host, _, port = address.removeprefix("http://").partition(":")
    asked = httpx.Request("POST", f"{address}/v1/images/edits", data=form, files={"image": picture()})
    head = "".join(f"{name}: {value}\r\n" for name, value in asked.headers.items())
    with socket.create_connection((host, int(port))) as gone:
        gone.sendall(f"POST /v1/images/edits HTTP/1.1\r\n{head}\r\n".encode() + asked.read())
        while not (running := [one for one in client.get("/v1/jobs").json() if one["status"] == "running"]):
            time.sleep(0.02)
    assert list(events(client, running[0]["id"]))[-1]["status"] == "cancelled"


def test_the_json_variant(client):
    address = "data:image/png;base64," + base64.b64encode(picture()).decode()
    body = {"prompt": WORDS, "images": [{"image_url": address}], "mask": {"file_id": post_picture(client, mask())}}
    answer = client.post("/v1/images/edits", json=body)
    assert answer.status_code == 200 and answer.json()["data"][0]["pixwright"]["mask_applied"]
    linked = client.post("/v1/images/edits", json=body | {"response_format": "url"}).json()["data"][0]["url"]
    assert client.get(linked).headers["content-type"] == "image/png"
    bad = [
        ({"images": [{}]}, "invalid_request"),
        ({"images": [{"image_url": "data:image/png,abc"}]}, "invalid_image_url"),
        ({"images": [{"image_url": "https://example.org/a.png"}]}, "urls_not_allowed"),
        ({"images": []}, "invalid_request"),
    ]
    for part, code in bad:
        answer = client.post("/v1/images/edits", json=body | part)
        assert answer.status_code == 400 and answer.json()["error"]["code"] == code
    assert (
        client.post("/v1/images/edits", content=b"[", headers={"content-type": "application/json"}).status_code == 400
    )
    assert client.post("/v1/images/edits", content=b"x", headers={"content-type": "text/plain"}).status_code == 415


def test_models_generations_and_provenance(ai, client):
    assert {one.id for one in ai.models.list()} >= {"local", "anysd"} and ai.models.retrieve(
        "local"
    ).owned_by == "pixwright"
    with pytest.raises(openai.BadRequestError, match="edits pictures"):
        ai.images.generate(prompt="a cat")
    checked = client.post("/v1/content_provenance_checks", files={"file": picture()}).json()
    assert checked["object"] == "content_provenance_check"
    assert [(one["type"], one["outcome"]) for one in checked["results"]] == [
        ("c2pa", "not_detected"),
        ("pixwright", "not_detected"),
    ]
    assert checked["results"][0]["validation_state"] == "not_present"


def test_sd_cpp_s_arguments_in_the_prompt(ai):
    prompt = f'{WORDS} <sd_cpp_extra_args>{{"seed": 11}}</sd_cpp_extra_args>'
    assert ai.images.edit(image=picture(), prompt=prompt).data[0].pixwright["seed"] == 11


def test_iopaint_s_route_takes_away_what_is_white(client):
    white = np.zeros((64, 96), np.uint8)
    white[14:34, 22:50] = 255
    drawn = BytesIO()
    Image.fromarray(white).save(drawn, "PNG")
    body = {name: base64.b64encode(data).decode() for name, data in (("image", picture()), ("mask", drawn.getvalue()))}
    answer = client.post("/api/v1/inpaint", json=body | {"ldm_steps": 20})
    assert answer.status_code == 200, answer.text
    after = np.asarray(Image.open(BytesIO(answer.content)).convert("RGB")).astype(int)
    assert answer.headers["content-type"] == "image/png" and "x-seed" in answer.headers
    assert (
        abs(after[24, 36] - after[24, 36].mean()).max() < 30 < abs(original()[24, 36] - original()[24, 36].mean()).max()
    )
    outside = white == 0
    assert (after[outside] == original()[outside]).all()


def test_a1111_s_route(client):
    body = {
        "init_images": [base64.b64encode(picture()).decode()],
        "prompt": WORDS,
        "seed": -1,
        "width": 48,
        "height": 32,
    }
    body |= {"mask": base64.b64encode(mask()).decode(), "inpainting_mask_invert": 1, "denoising_strength": 0.5}
    answer = client.post("/sdapi/v1/img2img", json=body)
    assert answer.status_code == 200, answer.text
    after = np.asarray(Image.open(BytesIO(base64.b64decode(answer.json()["images"][0]))).convert("RGB")).astype(int)
    before = np.asarray(Image.open(BytesIO(picture())).resize((48, 32), Image.Resampling.BOX)).astype(int)
    assert after.shape == (32, 48, 3) and abs(after[:, :20] - before[:, :20]).max() <= 8
    assert after[:, 30:].mean() < before[:, 30:].mean() - 10
    assert json.loads(answer.json()["info"])["seed"] == 0
