"""The run folder: the same bytes after any accident, and an honest word about everything that went wrong."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

from pixwright.build.run import engine, manifest, shard
from pixwright.build.run.recipe import Recipe
from pixwright.errors import InvalidOption, PixwrightError

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def recipe(maker="discs", **change):
    return Recipe(
        **{"name": "discs", "maker": f"engine_rows:{maker}", "count": 44, "shard_size": 8, "size": 40} | change
    )


def data_files(folder):
    paths = [p for p in folder.iterdir() if p.suffix in (".parquet", ".tar")]
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


SCRIPT = """
import sys
from pathlib import Path
from pixwright.build.run import engine
from pixwright.build.run.recipe import Recipe
engine.build(Recipe.model_validate_json(sys.argv[1]), Path(sys.argv[2]))
"""


def started(one, folder):
    arguments = [sys.executable, "-c", SCRIPT, one.canonical(), str(folder)]
    return subprocess.Popen(arguments, env=os.environ | {"PYTHONPATH": str(HERE)})


def holds(folder, process):
    return (folder / "lock").exists() and (folder / "lock").read_text().strip() == str(process)


def test_killed_at_any_instant_and_resumed_the_bytes_are_those_of_an_undisturbed_run(tmp_path):
    one = recipe(formats=("parquet", "webdataset"), options={"pause": "0.004"})
    engine.build(one, tmp_path / "calm")
    wanted, folder, chance = data_files(tmp_path / "calm"), tmp_path / "killed", random.Random(3)
    interrupted = 0
    for _ in range(6):
        run = started(one, folder)
        while run.poll() is None and not holds(folder, run.pid):
            time.sleep(0.002)  # until it works: imports are not what is tested
        time.sleep(chance.uniform(0, 0.12))
        run.send_signal(signal.SIGKILL)
        interrupted += run.wait() == -signal.SIGKILL
        for path in folder.glob("shard-*.json"):  # whatever is called finished is whole, at this instant
            done = manifest.read_manifest(path)
            assert {name: wanted[name] for name in done.files} == {n: f.sha256 for n, f in done.files.items()}
            assert manifest.finished(folder, one, done.shard)
    assert interrupted >= 3
    summary = engine.build(one, folder)
    assert summary.made + summary.found == one.shards and not summary.failed
    assert data_files(folder) == wanted
    assert not list(folder.glob(".*.part"))


def test_finished_shards_are_left_alone_and_damaged_ones_made_again(tmp_path):
    engine.build(recipe(), tmp_path)
    wanted = data_files(tmp_path)
    before = (tmp_path / "shard-00001.parquet").stat().st_mtime_ns
    (tmp_path / "shard-00002.parquet").write_bytes(b"damaged")
    (tmp_path / "shard-00003.json").unlink()
    (tmp_path / "shard-00004.json").write_text("{}")
    again = engine.build(recipe(), tmp_path)
    assert (again.made, again.found) == (3, 3)
    assert data_files(tmp_path) == wanted
    assert (tmp_path / "shard-00001.parquet").stat().st_mtime_ns == before


def test_another_recipe_is_refused_and_force_leaves_nothing_of_the_old_one(tmp_path):
    engine.build(recipe(), tmp_path / "a")
    with pytest.raises(InvalidOption, match=r"seed: 0 -> 5.*--force"):
        engine.build(recipe(seed=5), tmp_path / "a")
    engine.build(recipe(seed=5, count=20), tmp_path / "a", force=True)
    engine.build(recipe(seed=5, count=20), tmp_path / "b")
    assert data_files(tmp_path / "a") == data_files(tmp_path / "b")


def test_a_longer_run_keeps_the_full_shards_of_the_shorter_one(tmp_path):
    engine.build(recipe(count=20), tmp_path)
    with pytest.raises(InvalidOption, match="count: 20 -> 44"):
        engine.build(recipe(), tmp_path)
    assert engine.build(recipe(), tmp_path, force=True).found == 2


def test_other_versions_are_another_recipe(tmp_path):
    engine.build(recipe(), tmp_path)
    path = tmp_path / "recipe.json"
    held = json.loads(path.read_bytes())
    held["made_by"]["numpy"] = "1.0"
    path.write_text(json.dumps(held))
    with pytest.raises(InvalidOption, match=r'numpy: "1.0" -> '):
        engine.build(recipe(), tmp_path)


def test_one_run_at_a_time_and_a_dead_ones_lock_is_free(tmp_path):
    run = started(recipe(options={"pause": "0.2"}), tmp_path)
    try:
        while not (tmp_path / "recipe.json").exists():
            assert run.poll() is None
            time.sleep(0.01)
        with pytest.raises(InvalidOption, match=f"built by process {run.pid}"):
            engine.build(recipe(), tmp_path)
    finally:
        run.kill()
        run.wait()
    engine.build(recipe(options={"pause": "0.2"}, count=4), tmp_path, force=True)


def test_a_place_that_fails_is_a_row_with_a_reason(tmp_path):
    summary = engine.build(recipe("breaking", count=24, shard_size=24), tmp_path)
    assert not summary.failed
    found = {one.id: one.reason for one in shard.read_quarantined(tmp_path / "rejected-00000.parquet")}
    assert found["discs-00000005-failed"] == "invalid_image: 'disc5.png' is not a picture"
    assert found["discs-00000009-failed"] == "internal: KeyError: 'no such disc'"
    assert found["disc-000011"].startswith("duplicate_id")
    (done,) = manifest.read_run(tmp_path)[1]
    assert done.quarantined == {"duplicate_id": 1, "internal": 1, "invalid_image": 1, "missing_picture": 2}
    assert sum(codes["l1"] for codes in done.rejected.values()) == 3
    assert done.kept == summary.kept == 24 - 5 - 3 == len(list(shard.read_shard(tmp_path / "shard-00000.parquet")))


def test_the_rows_do_not_depend_on_where_shards_begin():
    whole = engine.make_shard(recipe("breaking", count=16, shard_size=16), 0)
    parts = [engine.make_shard(recipe("breaking", count=16, shard_size=8), number) for number in (0, 1)]
    # the double is only seen within its shard: 11 and 12 lie in the same one here
    assert whole.kept == [row for part in parts for row in part.kept]


def test_a_maker_that_never_works_is_said_once_a_shard_and_ends_nothing(tmp_path, capsys):
    summary = engine.build(recipe("broken", count=16), tmp_path, show=True)
    assert [number for number, _ in summary.failed] == [0, 1]
    assert "every place of shard 0 failed" in summary.failed[0][1] and "this maker never works" in summary.failed[0][1]
    assert "will be tried once more" in capsys.readouterr().err
    with pytest.raises(PixwrightError, match="every place"):
        engine.make_shard(recipe("broken"), 0)


def test_a_shard_that_fails_once_is_tried_again(tmp_path):
    one = recipe("once", options={"mark": str(tmp_path / "mark")})
    summary = engine.build(one, tmp_path / "run")
    assert (tmp_path / "mark").exists() and not summary.failed
    engine.build(recipe(), tmp_path / "calm")
    assert data_files(tmp_path / "run") == data_files(tmp_path / "calm")


def test_a_worker_with_other_versions_is_found_out(tmp_path, monkeypatch):
    honest = manifest.identity(recipe())
    monkeypatch.setattr(manifest, "made_by", lambda: {"numpy": "1.0"})
    foreign = engine.attempt(0, recipe().canonical(), str(tmp_path))
    with engine.ProgressBar(44, show=False) as bar:
        made, failed = engine._made(lambda shards: ((shard, foreign) for shard in shards), [0], bar, honest)
    assert not made and "other versions" in failed[0]


def test_the_card_tells_rows_from_rejects(tmp_path):
    engine.build(recipe(), tmp_path)
    configs = json.loads((tmp_path / "README.md").read_text().splitlines()[1].removeprefix("configs: "))
    assert [one["data_files"][0]["path"] for one in configs] == ["shard-*.parquet", "rejected-*.parquet"]


def test_projection_is_arithmetic_on_what_was_measured(tmp_path):
    engine.build(recipe(), tmp_path)
    done = manifest.read_run(tmp_path)[1]
    found = engine.projection(tmp_path, target=1_000_000)
    kept = sum(one.kept for one in done)
    assert found.measured_rows == kept and found.places == round(1e6 * 44 / kept)
    size = sum(path.stat().st_size for path in tmp_path.iterdir() if path.suffix == ".parquet")
    assert found.bytes == round(size / kept * 1e6)
    cpu = 0.0
    for one in done:
        places = one.stop - one.start
        cpu += (one.seconds.cpu - one.seconds.first) * places / (places - 1) if places > 1 else one.seconds.cpu
    assert found.core_hours == pytest.approx(cpu / kept * 1e6 / 3600)
    with pytest.raises(InvalidOption, match="holds no run"):
        engine.projection(tmp_path / "nothing")


def test_what_is_loaded_once_is_not_projected_onto_every_row(tmp_path):
    engine.build(recipe(), tmp_path)
    for path in tmp_path.glob("shard-*.json"):
        held = json.loads(path.read_text())
        held["seconds"] |= {"cpu": 60.0 + held["stop"] - held["start"], "first": 61.0}
        path.write_text(json.dumps(held))
    kept = sum(one.kept for one in manifest.read_run(tmp_path)[1])
    assert engine.projection(tmp_path, target=kept).core_hours == pytest.approx(44 / 3600), "a second a place, not more"


@pytest.mark.parametrize(("workers", "cluster"), [(-1, None), (0, "auto")])
def test_impossible_crews_are_refused(tmp_path, workers, cluster):
    with pytest.raises(InvalidOption, match="give 1 or more"):
        engine.build(recipe(), tmp_path, workers=workers, cluster=cluster)
