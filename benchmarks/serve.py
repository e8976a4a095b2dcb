"""The server under load: no job lost or doubled, how long jobs wait and take, whether memory stays flat; and killed at any instant.

    python benchmarks/serve.py [--seconds 300] [--clients 16] [--kills 50]

Starts a server of its own on this machine, with a data folder that is thrown away. Every client posts a picture, then one edit after another of all types, and
waits for each by its events. With `--kills` the server is killed (SIGKILL) so many times while it works, and every job that was acknowledged must end.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT / "recipes"), str(ROOT / "tests")]
from cases import CASES  # noqa: E402 - shared with the tests
from own_server import own_server  # noqa: E402

SIDE = 512
"""Longer side of the pictures, pixels."""
START_SECONDS = 60
SAMPLE_SECONDS = 2
JOBS_A_KILL = 4
LONGEST_LIFE = 6.0
"""Seconds after its first picture within which the server is killed."""


def cases() -> list[tuple[bytes, str]]:
    """Pictures and what is asked of them, of every type that needs no attachment."""
    made = []
    for case in CASES:
        if not case.attachments():
            image = Image.open(case.picture).convert("RGB")
            image.thumbnail((SIDE, SIDE))
            out = io.BytesIO()
            image.save(out, "PNG")
            made.append((out.getvalue(), case.instruction))
    return made


def post(client: httpx.Client, data: bytes) -> str:
    answer = client.post("/v1/pictures", files={"file": data})
    answer.raise_for_status()
    return answer.json()["id"]


def last_record(client: httpx.Client, id: str) -> dict:
    """A job's record when it has ended."""
    with client.stream("GET", f"/v1/jobs/{id}/events") as stream:
        return [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")][-1]


def tree(pid: int) -> list[int]:
    """A process and what it started."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def megabytes(pid: int) -> float:
    """Resident memory of a process and what it started (Linux)."""
    total = 0
    for one in tree(pid):
        try:
            found = re.search(r"^Rss:\s+(\d+)", Path(f"/proc/{one}/smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue
        total += int(found.group(1)) if found else 0
    return total / 1000


def load(address: str, pid: int, clients: int, seconds: float) -> None:
    """Clients at work, and what came of it."""
    work, records, refused, memory = cases(), [], Counter(), []
    deadline = time.monotonic() + seconds

    def client_of(number: int) -> None:
        chance = random.Random(number)
        with httpx.Client(base_url=address, timeout=600) as client:
            ids = [post(client, data) for data, _ in chance.sample(work, 2)]
            while time.monotonic() < deadline:
                asked = {
                    "picture": chance.choice(ids),
                    "instruction": chance.choice(work)[1],
                    "seed": chance.randrange(9),
                }
                answer = client.post("/v1/jobs", json=asked)
                if answer.status_code != 202:
                    refused[answer.status_code] += 1
                    time.sleep(1)
                    continue
                records.append(last_record(client, answer.json()["id"]))

    threads = [threading.Thread(target=client_of, args=(number,)) for number in range(clients)]
    for one in threads:
        one.start()
    while any(one.is_alive() for one in threads):
        memory.append(megabytes(pid))
        time.sleep(SAMPLE_SECONDS)
    for one in threads:
        one.join()
    tell(records, refused, memory)


def tell(records: list[dict], refused: Counter, memory: list[float]) -> None:
    ids = [one["id"] for one in records]
    results = [made["id"] for one in records if one["result"] for made in one["result"]["pictures"]]
    print(f"jobs: {len(ids)}; by status {dict(Counter(one['status'] for one in records))}; refused {dict(refused)}")
    print(
        f"doubled jobs: {len(ids) - len(set(ids))}; doubled results: {len(results) - len(set(results))}; tried twice: {sum(one['tries'] > 1 for one in records)}"
    )
    print(f"lost (no end): {sum(one['status'] not in ('completed', 'failed', 'cancelled') for one in records)}")
    waits = [one["started"] - one["created"] for one in records if one["started"]]
    works = [one["completed"] - one["started"] for one in records if one["started"]]
    for name, times in (("queue", waits), ("work", works)):
        print(f"{name}: p50 {np.percentile(times, 50):.2f} s, p95 {np.percentile(times, 95):.2f} s")
    third = max(1, len(memory) // 3)
    parts = [np.median(memory[:third]), np.median(memory[third : 2 * third] or memory), np.median(memory[-third:])]
    print(f"memory of all its processes, thirds of the time: {', '.join(f'{one:.0f}' for one in parts)} MB")


def killed(data: Path, kills: int, threads: int) -> None:
    """Kill it again and again under load; then every job that was acknowledged must have an end, and every result be whole."""
    work, chance, taken = cases(), random.Random(1), []
    for _ in range(kills):
        with own_server(data, "--threads", str(threads)) as (process, address):
            # It is killed from another thread, so that requests are on their way at that instant.
            timer = threading.Timer(chance.uniform(0.0, LONGEST_LIFE), process.kill)
            try:
                with httpx.Client(base_url=address, timeout=START_SECONDS) as client:
                    id = post(client, chance.choice(work)[0])
                    timer.start()
                    for _ in range(JOBS_A_KILL):
                        asked = {"picture": id, "instruction": chance.choice(work)[1]}
                        answer = client.post("/v1/jobs", json=asked)
                        if answer.status_code == 202:
                            taken.append(answer.json()["id"])
                    process.wait()
            except httpx.TransportError:
                process.wait()
    with (
        own_server(data, "--threads", str(threads)) as (_, address),
        httpx.Client(base_url=address, timeout=600) as client,
    ):
        records = [last_record(client, id) for id in taken]
        broken = 0
        for one in records:
            for made in (one["result"] or {}).get("pictures", ()):
                if made["url"]:
                    try:
                        Image.open(io.BytesIO(client.get(made["url"]).content)).load()
                    except OSError:
                        broken += 1
    twice = sum(one["status"] == "failed" and one["tries"] == 2 for one in records)
    print(f"kills: {kills}; acknowledged: {len(taken)}; by status {dict(Counter(one['status'] for one in records))}")
    print(
        f"lost: {len(taken) - len(records)}; hit by two kills and given up: {twice}; results that are not whole: {broken}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.kills:
            killed(Path(folder), chosen.kills, chosen.threads)
        else:
            with own_server(Path(folder), "--threads", str(chosen.threads)) as (process, address):
                load(address, process.pid, chosen.clients, chosen.seconds)


if __name__ == "__main__":
    main()
