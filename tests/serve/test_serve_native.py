"""The native routes, as the page uses them."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np
from PIL import Image
from serving import arrow, ended, events, mask, picture, post_job, post_picture


def pixels(data):
    return np.asarray(Image.open(BytesIO(data)))


def test_a_picture_comes_back_as_it_was_and_small(client):
    data = picture(300, 200, "JPEG")
    answer = client.post("/v1/pictures", files={"file": ("x.png", data)})
    about = answer.json()
    assert (about["kind"], about["format"], about["width"], about["height"]) == ("picture", "JPEG", 300, 200)
    back = client.get(f"/v1/pictures/{about['id']}")
    assert back.content == data and back.headers["content-type"] == "image/jpeg"
    assert back.headers["x-content-type-options"] == "nosniff" and "sandbox" in back.headers["content-security-policy"]
    small = client.get(f"/v1/pictures/{about['id']}/preview?side=60&form=png")
    assert pixels(small.content).shape == (40, 60, 3)


def test_what_is_no_picture_is_refused_and_not_kept(client, app):
    folder = app.state.services.store.folder / "pictures"
    before = set(folder.iterdir())
    for data, status in ((b"hello", 400), (picture()[:200], 400), (b"%PDF-1.4", 415)):
        answer = client.post("/v1/pictures", files={"file": ("x.png", data)})
        assert answer.status_code == status and set(answer.json()["error"]) == {"message", "type", "param", "code"}
        assert answer.headers["x-should-retry"] == "false"
    assert set(folder.iterdir()) == before


def test_a_client_s_file_name_is_nowhere(client, app):
    id = post_picture(client)
    kept = app.state.services.store.stored("pictures", id, "picture")
    assert kept.path.parent.name == "pictures" and kept.path.name == f"{id}.png"


def test_a_job_from_picture_to_result(client):
    id = post_picture(client, picture(form="JPEG"))
    job = post_job(client, picture=id, n=6)
    assert job["status"] in ("queued", "running") and job["result"] is None
    seen = events(client, job["id"])
    assert seen[-1]["status"] == "completed" and seen[-1]["understood"] == [
        "tone transfer -> brightness -> -0.6 strength"
    ]
    assert any(one["progress"] and one["progress"]["what"] == "make it darker" for one in seen)
    result = seen[-1]["result"]["pictures"][0]
    assert result["verdict"] == "done" and result["format"] == "jpg" and result["outside_changed"] == 0
    assert {control["name"] for control in result["steps"][0]["controls"]}
    file = client.get(result["url"])
    assert pixels(file.content).mean() < pixels(client.get(f"/v1/pictures/{id}").content).mean()
    changed = pixels(client.get(result["difference"]).content)
    assert changed.shape == (64, 96, 4) and (changed[..., 3] > 0).mean() > 0.9
    assert client.get(f"/v1/results/{result['id']}/report").json()["report"]["verdict"] == "done"
    assert job["id"] in {one["id"] for one in client.get("/v1/jobs").json()}


def test_a_mask_that_was_painted_small_is_brought_to_the_picture_s_size(client):
    id, left = post_picture(client, picture(192, 128)), post_picture(client, mask())
    half = ended(client, post_job(client, picture=id, mask=left)["id"])["result"]["pictures"][0]
    changed = pixels(client.get(half["difference"]).content)[..., 3] > 0
    assert changed[:, :80].mean() > 0.9 and not changed[:, 104:].any()
    other = client.post(
        "/v1/jobs", json={"picture": id, "mask": post_picture(client, mask(50, 90)), "instruction": "x"}
    )
    failed = ended(client, other.json()["id"])
    assert failed["error"]["code"] in ("invalid_mask", "not_understood")


def test_a_result_in_another_format_and_as_a_download(client):
    made = ended(client, post_job(client, picture=post_picture(client))["id"])["result"]["pictures"][0]
    webp = client.get(f"{made['url']}?format=webp&download=1")
    assert webp.headers["content-type"] == "image/webp" and pixels(webp.content).shape == (64, 96, 3)
    assert webp.headers["content-disposition"].startswith("attachment")
    assert client.get(made["url"]).headers["content-disposition"].startswith("inline")


def test_a_mask_limits_and_a_protected_part_stays(client):
    id, left = post_picture(client), post_picture(client, mask())
    half = ended(client, post_job(client, picture=id, mask=left)["id"])["result"]["pictures"][0]
    changed = pixels(client.get(half["difference"]).content)[..., 3] > 0
    assert changed[:, :40].mean() > 0.9 and not changed[:, 48:].any()
    kept = ended(client, post_job(client, picture=id, protect=left)["id"])["result"]["pictures"][0]
    changed = pixels(client.get(kept["difference"]).content)[..., 3] > 0
    assert changed[:, 56:].mean() > 0.9 and not changed[:, :48].any()


def test_a_drawing_may_be_as_small_as_what_was_drawn_on(client):
    id, drawn = post_picture(client, picture(960, 640)), post_picture(client, arrow(480, 320, tip=(180, 120)))
    done = ended(client, post_job(client, picture=id, markup=drawn, instruction="make it blue")["id"])["result"][
        "pictures"
    ][0]
    changed = pixels(client.get(done["difference"]).content)[..., 3] > 32
    assert changed[200:280, 280:440].mean() > 0.9 and not changed[:, 600:].any()
    both = {"picture": id, "markup": drawn, "mask": drawn, "instruction": "make it blue"}
    assert client.post("/v1/jobs", json=both).json()["error"]["code"] == "invalid_option"


def test_controls_and_candidates(client):
    id = post_picture(client)
    first = ended(client, post_job(client, picture=id, n=2, seed=5)["id"])["result"]["pictures"]
    assert [one["seed"] for one in first] == [5, 6] and len({one["id"] for one in first}) == 2
    control = first[0]["steps"][0]["controls"][0]
    asked = {f"1.{control['name']}": control["low"]}
    other = ended(client, post_job(client, picture=id, seed=5, controls=asked)["id"])["result"]["pictures"][0]
    assert client.get(other["url"]).content != client.get(first[0]["url"]).content


def test_a_region_by_points_and_what_is_not_there(client):
    id = post_picture(client, picture(240, 160))
    answer = client.post("/v1/regions", json={"picture": id, "points": [[80, 60, True]]})
    region = answer.json()
    assert answer.status_code == 201 and region["box"][0] <= 80 < region["box"][2] and 0 < region["share"] < 1
    found = pixels(client.get(region["mask"] + "?side=120").content)
    assert found.shape == (80, 120) and found[30, 40] > 128
    job = ended(client, post_job(client, picture=id, region=region["id"], instruction="make it blue")["id"])
    assert job["status"] == "completed"
    missing = client.post("/v1/regions", json={"picture": id, "phrase": "the zebra"})
    assert missing.status_code == 422 and missing.json()["error"]["code"] == "nothing_found"
    assert "point at it with a click or a box" in missing.json()["error"]["message"]


def test_a_plan_and_words_that_mean_nothing(client):
    plan = client.post("/v1/plans", json={"instruction": "make the left car red and remove the dog"}).json()
    assert plan["lines"] == ["color alter -> left car -> red", "remove -> dog"]
    unclear = client.post("/v1/plans", json={"instruction": "florbel the grumpf"})
    assert unclear.status_code == 422 and unclear.json()["error"]["code"] == "not_understood"


def test_an_instruction_that_is_not_understood_fails_the_job(client):
    job = ended(client, post_job(client, picture=post_picture(client), instruction="florbel the grumpf")["id"])
    assert job["status"] == "failed" and job["error"]["code"] == "not_understood"


def test_unknown_ids_are_404_everywhere(client):
    id = post_picture(client)
    for path in (
        "pictures/pic_x",
        "jobs/job_x",
        "jobs/job_x/events",
        "results/res_x",
        "results/res_x/preview",
        "regions/reg_x/mask",
    ):
        answer = client.get(f"/v1/{path}")
        assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found", path
    for asked in (
        {"picture": "pic_x"},
        {"picture": id, "mask": "pic_x"},
        {"picture": id, "region": "reg_x"},
        {"version": "ver_x"},
    ):
        assert client.post("/v1/jobs", json={"instruction": "x"} | asked).status_code == 404


def test_a_key_is_one_job(client):
    id = post_picture(client)
    asked, key = {"picture": id, "instruction": "make it darker"}, {"Idempotency-Key": "k1"}
    first, again = (client.post("/v1/jobs", json=asked, headers=key).json()["id"] for _ in range(2))
    assert first == again
    other = client.post("/v1/jobs", json=asked | {"seed": 1}, headers=key)
    assert other.status_code == 409 and other.headers["x-should-retry"] == "false"
    ended(client, first)


def test_what_the_server_can_do(client):
    about = client.get("/v1/capabilities").json()
    assert {one["name"] for one in about["systems"]} >= {"local", "anysd"} and about["limits"][
        "max_pixels"
    ] == 64_000_000
    assert client.get("/").headers["content-type"].startswith("text/html")
    paths = json.loads(client.get("/openapi.json").content)["paths"]
    assert {"/v1/jobs", "/v1/pictures", "/v1/regions", "/v1/plans", "/v1/capabilities"} <= set(paths)
