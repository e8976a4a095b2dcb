"""Composed pieces as assets: listed without being played, or rendered to files with a fetched soundfont."""

from __future__ import annotations

import hashlib
import io
import tempfile
from dataclasses import replace
from pathlib import Path

import soundfile

from pixwright import __version__
from pixwright.build.music.compose import Piece, compose, pieces
from pixwright.build.music.render import RATE, Player, render
from pixwright.build.music.soundfont import SoundFont
from pixwright.build.music.synth import Synth
from pixwright.build.source.rows import IndexWriter
from pixwright.encoders.signal import resample
from pixwright.errors import WeightsCorrupt
from pixwright.records.instruction import Samples
from pixwright.records.sample import Asset
from pixwright.weights.carrier import members


def composed() -> list[Asset]:
    """All pieces as the package itself can play them: key `composed/<mood>-<number>`, path that name."""
    return [
        _asset(compose(mood, number), "composed", "CC0-1.0", f"pixwright {__version__}") for mood, number in pieces()
    ]


def play(name: str, player: Player | None = None) -> tuple[Samples, int]:
    """A piece by its name, such as "sad-07": mono float32 and its rate, 16 kHz."""
    mood, _, number = name.rpartition("-")
    player = player or Synth(RATE)
    return resample(render(compose(mood, int(number)), player), player.rate, RATE), RATE


def index_music(archives: list[Path], writer: IndexWriter) -> None:
    """Play every piece on the soundfont of the package and keep it as FLAC: `music/<mood>-<number>`."""
    origin = f"pixwright {__version__} on deb:{archives[0].name.removesuffix('_all.deb')}"
    with tempfile.TemporaryDirectory(dir=writer.folder) as work:
        file = Path(work) / "font.sf2"
        content = next((data for _, data in members(archives[0], lambda name: name.endswith(".sf2"))), None)
        if content is None:
            raise WeightsCorrupt(f"{archives[0].name} holds no .sf2; delete it and fetch it again")
        file.write_bytes(content)
        font = SoundFont(file)
        for mood, number in pieces():
            asset = _asset(compose(mood, number), "music", "CC0-1.0; soundfont MIT", origin)
            buffer = io.BytesIO()
            soundfile.write(buffer, *play(asset.path, font), format="FLAC", subtype="PCM_16")
            writer.add(replace(asset, path=f"{asset.path}.flac"), buffer.getvalue())


def _asset(piece: Piece, source: str, licence: str, origin: str) -> Asset:
    instruments = [name for name in piece.instruments if "bass" not in name]
    return Asset(
        key=f"{source}/{piece.name}",
        kind="music",
        name=f"{piece.mood} {instruments[0]} music",
        caption=piece.caption,
        category="music",
        licence=licence,
        origin=origin,
        path=piece.name,
        # What is hashed is the score: as long as nothing has been played, there is no file.
        sha256=hashlib.sha256(repr(piece).encode()).hexdigest(),
        tags=(piece.mood, piece.pace, piece.mode, *piece.instruments),
    )
