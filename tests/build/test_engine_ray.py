"""The same bytes from other processes, also where one of them dies, and from a cluster."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")
if find_spec("ray") is None:  # not imported here: it reads its environment when it is
    pytest.skip("needs ray", allow_module_level=True)

from pixwright.build.run import engine

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import test_engine  # noqa: E402


def test_two_workers_one_of_which_dies_make_the_same_bytes(tmp_path):
    one = test_engine.recipe("killed", options={"mark": str(tmp_path / "mark")})
    summary = engine.build(one, tmp_path / "ray", workers=2)
    assert (tmp_path / "mark").exists() and not summary.failed
    engine.build(test_engine.recipe(), tmp_path / "here")
    assert test_engine.data_files(tmp_path / "ray") == test_engine.data_files(tmp_path / "here")


CLUSTER = """
import sys
from importlib.util import find_spec
from pathlib import Path
from pixwright.build.run import engine
from pixwright.build.run.recipe import Recipe
print(engine.build(Recipe.model_validate_json(sys.argv[1]), Path(sys.argv[2]), workers=2, cluster=sys.argv[3]).made)
"""


def test_a_cluster_makes_the_same_bytes(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    alone = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    environment = os.environ | alone | {"PYTHONPATH": str(HERE)}
    environment.pop("RAY_AUTH_TOKEN", None)
    head = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", f"--port={port}", "--num-cpus=2"]
    head += ["--node-ip-address=127.0.0.1", "--include-dashboard=false", "--object-store-memory=80000000"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    cluster = subprocess.Popen(head, env=environment, **quiet)
    try:
        arguments = [test_engine.recipe().canonical(), str(tmp_path / "far"), f"127.0.0.1:{port}"]
        made = subprocess.run(
            [sys.executable, "-c", CLUSTER, *arguments], env=environment, capture_output=True, text=True
        )
        assert made.stdout.strip() == "6", made.stderr[-2000:]
    finally:
        os.killpg(cluster.pid, signal.SIGKILL)
        cluster.wait()
    engine.build(test_engine.recipe(), tmp_path / "here")
    assert test_engine.data_files(tmp_path / "far") == test_engine.data_files(tmp_path / "here")
