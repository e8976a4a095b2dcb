"""Sessions over HTTP: jobs become versions; undo, redo, branches, names, export and import."""

from __future__ import annotations

import time
from io import BytesIO

import pytest
from PIL import Image
from serving import picture, post_picture

END = ("completed", "failed", "cancelled")


@pytest.fixture
def session(client):
    """A new one of a small picture."""
    answer = client.post("/v1/sessions", json={"picture": post_picture(client, picture(form="JPEG")), "name": "a.jpg"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def say(client, session, words, **more):
    """The record of a job that has ended."""
    asked = {"version": session["current"], "session": session["id"], "instruction": words, **more}
    job = client.post("/v1/jobs", json=asked).json()
    for _ in range(600):
        record = client.get(f"/v1/jobs/{job['id']}").json()
        if record["status"] in END:
            return record
        time.sleep(0.1)
    pytest.fail(f"never ended: {record}")


def fresh(client, session):
    return client.get(f"/v1/sessions/{session['id']}").json()


def test_a_job_becomes_a_version(client, session):
    record = say(client, session, "make it darker")
    assert record["status"] == "completed", record
    (made,) = record["result"]["pictures"]
    now = fresh(client, session)
    assert now["current"] == made["version"] != session["current"]
    assert now["versions"][1]["parent"] == session["current"]
    assert made["outside_changed"] == 0 and made["format"] == "jpeg"
    told = client.get(f"/v1/versions/{made['version']}/report").json()
    assert told == made, "any version tells the same as the job that made it"
    for what in ("picture", "preview", "difference"):
        assert client.get(f"/v1/versions/{made['version']}/{what}").status_code == 200
    whole = client.get(f"/v1/versions/{made['version']}/picture", params={"format": "png", "download": True})
    assert Image.open(BytesIO(whole.content)).format == "PNG"
    assert "attachment" in whole.headers["content-disposition"]


def test_words_that_move_and_undo_and_redo_by_hand(client, session):
    say(client, session, "make it darker")
    record = say(client, fresh(client, session), "undo the last one")
    assert record["result"]["pictures"] == [] and record["result"]["told"]
    assert fresh(client, session)["current"] == session["current"]
    assert client.post(f"/v1/sessions/{session['id']}/undo").status_code == 409
    redone = client.post(f"/v1/sessions/{session['id']}/redo").json()
    assert redone["current"] == redone["versions"][1]["id"]


def test_candidates_are_siblings_and_the_best_is_first(client, session):
    record = say(client, session, "make it darker", n=2)
    pictures = record["result"]["pictures"]
    now = fresh(client, session)
    assert pictures[0]["version"] == now["current"]
    assert {one["parent"] for one in now["versions"][1:]} == {session["current"]}
    assert len(now["versions"]) == 3


def test_a_cancelled_job_leaves_no_version(client, session):
    asked = {"version": session["current"], "session": session["id"], "instruction": "make it darker", "n": 8}
    job = client.post("/v1/jobs", json=asked).json()
    for _ in range(600):
        if len(fresh(client, session)["versions"]) > 1:
            break
        time.sleep(0.02)
    client.post(f"/v1/jobs/{job['id']}/cancel")
    for _ in range(600):
        record = client.get(f"/v1/jobs/{job['id']}").json()
        if record["status"] in END:
            break
        time.sleep(0.1)
    now = fresh(client, session)
    assert len(now["versions"]) == (1 if record["status"] == "cancelled" else 9)
    assert record["status"] == "completed" or now["current"] == session["current"]


def test_a_job_that_is_tried_again_makes_nothing_twice(client, session, app):
    """As after a kill between the version and the note that the job is done."""
    from pixwright.files import UserPlace
    from pixwright.flow import unwatched
    from pixwright.serve.versions import note_of, spoken
    from pixwright.systems import build

    store = app.state.services.sessions
    job = {
        "id": "job_twice", "sessions": str(store.root), "session": session["id"], "version": session["current"], "instruction": "make it darker",
        "attachments": [], "system": "local", "options": {}, "controls": {}, "seed": 0, "outputs": [""],
    }  # fmt: skip
    system = build("local", None, {})
    first = spoken(job, UserPlace(), system, unwatched)
    again = spoken(job, UserPlace(), system, unwatched)
    now = fresh(client, session)
    assert [one["id"] for one in now["versions"]] == [session["current"], again["current"]]
    assert again["current"] != first["current"] and note_of(job).exists()
    note_of(job).unlink()
    say(client, session, "make it brighter")
    assert not list(store.root.glob("*.before"))


def test_names_deletion_export_and_import(client, session):
    made = say(client, session, "make it darker")["result"]["pictures"][0]["version"]
    client.patch(f"/v1/versions/{made}", json={"name": "dark"})
    client.patch(f"/v1/sessions/{session['id']}", json={"name": "my session", "current": session["current"]})
    now = fresh(client, session)
    assert (now["name"], now["versions"][1]["name"], now["current"]) == ("my session", "dark", session["current"])
    packed = client.get(f"/v1/sessions/{session['id']}/export")
    assert "my%20session.pixwright" in packed.headers["content-disposition"]
    again = client.post("/v1/sessions/import", files={"file": ("x.pixwright", packed.content)})
    assert again.status_code == 201, again.text
    assert len(again.json()["versions"]) == 2 and again.json()["id"] != session["id"]
    assert client.post("/v1/sessions/import", files={"file": ("x", b"no zip")}).status_code == 400
    assert client.delete(f"/v1/versions/{made}").json()["current"] == session["current"]
    assert client.delete(f"/v1/versions/{session['current']}").status_code == 400
    assert client.delete(f"/v1/sessions/{session['id']}").status_code == 204
    assert client.get(f"/v1/sessions/{session['id']}").status_code == 404


def test_what_is_not_there_or_not_of_the_session(client, session):
    assert client.get("/v1/versions/ver_AAAAAAAAAAAAAAAAAAAAAA/picture").status_code == 404
    assert client.get(f"/v1/versions/{session['current']}/report").status_code == 400
    other = client.post("/v1/sessions", json={"picture": post_picture(client)}).json()
    asked = {"version": other["current"], "session": session["id"], "instruction": "make it darker"}
    assert client.post("/v1/jobs", json=asked).status_code == 400


def test_looking_ahead_and_clicking(client, session):
    where = {"version": session["current"]}
    assert client.post("/v1/regions/ahead", json=where).status_code == 202
    found = client.post("/v1/regions", json={**where, "points": [[40, 24, True]]}).json()
    mask = Image.open(BytesIO(client.get(found["mask"]).content))
    assert mask.size == (96, 64) and mask.getpixel((40, 24)) > 127
    assert client.post("/v1/regions", json={**where, "points": [[400, 24, True]]}).status_code == 400
