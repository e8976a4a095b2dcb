"""The laws hold for the package, and each is shown to fail on a planted violation."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("laws", Path(__file__).with_name("laws.py"))
laws = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(laws)


_EDIT_TYPE = "from pixwright.records.kind import EditType\n"


@pytest.fixture(scope="module")
def broken():
    """Law of a module -> what breaks it in the package."""
    return laws.broken_by(laws.LAWS, laws.modules())


@pytest.mark.parametrize("law", [law.__name__ for law in laws.LAWS])
def test_the_package_keeps_the_law(law, broken):
    assert not broken[law], "\n".join(broken[law])


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
        ("room_says_what_it_is", "pixwright.edit.__init__", "x = 1\n"),
        ("word_lists", "pixwright.edit.editors.add", "A = 'cat dog bird cow horse sheep goat pig'.split()\n"),
        ("word_lists", "pixwright.flow", "A = {'cat', 'dog', 'bird', 'cow', 'horse', 'sheep', 'goat', 'pig'}\n"),
        ("one_table_of_types", "pixwright.flow", _EDIT_TYPE + "A = {EditType.ADD, EditType.REMOVE, EditType.RESIZE}\n"),
        (
            "one_table_of_types",
            "pixwright.flow",
            _EDIT_TYPE + "T = EditType\nA = {T.ADD: 1, T.REMOVE: 2, T.RESIZE: 3}\n",
        ),
        (
            "one_table_of_types",
            "pixwright.flow",
            _EDIT_TYPE + "A = ((EditType.ADD, 1), (EditType.REMOVE, 2), (EditType.RESIZE, 3))\n",
        ),
        ("one_table_of_types", "pixwright.flow", _EDIT_TYPE + "A = list(EditType)\nB = A[:9]\n"),
        ("one_table_of_types", "pixwright.flow", _EDIT_TYPE + "A = [*EditType][9:]\n"),
    ],
)
def test_a_planted_violation_is_found(law, module, planted):
    assert getattr(laws, law)(module, planted)


@pytest.mark.parametrize("law", laws.TEST_LAWS, ids=lambda law: law.__name__)
def test_the_tests_keep_the_law(law):
    broken = [line for module, source in laws.test_modules() for line in law(module, source)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    "planted",
    ["start = time.perf_counter()\nassert time.perf_counter() - start < 1\n", "assert monotonic() < end\n"],
)
def test_a_planted_wall_clock_is_found(planted):
    assert laws.no_wall_clock("tests.edit.test_add", planted)
    assert not laws.no_wall_clock(
        "tests.edit.test_add", planted.replace("perf_counter", "process_time").replace("mono", "")
    )


@pytest.mark.parametrize("law", laws.HOUSE_LAWS, ids=lambda law: law.__name__)
def test_the_house_keeps_the_law(law):
    broken = law(laws.modules())
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("law", "planted"),
    [
        (
            "one_module_per_class",
            [("pixwright.edit.a", "class Scene: ...\n"), ("pixwright.build.b", "def f():\n    class Scene: ...\n")],
        ),
        ("folder_size", [(f"pixwright.edit.file{n}", "") for n in range(21)]),
        ("numbers_named", [("pixwright.systems.a", "x = 1\n" * 90 + "def f() -> float:\n    return 0.37 * 11\n" * 4)]),
    ],
)
def test_a_planted_violation_of_the_house_is_found(law, planted):
    assert getattr(laws, law)(planted)
    assert not getattr(laws, law)(planted[:1] if len(planted) > 1 else [(planted[0][0], "NAMED = 0.37\n" * 90)])


def test_private_classes_may_share_a_name():
    assert not laws.one_module_per_class([("pixwright.a", "class _Row: ...\n"), ("pixwright.b", "class _Row: ...\n")])


def test_every_room_has_direct_tests():
    assert not laws.directly_tested(laws.modules(), laws.test_modules())


def test_a_planted_room_without_tests_is_found():
    room = [("pixwright.media.a", "x = 1\n" * 100)]
    assert laws.directly_tested(room, [("tests.media.test_a", "x = 1\n" * 34), ("tests.edit.test_a", "x = 1\n" * 9)])
    assert not laws.directly_tested(room, [("tests.media.test_a", "x = 1\n" * 36)])


def test_what_got_better_is_recorded():
    numbers = laws.inline_numbers(laws.modules())
    tested = laws.tests_by_room(laws.modules(), laws.test_modules())
    news = [
        f"INLINE_CEILINGS[{room!r}]: {numbers[room]:.1f}"
        for room, ceiling in laws.INLINE_CEILINGS.items()
        if numbers[room] < ceiling * (1 - laws.INLINE_SLACK) or numbers[room] <= laws.INLINE_NUMBERS
    ] + [
        f"TEST_FLOORS[{room!r}]: {tested[room]:.2f}"
        for room, floor in laws.TEST_FLOORS.items()
        if tested[room] > floor + laws.TEST_SLACK or tested[room] >= laws.TESTS_A_LINE
    ]
    assert not news, "write to tests/rules/laws.py (or drop the row, if the law is kept now): " + "; ".join(news)


def test_the_laws_read_the_whole_package():
    names = {module for module, _ in laws.modules()}
    assert {"pixwright.flow", "pixwright.records.plan", "pixwright.edit.composite"} <= names
