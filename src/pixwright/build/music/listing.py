"""Composed pieces as assets: what each is, without playing it, and how it sounds when it is asked for."""

from __future__ import annotations

import hashlib

from pixwright import __version__
from pixwright.build.music.compose import Piece, compose, outline, pieces
from pixwright.build.music.render import RATE, Player, render
from pixwright.build.music.synth import Synth
from pixwright.encoders.signal import resample
from pixwright.records.instruction import Samples
from pixwright.records.sample import Asset


def composed() -> list[Asset]:
    """All pieces as the package itself can play them: key `composed/<mood>-<number>`, path that name."""
    return [
        listed(outline(mood, number), "composed", "CC0-1.0", f"pixwright {__version__}") for mood, number in pieces()
    ]


def play(name: str, player: Player | None = None) -> tuple[Samples, int]:
    """A piece by its name, such as "sad-07": mono float32 and its rate, 16 kHz."""
    mood, _, number = name.rpartition("-")
    player = player or Synth(RATE)
    return resample(render(compose(mood, int(number)), player), player.rate, RATE), RATE


def listed(piece: Piece, source: str, licence: str, origin: str) -> Asset:
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
        # As long as nothing has been played there is no file: what is hashed is what the piece is made from.
        sha256=hashlib.sha256(f"{origin} {piece}".encode()).hexdigest(),
        tags=(piece.mood, piece.pace, piece.mode, *piece.instruments),
    )
