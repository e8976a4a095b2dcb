"""A small picture, sessions in a fresh folder, and one system for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pixwright.sessions.store import Sessions
from pixwright.systems import build

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def system():
    """The embedded system: its networks are loaded once."""
    return build("local")


@pytest.fixture(scope="session")
def coffee(tmp_path_factory):
    """The coffee cup, small."""
    path = tmp_path_factory.mktemp("pictures") / "coffee.png"
    Image.open(EXAMPLES / "coffee.png").convert("RGB").resize((300, 200)).save(path)
    return path


@pytest.fixture
def store(tmp_path):
    """No session yet."""
    return Sessions(tmp_path / "sessions")
