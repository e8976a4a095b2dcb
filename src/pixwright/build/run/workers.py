"""Who makes the shards: this process, processes of Ray on this machine, or those of a Ray cluster. `docs/engines.md` says why Ray."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import cv2

from pixwright.errors import InvalidOption
from pixwright.extras import optional

Job: TypeAlias = Callable[[int], str]
"""Number of a shard -> what became of it, as text. It never raises, and travels to other processes: a partial of a module's function."""
Run: TypeAlias = Callable[[Sequence[int]], Iterator[tuple[int, str]]]

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PIXWRIGHT_THREADS"), "1")
"""Workers are the parallelism. One thread in each keeps them from fighting, and sums of floats in one order."""
OBJECT_STORE = 80_000_000
"""Bytes for what Ray passes between processes. Only shard numbers and counts travel: rows go from the worker to the disk."""


@contextmanager
def pool(job: Job, workers: int, cluster: str | None = None) -> Iterator[Run]:
    """A function that runs `job` on many shards and yields (shard, text) as they end. `workers=0`: here, one after the other.

    Raises `MissingExtra` without Ray, `InvalidOption` where the cluster does not answer.
    """
    if workers == 0:
        with _one_thread():
            yield lambda shards: ((shard, job(shard)) for shard in shards)
        return
    with _ray(workers, cluster) as data:
        yield lambda shards: _on_ray(data, job, list(shards), workers)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep this process's networks and OpenCV to one thread for a while."""
    before, threads = {name: os.environ.get(name) for name in ONE_THREAD}, cv2.getNumThreads()
    os.environ.update(ONE_THREAD)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def _ray(workers: int, cluster: str | None) -> Iterator[Any]:
    """Ray Data, with no dashboard and nothing reported home."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if not cluster and "ray" not in sys.modules:  # Ray reads these once, when it is imported
        # It would listen on every interface and run what it is sent: here it stays on the loopback and asks for a token, one a process.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    ray = optional("ray", "more than this process", "cluster")
    optional("ray.data", "more than this process", "cluster")
    # Workers must find what this process finds, such as a recipe's own module.
    environment = {"env_vars": ONE_THREAD | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}}
    quiet = {"runtime_env": environment, "log_to_driver": False, "logging_level": "ERROR"}
    alone = {"num_cpus": workers, "object_store_memory": OBJECT_STORE, "include_dashboard": False}
    try:
        ray.init(address=cluster or "local", **quiet, **({} if cluster else alone))
    except (ConnectionError, ValueError, RuntimeError) as problem:
        raise InvalidOption(
            f"no Ray cluster answers at '{cluster or 'local'}' ({problem}); see `ray status`"
        ) from problem
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    for name in ("ray.data", "ray.data._internal.execution.streaming_executor"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        yield ray.data
    finally:
        ray.shutdown()


def _on_ray(data: Any, job: Job, shards: list[int], workers: int) -> Iterator[tuple[int, str]]:
    """One block a shard: what is done is known at once, and a process that dies takes one shard with it, which Ray hands to another."""
    if not shards:
        return
    blocks = data.from_items(shards, override_num_blocks=len(shards))
    ended = blocks.map(
        in_worker, fn_kwargs={"job": job}, compute=data.TaskPoolStrategy(size=min(workers, len(shards))), num_cpus=1
    )
    missing = set(shards)
    try:
        for row in ended.iter_rows():
            missing.remove(int(row["shard"]))
            yield int(row["shard"]), str(row["text"])
    except _ray_errors() as problem:  # such as a cluster that lacks the package
        reason = str(problem).strip().splitlines() or ["no reason given"]
        for shard in sorted(missing):
            yield shard, f"Ray: {reason[-1][:400]}"


def _ray_errors() -> type[Exception]:
    from ray.exceptions import RayError

    kind: type[Exception] = RayError
    return kind


def in_worker(row: dict[str, int], job: Job) -> dict[str, Any]:
    """One shard in a process of Ray. The process goes on to the next, so what a maker caches in its module stays."""
    cv2.setNumThreads(1)
    return {"shard": int(row["item"]), "text": job(int(row["item"]))}
