"""Jobs outlive the server: killed at any instant, nothing that was acknowledged is lost, and results are whole or absent."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time

import pytest
from serving import ended, picture, post_job, post_picture, running

from pixwright.serve.errors import Rejected, is_full
from pixwright.serve.store import Store, Stored, new_id

FAR_AHEAD = 1e11
"""Seconds since 1970."""


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path)
    yield made
    made.close()


def submitted(store, key=None, most=10):
    return store.submit({"results": []}, key, "print", most)[0]


def test_jobs_run_in_their_order_and_say_how_many_are_before(store):
    first, second = submitted(store), submitted(store)
    assert [store.job(one.id).ahead for one in (first, second)] == [0, 1]
    assert store.claim().id == first.id and store.job(second.id).ahead == 1
    store.complete(first.id, {"pictures": []}, [])
    assert store.job(second.id).ahead == 0 and store.claim().id == second.id and store.claim() is None


def test_a_full_queue_says_when_to_come_again(store):
    submitted(store, most=1)
    with pytest.raises(Rejected) as refused:
        submitted(store, most=1)
    assert refused.value.status_code == 429 and refused.value.headers["retry-after"]


def test_a_poison_job_fails_after_two_tries(store):
    job = submitted(store)
    for status in ("queued", "failed"):
        assert store.claim().id == job.id
        store.again(job.id, {"code": "worker_died"})
        assert store.job(job.id).status == status
    assert store.job(job.id).error == {"code": "worker_died"} and store.claim() is None


def test_what_waits_is_cancelled_at_once_and_stays_so(store):
    job = submitted(store)
    assert store.cancel(job.id).status == "cancelled" and store.claim() is None
    assert store.cancel(job.id).status == "cancelled"


def test_a_result_without_its_job_is_swept_and_one_with_it_stays(store, tmp_path):
    job = submitted(store)
    store.claim()
    whole = tmp_path / "results" / "res_a.png"
    for path in (whole, tmp_path / "results" / "res_b.png", tmp_path / "pictures" / ".x.part"):
        path.write_bytes(b"x")
    store.complete(job.id, {"pictures": []}, [Stored("res_a", whole, {})])
    store.sweep()
    assert [path.name for path in sorted(tmp_path.glob("*/*")) if path.is_file()] == ["res_a.png"]
    assert store.stored("results", "res_a", "result").path == whole


def test_what_is_old_is_deleted_but_for_what_a_live_job_uses(store, tmp_path):
    for name in ("pic_used", "pic_left"):
        path = tmp_path / "pictures" / f"{name}.png"
        path.write_bytes(b"x")
        store.keep("pictures", Stored(name, path, {}))
    ended = submitted(store)
    store.claim()
    made = tmp_path / "results" / "res_a.png"
    made.write_bytes(b"x")
    store.complete(ended.id, {"pictures": []}, [Stored("res_a", made, {})])
    live = store.submit({"results": [], "work": {"picture": str(tmp_path / "pictures" / "pic_used.png")}}, None, "", 10)
    for before, gone in ((0, 0), (FAR_AHEAD, 3)):
        assert store.forget(before) == gone
    assert [path.name for path in tmp_path.glob("*/*") if path.is_file()] == ["pic_used.png"]
    assert [row.id for row in store.jobs()] == [live[0].id]
    with pytest.raises(Rejected):
        store.stored("pictures", "pic_left", "picture")


def test_a_half_noted_result_is_not_noted_at_all(store):
    job = submitted(store)
    store.claim()
    twice = [Stored("res_a", None, {}), Stored("res_a", None, {})]
    with pytest.raises(Exception, match="UNIQUE"):
        store.complete(job.id, {"pictures": []}, twice)
    assert store.job(job.id).status == "running"
    with pytest.raises(Rejected):
        store.stored("results", "res_a", "result")


def test_a_stop_in_good_order_is_no_try(store):
    job = submitted(store)
    store.claim()
    store.release(job.id)
    assert store.job(job.id).status == "queued" and store.claim().tries == 1


def test_a_disk_that_fills_up_takes_no_more_and_loses_nothing(store):
    store._db.execute("PRAGMA journal_mode=DELETE")
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages + 3}")
    taken = []
    with pytest.raises(sqlite3.OperationalError) as full:
        while True:
            taken.append(store.submit({"words": "x" * 900}, None, "print", 1000)[0].id)
    assert is_full(full.value) and taken
    assert {one.id for one in store.jobs()} == set(taken) and store.waiting() == len(taken)


def test_ids_are_not_guessed():
    ids = {new_id("job") for _ in range(1000)}
    assert len(ids) == 1000 and all(len(one) >= 24 for one in ids)


def test_a_worker_that_dies_takes_nothing_with_it(client, app):
    id, queue = post_picture(client), app.state.services.queue
    ended(client, post_job(client, picture=id)["id"])  # its networks are warm now
    job = post_job(client, picture=post_picture(client, picture(1000, 800)), n=2)["id"]
    while not queue.progress.get(job):
        time.sleep(0.01)
    os.kill(queue._child.pid, signal.SIGKILL)
    again = ended(client, job)
    assert again["status"] == "completed" and again["tries"] == 2 and len(again["result"]["pictures"]) == 2
    assert ended(client, post_job(client, picture=id)["id"])["status"] == "completed"


def test_cancel_stops_what_runs_and_what_waits(client, app):
    id = post_picture(client, picture(1600, 1200))
    runs, waits = (post_job(client, picture=id, n=10)["id"] for _ in range(2))
    while not app.state.services.queue.progress.get(runs):
        time.sleep(0.01)
    assert client.post(f"/v1/jobs/{waits}/cancel").json()["status"] == "cancelled"
    client.post(f"/v1/jobs/{runs}/cancel")
    cancelled = ended(client, runs)
    assert cancelled["status"] == "cancelled" and cancelled["result"] is None
    assert not list((app.state.services.store.folder / "results").glob(f"*{runs}*"))
    assert ended(client, post_job(client, picture=id)["id"])["status"] == "completed"


def test_killed_under_load_nothing_that_was_acknowledged_is_lost(tmp_path):
    chance, taken = random.Random(7), []
    for _ in range(2):
        with running(tmp_path) as (process, client):
            id = post_picture(client)
            taken += [post_job(client, picture=id, seed=seed)["id"] for seed in range(4)]
            time.sleep(chance.uniform(0.0, 1.0))
            process.send_signal(signal.SIGKILL)
    with running(tmp_path) as (process, client):
        records = [ended(client, id) for id in taken]
        assert {one["status"] for one in records} <= {"completed", "failed"}
        for one in records:
            if one["status"] == "failed":  # the kills hit it twice
                assert one["tries"] == 2 and one["error"]["code"] == "interrupted"
            else:
                assert client.get(one["result"]["pictures"][0]["url"]).content.endswith(b"IEND\xaeB`\x82")
        assert sum(one["status"] == "completed" for one in records) >= len(taken) - 2
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
