"""The server under load: no job lost or doubled, how long jobs wait and take, whether memory stays flat; and killed at any instant.

    python benchmarks/serve.py [--seconds 300] [--clients 16]
    python benchmarks/serve.py --kills 50
    python benchmarks/serve.py --clicks PHOTOGRAPH...

Starts a server of its own on this machine, with a data folder that is thrown away. Every client posts a picture, then one edit after another of all types, and
waits for each by its events. With `--kills` the server is killed (SIGKILL) so many times while it works, and every job that was acknowledged must end. With `--clicks`
each photograph is clicked on four times with its masks fetched, once as it comes and once after the server has looked at it, as the page has it do: seconds, and seconds of processor
time, which other work on the machine touches less.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from itertools import product
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
CLICKS = ((0.5, 0.5), (0.3, 0.6), (0.7, 0.4), (0.5, 0.8))
"""Where photographs are clicked on, in shares of their sides."""
TICKS = os.sysconf("SC_CLK_TCK")
"""Of processor time, in a second."""
QUIET, QUIET_SECONDS = 0.02, 1.0
"""Processor seconds in so many seconds, below which a server has nothing to do."""
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


def used(pid: int) -> float:
    """Processor seconds of a process and what it started, so far (Linux)."""
    total = 0
    for one in tree(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def click(client: httpx.Client, pid: int, picture: dict, at: tuple[float, float]) -> tuple[float, float]:
    """Seconds, and processor seconds, until the mask of what is there has come."""
    began, before = time.perf_counter(), used(pid)
    x, y = int(at[0] * picture["width"]), int(at[1] * picture["height"])
    answer = client.post("/v1/regions", json={"picture": picture["id"], "points": [[x, y, True]]})
    answer.raise_for_status()
    client.get(f"{answer.json()['mask']}?side=1600").raise_for_status()
    return time.perf_counter() - began, used(pid) - before


def clicked(address: str, pid: int, photographs: list[Path]) -> None:
    """Clicks on photographs that nobody has looked at, and on ones that were looked at ahead."""
    found: dict[bool, list[list[tuple[float, float]]]] = {False: [], True: []}
    with httpx.Client(base_url=address, timeout=600) as client:
        for ahead, path in product(found, photographs):
            picture = client.post("/v1/pictures", files={"file": path.read_bytes()}).json()
            if ahead:
                client.post("/v1/regions/ahead", json={"picture": picture["id"]})
                last, now = -1.0, used(pid)
                while now - last > QUIET:
                    time.sleep(QUIET_SECONDS)
                    last, now = now, used(pid)
            found[ahead].append([click(client, pid, picture, at) for at in CLICKS])
    for ahead, rows in found.items():
        for name, times in (("first", [row[0] for row in rows]), ("later", [one for row in rows for one in row[1:]])):
            parts = (f"{np.median(values):.2f} (most {max(values):.2f})" for values in zip(*times, strict=True))
            told = dict(zip(("seconds", "processor seconds"), parts, strict=True))
            print(f"{'looked at ahead' if ahead else 'as it comes'}, {name} click: {told}")


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
    parser.add_argument("--clicks", type=Path, nargs="+", default=[], metavar="PHOTOGRAPH")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.kills:
            killed(Path(folder), chosen.kills, chosen.threads)
        else:
            with own_server(Path(folder), "--threads", str(chosen.threads)) as (process, address):
                if chosen.clicks:
                    clicked(address, process.pid, chosen.clicks)
                else:
                    load(address, process.pid, chosen.clients, chosen.seconds)


if __name__ == "__main__":
    main()
