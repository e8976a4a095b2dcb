"""Composed pieces as files, played on a fetched soundfont."""

from __future__ import annotations

import io
import tempfile
from dataclasses import replace
from pathlib import Path

import soundfile

from pixwright import __version__
from pixwright.build.music.compose import outline, pieces
from pixwright.build.music.listing import listed, play
from pixwright.build.music.soundfont import SoundFont
from pixwright.build.source.rows import IndexWriter
from pixwright.errors import WeightsCorrupt
from pixwright.weights.carrier import members


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
            asset = listed(outline(mood, number), "music", "CC0-1.0; soundfont MIT", origin)
            buffer = io.BytesIO()
            soundfile.write(buffer, *play(asset.path, font), format="FLAC", subtype="PCM_16")
            writer.add(replace(asset, path=f"{asset.path}.flac"), buffer.getvalue())
