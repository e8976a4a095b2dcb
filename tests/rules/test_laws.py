"""The laws hold for the package, and each is shown to fail on a planted violation."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("laws", Path(__file__).with_name("laws.py"))
laws = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(laws)


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.__name__)
def test_the_package_keeps_the_law(law):
    broken = [line for module, source in laws.modules() for line in law(module, source)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("law", "module", "planted"),
    [
        ("import_law", "pixwright.records.plan", "from pixwright.errors import PixwrightError\n"),
        ("import_law", "pixwright.records.plan", "import pixwright.media\n"),
        ("import_law", "pixwright.edit.editors.add", "from pixwright.ground import ground\n"),
        ("import_law", "pixwright.media.sound", "def f():\n    from pixwright.weights.store import path\n"),
        ("import_law", "pixwright.judge.text", "from pixwright import flow\n"),
        ("size_budget", "pixwright.edit.editors.add", "x = 1\n" * 501),
        ("size_budget", "pixwright.edit.editors.add", "def f() -> None:\n" + "    x = 1\n" * 60),
        ("typed_surface", "pixwright.edit.editors.add", "def f(x) -> None: ...\n"),
        ("typed_surface", "pixwright.edit.editors.add", "def f(x: int): ...\n"),
        ("typed_surface", "pixwright.edit.editors.add", "def f(**kwargs: int) -> None: ...\n"),
        ("broad_except", "pixwright.edit.editors.add", "try:\n    x = 1\nexcept Exception:\n    pass\n"),
        ("broad_except", "pixwright.edit.editors.add", "try:\n    x = 1\nexcept:\n    pass\n"),
        ("no_pickle", "pixwright.weights.store", "import pickle\n"),
        ("no_pickle", "pixwright.weights.store", "import numpy as np\nnp.load('x', allow_pickle=True)\n"),
        ("no_pickle", "pixwright.parse.language", "eval('1')\n"),
    ],
)
def test_a_planted_violation_is_found(law, module, planted):
    assert getattr(laws, law)(module, planted)


def test_the_laws_read_the_whole_package():
    names = {module for module, _ in laws.modules()}
    assert {"pixwright.flow", "pixwright.records.plan", "pixwright.edit.composite"} <= names
